// Saves the document type that is suggested for a file which none fits, and extracts the file with it: in the detail view
// by keyboard and by mouse, and beside an upload.
import { call, check, checkAccess, ended, open, send, tabTo, withBrowser } from "./pages-kit.mjs";

// A document type fits the files after it, so each walk has a kind of its own.
const kinds = {
  "mouse.pdf": ["Delivery note", "Delivery number: DN-4471", "Delivery date: 2026-11-03", "Carrier: Nordfracht", "Packages: 12"],
  "keyboard.pdf": ["Meter reading", "Meter serial: DN-4471", "Technician: Ada Brandt", "Gas pressure: 23", "Seal colour: green"],
  "beside.pdf": ["Boarding pass", "Passenger: Ada Brandt", "Flight: DN-4471", "Gate: B12", "Seat: 14C"],
};

await withBrowser(async (browser) => {
  await inDetail(browser, { width: 1440, theme: "light" }, "mouse.pdf", (page, button) => button.click());
  await inDetail(browser, { width: 320, theme: "dark" }, "keyboard.pdf", async (page, button) => {
    await tabTo(page, button);
    await page.keyboard.press("Enter");
  });
  await besideAnUpload(browser);
});

async function inDetail(browser, view, name, press) {
  await ended((await send(name, file(name))).extractionId);
  const page = await open(browser, "/embed/extractions", view);
  await page.getByRole("button", { name: `Open ${name}` }).click();
  await page.locator("canvas[aria-busy=false]").waitFor(); // drawn, it moves nothing any more
  await press(page, page.getByRole("button", { name: "Save as document type" }));
  await page.getByRole("heading", { name: "New document" }).waitFor();
  await checkAccess(page, `suggested-form-${view.width}`);
  await refuses(page, press);
  const template = `Note of ${name}`;
  await page.getByLabel("Name", { exact: true }).fill(template);
  await press(page, page.getByRole("button", { name: "Save", exact: true }));
  await page.getByText(`${template} was saved.`).waitFor();
  await checkAccess(page, `suggested-saved-${view.width}`);
  await page.getByRole("button", { name: "Extract this file with it" }).evaluate((e) => e === document.activeElement || Promise.reject(new Error("the focus is lost by saving")));
  await page.keyboard.press("Enter");
  await page.locator("header").getByText(template, { exact: true }).waitFor();
  await page.getByRole("button", { name: /DN-4471/ }).waitFor();
  const { items } = await call(`/extractions?search=${name}`);
  check(items.length === 2 && items[0].documentName === template && items[1].documentName === null, JSON.stringify(items.map((x) => x.documentName)));
  await page.close();
}

/** A name that is empty is refused in the form, and nothing that was suggested is lost. */
async function refuses(page, press) {
  await page.getByLabel("Name", { exact: true }).fill("");
  await press(page, page.getByRole("button", { name: "Save", exact: true }));
  await page.getByText("name is required").waitFor();
  const keys = await page.getByRole("textbox", { name: "Key" }).count();
  check(keys > 2, `the form has ${keys} of the suggested fields`);
}

async function besideAnUpload(browser) {
  const page = await open(browser, "/embed");
  const name = "beside.pdf";
  await page.locator("input[multiple]").setInputFiles([{ name, mimeType: "application/pdf", buffer: file(name) }]);
  await page.getByRole("button", { name: "Save as document type" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.locator(":focus").filter({ hasText: "Save as document type" }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByLabel("Name", { exact: true }).fill("Note beside");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("button", { name: "Extract this file with it" }).click();
  await page.locator("header").getByText("Note beside", { exact: true }).waitFor();
  await page.getByRole("button", { name: /DN-4471/ }).waitFor();
  await checkAccess(page, "suggested-upload");
  await page.getByRole("listitem").filter({ hasText: name }).getByText("Completed").waitFor();
  check((await page.getByRole("list", { name: "Files" }).getByRole("listitem").count()) === 1, "the file stands twice in the list");
  await page.close();
}

/** A file's lines as a PDF. */
function file(name) {
  const content = `BT /F 14 Tf 18 TL 60 700 Td ${kinds[name].map((line) => `(${line}) Tj T*`).join(" ")} ET`;
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
    `<</Length ${content.length}>>\nstream\n${content}\nendstream`, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
  ];
  let written = "%PDF-1.7\n";
  const places = objects.map((object, i) => {
    const at = written.length;
    written += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(at).padStart(10, "0")} 00000 n \n`;
  });
  return Buffer.from(`${written}xref\n0 6\n0000000000 65535 f \n${places.join("")}trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n${written.length}\n%%EOF\n`);
}
