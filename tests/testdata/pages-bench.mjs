// Measures the pages: the first load with the throttling of Lighthouse's mobile setting, and the frames of a long list.
// It prints a JSON object of figures.
import { address, withBrowser } from "./pages-kit.mjs";

// Lighthouse 12, core/config/constants.js: mobileSlow4G as it is applied in DevTools, and a mid-range phone.
const network = { offline: false, latency: 150 * 3.75, downloadThroughput: (1638.4 * 1024 * 0.9) / 8, uploadThroughput: (750 * 1024 * 0.9) / 8 };
const slowdown = 4;
const phone = { viewport: { width: 412, height: 823 }, deviceScaleFactor: 1.75, isMobile: true, hasTouch: true };
const runs = 5;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const figures = {};
await withBrowser(async (browser) => {
  for (const path of ["/embed", "/embed/extractions", "/embed/documents", "/embed/settings"]) {
    const loads = [];
    for (let i = 0; i < runs; i++) loads.push(await load(browser, path));
    const name = path.split("/").at(-1);
    figures[`${name}-paint-ms`] = median(loads.map(({ paint }) => paint));
    figures[`${name}-blocked-ms`] = median(loads.map(({ blocked }) => blocked));
  }
  const lists = [];
  for (let i = 0; i < runs; i++) lists.push(await list(browser));
  figures["frame-ms"] = median(lists);
});
console.log(JSON.stringify(figures));

/** The largest contentful paint, and the total blocking time from the first paint until nothing happened for a while. */
async function load(browser, path) {
  const context = await browser.newContext(phone);
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send("Network.emulateNetworkConditions", network);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
  await page.addInitScript(() => {
    window.seen = { paint: 0, blocked: 0 };
    new PerformanceObserver((list) => list.getEntries().forEach((e) => (seen.paint = e.startTime))).observe({ type: "largest-contentful-paint", buffered: true });
    new PerformanceObserver((list) => list.getEntries().forEach((e) => (seen.blocked += e.duration - 50))).observe({ type: "longtask", buffered: true });
  });
  await page.goto(address(path), { waitUntil: "networkidle" });
  await page.waitForTimeout(500);
  const seen = await page.evaluate(() => window.seen);
  await context.close();
  return seen;
}

/** The longest frame while the list is scrolled, turned over, searched and filtered. */
async function list(browser) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(address("/embed/extractions"));
  await page.getByRole("row").nth(40).waitFor();
  await page.evaluate(() => {
    window.longest = 0;
    let last = performance.now();
    const frame = (now) => {
      window.longest = Math.max(window.longest, now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  await page.mouse.move(700, 600);
  for (let turn = 0; turn < 4; turn++) {
    for (let i = 0; i < 12; i++) {
      await page.mouse.wheel(0, 300);
      await page.waitForTimeout(30);
    }
    const answered = page.waitForResponse((answer) => answer.url().includes("/extractions?"));
    await page.getByRole("button", { name: "Next page" }).click();
    await answered;
  }
  await page.getByRole("searchbox").pressSequentially("invoice-77", { delay: 60 });
  await page.getByRole("combobox").selectOption("completed");
  await page.waitForTimeout(500);
  const longest = await page.evaluate(() => window.longest);
  await page.close();
  return longest;
}
