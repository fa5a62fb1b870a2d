// Documents and settings by the keyboard alone: nothing is clicked, and the focus is never lost.
import { call, check, checkAccess, open, tabTo, withBrowser } from "./pages-kit.mjs";

await withBrowser(async (browser) => {
  for (const [width, theme] of [[320, "dark"], [1440, "light"]]) {
    const id = `${theme}-${width}`;
    await documents(await open(browser, "/embed/documents", { width, theme }), id);
    await webhooks(await open(browser, "/embed/settings", { width, theme }), id);
    await keys(await open(browser, "/embed/settings", { width, theme }), id);
  }
});

function focused(locator) {
  return locator.evaluate((e) => e === document.activeElement);
}

async function press(page, name, scope = page, role = "button") {
  await tabTo(page, scope.getByRole(role, { name }));
  await page.keyboard.press("Enter");
}

async function type(page, locator, text) {
  await tabTo(page, locator);
  await page.keyboard.press("Control+A");
  await page.keyboard.type(text);
}

/** Waits until the focus is on an element, as after a change that moves it there. */
async function focusComesTo(page, locator, why) {
  const there = locator.and(page.locator(":focus")).waitFor();
  await there.catch(async () => check(false, `${why}: the focus is on ${await page.evaluate(() => document.activeElement.outerHTML.slice(0, 200))}`));
}

async function documents(page, id) {
  const { keyboard } = page;
  const name = `By keyboard ${id}`;
  await press(page, "New document");
  await page.getByRole("heading", { name: "New document" }).waitFor();
  await keyboard.type(name); // the form begins at its name
  await type(page, page.locator("textarea"), "Nothing but keys");
  await tabTo(page, page.getByRole("textbox", { name: "Key" }));
  await field(page, "Field without a key", "total", "The total");
  await press(page, "Add field");
  await field(page, "Field without a key", "lines", "The lines");
  await tabTo(page, page.getByRole("group", { name: "Field lines" }).getByRole("combobox"), "Shift+Tab");
  await keyboard.type("List<O");
  for (const [key, about] of [["amount", "How much"], ["text", "What it is"]]) {
    await press(page, "Add field to lines");
    await field(page, "Field without a key", key, about);
  }
  for (const [key, place] of [["text", "text is now 1 of 2"], ["lines", "lines is now 1 of 2"]]) {
    const up = page.getByRole("button", { name: `Move ${key} up` });
    await tabTo(page, up, "Shift+Tab");
    await keyboard.press("Enter");
    await page.getByText(place).waitFor();
    check(await focused(up), `the focus is lost by moving ${key}`);
  }
  await checkAccess(page, `keyboard-document-${id}`);
  await press(page, "Save");
  await page.getByText(`${name} was saved.`).waitFor();
  await focusComesTo(page, page.getByRole("button", { name: "New document" }), "after saving");
  const { items } = await call(`/documents?search=${encodeURIComponent(name)}`);
  const outline = (fields) => fields.map((f) => (f.children ? `${f.key}(${outline(f.children)})` : f.key)).join();
  check(outline(items[0].fields) === "lines(text,amount),total", `the fields stand as ${outline(items[0].fields)}`);
  await edits(page, name);
  await deletes(page, name, id);
  await page.close();
}

async function field(page, group, key, about) {
  await focusComesTo(page, page.getByRole("group", { name: group, exact: true }).getByRole("textbox", { name: "Key" }), "in a new field");
  await page.keyboard.type(key);
  await tabTo(page, page.getByRole("group", { name: `Field ${key}`, exact: true }).getByRole("textbox", { name: "Description" }).first());
  await page.keyboard.type(about);
}

async function edits(page, name) {
  await press(page, `Edit ${name}`);
  await tabTo(page, page.getByRole("button", { name: "Remove total" }));
  await page.keyboard.press("Enter");
  await focusComesTo(page, page.getByRole("button", { name: "Add field", exact: true }), "after removing a field");
  await press(page, "Save");
  await page.getByText(`${name} was saved.`).waitFor();
  await focusComesTo(page, page.getByRole("button", { name: `Edit ${name}` }), "after editing");
}

async function deletes(page, name, id) {
  const bin = page.getByRole("button", { name: `Delete ${name}` });
  await press(page, `Delete ${name}`);
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog").waitFor({ state: "detached" });
  await focusComesTo(page, bin, "after Escape");
  await page.keyboard.press("Enter");
  await press(page, "Cancel", page.getByRole("dialog"));
  await focusComesTo(page, bin, "after Cancel");
  await page.keyboard.press("Enter");
  await checkAccess(page, `keyboard-delete-${id}`);
  await press(page, "Delete", page.getByRole("dialog"));
  await page.getByText(`${name} was deleted.`).waitFor();
  await focusComesTo(page, page.getByRole("region", { name: "Documents" }), "after deleting");
}

async function openTab(page, name) {
  await tabTo(page, page.getByRole("tab", { selected: true }));
  while (!(await focused(page.getByRole("tab", { name })))) await page.keyboard.press("ArrowRight");
}

async function webhooks(page, id) {
  const { keyboard } = page;
  const dialog = page.getByRole("dialog");
  const name = `Keyboard ${id}`;
  await openTab(page, "Webhooks");
  await press(page, "New webhook");
  await type(page, dialog.getByLabel("Name"), name);
  await keyboard.press("Enter");
  await focusComesTo(page, dialog.getByLabel("Address"), "where something is wrong");
  await keyboard.type("http://127.0.0.1:9/");
  await keyboard.press("Enter");
  const secret = dialog.getByRole("textbox", { name: "The webhook's signing secret" });
  await focusComesTo(page, secret, "once there is a secret");
  check(/^whsec_/.test(await secret.inputValue()), "no secret is shown");
  await checkAccess(page, `keyboard-secret-${id}`);
  await press(page, "Done", dialog);
  await focusComesTo(page, page.getByRole("button", { name: "New webhook" }), "after the secret");
  check(!(await page.content()).includes("whsec_"), "the secret is still shown");
  await press(page, `Deliveries of ${name}`);
  await focusComesTo(page, page.getByRole("button", { name: "All webhooks" }), "in the deliveries");
  await press(page, "Send a test");
  await press(page, /webhook\.test/);
  await page.getByRole("group", { name: /Attempts of webhook\.test/ }).getByRole("listitem").waitFor();
  await checkAccess(page, `keyboard-deliveries-${id}`);
  await tabTo(page, page.getByRole("button", { name: "All webhooks" }), "Shift+Tab");
  await keyboard.press("Enter");
  await focusComesTo(page, page.getByRole("button", { name: `Deliveries of ${name}` }), "back in the list");
  await page.close();
}

async function keys(page, id) {
  const dialog = page.getByRole("dialog");
  const name = `Keyboard ${id}`;
  await openTab(page, "API keys");
  await press(page, "New API key");
  await type(page, dialog.getByLabel("Name"), name);
  await type(page, dialog.getByLabel("Allowed domains"), "app.test");
  await press(page, "Save", dialog);
  const key = dialog.getByRole("textbox", { name: "Your new API key" });
  await focusComesTo(page, key, "once there is a key");
  check(/^ext_\w{20,}/.test(await key.inputValue()), "no key is shown");
  await checkAccess(page, `keyboard-key-${id}`);
  await page.keyboard.press("Escape");
  await focusComesTo(page, page.getByRole("button", { name: "New API key" }), "after the key");
  await press(page, `Switch ${name} off`);
  await focusComesTo(page, page.getByRole("button", { name: `Switch ${name} on` }), "after switching off");
  await press(page, `Delete ${name}`);
  await press(page, "Delete", dialog);
  await focusComesTo(page, page.getByRole("tabpanel"), "after revoking");
  check(!(await call("/api-keys")).some((k) => k.name === name), "the key is still there");
  await page.close();
}
