// Two hosts frame the page; the key allows one of them.
import { createServer } from "node:http";
import { BASE, call, check, invoice, newPage, USER_EMAIL, withBrowser } from "./pages-kit.mjs";

const { key } = await call("/api-keys", { name: "host", allowedDomains: ["app.localhost"] });
const frame = (path, token) => `${BASE}${path}?${token ? `token=${token}` : `apiKey=${key}&userEmail=${USER_EMAIL}`}&locale=en&accent=rebeccapurple&background=%23fdf6e3`;
const host = createServer((request, response) => {
  const asked = new URL(request.url, BASE).searchParams;
  const path = asked.get("path");
  response.setHeader("Content-Type", "text/html");
  response.end(`<!doctype html><script>window.got=[];addEventListener("message",(e)=>got.push({origin:e.origin,...e.data}))</script>
    <iframe src="${path ? frame(path, asked.get("token")) : "about:blank"}" width="900" height="700"${asked.has("hidden") ? " hidden" : ""}></iframe>`);
});
await new Promise((done) => host.listen(0, "127.0.0.1", done));
const origin = (name) => `http://${name}.localhost:${host.address().port}`;

try {
  await withBrowser(async (browser) => {
    await allowed(browser);
    await hidden(browser);
    await forbidden(browser);
  });
} finally {
  host.close();
}

async function allowed(browser) {
  const page = await newPage(browser);
  await page.goto(`${origin("app")}/?path=/embed`);
  await coloured(page.frameLocator("iframe"));
  await page.frameLocator("iframe").locator("#root:not([inert]) input[multiple]").setInputFiles([invoice("hosted.pdf")]);
  const complete = await told(page, "extraction-complete");
  check(complete.origin === new URL(BASE).origin && complete.data.fileName === "hosted.pdf" && complete.data.status === "completed" && complete.data.extractionId, JSON.stringify(complete));
  check((await told(page, "extractor:ready")).v === 1, "ready has no version");
  await page.waitForFunction(() => window.got.some((m) => m.type === "extractor:resize" && m.v === 1 && m.height > 100));
  const { token } = await call("/sessions", { origin: origin("app") });
  await page.goto(`${origin("app")}/?path=/embed/extractions&token=${token}`);
  await page.frameLocator("iframe").getByRole("button", { name: "Open hosted.pdf" }).first().click();
  const selected = await told(page, "extraction-selected");
  check(selected.data.extractedData.invoice_number === "NP-2026-0417", JSON.stringify(selected));
  await copies(page);
  await renews(page);
  await page.close();
}

/** The page has the colours of its address, on itself and within. */
async function coloured(content) {
  const colour = (locator) => locator.evaluate((e) => getComputedStyle(e).backgroundColor);
  check((await colour(content.getByRole("button", { name: "Choose files" }))) === "rgb(102, 51, 153)", "the accent is not the host's");
  check((await colour(content.locator("html"))) === "rgb(253, 246, 227)", "the page around is not of the host's colour");
}

/** The host gave the frame no right to the clipboard; what the user presses for is copied all the same. */
async function copies(page) {
  await page.context().grantPermissions(["clipboard-read"], { origin: origin("app") });
  await page.frameLocator("iframe").getByRole("button", { name: "Copy JSON" }).click();
  await page.frameLocator("iframe").getByText("Copied").waitFor();
  await page.evaluate(() => document.querySelector("iframe").blur());
  const copied = await page.evaluate(() => (window.focus(), navigator.clipboard.readText()));
  check(JSON.parse(copied).invoice_number === "NP-2026-0417", `copied was ${copied}`);
}

/** A refused session is asked for at the host, and the page goes on with its answer. */
async function renews(page) {
  let refused = 0;
  await page.route("**/api/embed/extractions?**", (route) => {
    const old = route.request().headers().authorization !== "Bearer ems_of_the_host";
    return old && ++refused ? route.fulfill({ status: 401, json: { data: null, error: "expired" } }) : route.fulfill({ status: 503, json: { data: null, error: "renewed" } });
  });
  await page.evaluate(() => addEventListener("message", (e) => e.data.type === "extractor:token-expired" && e.source.postMessage({ type: "extractor:set-token", token: "ems_of_the_host" }, e.origin)));
  const content = page.frameLocator("iframe");
  await content.getByRole("button", { name: "Back" }).click();
  await content.getByRole("combobox").selectOption("completed");
  await content.getByText("has a problem right now").waitFor();
  check(refused > 0, "no session was refused");
  const { error } = await told(page, "extractor:error");
  check(error.kind === "server" && error.status === 503, `the host was told ${JSON.stringify(error)}`);
}

/** A frame that the host shows later, and that no browser paints before, is ready all the same. */
async function hidden(browser) {
  const page = await newPage(browser);
  await page.goto(`${origin("app")}/?path=/embed&hidden`);
  await told(page, "extractor:ready");
  await page.evaluate(() => (document.querySelector("iframe").hidden = false));
  await page.frameLocator("iframe").getByRole("button", { name: "Choose files" }).waitFor();
  await page.close();
}

async function forbidden(browser) {
  const page = await newPage(browser);
  const answered = page.waitForResponse((r) => r.url().startsWith(`${BASE}/embed`));
  await page.goto(`${origin("evil")}/?path=/embed`);
  check((await answered).status() === 403, `the foreign host got ${(await answered).status()}`);
  check((await page.evaluate(() => window.got.length)) === 0, "the foreign host was told something");
  await page.close();
}

async function told(page, type) {
  await page.waitForFunction((type) => window.got.some((m) => m.type === type), type);
  return page.evaluate((type) => window.got.find((m) => m.type === type), type);
}
