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
  await expect(page).toHaveURL(`${founder.home}/inbox`);
  await expect(brief.getByTestId("silence")).toContainText("option B takes effect");
  await expect(brief.locator('[data-option="B"]')).toContainText("Silence takes it");
  await page.goto(`${founder.home}/settings/briefs`);
  await live(page);
  await expect(page.locator(`[data-category="${category}"]`)).toContainText("The recommendation takes effect");
  await picture(page, "briefs-rules");
});
