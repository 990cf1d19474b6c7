// What happens without a founder: absences with their report, and grants that a passkey signs.

import { authenticator } from "../support/authenticator.mjs";
import { Author, inHours } from "../support/author.mjs";
import { Founder } from "../support/founder.mjs";
import { axe, expect, fresh, live, picture, test as base } from "../support/test.mjs";

const test = base.extend({
  author: async ({ founder }, use) => {
    const author = await Author.of(founder, fresh("cto"));
    await use(author);
    await author.close();
  },
});

/** As a browser's field for date and time writes it, in UTC. */
const moment = (hours) => inHours(hours).slice(0, 16);

async function declare(page, choose) {
  await page.getByText("Say when you are away").click();
  await page.getByLabel("Until", { exact: true }).fill(moment(48));
  await page.getByLabel("Why you are away").fill("A holiday without a computer");
  await choose();
  await page.getByRole("button", { name: "Be away" }).click();
}

test("a founder is away, without script too, reads on the brief what will happen, and a report when they are back", async ({ ownServer, open }) => {
  const founder = await Founder.alone(ownServer);
  const author = await Author.of(founder, "cto");
  const id = await author.asks("rollout-1", { at_deadline: "B", deadline: inHours(2) });
  const plain = await open("/settings/briefs", { founder, javaScriptEnabled: false });
  await declare(plain, () => plain.getByLabel("deploy", { exact: true }).selectOption("as_declared"));
  const row = plain.getByTestId("away-row");
  await expect(row).toContainText("Away now");
  await expect(row).toContainText("What its author proposes takes effect");

  const page = await open(`/inbox/${id}`, { founder });
  await live(page);
  await expect(page.getByTestId("silence")).toContainText("option B takes effect");
  await expect(page.getByTestId("silence")).toContainText("While the founders are away");
  await page.goto(`${founder.home}/inbox`);
  await live(page);
  await expect(page.getByTestId("away-on")).toContainText("is away until");
  await picture(page, "inbox-away");
  expect(await axe(page)).toEqual([]);
  await page.getByTestId("end-away").click();
  await expect(page).toHaveURL(/\/away\/[0-9a-f-]{36}$/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("While you were away");
  await expect(page.getByTestId("away-when")).toContainText("was back");
  await expect(page.getByTestId("waiting-row")).toContainText("rollout-1");
  await expect(page.getByTestId("report-decided")).toContainText("Nothing was decided");
  await picture(page, "away-report");
  expect(await axe(page)).toEqual([]);
  await page.goto(`${founder.home}/inbox`);
  await expect(page.getByTestId("away-report").getByRole("link")).toHaveAttribute("href", /\/away\//);
  await page.goto(`${founder.home}/inbox/${id}`);
  await expect(page.getByTestId("silence")).toContainText("nothing happens");
  await author.close();
});

test("a passkey signs a grant, the brief says what it will do, and a disagreement ends it", async ({ ownServer, open }) => {
  // Passkeys are bound to a name, and 127.0.0.1 is none.
  const founder = await Founder.alone({ ...ownServer, url: ownServer.url.replace("127.0.0.1", "localhost") });
  const author = await Author.of(founder, "cto");
  const proposed = "/settings/briefs?agent=cto&category=deploy&confidence=0.8#grants";
  const page = await open(proposed, { founder });
  await expect(page.getByTestId("grant-needs-passkey")).toContainText("you have no passkey");
  await page.goto(`${founder.home}/settings/security`);
  await page.addInitScript(() => {
    if (window.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false;
  });
  await page.reload();
  await authenticator(page);
  await page.getByLabel("Name of a new passkey").fill("Laptop");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByTestId("passkey-row")).toHaveCount(1);

  await page.goto(founder.home + proposed);
  await live(page);
  await expect(page.getByTestId("field-agent")).toHaveValue("cto");
  await expect(page.getByTestId("give-grant").getByLabel("What it decides about")).toHaveValue("deploy");
  await expect(page.getByTestId("give-grant").getByLabel("How sure it has to be, at least")).toHaveValue("0.8");
  await page.getByLabel("Until the end of").fill(inHours(24 * 30).slice(0, 10));
  await picture(page, "grant-form");
  expect(await axe(page)).toEqual([]);
  await page.getByTestId("sign-grant").click();
  const row = page.getByTestId("grant-row");
  await expect(row).toContainText("Counts");
  await expect(row).toContainText("0 of 3 used");

  const id = await author.asks("rollout-1", { deadline: inHours(24) });
  await page.goto(`${founder.home}/inbox`);
  await live(page);
  await expect(page.getByTestId("acts-by-grant")).toContainText("By grant");
  await page.goto(`${founder.home}/inbox/${id}`);
  await live(page);
  await expect(page.getByTestId("by-grant")).toContainText("By grant of");
  await expect(page.getByTestId("by-grant")).toContainText("B: Wait until Monday takes effect unless somebody decides otherwise");
  await picture(page, "brief-by-grant");
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("decision")).toHaveAttribute("data-state", "made", { timeout: 20_000 });
  await page.goto(`${founder.home}/settings/briefs#grants`);
  await expect(page.getByTestId("grant-why")).toContainText("decided otherwise than you recommended");
  await expect(page.getByTestId("grant-row")).toContainText("Ended");
  await author.close();
});

for (const theme of ["light", "dark"]) {
  for (const small of [false, true]) {
    const width = small ? 360 : 1280;
    test(`absences and grants at ${width} px in the ${theme} theme fit and have no fault that axe can find`, async ({ author, open, founder }) => {
      await author.asks(fresh("a-very-long-name"), { category: `category_with_a_long_${theme}_name` });
      const page = await open("/settings/briefs", { theme, small });
      await live(page);
      for (const summary of await page.locator("main summary").all()) await summary.click();
      expect(await page.evaluate(() => document.documentElement.scrollWidth), "too wide").toBeLessThanOrEqual(width);
      expect(await axe(page)).toEqual([]);
      await picture(page, `autonomy-${width}-${theme}`);
    });
  }
}
