// Files enter by drop, by paste and by camera; several at once show how far each is.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { check, checkAccess, invoice, open, withBrowser } from "./pages-kit.mjs";

await withBrowser(async (browser) => {
  await drops(browser);
  await pastes(browser);
  await photographs(browser);
  await showsProgress(browser);
});

/** Real drags of real files; beside the zone, a file does not take the place of the page, as browsers have it. */
async function drops(browser) {
  const page = await open(browser, "/embed");
  const folder = mkdtempSync(join(tmpdir(), "dropped-"));
  writeFileSync(join(folder, "dropped.pdf"), invoice("").buffer);
  writeFileSync(join(folder, "empty.pdf"), "");
  writeFileSync(join(folder, "archive.zip"), "PK\x03\x04 no document");
  const zone = page.getByText("Drop files here").locator("..");
  const colour = () => zone.evaluate((e) => getComputedStyle(e).borderTopColor);
  const before = await colour();
  const drag = await dragger(page, [folder, ...["dropped.pdf", "empty.pdf", "archive.zip"].map((name) => join(folder, name))]);
  await drag(zone, "dragEnter", "dragOver");
  check((await colour()) !== before, "the zone does not say that it takes the files");
  await drag(zone, "drop");
  check((await colour()) === before, "the zone still waits for what was dropped");
  await page.getByText("NP-2026-0417").waitFor();
  await row(page, "empty.pdf").getByText("This file is empty.").waitFor();
  await row(page, "archive.zip").getByText("This type of file can’t be read. Use PDF").waitFor();
  await row(page, basename(folder)).getByText("A folder can’t be uploaded").waitFor();
  await drag(page.getByRole("heading", { name: "Upload documents" }), "dragEnter", "dragOver", "drop");
  await checkAccess(page, "dropped");
  rmSync(folder, { recursive: true });
  check((await page.getByRole("listitem").filter({ hasText: "dropped.pdf" }).count()) === 1, "a file was taken that missed the zone");
  await page.close();
}

async function dragger(page, files) {
  const input = await page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  return async (target, ...steps) => {
    const { x, y, width, height } = await target.boundingBox();
    for (const type of steps) await input.send("Input.dispatchDragEvent", { type, x: x + width / 2, y: y + height / 2, data });
  };
}

async function pastes(browser) {
  const page = await open(browser, "/embed");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate(async () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 600, height: 200 });
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, 600, 200);
    pen.fillStyle = "#000";
    pen.font = "32px sans-serif";
    pen.fillText("Invoice number: NP-2026-0418", 20, 100);
    const picture = await new Promise((done) => canvas.toBlob(done, "image/png"));
    await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
  });
  await page.keyboard.press("Control+V");
  await row(page, "image.png").getByText("Completed").waitFor();
  await page.getByRole("img", { name: "Document" }).waitFor();
  await row(page, "Lines").getByText("No value").or(row(page, "Lines").getByText("Not on the page")).waitFor(); // a list, too, says that it has nothing
  await checkAccess(page, "pasted");
  await page.close();
}

async function photographs(browser) {
  const page = await open(browser, "/embed", { width: 320, device: { isMobile: true, hasTouch: true } });
  const asked = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Take a photo" }).tap();
  const chooser = await asked;
  check((await chooser.element().getAttribute("capture")) === "environment", "the camera is not asked for");
  await checkAccess(page, "camera");
  const { buffer, left, right } = await photo(page);
  await chooser.setFiles({ name: "photo.jpg", mimeType: "image/jpeg", buffer });
  await row(page, "photo.jpg").getByText("Completed").waitFor();
  const box = await page.getByRole("option", { name: "Invoice number: NP-2026-0418" }).boundingBox();
  const picture = await page.getByRole("img", { name: "Document" }).boundingBox();
  check(Math.abs(picture.width / picture.height - 3) < 0.1, `the photo is shown lying, ${picture.width} by ${picture.height}`);
  const [from, to] = [box.x, box.x + box.width].map((x) => (x - picture.x) / picture.width);
  check(Math.abs(from - left) < 0.03 && Math.abs(to - right) < 0.03, `the value is shown from ${from} to ${to}, and stands from ${left} to ${right}`);
  await checkAccess(page, "photo");
  await page.close();
}

/** A photo as phones make it: stored lying on its side, with a note (Exif 2.32, section 4.6.4) to turn it; and where its number stands, as shares of its width. */
async function photo(page) {
  const { jpeg, left, right } = await page.evaluate(() => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 200, height: 600 });
    const pen = canvas.getContext("2d");
    pen.translate(0, 600);
    pen.rotate(-Math.PI / 2);
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, 600, 200);
    pen.fillStyle = "#000";
    pen.font = "32px sans-serif";
    pen.fillText("Invoice number: NP-2026-0418", 20, 100);
    const until = (text) => (20 + pen.measureText(text).width) / 600;
    return { jpeg: canvas.toDataURL("image/jpeg").split(",")[1], left: until("Invoice number: "), right: until("Invoice number: NP-2026-0418") };
  });
  const turned = "0112 0003 00000001 0006 0000"; // the tag Orientation, a short: a quarter clockwise
  const note = Buffer.from(`ffe1 0022 457869660000 4d4d 002a 00000008 0001 ${turned} 00000000`.replaceAll(" ", ""), "hex");
  const stored = Buffer.from(jpeg, "base64");
  return { buffer: Buffer.concat([stored.subarray(0, 2), note, stored.subarray(2)]), left, right };
}

async function showsProgress(browser) {
  const page = await open(browser, "/embed");
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  await network.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 400_000 });
  await page.evaluate(() => {
    window.seen = {};
    new MutationObserver(() => {
      for (const bar of document.querySelectorAll("progress")) (window.seen[bar.ariaLabel] ??= []).push(bar.value);
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  const names = ["a.pdf", "b.pdf", "c.pdf", "d.pdf"];
  const padding = Buffer.alloc(200_000, " ");
  await page.setInputFiles("input[multiple]", names.map((name) => ({ ...invoice(name), buffer: Buffer.concat([invoice(name).buffer, padding]) })));
  for (const name of names) await row(page, name).getByText("Completed").waitFor();
  const seen = await page.evaluate(() => window.seen);
  for (const name of names) {
    const shares = seen[`Progress of ${name}`] ?? [];
    check(shares.some((share) => share > 0 && share < 1), `${name} went from ${shares}`);
    check(shares.every((share, i) => i === 0 || share >= shares[i - 1]), `${name} went back: ${shares}`);
  }
  await page.getByRole("button", { name: "Show result of c.pdf" }).click();
  await page.getByRole("heading", { name: "c.pdf" }).waitFor();
  await page.locator("canvas").waitFor();
  await checkAccess(page, "several");
  await page.close();
}

function row(page, name) {
  return page.getByRole("listitem").filter({ hasText: name }).first();
}
