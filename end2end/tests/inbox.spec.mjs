// Decision briefs: what agents put before a founder, decided in a browser.

import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { authenticator } from "../support/authenticator.mjs";
import { Author, inHours } from "../support/author.mjs";
import { Founder } from "../support/founder.mjs";
import { axe, enterByKeys, expect, fresh, live, picture, pressByKeys, test as base } from "../support/test.mjs";

const test = base.extend({
  /** An agent of the shared founder that asks. */
  author: async ({ founder }, use) => {
    const author = await Author.of(founder, fresh("ceo"));
    await use(author);
    await author.close();
  },
});

const decision = (page) => page.getByTestId("decision");
const head = (page) => page.getByTestId("brief-head");

/** Waits until a held decision counts. */
async function made(page) {
  await expect(decision(page)).toHaveAttribute("data-state", "made", { timeout: 20_000 });
}

test("a founder finds what waits, reads what it rests on, asks back, and decides", async ({ author, open }) => {
  const brief = fresh("api");
  const id = await author.asks(brief, { deadline: inHours(5) });
  const page = await open("");
  await live(page);
  await page.getByTestId("card-briefs").click();
  await live(page);
  const row = page.getByTestId("brief-row").filter({ hasText: brief });
  await expect(row).toContainText("in 4 h");
  await expect(row).toContainText("3 options");
  await expect(row).toContainText("$40.00 at stake");
  await expect(row).toContainText("High risk");
  await expect(page.locator(".side-nav a[href$='/inbox'] .count")).toBeVisible();
  await picture(page, "inbox");
  await row.getByRole("link").click();
  await expect(page).toHaveURL(new RegExp(`/inbox/${id}$`));

  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Do we roll out ${brief} before the weekend?`);
  await expect(page.getByTestId("recommendation")).toContainText("B: Wait until Monday");
  await expect(page.getByTestId("recommendation")).toContainText("0.82");
  await expect(page.getByTestId("input-needed")).toContainText("Oslo");
  await expect(page.locator('[data-option="B"]')).toContainText("Recommended");
  await expect(page.locator('[data-option="C"]')).toContainText("Cannot be undone");
  await expect(page.locator('[data-option="C"]')).toContainText("$200.00");
  await expect(page.getByTestId("evidence-row")).toContainText("Hash verified");
  await expect(page.getByTestId("context").locator("strong")).toHaveText("0.3 %");
  await expect(page.getByTestId("silence")).toContainText("nothing happens");
  await picture(page, "brief");
  expect(await axe(page)).toEqual([]);

  await page.getByLabel("Ask its author").fill("Was Oslo promised a date?");
  await page.getByRole("button", { name: `Ask ${author.name}` }).click();
  await expect(page.getByTestId("answer-waits")).toBeVisible();
  await live(page);
  // Somebody who writes keeps what they wrote, whatever arrives.
  await page.locator('[data-option="A"] input').check();
  await page.getByLabel("Why", { exact: true }).fill("The customer in Oslo waits");
  expect((await author.answers("No: only “this month”.")).question).toBe("Was Oslo promised a date?");
  await expect(page.getByTestId("answer")).toContainText("No: only “this month”.");
  await expect(page.locator('[data-option="A"] input')).toBeChecked();
  await expect(page.getByLabel("Why", { exact: true })).toHaveValue("The customer in Oslo waits");

  await page.getByText("Predict what happens, and look back").click();
  await page.getByLabel("What you expect to happen").fill("No call from Oslo");
  await page.getByLabel("Look back on").fill(inHours(24 * 30).slice(0, 10));
  await page.getByTestId("decide").getByTestId("decide-unsigned").click();
  await expect(decision(page)).toHaveAttribute("data-state", "held");
  await expect(page.getByTestId("decision-words")).toHaveText("A: Roll out now");
  await expect(decision(page)).toContainText("No call from Oslo");
  await expect(page.getByTestId("unsigned")).toBeVisible();
  await live(page);
  await made(page);
  await expect(page.locator("#undo-form")).toHaveCount(0);
  await expect(head(page)).toContainText("Decided");
  await picture(page, "brief-decided-unsigned");
  const told = await author.bus.next();
  expect(told.subject).toBe(`tasks.${author.name}.decision_made`);
  expect(told.json().signed).toBe(false);
  told.ack();
  await page.goto(page.url().replace(/\/inbox\/.*/, "/inbox?split=decided"));
  await expect(page.getByTestId("brief-row").filter({ hasText: brief })).toContainText("A: Roll out now");
});

test("a decision can be taken back for ten seconds, by a key, also after a reload", async ({ author, open }) => {
  const id = await author.asks(fresh("api"));
  const page = await open(`/inbox/${id}`);
  await live(page);
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  await expect(decision(page)).toHaveAttribute("data-state", "held");
  await page.reload();
  await live(page);
  await expect(page.locator("#undo-form")).toContainText(/Take it back \(\d+ s\)/);
  await picture(page, "brief-held");
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press("z");
  await expect(head(page)).toHaveAttribute("data-state", "open");
  await expect(page.getByTestId("past-decision")).toHaveAttribute("data-state", "taken_back");
  await live(page);
  // The same again is another decision.
  await page.keyboard.press("e");
  await expect(page.getByTestId("decision-words")).toHaveText("B: Wait until Monday");
  await live(page);
  await made(page);
  await expect(page.getByTestId("past-decision")).toHaveCount(1);
});

test("what changed between the page and the click is not decided, and the difference is shown", async ({ author, open, faults }) => {
  faults.expect(/status of 409|answer 409/);
  const brief = fresh("api");
  const id = await author.asks(brief);
  // A page that does not follow what changes.
  const page = await open(`/inbox/${id}`, { javaScriptEnabled: false });
  await page.locator('[data-option="A"] input').check();
  await page.getByLabel("Why", { exact: true }).fill("I have read it");
  const [first, ...rest] = author.payload(brief).options;
  await author.asksAnew(id, brief, { options: [{ ...first, cost_usd: 80 }, ...rest] });
  const [answer] = await Promise.all([
    page.waitForNavigation(),
    page.getByTestId("decide").getByTestId("decide-unsigned").click(),
  ]);
  expect(answer.status()).toBe(409);
  await expect(page.getByTestId("form-error")).toContainText("The brief changed since you opened it");
  await expect(page.getByTestId("difference")).toContainText("$80.00");
  await expect(page.getByTestId("difference")).toContainText("$40.00");
  await expect(page.getByLabel("Why", { exact: true })).toHaveValue("I have read it");
  await expect(page.locator('[data-option="A"] input')).not.toBeChecked();
  await expect(head(page)).toHaveAttribute("data-state", "open");
  await picture(page, "brief-changed-meanwhile");
  // An open page says so, and exchanges nothing under the reader's eyes.
  const following = await open(`/inbox/${id}`);
  await live(following);
  await author.asksAnew(id, brief, { options: [{ ...first, cost_usd: 120 }, ...rest] });
  await expect(following.getByTestId("difference")).toContainText("What version 3 changed");
  await expect(following.locator('[data-option="A"]')).toContainText("$80.00");
  await following.getByTestId("read-newest").click();
  await expect(following.locator('[data-option="A"]')).toContainText("$120.00");
});

test("on evidence that is gone nothing can be chosen", async ({ server, author, open }) => {
  const evidence = await author.workspace.put("reports/gone.md", `To be lost: ${author.name}\n`);
  const id = await author.asks(fresh("api"), { evidence: [{ sha256: evidence, title: "What was measured" }] });
  const page = await open(`/inbox/${id}`);
  await live(page);
  await expect(page.getByTestId("evidence-row")).toContainText("Hash verified");
  const data = join(server.dir, "data");
  const kept = readdirSync(data, { recursive: true }).filter((file) => file.endsWith(evidence) || file.endsWith(evidence.slice(2)));
  expect(kept).toHaveLength(1);
  rmSync(join(data, kept[0]));
  await page.reload();
  await live(page);
  await expect(page.getByTestId("evidence-unsound")).toBeVisible();
  await expect(page.getByTestId("blocked")).toContainText("What was measured");
  await expect(page.getByTestId("decide").getByTestId("decide-unsigned")).toBeDisabled();
  await expect(page.getByTestId("accept-unsigned")).toBeDisabled();
  await picture(page, "brief-evidence-gone");
  expect(await axe(page)).toEqual([]);
  // To say that nothing of it is to be done needs none.
  await page.keyboard.press("r");
  await page.keyboard.type("Measure it again");
  await pressByKeys(page, "button", "Reject, unsigned");
  await expect(page.getByTestId("decision-words")).toHaveText("Rejected");
  await expect(decision(page)).toContainText("Measure it again");
});

test("without JavaScript a brief is read, asked about, put off, decided and taken back", async ({ author, open, founder }) => {
  const brief = fresh("api");
  const id = await author.asks(brief, { deadline: inHours(30) });
  const page = await open("/inbox", { javaScriptEnabled: false });
  await page.getByRole("link", { name: `Rollout ${brief}` }).click();
  await page.getByLabel("Ask its author").fill("Since when?");
  await page.getByRole("button", { name: `Ask ${author.name}` }).click();
  await expect(page.getByTestId("answer-waits")).toBeVisible();
  await page.getByRole("button", { name: "For 4 hours" }).click();
  await expect(page).toHaveURL(`${founder.home}/inbox`);
  await expect(page.getByTestId("brief-row").filter({ hasText: brief })).toHaveCount(0);
  await page.getByTestId("split").filter({ hasText: "Snoozed" }).click();
  await page.getByRole("link", { name: `Rollout ${brief}` }).click();
  await page.getByRole("button", { name: "Take it up again" }).click();
  await page.goto(`${founder.home}/d/${id}`);
  await page.getByLabel("An answer of your own").check();
  await page.getByLabel("Your answer").fill("Roll out to Oslo alone.");
  await picture(page, "brief-without-js");
  await page.getByTestId("decide").getByTestId("decide-unsigned").click();
  await expect(page.getByTestId("decision-words")).toHaveText("Own answer: Roll out to Oslo alone.");
  await page.locator("#undo-form button").click();
  await expect(head(page)).toHaveAttribute("data-state", "open");
  await page.getByRole("button", { name: "Accept B, unsigned" }).click();
  await expect(page.getByTestId("decision-words")).toHaveText("B: Wait until Monday");
});

test("an unsigned decision asks who one is, and keeps the choice meanwhile", async ({ server, author, open, faults }) => {
  faults.expect(/status of (403|422)|answer (403|422)/);
  const id = await author.asks(fresh("api"));
  const page = await open(`/inbox/${id}`);
  await live(page);
  await server.sql("update session set proven_ms = 0");
  await page.getByLabel("An answer of your own").check();
  await page.getByTestId("decide").getByTestId("decide-unsigned").click();
  await expect(page.getByTestId("proof")).toBeVisible();
  await expect(page.getByLabel("An answer of your own")).toBeChecked();
  expect(await axe(page)).toEqual([]);
  await picture(page, "brief-step-up");
  await page.getByLabel("Your password").fill("correct horse battery staple");
  await page.getByTestId("decide").getByTestId("decide-unsigned").click();
  await expect(page.getByTestId("form-error")).toContainText("Write your answer.");
  await page.getByLabel("Your answer").fill("Ask me next week.");
  await page.getByTestId("decide").getByTestId("decide-unsigned").click();
  await expect(page.getByTestId("decision-words")).toContainText("Ask me next week.");
});

test("ten briefs are decided and signed in one session, by keyboard alone", async ({ ownServer, open }) => {
  test.setTimeout(180_000);
  // Passkeys are bound to a name, and 127.0.0.1 is none.
  const founder = await Founder.alone({ ...ownServer, url: ownServer.url.replace("127.0.0.1", "localhost") });
  const author = await Author.of(founder, "ceo");
  const page = await open("/settings/security", { founder });
  await page.addInitScript(() => {
    if (window.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false;
  });
  await page.reload();
  await authenticator(page);
  await page.getByLabel("Name of a new passkey").fill("Laptop");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByTestId("passkey-row")).toHaveCount(1);
  for (let n = 1; n <= 10; n++) await author.asks(`rollout-${n}`, { deadline: inHours(24 + n) });

  await live(page);
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await expect(page.getByTestId("brief-row")).toHaveCount(10);
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  const words = { A: "A: Roll out now", B: "B: Wait until Monday", C: "C: Drop the old API" };
  for (let n = 1; n <= 10; n++) {
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Do we roll out rollout-${n} before the weekend?`);
    await live(page);
    const key = ["e", "1", "2", "3"][n % 4];
    await page.keyboard.press(key);
    if (key !== "e") {
      await expect(page.locator(`[data-key="${key}"]`)).toBeChecked();
      await page.keyboard.press("Enter");
    }
    await expect(page.getByTestId("decision-words")).toHaveText({ e: words.B, 1: words.A, 2: words.B, 3: words.C }[key]);
    await expect(decision(page)).toHaveAttribute("data-signed", "true");
    await expect(page.getByTestId("onward")).toBeFocused();
    if (n === 1) {
      await picture(page, "brief-signed");
      expect(await axe(page)).toEqual([]);
    }
    if (n < 10) await page.keyboard.press("Enter");
  }
  await made(page);
  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await expect(page.getByTestId("none-waits")).toBeVisible();
  await picture(page, "inbox-nothing-waits");
  const rows = await ownServer.sql("select count(*)::int as signed from decision where assertion is not null");
  expect(rows).toEqual([{ signed: 10 }]);
  await author.close();
});

test("keys of the inbox lead to its parts, and act on nothing while one writes", async ({ author, open, founder }) => {
  const id = await author.asks(fresh("api"), { deadline: inHours(3) });
  await author.asks(fresh("api"));
  const page = await open("/inbox");
  await live(page);
  await page.keyboard.press("]");
  await expect(page).toHaveURL(`${founder.home}/inbox?split=due_soon`);
  await expect(page.getByTestId("split").filter({ hasText: "Due soon" })).toHaveAttribute("aria-current", "page");
  await page.keyboard.press("[");
  await expect(page).toHaveURL(`${founder.home}/inbox`);
  await page.goto(`${founder.home}/inbox/${id}`);
  await live(page);
  await page.keyboard.press("b");
  await expect(page.locator("#evidence")).toBeFocused();
  await page.keyboard.press("a");
  await expect(page.getByLabel("Ask its author")).toBeFocused();
  await page.keyboard.type("e123zh");
  await expect(page.getByLabel("Ask its author")).toHaveValue("e123zh");
  await expect(head(page)).toHaveAttribute("data-state", "open");
  await page.getByLabel("Ask its author").blur();
  await page.keyboard.press("h");
  await expect(page.getByTestId("snooze-choice").first()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${founder.home}/inbox`);
  await page.getByTestId("split").filter({ hasText: "Snoozed" }).click();
  await expect(page.locator(`[data-item="${id}"]`)).toHaveAttribute("data-state", "snoozed");
});

test("what silence means is set by a founder, and shown on the brief before it happens", async ({ author, open, founder }) => {
  const category = `deploy_${Date.now().toString(36)}`;
  const id = await author.asks(fresh("api"), { category, at_deadline: "B" });
  const brief = await open(`/inbox/${id}`);
  await live(brief);
  await expect(brief.getByTestId("silence")).toContainText("nothing happens");
  const page = await open("/settings/briefs");
  await live(page);
  await expect(page.locator('[data-category="strategy"]')).toContainText("Founders alone settle it, in every organization");
  await expect(page.getByTestId("author-row").filter({ hasText: author.name })).toContainText("of 100");
  await enterByKeys(page, "Category", category);
  await page.getByLabel("If nobody decides by the deadline").selectOption("recommended");
  await page.getByLabel("Reason").fill("It can be undone, and Monday is soon enough");
  await page.getByRole("button", { name: "Set what silence means" }).click();
  await expect(page).toHaveURL(`${founder.home}/settings/briefs`);
  await expect(brief.getByTestId("silence")).toContainText("option B takes effect");
  await expect(brief.locator('[data-option="B"]')).toContainText("Silence takes it");
  await page.goto(`${founder.home}/settings/briefs`);
  await live(page);
  await expect(page.locator(`[data-category="${category}"]`)).toContainText("The recommendation takes effect");
  await picture(page, "briefs-rules");
});

for (const theme of ["light", "dark"]) {
  for (const small of [false, true]) {
    const width = small ? 360 : 1280;
    test(`the inbox at ${width} px in the ${theme} theme fits and has no fault that axe can find`, async ({ author, open, founder }) => {
      const brief = fresh("a-very-long-name");
      const id = await author.asks(brief, {
        deadline: inHours(2),
        title: `Rollout ${brief} ${"and-a-word-without-an-end-".repeat(2)}`,
        context_md: `| what | how much |\n|-|-|\n| ${"wide ".repeat(30)} | 12 |\n\n\`${"code".repeat(40)}\``,
      });
      const page = await open("/inbox", { theme, small });
      const addresses = { inbox: "/inbox", "inbox-decided": "/inbox?split=decided", brief: `/inbox/${id}`, "briefs-rules": "/settings/briefs" };
      for (const [name, address] of Object.entries(addresses)) {
        await page.goto(founder.home + address);
        await live(page);
        if (name === "brief") {
          await page.getByLabel("An answer of your own").check();
          for (const summary of await page.locator("main summary").all()) await summary.click();
        }
        expect(await page.evaluate(() => document.documentElement.scrollWidth), `${name} is too wide`).toBeLessThanOrEqual(width);
        expect(await axe(page), name).toEqual([]);
        await picture(page, `${name}-${width}-${theme}`);
        if (name === "brief" && small) {
          const bar = page.getByTestId("brief-bar");
          for (const control of await bar.locator("a, button:visible").all()) {
            expect((await control.boundingBox()).height, "for the thumb").toBeGreaterThanOrEqual(48);
          }
          await page.screenshot({ path: `pictures/brief-thumb-${theme}.png` });
        }
      }
    });
  }
}
