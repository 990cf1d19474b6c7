// The record of decisions: looked up, taken along, and looked back on.

import { readFileSync } from "node:fs";
import { Author, inHours } from "../support/author.mjs";
import { axe, expect, fresh, live, picture, test as base } from "../support/test.mjs";

const test = base.extend({
  /** An agent of the shared founder that asks. */
  author: async ({ founder }, use) => {
    const author = await Author.of(founder, fresh("ceo"));
    await use(author);
    await author.close();
  },
});

/** Decides option B of a brief, with a day to look back that comes as soon as it counts; answers the record's address. */
async function decided(page, author, brief) {
  const id = await author.asks(brief, { deadline: inHours(30) });
  const inbox = `${author.founder.home}/inbox/${id}`;
  await page.goto(inbox);
  await page.locator('[data-option="B"] input').check();
  await page.getByLabel("Why", { exact: true }).fill("Oslo can wait");
  await page.getByText("Predict what happens, and look back").click();
  await page.getByLabel("What you expect to happen").fill("No call from Oslo");
  const soon = new Date(Date.now() + 11_000).toISOString().slice(0, 19);
  await page.getByLabel("Look back on").evaluate((field, value) => {
    field.type = "text";
    field.value = value;
  }, soon);
  await page.getByTestId("decide").getByTestId("decide-unsigned").click();
  await expect(page.getByTestId("decision")).toHaveAttribute("data-state", "held");
  await expect(async () => {
    await page.goto(inbox);
    await expect(page.getByTestId("decision")).toHaveAttribute("data-state", "made", { timeout: 500 });
  }).toPass({ timeout: 30_000 });
  return page.getByTestId("to-record").getAttribute("href");
}

/** What a link downloads, as text, and what it is called. */
async function downloaded(page, testid) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId(testid).click()]);
  return [download.suggestedFilename(), readFileSync(await download.path(), "utf8")];
}

test("a decision has a record, files to take along, and comes back on its day", async ({ author, open, founder }) => {
  test.setTimeout(120_000);
  const brief = fresh("api");
  const page = await open("/inbox");
  const address = await decided(page, author, brief);
  const id = address.split("/").pop();
  // The receipt is a file.
  await page.getByTestId("receipt").locator("summary").click();
  const [name, receipt] = await downloaded(page, "download-receipt");
  expect(name).toBe(`receipt-${id}.json`);
  expect(JSON.parse(receipt).decision.rationale).toBe("Oslo can wait");

  await page.getByTestId("to-record").click();
  await expect(page).toHaveURL(new RegExp(`/decisions/${id}$`));
  await live(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Do we roll out ${brief} before the weekend?`);
  await expect(page.getByTestId("decision-words")).toHaveText("B: Wait until Monday");
  await expect(page.getByTestId("record-damaged")).toHaveCount(0);
  await expect(page.getByTestId("unsigned-why")).toContainText("without a passkey");
  await expect(page.getByTestId("how")).toHaveText(/password/i);
  await expect(page.getByTestId("from")).not.toBeEmpty();
  await expect(page.locator('[data-option="B"]')).toContainText("Chosen");
  await expect(page.getByTestId("evidence-row")).toContainText("Hash verified");
  await expect(page.getByTestId("measured")).toContainText("No task followed yet");
  await expect(page.getByTestId("told")).toContainText("was told by");
  await picture(page, "decision");
  expect(await axe(page)).toEqual([]);
  const [markdown, text] = await downloaded(page, "download-md");
  expect(markdown).toBe(`decision-${id}.md`);
  expect(text).toContain("## Decided: B\\: Wait until Monday");
  const [, json] = await downloaded(page, "download-json");
  expect(JSON.parse(json).brief.name).toBe(brief);
  await page.getByTestId("entry").click();
  await expect(page).toHaveURL(/\/journal\/\d+$/);

  // On its day it is in the inbox.
  await expect(async () => {
    await page.goto(`${founder.home}/inbox`);
    await expect(page.getByTestId("look-back-due").filter({ hasText: brief })).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 20_000 });
  await live(page);
  const due = page.getByTestId("look-back-due").filter({ hasText: brief });
  await expect(due).toContainText("No call from Oslo");
  await expect(page.getByTestId("split-look-back")).toContainText("Look back");
  await picture(page, "inbox-look-back");
  expect(await axe(page)).toEqual([]);
  await due.getByRole("link").click();
  await expect(page).toHaveURL(new RegExp(`/decisions/${id}#look-back$`));
  await live(page);
  await page.getByLabel("Partly right").check();
  await page.getByLabel("What you see now").fill("One call, on Sunday");
  await page.getByRole("button", { name: "Keep this answer" }).click();
  await expect(page.getByTestId("look-back")).toContainText("One call, on Sunday");
  await expect(page.getByTestId("look-back")).toHaveAttribute("data-due", "false");
  await expect(page.getByTestId("answer-later")).toContainText("It turned out otherwise");
  await picture(page, "decision-looked-back");
  expect(await axe(page)).toEqual([]);

  await page.goto(`${founder.home}/ledger`);
  await live(page);
  const line = page.getByTestId("track-row").filter({ hasText: author.name });
  await expect(line.getByTestId("agreed")).toContainText("1 100 %");
  await expect(line.getByTestId("turned")).toHaveText("0 right, 1 partly, 0 wrong");
  await page.getByText("Show as table").click();
  await expect(page.getByTestId("bin-row").filter({ hasText: "0.80 to 0.89" })).toContainText("1");
  await picture(page, "ledger");
  expect(await axe(page)).toEqual([]);
});

test("without JavaScript decisions are found, read, put off and looked back on", async ({ author, open, founder }) => {
  test.setTimeout(120_000);
  const waits = await author.asks(fresh("api"));
  const page = await open("", { javaScriptEnabled: false });
  await expect(page.getByTestId("card-waiting")).toContainText(/briefs? waits? for your decision/);
  const brief = fresh("api");
  const scripted = await open("/inbox");
  const address = await decided(scripted, author, brief);
  await page.goto(`${founder.home}/decisions`);
  await expect(page.getByTestId("decision-counts")).toContainText("in all");
  await page.getByRole("searchbox").fill(brief);
  await page.getByRole("button", { name: "Filter decisions" }).click();
  await expect(page).toHaveURL(new RegExp(`text=${brief}`));
  await expect(page.getByTestId("decision-row")).toHaveCount(1);
  await expect(page.getByTestId("decision-row")).toContainText("Oslo can wait");
  await picture(page, "decisions-without-js");
  await page.getByTestId("decision-row").getByRole("link").click();
  await expect(page).toHaveURL(new RegExp(`${address}$`));
  await page.getByTestId("look-back-later").locator("summary").click();
  await page.locator("#postpone-until").fill(inHours(24 * 7).slice(0, 10));
  await page.getByRole("button", { name: "Look back later" }).click();
  await expect(page.getByTestId("look-back-row")).toContainText("Put off until");
  await page.getByText("Say how it turned out").click();
  await page.getByLabel("Wrong", { exact: true }).check();
  await page.getByRole("button", { name: "Keep this answer" }).click();
  await expect(page.getByTestId("look-back-row").last()).toContainText("Wrong");
  await page.goto(`${founder.home}/decisions?text=nowhere-at-all`);
  await expect(page.getByTestId("no-decision")).toBeVisible();
  await page.goto(`${founder.home}/inbox/${waits}`);
  await expect(page.getByTestId("brief-head")).toHaveAttribute("data-state", "open");
});

test("the way to a newer version stands only where an older one is open", async ({ author, open }) => {
  const brief = fresh("api");
  const id = await author.asks(brief);
  const open1 = await open(`/inbox/${id}`);
  await live(open1);
  await author.asksAnew(id, brief, { title: `Rollout ${brief}, again` });
  await expect(open1.getByTestId("read-newest")).toBeVisible();
  const plain = await open(`/inbox/${id}`, { javaScriptEnabled: false });
  await expect(plain.getByTestId("difference")).toBeVisible();
  await expect(plain.getByTestId("read-newest")).toBeHidden();
  await open1.getByTestId("read-newest").click();
  await live(open1);
  await expect(open1.getByTestId("difference")).toBeVisible();
  await expect(open1.getByTestId("read-newest")).toBeHidden();
});

test("decisions fit 360 px and 1280 px in both themes, and axe finds no fault", async ({ author, open, founder }) => {
  test.setTimeout(180_000);
  const brief = fresh(`a-very-long-name-${"and-a-word-without-an-end-".repeat(1)}`);
  const first = await open("/inbox");
  const address = await decided(first, author, brief);
  for (const theme of ["light", "dark"]) {
    for (const small of [false, true]) {
      const width = small ? 360 : 1280;
      const page = await open("", { theme, small });
      const addresses = {
        decisions: `${founder.home}/decisions`,
        decision: new URL(address, founder.home).href,
        ledger: `${founder.home}/ledger`,
        "inbox-look-back": `${founder.home}/inbox`,
      };
      for (const [name, at] of Object.entries(addresses)) {
        await page.goto(at);
        await live(page);
        for (const summary of await page.locator("main summary").all()) await summary.click();
        expect(await page.evaluate(() => document.documentElement.scrollWidth), `${name} is too wide`).toBeLessThanOrEqual(width);
        expect(await axe(page), `${name} ${width} ${theme}`).toEqual([]);
        await picture(page, `${name}-${width}-${theme}`);
      }
    }
  }
});
