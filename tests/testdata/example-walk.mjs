// Runs examples/host, which was built, and uploads a file in each of its pages: the one with a frame and the one of React.
import { spawn } from "node:child_process";
import { BASE, check, invoice, KEY, newPage, ROOT, USER_EMAIL, withBrowser } from "./pages-kit.mjs";

const server = spawn("node", [`${ROOT}/examples/host/server.mjs`], { env: { ...process.env, EXTRACTOR: BASE, KEY, EMAIL: USER_EMAIL, PORT: "0" }, stdio: ["ignore", "pipe", "inherit"] });
try {
  const host = await new Promise((started, failed) => {
    server.stdout.once("data", (line) => started(String(line).trim()));
    server.once("exit", (code) => failed(new Error(`the host ended with ${code}`)));
  });
  await withBrowser(async (browser) => {
    await uploads(browser, host, (page) => page.frameLocator("iframe"), "framed.pdf");
    await uploads(browser, `${host}/react`, (page) => page, "react.pdf");
  });
} finally {
  server.kill();
}

async function uploads(browser, address, within, name) {
  const page = await newPage(browser);
  const told = [];
  page.on("console", (message) => told.push(message.text()));
  await page.goto(address);
  await within(page).locator("input[multiple]:not([inert] *)").setInputFiles([invoice(name)]);
  await within(page).getByText("NP-2026-0417").waitFor();
  await within(page).locator("canvas[aria-busy=false]").waitFor();
  told.push(await page.locator("body").innerText());
  check(told.some((text) => /^(completed|extraction-complete )/m.test(text)), `the host was told ${told}`);
  await page.close();
}
