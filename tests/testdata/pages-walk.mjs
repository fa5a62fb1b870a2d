// Uploads, looks at the result, finds it in the list, opens and deletes it: by mouse, then by keyboard alone.
import { check, checkAccess, invoice, open, tabTo, withBrowser } from "./pages-kit.mjs";

const byMouse = { press: (page, locator) => locator.click(), point: (page, locator) => locator.hover() };
const byKeyboard = {
  press: async (page, locator) => {
    await tabTo(page, locator);
    await page.keyboard.press("Enter");
  },
  point: tabTo,
};

await withBrowser(async (browser) => {
  for (const [width, theme, hand] of [[1440, "light", byMouse], [320, "dark", byKeyboard], [1440, "dark", byKeyboard], [320, "light", byMouse]]) {
    const name = `walk-${width}-${theme}.pdf`;
    await uploads(browser, { width, theme }, hand, name);
    await finds(browser, { width, theme }, hand, name);
  }
});

async function uploads(browser, view, hand, name) {
  const page = await open(browser, "/embed", view);
  check(!page.url().includes("apiKey"), "the key stands in the address");
  await checkAccess(page, `upload-${view.width}-${view.theme}`);
  const chosen = page.waitForEvent("filechooser");
  await hand.press(page, page.getByRole("button", { name: "Choose files" }));
  await (await chosen).setFiles([invoice(name)]);
  await page.getByText("NP-2026-0417").waitFor();
  await page.locator("canvas").waitFor();
  await checkAccess(page, `uploaded-${view.width}-${view.theme}`);
  await page.close();
}

async function finds(browser, view, hand, name) {
  const page = await open(browser, "/embed/extractions", view);
  const searched = page.waitForResponse((answer) => answer.url().includes("search="));
  await page.getByRole("searchbox").fill(name);
  await searched; // it may be the only one, searched for or not
  await page.getByText("1 extraction", { exact: true }).waitFor();
  await checkAccess(page, `list-${view.width}-${view.theme}`);
  await hand.press(page, page.getByRole("button", { name: `Open ${name}` }));
  await linksBothWays(page, hand);
  await checkAccess(page, `detail-${view.width}-${view.theme}`);
  await hand.press(page, page.getByRole("button", { name: "Delete" }));
  await checkAccess(page, `delete-${view.width}-${view.theme}`);
  await hand.press(page, page.getByRole("dialog").getByRole("button", { name: "Delete" }));
  await page.getByText("Nothing matches").waitFor();
  await checkAccess(page, `none-${view.width}-${view.theme}`);
  await page.close();
}

async function linksBothWays(page, hand) {
  const value = page.getByRole("button", { name: /NP-2026-0417/ });
  const place = page.getByRole("option", { name: /NP-2026-0417/ });
  await page.locator("canvas").waitFor();
  await value.waitFor();
  const total = page.getByRole("button", { name: /Total.*208/ });
  await hand.point(page, total);
  check((await page.getByRole("option", { selected: true }).getAttribute("aria-label")) === "Total: 208.25", "the value's place is not shown");
  if (hand === byKeyboard) {
    await page.getByRole("listbox").focus();
    await page.keyboard.press("Home");
  } else {
    await place.hover();
  }
  await page.locator('[aria-selected="true"][aria-label*="NP-2026-0417"]').waitFor();
  check((await value.getAttribute("aria-pressed")) === "true", "the place's value is not shown");
}
