// What stands in the place of a page that can't be shown says so in the user's language, and is as accessible as the page.
import { readFileSync } from "node:fs";
import { address, BASE, call, check, checkAccess, newPage, withBrowser } from "./pages-kit.mjs";

const { user } = await call("/users", { email: "member@acme.test", firstName: "Mia", lastName: "Doe", role: "member" });
check(user.role === "member", `the user is ${user.role}`);
const unknown = (path) => `${BASE}${path}?apiKey=ext_unknown&userEmail=a@b.test`;
const problems = {
  "no-key": [(view) => `${BASE}/embed?${view}`, 401, "Ihre Sitzung ist abgelaufen"],
  "unknown-key": [(view) => `${unknown("/embed/documents")}&${view}`, 401, "Ihre Sitzung ist abgelaufen"],
  "long-app-name": [(view) => `${address("/embed")}&appName=${"x".repeat(300)}&${view}`, 400, "nicht möglich"],
};

await withBrowser(async (browser) => {
  for (const [width, theme] of [[320, "dark"], [1440, "light"]]) {
    const page = await newPage(browser, { viewport: { width, height: 600 } });
    for (const [name, [where, status, text]] of Object.entries(problems)) {
      const answer = await page.goto(where(`theme=${theme}&locale=de`).replace("locale=en&", ""));
      check(answer.status() === status, `${name}: ${answer.status()}`);
      await says(page, `${name}-${width}`, text);
    }
    for (const [kind, text] of [["limited", "Zu viele Anfragen"], ["server", "Der Dienst hat gerade eine Störung"], ["forbidden", "darf hier nicht gezeigt werden"]]) {
      const body = readFileSync(`${process.env.ROOT}/web/dist/pages/problem-${kind}.de.html`, "utf8").replaceAll('data-theme="auto"', `data-theme="${theme}"`);
      await page.route("**/embed?*", (route) => route.fulfill({ contentType: "text/html", body }));
      await page.goto(`${BASE}/embed?x=1`);
      await says(page, `${kind}-${width}`, text);
      await page.unroute("**/embed?*");
    }
    await page.goto(address("/embed/settings", { userEmail: "member@acme.test", theme }));
    await page.getByText("Only owners and admins").waitFor();
    await checkAccess(page, `member-${width}`);
    await page.close();
  }
});

async function says(page, name, text) {
  await page.getByRole("alert").getByRole("heading", { name: text }).waitFor();
  const languages = await page.locator("html, p [lang]").evaluateAll((all) => all.map((e) => e.lang));
  check(languages.join() === "de,en", `${name} and the server's sentence are in ${languages}`);
  await checkAccess(page, `problem-${name}`);
}
