// Resets a run as an operator does, by the button of the Temporal UI:
// node temporal-ui-reset.mjs PLAYWRIGHT CHROMIUM ADDRESS-OF-THE-RUN EVENT [SCREENSHOT]
const [playwright, executablePath, address, event, screenshot] = process.argv.slice(2);
const { chromium } = await import(playwright);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: { width: 1500, height: 1100 } });
  page.setDefaultTimeout(120_000); // ms: other tests run beside
  await page.goto(address);
  await page.getByRole("button", { name: "Reset", exact: true }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByTestId("workflow-reset-event-id-select-button").click();
  await page.getByRole("option", { name: `${event} - WorkflowTaskCompleted`, exact: true }).click();
  await dialog.getByTestId("reset-reason").fill("by an operator in the UI");
  const answered = page.waitForResponse((response) => response.url().includes("/reset"));
  await dialog.getByTestId("confirm-modal-button").click();
  const answer = await answered;
  if (!answer.ok()) throw new Error(`the UI's server answered ${answer.status()}`);
  if (screenshot) await page.screenshot({ path: screenshot });
} finally {
  await browser.close();
}
