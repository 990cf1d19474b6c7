// What each agent gets: seen in the fleet, asked for by hand, changed by a decision; and facts that agents cannot see.

import { Author, inHours } from "../support/author.mjs";
import { axe, expect, fresh, live, picture, test as base } from "../support/test.mjs";

const test = base.extend({
  author: async ({ founder }, use) => {
    const author = await Author.of(founder, fresh("ceo"));
    await use(author);
    await author.close();
  },
});

const field = (page, name) => page.getByTestId(`field-f[${name}]`);
const weight = (page, agent) => page.locator(`[data-testid="share-row"][data-agent="${agent}"]`);

/** Decides the newest version, as a founder who has just proven who they are. */
async function decide(founder, brief, choice) {
  const html = await founder.reads(`/inbox/${brief}`, (html) => /name="sha256" value="[0-9a-f]{64}"/.test(html));
  const [, sha256] = /name="sha256" value="([0-9a-f]{64})"/.exec(html);
  const session = await founder.anotherSession();
  await session.post("/api/brief/decide", { tenant: "acme-robotics", brief, sha256, choice });
}

/** Fills the form as a founder would. */
async function write(page, author, title, category) {
  await field(page, "title").fill(title);
  await field(page, "question").fill("Does the work shift to one agent?");
  if (category) await field(page, "category").fill(category);
  await field(page, "input_needed").fill("Whether the season allows it");
  for (const [key, done] of [["a", "Shift it"], ["b", "Leave it"]]) {
    await field(page, `${key}_title`).fill(done);
    await field(page, `${key}_consequence`).fill("It goes on so.");
    await field(page, `${key}_cost_usd`).fill("0");
  }
  await field(page, "why").fill("It pays.");
  await field(page, "confidence").fill("82");
  await field(page, "e1_artifact").fill(`${author.name}:reports/${author.name}.md`);
  await field(page, "e1_shows").fill("Error rates");
  await field(page, "deadline").fill(inHours(30).slice(0, 16));
}

for (const script of [true, false]) {
  test(`a founder writes a brief by hand, mends what is marked, and finds it in the inbox ${script ? "with" : "without"} script`, async ({ author, open, faults }) => {
    faults.expect(/status of 409|answer 409/);
    const page = await open("/inbox", { javaScriptEnabled: script, small: !script, theme: script ? "light" : "dark" });
    if (script) await live(page);
    await page.getByTestId("write-brief").click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Write a brief");
    const title = fresh("by hand");
    await write(page, author, title, "staffing");
    await field(page, "question").fill("The work shifts");
    await field(page, "b_cost_usd").fill("nothing");
    await page.getByTestId("send-brief").click();
    await expect(page.getByTestId("field-error")).toHaveCount(2);
    await expect(page.getByTestId("form-error")).toContainText("2 things keep it");
    await expect(field(page, "question")).toHaveAttribute("aria-invalid", "true");
    await expect(field(page, "title")).toHaveValue(title);
    if (script) expect(await axe(page)).toEqual([]);
    await picture(page, `brief-form-${script ? "light" : "dark"}`);
    await field(page, "question").fill("Does the work shift?");
    await field(page, "b_cost_usd").fill("0");
    await page.getByTestId("send-brief").click();
    await expect(page).toHaveURL(/\/inbox\/[0-9a-f-]{36}$/);
    await expect(page.getByTestId("brief-head")).toContainText(title);
    await expect(page.getByTestId("written-by")).toBeVisible();
    if (script) expect(await axe(page)).toEqual([]);
  });
}

test("what each agent gets changes by a decision, and leads to it", async ({ author, founder, open, faults }) => {
  faults.expect(/status of 409|answer 409/);
  const page = await open("/fleet", { theme: "light" });
  await live(page);
  await page.getByTestId("to-allocation").click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Allocation");
  await expect(weight(page, author.name)).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await page.getByTestId("write-allocation").click();
  await expect(field(page, "category")).toHaveValue("resource_allocation");
  await expect(field(page, "a_allocation")).toHaveValue(new RegExp(`${author.name} \\d+ `));
  const title = fresh("shares");
  await write(page, author, title);
  await field(page, "a_allocation").fill(`${author.name} 999 20`);
  await page.getByTestId("send-brief").click();
  await expect(page.getByTestId("field-error")).toContainText("come to 999");
  await field(page, "a_allocation").fill(`${author.name} 1000 20`);
  await page.getByTestId("send-brief").click();
  await expect(page.getByTestId("option-shares")).toContainText(`${author.name} 100 % and $20.00 a day`);
  await expect(page.getByTestId("option-shares")).toHaveCount(1);
  const id = /inbox\/([0-9a-f-]{36})/.exec(page.url())[1];
  await picture(page, "brief-allocation");
  await decide(founder, id, "A");
  await founder.reads("/fleet/allocation", (html) => html.includes(title));
  for (const options of [{ theme: "light" }, { theme: "dark", small: true }]) {
    const seen = await open("/fleet/allocation", options);
    await expect(weight(seen, author.name)).toHaveAttribute("data-weight", "1000");
    await expect(weight(seen, author.name)).toContainText("$20.00");
    await expect(seen.getByTestId("allocation-said").getByRole("link")).toHaveAttribute("href", /\/decisions\/[0-9a-f-]{36}$/);
    await expect(seen.getByTestId("past-allocation").first()).toContainText(title);
    expect(await axe(seen)).toEqual([]);
    expect(await seen.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(await seen.evaluate(() => innerWidth));
    await picture(seen, `allocation-${options.theme}`);
  }
});

for (const script of [true, false]) {
  test(`a fact that comes after a brief is marked on it ${script ? "with" : "without"} script`, async ({ author, open }) => {
    const brief = fresh("late");
    const id = await author.asks(brief);
    const options = { javaScriptEnabled: script, small: !script, theme: script ? "light" : "dark" };
    const page = await open("/context", options);
    const text = fresh("Oslo was promised Monday");
    await page.getByTestId("field-text").last().fill(text);
    await page.getByRole("button", { name: "Tell all agents" }).click();
    const fact = page.getByTestId("fact").filter({ hasText: text });
    await expect(fact).toContainText("Holds");
    if (script) expect(await axe(page)).toEqual([]);
    await picture(page, `context-${options.theme}`);
    const seen = await open(`/inbox/${id}`, options);
    const late = seen.getByTestId("brief-fact").filter({ hasText: text });
    await expect(late.getByTestId("fact-late")).toContainText("A fact came after this brief:");
    if (script) expect(await axe(seen)).toEqual([]);
    expect(await seen.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(await seen.evaluate(() => innerWidth));
    await picture(seen, `brief-late-fact-${options.theme}`);
    await seen.getByRole("button", { name: `Ask ${author.name} for a new version` }).click();
    await expect(seen.getByTestId("answer-waits")).toBeVisible();
    const message = await author.bus.next();
    expect(message.subject).toBe(`tasks.${author.name}.brief_question`);
    expect(message.json().question).toContain(text);
    message.ack();
    await fact.getByRole("button", { name: "Take it back" }).click();
    await expect(page.getByTestId("fact").filter({ hasText: text })).toContainText("Taken back");
  });
}

test("agents in other languages ask with a stock client, and hear the decision", async ({ author, founder, example }) => {
  for (const language of ["python", "node"]) {
    const name = fresh(language);
    const running = example(language, "brief", author.agent, ["--evidence", author.evidence, "--brief", name]);
    await running.says(new RegExp(`^asked: ${name}$`));
    let id;
    await founder.reads("/inbox", (html) => {
      const row = html.split('data-testid="brief-row"').find((part) => part.includes("Friday&#x27;s deployment") || part.includes("Friday's deployment"));
      id = /\/inbox\/([0-9a-f-]{36})/.exec(row ?? "")?.[1];
      return id;
    });
    await decide(founder, id, "B");
    await running.says(/decided by .+: option B: Wait until Monday/);
    await running.ends();
  }
});
