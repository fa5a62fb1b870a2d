// Templates, webhooks and API keys by mouse, at both widths, light and dark.
import { call, check, checkAccess, open, withBrowser } from "./pages-kit.mjs";

const hostile = "<script>window.hit=1</script> \u202eשלום 😀 <b>x</b>";
await call("/documents", { name: hostile, description: "d".repeat(1900), fields: [{ key: "a", type: "String", description: "x" }] });

await withBrowser(async (browser) => {
  for (const theme of ["light", "dark"]) {
    for (const width of [320, 1440]) {
      await documents(browser, theme, width);
      await settings(browser, theme, width);
    }
  }
});

async function documents(browser, theme, width) {
  const id = `${theme}-${width}`;
  const page = await open(browser, "/embed/documents", { width, theme });
  await page.getByText(hostile).waitFor();
  await checkAccess(page, `documents-${id}`);
  await page.getByRole("button", { name: "New document" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("name is required").waitFor();
  await page.getByLabel("Name", { exact: true }).fill(`Invoice ${id}`);
  await page.locator("textarea").fill("An invoice");
  await page.getByRole("textbox", { name: "Key" }).fill("lines");
  await page.getByLabel("Type", { exact: true }).selectOption("List<Object>");
  await page.getByRole("group").getByRole("textbox", { name: "Description" }).fill("The lines");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("fields[lines].children is required").waitFor();
  await page.getByRole("button", { name: "Add field to lines" }).click();
  const nested = page.getByRole("group", { name: "Field without a key" });
  await nested.getByRole("textbox", { name: "Key" }).fill("amount");
  await page.getByRole("group", { name: "Field amount" }).getByRole("textbox", { name: "Description" }).fill("How much");
  check((await page.locator("pre").innerText()).includes('"amount": "text"'), "the preview lacks the nested field");
  if (width > 1000) await drags(page);
  await checkAccess(page, `document-${id}`);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(`Invoice ${id} was saved.`).waitFor();
  await page.getByRole("button", { name: `Delete Invoice ${id}` }).click();
  await checkAccess(page, `document-delete-${id}`);
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText(`Invoice ${id} was deleted.`).waitFor();
  check(!(await page.evaluate(() => window.hit)), "a name was run as a script");
  await page.close();
}

async function drags(page) {
  await page.getByRole("button", { name: "Add field", exact: true }).click();
  await page.getByRole("group", { name: "Field without a key" }).getByRole("textbox", { name: "Key" }).fill("total");
  await page.getByRole("group", { name: "Field total" }).getByRole("textbox", { name: "Description" }).fill("The total");
  await page.getByTitle("Drag total").dragTo(page.getByTitle("Drag lines"));
  check(/"total".*"lines"/s.test(await page.locator("pre").innerText()), "the field is not where it was dragged to");
}

async function settings(browser, theme, width) {
  const id = `${theme}-${width}`;
  const page = await open(browser, "/embed/settings", { width, theme });
  await page.getByRole("tab", { name: "Webhooks" }).click();
  await page.getByRole("button", { name: "New webhook" }).click();
  await page.getByLabel("Name", { exact: true }).fill(`hook ${id}`);
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByText("url is required").waitFor();
  await checkAccess(page, `webhook-${id}`);
  await page.getByLabel("Address").fill("http://127.0.0.1:9/");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  check(/^whsec_/.test(await page.getByRole("textbox", { name: "The webhook's signing secret" }).inputValue()), "no secret is shown");
  await checkAccess(page, `secret-${id}`);
  await page.getByRole("button", { name: "Done" }).click();
  check(!(await page.content()).includes("whsec_"), "the secret is still shown");
  await page.getByRole("button", { name: `Deliveries of hook ${id}` }).click();
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByText("webhook.test").click();
  await checkAccess(page, `deliveries-${id}`);
  await page.getByRole("tab", { name: "API keys" }).click();
  await page.getByRole("button", { name: "New API key" }).click();
  await page.getByLabel("Name", { exact: true }).fill(`key ${id}`);
  await page.getByLabel("Allowed domains").fill("https://app.test/");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByText("allowedDomains[0] must be a host").waitFor();
  await page.getByLabel("Allowed domains").fill("app.test");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  check(/^ext_\w{20,}/.test(await page.getByRole("textbox", { name: "Your new API key" }).inputValue()), "no key is shown");
  await page.getByRole("button", { name: "Done" }).click();
  await checkAccess(page, `keys-${id}`);
  await page.emulateMedia({ forcedColors: "active" });
  const lines = await page.getByRole("tab").evaluateAll((tabs) => tabs.map((tab) => getComputedStyle(tab).borderBlockEndColor));
  check(lines[2] !== lines[1] && lines[0] === lines[1], `with the user's own colours, the tabs are ${lines}`);
  await page.close();
}
