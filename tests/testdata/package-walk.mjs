// Uses the components in a host that was built from the package: HOST is the folder of its build. The host's page has
// the policy that docs/embedding.md asks for, and its server asks for the sessions.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { BASE, call, check, ended, invoice, newPage, pixels, ROOT, send, withBrowser } from "./pages-kit.mjs";

const types = { html: "text/html", js: "text/javascript", css: "text/css" };
const policy = `default-src 'self'; connect-src 'self' ${BASE}; img-src 'self' blob:; worker-src 'self'; font-src ${BASE}`;
const host = createServer(async (request, response) => {
  if (request.method === "POST") {
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(await call("/sessions", { origin })));
    return;
  }
  const name = request.url.replace(/\?.*/, "").replace(/\/$/, "/index.html");
  try {
    const content = readFileSync(process.env.HOST + name);
    response.writeHead(200, { "Content-Type": types[name.split(".").at(-1)] ?? "application/octet-stream", "Content-Security-Policy": policy });
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => host.listen(0, "127.0.0.1", done));
const origin = `http://app.localhost:${host.address().port}`;
try {
  for (const name of ["pictures.pdf", "fonts.pdf"]) {
    await ended((await send(name, readFileSync(`${ROOT}/tests/testdata/${name}`))).extractionId);
  }
  await withBrowser(walk);
} finally {
  host.close();
}

async function walk(browser) {
  const page = await newPage(browser, { viewport: { width: 1440, height: 900 } });
  const wrong = [];
  page.on("pageerror", (err) => wrong.push(err.stack));
  page.on("console", (message) => /Content Security Policy/.test(message.text()) && wrong.push(message.text()));
  await page.goto(`${origin}/?${new URLSearchParams({ extractor: BASE })}`);
  await styled(page);
  await uploads(page);
  for (const [name, place, colour] of [["pictures.pdf", [50, 100], "224,32,32"], ["pictures.pdf", [225, 75], "0,0,0"], ["fonts.pdf", [60, 115], "0,0,0"]]) {
    await page.getByRole("button", { name: `${name} öffnen` }).first().click();
    const [seen] = await pixels(page.getByRole("region", { name: "Extraktionen" }).locator("canvas[aria-busy=false]"), [place]);
    check(seen === colour, `${name} is ${seen} at ${place}`);
    await page.getByRole("button", { name: "Zurück" }).click();
  }
  check(wrong.length === 0, wrong.join("\n"));
  await withoutWorker(page);
}

/** Where the worker can't start, the values are there, and a sentence in the document's place. */
async function withoutWorker(page) {
  await page.route("**/pdf.worker*", (route) => route.abort());
  await page.getByRole("button", { name: "hosted.pdf öffnen" }).first().click();
  const region = page.getByRole("region", { name: "Extraktionen" });
  await region.getByText("Dieses Dokument kann hier nicht gezeigt werden").waitFor();
  await region.getByText("NP-2026-0417").waitFor();
}

/** The styles are there, with the host's colours, in the host's language. */
async function styled(page) {
  const button = page.getByRole("button", { name: "Neues Dokument" });
  const look = await button.evaluate((e) => ({ background: getComputedStyle(e).backgroundColor, round: getComputedStyle(e).borderRadius }));
  check(look.background === "rgb(124, 58, 237)" && look.round === "3px", JSON.stringify(look));
  await page.getByText("The host's own words").waitFor();
}

async function uploads(page) {
  await page.locator("input[multiple]").setInputFiles([invoice("hosted.pdf")]);
  const region = page.getByRole("region", { name: "Ergebnis" });
  await region.getByText("NP-2026-0417").waitFor();
  await region.locator("canvas[aria-busy=false]").waitFor();
  const told = await page.evaluate(() => window.told);
  check(told.join() === "completed 24 hosted.pdf completed", `the host was told ${told}`);
}
