// What was typed outlives every trouble of documents and settings, and is saved once.
import { call, check, checkAccess, open, withBrowser } from "./pages-kit.mjs";

const answer = (status, headers = {}) => (route) => route.fulfill({ status, headers, json: { data: null, error: "injected" } });
const lost = (route) => route.abort("connectionreset");
const troubles = {
  "connection was lost": lost,
  "Too many requests": answer(429, { "Retry-After": "1" }),
  "has a problem right now": answer(503),
  "session has ended": answer(401),
};

await withBrowser(async (browser) => {
  await documents(browser);
  await settings(browser);
  await renews(browser);
  await answersAreLost(browser);
  await refusalsAreForgotten(browser);
  await listsComeBack(browser);
});

/** Under each trouble a step says what to do; after it, the same button goes on. */
async function outlives(page, name, button, kept) {
  for (const [text, trouble] of Object.entries(troubles)) {
    await page.route("**/api/embed/**", trouble);
    await page.context().setOffline(trouble === lost); // the browser knows it, too
    await button.click();
    const notice = page.getByRole("alert").filter({ hasText: text });
    await notice.waitFor();
    check(/try again/i.test(await notice.innerText()), `${name}: what to do is not said under ${text}`);
    await kept();
    await checkAccess(page, `unsaved-${name}-${text.replaceAll(" ", "-")}`);
    await page.unroute("**/api/embed/**");
    await page.context().setOffline(false);
  }
  await button.click();
}

async function documents(browser) {
  const page = await open(browser, "/embed/documents");
  await page.getByRole("button", { name: "New document" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Kept");
  await page.locator("textarea").fill("What was typed");
  await page.getByRole("textbox", { name: "Key" }).fill("amount");
  await page.getByRole("group").getByRole("textbox", { name: "Description" }).fill("How much");
  await outlives(page, "document", page.getByRole("button", { name: "Save" }), async () => {
    const typed = await page.locator("input, textarea").evaluateAll((all) => all.map((e) => e.value));
    check(typed.join() === "Kept,What was typed,amount,How much", `what was typed is now ${typed}`);
  });
  await page.getByText("Kept was saved.").waitFor();
  await page.getByRole("button", { name: "Delete Kept" }).click();
  const dialog = page.getByRole("dialog");
  await outlives(page, "delete", dialog.getByRole("button", { name: "Delete" }), () => dialog.getByText("Kept is deleted").waitFor());
  await page.getByText("Kept was deleted.").waitFor();
  await page.close();
}

async function settings(browser) {
  const page = await open(browser, "/embed/settings", { width: 320 });
  await page.getByRole("tab", { name: "Webhooks" }).click();
  await page.getByRole("button", { name: "New webhook" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Kept");
  await page.getByLabel("Address").fill("http://127.0.0.1:9/");
  await outlives(page, "webhook", page.getByRole("button", { name: "Save" }), async () => {
    check((await page.getByLabel("Address").inputValue()) === "http://127.0.0.1:9/", "the address was lost");
  });
  await page.getByRole("textbox", { name: "The webhook's signing secret" }).waitFor();
  await page.close();
}

/** A session that ends amid work is renewed by the page, and nobody sees it. */
async function renews(browser) {
  const page = await open(browser, "/embed/documents");
  await page.getByRole("button", { name: "Edit Invoice" }).click();
  let refused = 0;
  await page.route("**/api/embed/documents/*", (route) => (refused++ ? route.fallback() : answer(401)(route)));
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Invoice was saved.").waitFor();
  check(refused === 2, `the change was sent ${refused} times`);
  await page.close();
}

/** The key was made, but its answer was lost: sent again it is the same key, which is shown. */
async function answersAreLost(browser) {
  const page = await open(browser, "/embed/settings");
  await page.getByRole("tab", { name: "API keys" }).click();
  await page.getByRole("button", { name: "New API key" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Made once");
  await page.route("**/api/embed/api-keys", async (route) => {
    await route.fetch();
    await route.abort("connectionreset");
  }, { times: 1 });
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("connection was lost").waitFor();
  await page.getByRole("button", { name: "Save" }).click();
  const shown = await page.getByRole("textbox", { name: "Your new API key" }).inputValue();
  const made = (await call("/api-keys")).filter((key) => key.name === "Made once");
  check(made.length === 1 && shown.startsWith(made[0].key.slice(0, 10)), `${made.length} keys were made, ${shown.slice(0, 10)} is shown`);
  await page.close();
}

/** Why one was not deleted is not said of the next that is to be. */
async function refusalsAreForgotten(browser) {
  for (const path of ["/embed/documents", "/embed/settings"]) {
    const page = await open(browser, path);
    if (path === "/embed/settings") await page.getByRole("tab", { name: "API keys" }).click();
    await page.route("**/api/embed/**", (route) => (route.request().method() === "DELETE" ? answer(503)(route) : route.fallback()));
    const dialog = page.getByRole("dialog");
    await page.getByRole("button", { name: /^Delete / }).first().click();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await dialog.getByRole("alert").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: /^Delete / }).last().click();
    await dialog.waitFor();
    check((await dialog.getByRole("alert").count()) === 0, `${path}: it is said before anything was tried`);
    await page.close();
  }
}

async function listsComeBack(browser) {
  const page = await open(browser, "/embed/settings");
  await page.getByRole("tab", { name: "Webhooks" }).click();
  await page.route("**/deliveries?**", lost);
  await page.getByRole("button", { name: "Deliveries of Kept" }).click();
  await page.getByText("connection was lost").waitFor();
  await page.unroute("**/deliveries?**");
  await page.getByText("No deliveries yet").waitFor();
  await page.close();
}
