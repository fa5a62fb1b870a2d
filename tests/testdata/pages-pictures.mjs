// Opens PDFs whose pictures and fonts a browser can't read by itself, and looks at the pixels. The files are written by
// hand around pictures of 64 × 64 pixels: pictures.pdf has one by opj_compress (left half red, right half blue) and one
// by tiffcp -c g4 as a JBIG2 segment of generic region (upper half black); fonts.pdf names ZapfDingbats and a Japanese
// font with its map of characters, and holds neither.
import { readFileSync } from "node:fs";
import { check, ended, open, pixels, ROOT, send, withBrowser } from "./pages-kit.mjs";

const file = (name) => readFileSync(`${ROOT}/tests/testdata/${name}`);

await withBrowser(async (browser) => {
  await pictures(browser);
  await fonts(browser);
  await plain(browser);
});

async function pictures(browser) {
  const { page, asked } = await opened(browser, "pictures.pdf", file("pictures.pdf"));
  const seen = await pixels(page.locator("canvas"), [[50, 100], [100, 100], [225, 75], [225, 125]]);
  check(seen.join(" ") === "224,32,32 32,64,224 0,0,0 255,255,255", `the pictures are ${seen.join(" ")}`);
  check(asked.some((name) => name.startsWith("pdf.decoders")), `the page asked for ${asked}`);
  await page.close();
}

async function fonts(browser) {
  const { page, asked } = await opened(browser, "fonts.pdf", file("fonts.pdf"));
  const seen = await pixels(page.locator("canvas"), [[60, 115], [60, 20]]);
  check(seen.join(" ") === "0,0,0 255,255,255", `the square of ZapfDingbats and its paper are ${seen.join(" ")}`);
  for (const name of ["FoxitDingbats.pfb", "90ms-RKSJ-H.bcmap"]) check(asked.includes(name), `${name} is not among ${asked}`);
  await page.close();
}

/** A file that needs nothing of this asks for nothing of it. */
async function plain(browser) {
  const { page, asked } = await opened(browser, "plain.pdf", readFileSync(`${ROOT}/samples/invoice.pdf`));
  check(asked.length === 0, `the page asked for ${asked}`);
  await page.close();
}

/** Uploads a file and opens it; says what of pdf.js's files came. */
async function opened(browser, name, content) {
  const { extractionId } = await send(name, content);
  await ended(extractionId);
  const page = await open(browser, "/embed/extractions");
  const asked = [];
  page.on("response", (answer) => {
    const path = new URL(answer.url()).pathname;
    if (!/pdf\.decoders|\/pdf\//.test(path)) return;
    check(answer.ok(), `${path}: ${answer.status()}`);
    asked.push(path.split("/").at(-1));
  });
  await page.getByRole("button", { name: `Open ${name}` }).first().click();
  await page.locator("canvas[aria-busy=false]").waitFor();
  return { page, asked };
}
