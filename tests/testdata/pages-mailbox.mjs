// A mailbox of a played Microsoft 365, whose mail page is at MAIL: connected, watched, read and disconnected, by mouse
// with a look at both widths, light and dark, and by the keyboard alone.
import { call, check, checkAccess, newPage, open, tabTo, withBrowser } from "./pages-kit.mjs";

const { MAIL } = process.env;

await withBrowser(async (browser) => {
  await byMouse(browser);
  await byKeyboard(browser);
});

async function byMouse(browser) {
  const page = await open(browser, "/embed/settings", { theme: "auto" });
  const button = (name) => page.getByRole("button", { name });
  const dialog = page.getByRole("dialog");
  await page.getByText("No account is connected yet.").waitFor();
  await look(page, "mail-empty");
  await button("Connect an account").click();
  await look(page, "mail-connect");
  await dialog.getByRole("button", { name: "Next" }).click();
  await dialog.getByRole("link", { name: "Sign in with Microsoft" }).waitFor();
  await look(page, "mail-sign-in");
  await dialog.getByRole("button", { name: "Close" }).click();

  await page.getByText("waiting for the sign-in").waitFor();
  check((await button("Watch a folder").count()) === 0, "a folder of an account that is not connected can be watched");
  await look(page, "mail-pending");
  const signIn = async (choice, answer) => {
    await button("Try again").click();
    const popup = page.waitForEvent("popup");
    await dialog.getByRole("link", { name: "Sign in with Microsoft" }).click();
    const microsoft = await popup;
    await microsoft.getByRole("link", { name: choice }).click();
    await microsoft.getByText(answer).waitFor();
    await microsoft.close();
  };
  await signIn("Play an organisation whose administrator must approve", "Your administrator must approve");
  await dialog.getByText("needs an administrator").waitFor();
  await dialog.getByRole("button", { name: "Close" }).click();
  await page.getByRole("link", { name: "Approve as an administrator" }).waitFor();
  await look(page, "mail-needs-admin");
  await signIn("Allow as accounts@contoso.test", "is connected");
  await dialog.getByText("accounts@contoso.test is connected.").waitFor();
  await look(page, "mail-connected");

  await dialog.getByRole("button", { name: "Watch a folder" }).click();
  await button("Subfolders of Invoices").click();
  await page.getByRole("radio", { name: "Paid" }).waitFor();
  await dialog.getByRole("button", { name: "Back" }).click();
  await page.getByRole("radio", { name: "Inbox" }).check();
  await page.getByLabel("Mail that is there already").selectOption("all");
  await look(page, "mail-watch");
  await dialog.getByRole("button", { name: "Save" }).click();
  await button("Open Inbox").click();
  await row(page, "Your invoice").getByText("invoice.pdf taken").waitFor();
  await row(page, "Lunch?").getByText("The mail has no attachment").waitFor();

  const subject = "\u202eA <b>new</b> invoice";
  await send(browser, "accounts@contoso.test", subject);
  await row(page, subject).getByText("invoice.pdf taken").waitFor();
  check((await subjects()).filter((known) => known === subject).length === 1, "the new mail did not become one extraction");
  for (const again of ["Lunch?", subject]) {
    await readAgain(again, () => row(page, again).getByRole("button", { name: "Read once more" }).click());
  }
  check((await subjects()).length === 2, `after mail was read once more there are ${await subjects()}`);
  await look(page, "mail-ledger");
  await inOtherLanguages(browser);
  await button("Rules").click();
  await button("Add rule").click();
  await dialog.getByLabel("Name", { exact: true }).fill("no lunch");
  await dialog.getByLabel("Subject").fill("lunch");
  await dialog.getByLabel("Leave out what matches").check();
  await look(page, "mail-rules");
  await dialog.getByRole("button", { name: "Save" }).click();
  await row(page, "Lunch?").getByRole("button", { name: "Read once more" }).click();
  await row(page, "Lunch?").getByText("Rule: no lunch").waitFor();
  await button("After success").click();
  await dialog.getByLabel("After a mail was extracted").selectOption("category");
  await dialog.getByLabel("Category").fill("Extracted");
  await dialog.getByRole("button", { name: "Save" }).click();
  await dialog.getByText("connect it with write").waitFor();
  await look(page, "mail-action");
  await dialog.getByRole("button", { name: "Cancel" }).click();

  await button("Back").click();
  await page.getByText("2 taken of 3 mails, 0 waiting, 0 failed").waitFor();
  await look(page, "mail-watched");
  await button("Open Inbox").click();
  await fetch(`${MAIL}faults`, { method: "POST", body: JSON.stringify({ path: "delta", count: 1, status: 429, retryAfter: "120" }) });
  await row(page, "Lunch?").getByRole("button", { name: "Read once more" }).click();
  await page.getByText("Microsoft asked us to wait until").waitFor();
  await look(page, "mail-throttled");
  await button("Back").click();
  await button("Delete accounts@contoso.test").click();
  await look(page, "mail-disconnect");
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page.getByText("No account is connected yet.").waitFor();
  check((await call("/mailboxes")).length === 0, "a folder of an account that is gone is watched");
  check((await subjects()).length === 2, "the extractions went with the account");
  await page.close();
}

async function byKeyboard(browser) {
  const page = await open(browser, "/embed/settings");
  const press = async (locator) => {
    await tabTo(page, locator);
    await page.keyboard.press("Enter");
  };
  const button = (name) => page.getByRole("button", { name });
  const dialog = page.getByRole("dialog");
  await press(button("Connect an account"));
  await press(dialog.getByRole("button", { name: "Next" }));
  await dialog.getByRole("link", { name: "Sign in with Microsoft" }).waitFor();
  await page.keyboard.press("Escape");
  await press(button("Remove"));
  await press(dialog.getByRole("button", { name: "Delete" }));
  await page.getByText("No account is connected yet.").waitFor();

  await press(button("Connect an account"));
  await press(dialog.getByRole("button", { name: "Next" }));
  const popup = page.waitForEvent("popup");
  await press(dialog.getByRole("link", { name: "Sign in with Microsoft" }));
  const microsoft = await popup;
  await tabTo(microsoft, microsoft.getByRole("link", { name: "Allow as jo@contoso.test" }));
  await microsoft.keyboard.press("Enter");
  await microsoft.getByText("is connected").waitFor();
  await microsoft.close();
  await dialog.getByText("jo@contoso.test is connected.").waitFor();

  await press(dialog.getByRole("button", { name: "Watch a folder" }));
  const inbox = page.getByRole("radio", { name: "Inbox" });
  await tabTo(page, page.getByRole("radio").first());
  for (await page.keyboard.press("Space"); !(await inbox.isChecked()); ) await page.keyboard.press("ArrowDown");
  const start = page.getByLabel("Mail that is there already");
  await tabTo(page, start);
  while ((await start.inputValue()) !== "all") await page.keyboard.press("ArrowDown");
  await press(dialog.getByRole("button", { name: "Save" }));
  await press(button("Open Inbox"));
  await row(page, "Your invoice").getByText("invoice.pdf taken").waitFor();
  await readAgain("Lunch?", () => press(row(page, "Lunch?").getByRole("button", { name: "Read once more" })));
  await press(button("Back"));
  await press(button("Delete jo@contoso.test"));
  await press(dialog.getByRole("button", { name: "Delete" }));
  await page.getByText("No account is connected yet.").waitFor();
  await page.close();
}

async function inOtherLanguages(browser) {
  for (const [locale, button, reason] of [
    ["de", "Inbox öffnen", "Die E-Mail hat keinen Anhang"],
    ["fr", "Ouvrir Inbox", "L’e-mail n’a pas de pièce jointe"],
    ["es", "Abrir Inbox", "El correo no tiene adjuntos"],
  ]) {
    const page = await open(browser, "/embed/settings", { locale });
    await page.getByRole("button", { name: button }).click();
    await row(page, "Lunch?").getByText(reason).waitFor();
    await page.close();
  }
}

/** A mail of the ledger. */
function row(page, subject) {
  return page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: subject, exact: true }) });
}

/** Sends a mail on the fake's own page, as a newcomer does. */
async function send(browser, to, subject) {
  const page = await newPage(browser);
  await page.goto(MAIL);
  await page.getByLabel("To").selectOption(to);
  await page.getByLabel("Subject").fill(subject);
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("cell", { name: subject }).waitFor();
  await page.close();
}

/** Asks for a mail to be read once more, and waits until it was. */
async function readAgain(subject, ask) {
  const [{ id }] = await call("/mailboxes");
  const look = async () => (await call(`/mailboxes/${id}/messages`)).items.find((mail) => mail.subject === subject);
  const before = await look();
  await ask();
  const ends = Date.now() + 30_000;
  for (let now = before; now.updatedAt === before.updatedAt || now.state !== "done"; now = await look()) {
    check(Date.now() < ends, `${subject} is ${now.state} after it was to be read once more`);
    await new Promise((done) => setTimeout(done, 200));
  }
}

/** The subjects of the mails that became extractions. */
async function subjects() {
  const { items } = await call("/extractions?source=email");
  return items.map(({ email }) => email.subject);
}

/** Nothing is wrong with what is shown on a wide light screen and on a narrow dark one. */
async function look(page, name) {
  await checkAccess(page, `${name}-light-1440`);
  await turn(page, "dark", 320);
  await checkAccess(page, `${name}-dark-320`);
  await turn(page, "light", 1440);
}

async function turn(page, colorScheme, width) {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height: 900 });
  await page.evaluate(() => document.getAnimations().forEach((a) => a instanceof CSSTransition && a.finish())); // colours pass into each other
}
