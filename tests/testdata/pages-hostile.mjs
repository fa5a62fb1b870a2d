// What strangers wrote shows as text: nothing of it runs, loads or widens the page.
import { createServer } from "node:http";
import { call, check, checkAccess, invoice, open, withBrowser } from "./pages-kit.mjs";

const nasty = `<img src=x onerror="window.hit=1"><script>window.hit=1</script>{{7*7}} \u202eفاتورة 🧾 ${"x".repeat(10_000)}`;
const asked = [];
const remote = createServer((r, w) => {
  asked.push(r.url);
  w.end();
});
await new Promise((listening) => remote.listen(0, "127.0.0.1", listening));
const stranger = `http://remote.localhost:${remote.address().port}`;
const body = `${nasty}<a href="javascript:window.hit=1">a</a><img src="${stranger}/pixel.png"><img src="data:image/png;base64,iVBORw0KGgo=" alt="inline"><p style="background:url(${stranger}/style.png)">p</p><video poster="${stranger}/poster.png" src="${stranger}/video.mp4"></video><style>*{display:none}</style><form action="${stranger}"><button>b</button></form><b>kept</b>`;

await withBrowser(async (browser) => {
  for (const width of [1440, 320]) {
    const name = `<img src=x onerror=alert(1)>-${width}-فاتورة-🧾.pdf`;
    const page = await open(browser, "/embed", { width });
    await page.setInputFiles("input[multiple]", [invoice(name)]);
    await page.getByText("NP-2026-0417").waitFor();
    await checkAccess(page, `hostile-name-${width}`);
    await page.close();
    await showsAsText(browser, width);
  }
});
remote.close();
check(asked.length === 0, `the body loaded ${asked}`);

async function showsAsText(browser, width) {
  const { items } = await call("/extractions");
  const page = await open(browser, "/embed/extractions", { width, strangers: true });
  await page.route(`**/api/embed/extractions/${items[0].id}`, async (route) => {
    const answer = await (await route.fetch()).json();
    await route.fulfill({ json: { ...answer, data: hostile(answer.data) } });
  });
  await page.getByRole("button", { name: /^Open/ }).first().click();
  const frame = page.frameLocator("iframe");
  await frame.getByText("kept").waitFor();
  await page.getByText("{{7*7}}").first().waitFor();
  check((await frame.locator("script, form, style, [onerror], [href]").count()) === 0, "the body kept what it must not have");
  check(!(await page.evaluate(() => window.hit)), "a script of the document ran");
  check((await frame.locator("img[alt=inline][src]").count()) === 1, "the body lost its own picture");
  await checkAccess(page, `hostile-detail-${width}`);
  const values = page.getByRole("region", { name: "Values" }).getByRole("list").first();
  check((await values.getByText("x".repeat(9_000)).count()) === 0, "a value of 10,000 characters is shown unasked");
  await page.getByRole("button", { name: "Show all" }).first().click();
  await values.getByText("x".repeat(9_000)).waitFor();
  await page.close();
}

function hostile(data) {
  const someone = { emailAddress: { name: nasty, address: "a@b.test" } };
  return {
    ...data,
    fileName: nasty,
    extractedData: { ...data.extractedData, [nasty.slice(0, 300)]: nasty, missing: null },
    evidence: { ...data.evidence, missing: { reason: "ambiguous", candidates: [{ page: 1, text: nasty }] } },
    checks: [{ rule: nasty, ok: false, difference: 1e21 }],
    email: { from: someone, toRecipients: [someone], ccRecipients: [], subject: nasty, bodyPreview: nasty, body: { contentType: "html", content: body } },
  };
}
