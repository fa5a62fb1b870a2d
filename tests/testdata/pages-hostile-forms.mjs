// Names, addresses and answers that strangers chose show as text on documents, settings and upload, at any length.
import { createServer } from "node:http";
import { call, check, checkAccess, invoice, open, withBrowser } from "./pages-kit.mjs";

const nasty = `<img src=x onerror="window.hit=1"><script>window.hit=1</script>{{7*7}} \u202eفاتورة 🧾 ${"W".repeat(10_000)}`;
const cut = (length) => [...nasty].slice(0, length).join("");
const receiver = createServer((_, answer) => answer.writeHead(500, { "Content-Type": "text/html" }).end(nasty.slice(0, 4000)));
await new Promise((listening) => receiver.listen(0, "127.0.0.1", listening));

const key = cut(100).replace(/[.[\]]/g, "");
const field = { key, type: "Object", description: cut(1000), children: [{ key, type: "String", description: nasty.slice(-900) }] };
await call("/documents", { name: cut(200), description: cut(2000), fields: [field, { ...field, key: "last" }] });
await call("/webhooks", { name: cut(200), url: `http://127.0.0.1:${receiver.address().port}/<script>window.hit=1</script>?${"x".repeat(1500)}`, scope: "all" });
await call("/api-keys", { name: cut(200), allowedDomains: [`${"a".repeat(60)}.${"b".repeat(60)}.test`] });

try {
  await withBrowser(async (browser) => {
    await fileName(browser);
    for (const width of [320, 1440]) {
      await documents(browser, width);
      await settings(browser, width);
    }
    await beyondLimits(browser);
  });
} finally {
  receiver.closeAllConnections();
  receiver.close();
}

/** Nothing ran, what is said of the page holds, and what is hostile does not push the rest out of sight. */
async function tame(page, name, screens = 3) {
  await checkAccess(page, `hostile-${name}-${page.viewportSize().width}`);
  check(!(await page.evaluate(() => window.hit)), `${name}: a script ran`);
  const height = await page.evaluate(() => document.documentElement.scrollHeight / innerHeight);
  check(height <= screens, `${name}: the page is ${height} screens high`);
}

async function documents(browser, width) {
  const page = await open(browser, "/embed/documents", { width });
  await page.getByRole("heading", { name: "<script>" }).waitFor();
  await tame(page, "documents");
  await page.getByRole("button", { name: /^Edit .<img/ }).click();
  await page.getByRole("button", { name: /^Move .<img/, disabled: false }).first().click();
  await page.getByText(/<img.* is now \d of 2/).waitFor();
  const preview = await page.locator("pre").innerText();
  check(preview.includes("<script>window") && preview.includes("\\u202e") && !preview.includes("\u202e"), "the preview lacks the key, or is turned by it");
  await tame(page, "document", 5);
  await page.getByLabel("Name", { exact: true }).fill(nasty);
  await page.getByRole("button", { name: "Save" }).click();
  const refusal = page.getByText("name is longer than 200 characters");
  check((await refusal.getAttribute("lang")) === "en", "the API's sentence has no language");
  check((await page.getByLabel("Name", { exact: true }).inputValue()) === nasty, "what was typed was changed");
  await tame(page, "document-refused", 5);
  await page.getByLabel("Name", { exact: true }).fill(cut(200));
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(/<img.* was saved/).waitFor();
  await page.getByRole("button", { name: /^Delete .<img/ }).click();
  const sentence = await page.getByRole("dialog").getByText("is deleted for good").innerText();
  check(/^\u2068<img[^\u202e]*\u2069 is deleted/.test(sentence), `the name turns the sentence: ${sentence}`);
  await tame(page, "document-delete");
  await page.close();
}

async function settings(browser, width) {
  const page = await open(browser, "/embed/settings", { width });
  await page.getByRole("tab", { name: "Webhooks" }).click();
  await page.getByRole("button", { name: /^Edit .<img/ }).click();
  await tame(page, "webhook-edit");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /^Deliveries of .<img/ }).click();
  await page.getByRole("button", { name: /^extraction\.completed\s*<img/ }).first().waitFor();
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByText("webhook.test").first().click();
  await page.getByRole("group").locator("pre").first().getByText("{{7*7}}").waitFor();
  await tame(page, "deliveries");
  await page.getByRole("tab", { name: "API keys" }).click();
  await page.getByRole("button", { name: /^Delete .<img/ }).click();
  await tame(page, "key-delete");
  await page.close();
}

/** What the API refuses today may stand in a database of long ago. */
async function beyondLimits(browser) {
  const page = await open(browser, "/embed/documents", { width: 320 });
  await page.route(/\/api\/embed\/(documents|webhooks|api-keys)(\?|$)/, async (route) => {
    const text = await (await route.fetch()).text();
    await route.fulfill({ contentType: "application/json", body: text.replaceAll(/"(name|description|url|disabledReason)":("(\\.|[^"\\])*"|null)/g, (_, field) => `"${field}":${JSON.stringify(nasty)}`) });
  });
  await page.getByLabel("Search documents").fill("i");
  await page.getByText("{{7*7}}").first().waitFor();
  await page.getByRole("button", { name: /^Delete .<img/ }).first().click();
  await tame(page, "beyond-documents");
  await page.close();
}

async function fileName(browser) {
  const page = await open(browser, "/embed", { width: 320 });
  await page.setInputFiles("input[multiple]", [invoice(`${nasty.replaceAll("/", "")}.pdf`)]);
  await page.getByRole("listitem").first().getByText(/Completed|too long|longer/).waitFor();
  await tame(page, "long-file-name", 4);
  await page.close();
}
