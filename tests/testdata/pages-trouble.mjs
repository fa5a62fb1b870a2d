// A page says what is wrong and goes on by itself when it is over.
import { address, check, checkAccess, invoice, newPage, open, withBrowser } from "./pages-kit.mjs";

const answer = (status, headers = {}) => (route) => route.fulfill({ status, headers, json: { data: null, error: "injected" } });
const troubles = {
  "connection was lost": (route) => route.abort("connectionreset"),
  "Too many requests": answer(429, { "Retry-After": "1" }),
  "has a problem right now": answer(503),
};

/** What asks for a list again, by the page. */
const lists = {
  extractions: (page) => page.getByRole("combobox").selectOption("completed"),
  documents: (page) => page.getByRole("searchbox").fill("voice"),
  settings: (page) => page.getByRole("tab", { name: "API keys" }).click(),
};

await withBrowser(async (browser) => {
  for (const list of Object.keys(lists)) {
    await Promise.all(Object.keys(troubles).map((text) => listGoesOn(browser, list, text)));
  }
  await uploadGoesOn(browser);
  await sessionEnds(browser);
  await scriptsAreLate(browser);
});

async function listGoesOn(browser, list, text) {
  const page = await open(browser, `/embed/${list}`);
  await page.getByText("Loading").first().waitFor({ state: "detached" });
  await page.route("**/api/embed/**", troubles[text]);
  await lists[list](page);
  await page.getByText(text).first().waitFor();
  await checkAccess(page, `trouble-${list}-${text.replaceAll(" ", "-")}`);
  await page.unroute("**/api/embed/**");
  await page.getByText(text).first().waitFor({ state: "detached" });
  await page.close();
}

async function uploadGoesOn(browser) {
  const page = await open(browser, "/embed");
  await page.route("**/api/embed/extract", troubles["connection was lost"]);
  await page.setInputFiles("input[multiple]", [invoice("lost.pdf")]);
  await page.getByText("connection was lost").waitFor();
  await page.unroute("**/api/embed/extract");
  await page.getByText("NP-2026-0417").waitFor();
  await page.close();
}

async function sessionEnds(browser) {
  const page = await open(browser, "/embed/extractions");
  await page.getByRole("table").waitFor();
  await page.route("**/api/embed/**", answer(401));
  await page.getByRole("combobox").selectOption("completed");
  await page.getByText("Your session has ended").waitFor();
  check((await page.getByText("injected").count()) === 0, "the server's words stand where the page has better ones");
  await page.unroute("**/api/embed/**");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("Your session has ended").waitFor({ state: "detached" });
  await page.close();
}

/** What is seen before the scripts are there takes no click and no focus: nothing would come of it. */
async function scriptsAreLate(browser) {
  const page = await newPage(browser);
  let come;
  const late = new Promise((done) => (come = done));
  await page.route("**/assets/show-*.js", async (route) => {
    await late;
    await route.continue();
  });
  await page.goto(address("/embed/settings"));
  const tab = page.locator('[role="tab"]').nth(1);
  const { x, y, width, height } = await tab.boundingBox();
  const taken = await page.evaluate(([x, y]) => document.elementFromPoint(x, y).closest("[role=tab]") !== null, [x + width / 2, y + height / 2]);
  check(!taken, "a tab takes a click before it can show anything");
  await page.keyboard.press("Tab");
  check(await page.evaluate(() => document.activeElement === document.body), "a control takes the focus before it answers");
  come();
  await tab.click();
  await page.getByRole("button", { name: "New webhook" }).waitFor();
  await page.close();
}
