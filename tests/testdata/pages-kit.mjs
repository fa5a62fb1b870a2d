// What the walks of the embedded pages share. The environment says where all is: ROOT, CHROMIUM, BASE, KEY, USER_EMAIL.
import { readFileSync } from "node:fs";

const { CHROMIUM, SHOTS } = process.env;
export const { BASE, KEY, ROOT, USER_EMAIL } = process.env;
const { chromium } = await import(`${ROOT}/tools/node_modules/playwright-core/index.mjs`);
const axe = readFileSync(`${ROOT}/web/node_modules/axe-core/axe.min.js`, "utf8");

/** How long a walk waits for what is to appear, in ms: a busy machine takes its time, and only a walk that fails waits it out. */
const patience = 120_000;

export const invoice = (name) => ({ name, mimeType: "application/pdf", buffer: readFileSync(`${ROOT}/samples/invoice.pdf`) });

export async function withBrowser(walk) {
  const browser = await chromium.launch({ timeout: patience, executablePath: CHROMIUM, args: ["--no-sandbox", "--host-resolver-rules=MAP *.localhost 127.0.0.1"] });
  try {
    await walk(browser);
  } finally {
    await browser.close();
  }
}

export async function newPage(browser, options) {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(patience);
  return page;
}

/**
 * Opens a page of the product; a script's error or a breach of the page's policy ends the walk. Where strangers'
 * markup is shown, the policy may stop it.
 */
export async function open(browser, path, { width = 1440, strangers = false, device = {}, ...view } = {}) {
  const page = await newPage(browser, { viewport: { width, height: 900 }, ...device });
  page.on("pageerror", (err) => fail(`the page's script failed: ${err.stack}`));
  page.on("console", (m) => !strangers && /Content Security Policy/.test(m.text()) && fail(m.text()));
  await page.goto(address(path, view));
  await page.waitForSelector("#root:not([inert]) h1");
  return page;
}

export function address(path, view = {}) {
  return `${BASE}${path}?${new URLSearchParams({ apiKey: KEY, userEmail: USER_EMAIL, locale: "en", ...view })}`;
}

export async function call(path, body) {
  const headers = { "X-API-Key": KEY, "X-User-Email": USER_EMAIL, ...(body && { "Content-Type": "application/json" }) };
  const answer = await fetch(`${BASE}/api/embed${path}`, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
  const { data, error } = await answer.json();
  check(!error, `${path}: ${error}`);
  return data;
}

/** Uploads a PDF. */
export async function send(name, content) {
  const body = new FormData();
  body.append("file", new Blob([content], { type: "application/pdf" }), name);
  const answer = await fetch(`${BASE}/api/embed/extract`, { method: "POST", headers: { "X-API-Key": KEY, "X-User-Email": USER_EMAIL }, body });
  const { data, error } = await answer.json();
  check(!error, `${name}: ${error}`);
  return data;
}

export async function ended(id) {
  for (;;) {
    const { status } = await call(`/extractions/${id}`);
    if (status === "completed" || status.endsWith("failed")) return;
    await new Promise((next) => setTimeout(next, 200));
  }
}

/** The colours at some places of a page of 300 points' width, in points from its upper left. */
export function pixels(canvas, places) {
  return canvas.evaluate((canvas, places) => {
    const scale = canvas.width / 300;
    return places.map(([x, y]) => canvas.getContext("2d").getImageData(x * scale, y * scale, 1, 1).data.slice(0, 3).join());
  }, places);
}

export function fail(message) {
  console.error(message);
  process.exit(1);
}

export function check(holds, message) {
  if (!holds) throw new Error(message);
}

/** Nothing that axe finds at WCAG 2.2 AA, and nothing wider than the window. */
export async function checkAccess(page, name) {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
  await page.evaluate(axe); // a script element would be against the page's policy
  const found = await page.evaluate(() => window.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  const rules = found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(", ")}`);
  check(rules.length === 0, `${name}: axe finds ${rules.join("\n")}`);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  check(wider <= 0, `${name}: ${wider} pixels wider than the window`);
}

/** Presses Tab, or another key, until an element has the focus, and sees that a user sees it there. */
export async function tabTo(page, locator, key = "Tab") {
  const there = () => locator.evaluate((e) => e === document.activeElement);
  for (let i = 0; i < 100 && !(await there()); i++) await page.keyboard.press(key);
  check(await there(), `${key} does not reach ${locator}`);
  const seen = await locator.evaluate((e) => {
    const { top, bottom } = e.getBoundingClientRect();
    const outline = getComputedStyle(e).outlineStyle;
    return outline !== "none" && bottom > 0 && top < innerHeight ? "" : `${outline}, from ${top} to ${bottom} of ${innerHeight}`;
  });
  check(seen === "", `the focus is not seen on ${locator}: ${seen}`);
}
