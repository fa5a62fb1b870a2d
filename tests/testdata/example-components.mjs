// Runs examples/host, which was built: it shows the React components on a domain that its key allows and on one that it does not.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { BASE, call, check, checkAccess, invoice, newPage, ROOT, USER_EMAIL, withBrowser } from "./pages-kit.mjs";

const { key } = await call("/api-keys", { name: "components", allowedDomains: ["app.localhost"] });
const host = spawn("node", [`${ROOT}/examples/host/server.mjs`], { env: { ...process.env, EXTRACTOR: BASE, KEY: key, EMAIL: USER_EMAIL, PORT: "0" }, stdio: ["ignore", "pipe", "inherit"] });
const [printed] = await once(host.stdout, "data");
const origin = (name) => `http://${name}.localhost:${/:(\d+)/.exec(printed)[1]}`;

try {
  await withBrowser(async (browser) => {
    await allowed(browser);
    await forbidden(browser);
  });
} finally {
  host.kill();
}

async function allowed(browser) {
  const page = await newPage(browser, { viewport: { width: 1440, height: 900 } });
  const told = [];
  page.on("console", (message) => told.push(message.text()));
  await page.goto(`${origin("app")}/react`);
  await page.getByText("No extractions yet").waitFor();
  const own = await page.evaluate(() => {
    const button = document.body.appendChild(document.createElement("button"));
    const { fontFamily } = getComputedStyle(button);
    button.remove();
    return fontFamily;
  });
  await page.setInputFiles("input[multiple]", [invoice("component.pdf")]);
  await page.getByText("NP-2026-0417").waitFor();
  await page.locator("canvas").waitFor();
  await checkAccess(page, "components");
  await page.getByRole("button", { name: "Open component.pdf" }).click(); // the list beside it has it, too
  await page.getByRole("button", { name: "Back" }).waitFor();
  await page.getByRole("button", { name: "Edit Invoice" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Invoice was saved.").waitFor();
  for (const event of ["completed", "selected", "saved Invoice"]) check(told.some((line) => line.startsWith(event)), `${event} was not told: ${told.join("\n")}`);
  check(!/system-ui/.test(own), "the components' styles reach the host's own elements");
  await renews(page);
  await rightToLeft(page);
  await page.close();
}

/** A session that was revoked is asked for again at the host's server. */
async function renews(page) {
  const asked = page.waitForRequest("**/session");
  await page.route("**/api/embed/documents?**", async (route) => {
    const headers = { ...route.request().headers(), authorization: `Bearer ems_${"x".repeat(49)}` };
    await route.continue({ headers });
  }, { times: 1 });
  await page.getByRole("searchbox", { name: "Search documents" }).fill("Inv");
  await asked;
  await page.getByRole("button", { name: "Edit Invoice" }).waitFor();
}

/** In a host that runs right to left, the components run as their own language does. */
async function rightToLeft(page) {
  await page.evaluate(() => document.documentElement.setAttribute("dir", "rtl"));
  await checkAccess(page, "components-rtl-host");
  const { title, button } = await page.evaluate(() => {
    const left = (name) => [...document.querySelectorAll(name)].at(-1).getBoundingClientRect().left;
    return { title: left("section[aria-label=Documents] h1"), button: left("section[aria-label=Documents] h1 + button") };
  });
  check(title < button, "English runs right to left");
}

/** The host's server gets no session there; and one that was stolen, or the key itself, gives a page there nothing. */
async function forbidden(browser) {
  const page = await newPage(browser);
  await page.goto(`${origin("evil")}/react`);
  const { token } = await call("/sessions", { origin: origin("app") });
  const got = await page.evaluate(async ([base, token, key, email]) => {
    const refused = await fetch("/session", { method: "POST" });
    const read = (headers) => fetch(`${base}/api/embed/extractions`, { headers }).then((answer) => answer.text(), () => "nothing");
    return [refused.status, await read({ Authorization: `Bearer ${token}` }), await read({ "X-API-Key": key, "X-User-Email": email })];
  }, [BASE, token, key, USER_EMAIL]);
  check(got.join() === "502,nothing,nothing", `the foreign host got ${got}`);
  check((await page.locator("#root *").count()) === 0, "the foreign host shows something");
  await page.close();
}
