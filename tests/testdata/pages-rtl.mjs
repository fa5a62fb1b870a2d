// The pages as a language that runs right to left has them: each the mirror of itself, and nothing falls out of it.
import { call, check, checkAccess, invoice, open, withBrowser } from "./pages-kit.mjs";

await call("/documents", { name: "فاتورة (مورّد) 2026", description: "قيم الفاتورة", fields: [{ key: "المجموع", type: "Number", description: "المبلغ الإجمالي" }] });
await call("/webhooks", { name: "خطاف", url: "http://127.0.0.1:9/path?x=1", scope: "all" });

await withBrowser(async (browser) => {
  for (const view of [{ width: 320, theme: "dark" }, { width: 1440, theme: "light" }]) {
    await upload(await open(browser, "/embed", view));
    await extractions(await open(browser, "/embed/extractions", view));
    await documents(await open(browser, "/embed/documents", view));
    await settings(await open(browser, "/embed/settings", view));
  }
});

async function upload(page) {
  await page.setInputFiles("input[multiple]", [invoice("تقرير (1).pdf")]);
  await page.getByText("NP-2026-0417").waitFor();
  await page.locator("canvas").waitFor();
  await mirrors(page, "upload");
  await page.close();
}

async function extractions(page) {
  await page.getByRole("table").waitFor();
  await mirrors(page, "extractions");
  await page.getByRole("button", { name: /^Open/ }).first().click();
  await page.locator("canvas").waitFor();
  await mirrors(page, "extraction");
  await page.getByRole("button", { name: "Delete" }).click();
  await mirrors(page, "extraction-delete");
  await page.close();
}

async function documents(page) {
  await page.getByRole("heading", { name: "فاتورة (مورّد)" }).waitFor();
  await mirrors(page, "documents");
  await page.getByRole("button", { name: "Edit Invoice" }).click();
  await mirrors(page, "document");
  await page.close();
}

async function settings(page) {
  await turn(page, "rtl");
  await page.getByRole("tab", { name: "Microsoft" }).focus();
  await page.keyboard.press("ArrowLeft"); // to where the next one stands
  await page.getByRole("button", { name: /^Deliveries of/ }).click();
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByText("webhook.test").first().click();
  await page.getByRole("group").getByRole("listitem").first().waitFor();
  await page.getByText("A test is on its way").waitFor();
  await mirrors(page, "deliveries");
  await page.getByRole("tab", { name: "API keys" }).click();
  await page.getByRole("button", { name: "New API key" }).click();
  await mirrors(page, "key");
  await page.close();
}

/** What the provider does for such a language. */
async function turn(page, direction) {
  await page.locator("#root > div").evaluate((root, direction) => root.setAttribute("dir", direction), direction);
}

/** Every part stands as far from the right as it stood from the left; what is LTR by itself, such as code, stays so. */
async function mirrors(page, name) {
  await turn(page, "ltr");
  const before = await boxes(page);
  await turn(page, "rtl");
  const after = await boxes(page);
  const id = `rtl-${name}-${page.viewportSize().width}`;
  await checkAccess(page, id);
  check(before.length === after.length && before.length > 3, `${id}: ${before.length} parts became ${after.length}`);
  const off = after.filter((part, i) => Math.abs(part.fromRight - before[i].fromLeft) > 2 || Math.abs(part.width - before[i].width) > 2);
  check(off.length === 0, `${id}: ${off.map((part) => `${part.what} stands ${part.fromRight} from the right`).join("\n")}`);
}

function boxes(page) {
  const parts = "h1, h2, h3, p, bdi, button, input, textarea, select, progress, li, td, th, figure, code, time, fieldset, dialog, svg";
  return page.locator("#root > div").evaluate((root, parts) => {
    const { left, right } = root.getBoundingClientRect();
    const shown = [...root.querySelectorAll(parts)].filter((e) => e.checkVisibility() && !e.parentElement.closest("figure, [dir=ltr]:not(#root > div)"));
    return shown.map((e) => {
      const text = document.createRange();
      text.selectNodeContents(e);
      const box = (e.matches(":is(h1, h2, h3, p, bdi):not(:empty)") ? text : e).getBoundingClientRect();
      return { what: e.outerHTML.slice(0, 120), fromLeft: Math.round(box.left - left), fromRight: Math.round(right - box.right), width: Math.round(box.width) };
    });
  }, parts);
}
