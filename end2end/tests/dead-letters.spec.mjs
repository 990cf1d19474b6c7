import { Founder } from "../support/founder.mjs";
import { axe, expect, fresh, live, picture, test } from "../support/test.mjs";

const NO_RULES = (line) => `Cannot read “id” of the manifest (line ${line})`;
const GONE = "The repository acme/console does not exist any more";

/** Opens a letter by its title. */
async function openLetter(page, title) {
  await page.getByTestId("letter-row").getByRole("link", { name: title, exact: true }).click();
  await expect(page.getByTestId("letter-head")).toContainText(title);
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";
  const settled = async (page) => javaScriptEnabled && live(page);

  test(`letters with one error are previewed and replayed together, ${how} JavaScript`, async ({ founder, open, stock }) => {
    const agent = await founder.agent(fresh("cso"));
    const bus = await stock(agent);
    for (const line of [41, 42, 43]) await bus.fails({ task: `Scan ${line}` }, NO_RULES(line));
    await bus.fails({ task: "Clone it" }, GONE);
    await founder.reads(`/dead-letters?agent=${agent.name}`, (html) => html.includes(">4 letters"));
    const page = await open(`/dead-letters?agent=${agent.name}`, { javaScriptEnabled });
    await settled(page);

    const groups = page.getByTestId("letter-group");
    await expect(groups).toHaveCount(2);
    await expect(groups.first()).toHaveAttribute("data-count", "3");
    await expect(groups.first()).toContainText("Cannot read “id” of the manifest");
    await picture(page, `desk-${javaScriptEnabled ? "js" : "plain"}`);

    await groups.first().getByRole("link").click();
    await expect(page).toHaveURL(/fingerprint=[0-9a-f]{16}/);
    const preview = page.getByTestId("replay-preview");
    await expect(preview).toContainText("3 letters would be done again");
    await expect(preview).toContainText("Nothing has been sent");
    await expect(preview).toContainText("within 1 s, 5 a second");
    await expect(page.getByTestId("letter-row")).toHaveCount(3);
    await preview.getByRole("link", { name: "1", exact: true }).click();
    await expect(preview).toContainText("within 2 s, 1 a second");
    if (javaScriptEnabled) await live(page);
    await picture(page, `desk-preview-${javaScriptEnabled ? "js" : "plain"}`);
    await preview.getByRole("link", { name: "100", exact: true }).click();
    await expect(preview).toContainText("100 a second");

    await page.getByRole("button", { name: "Replay 3" }).click();
    await expect(page).toHaveURL(`${founder.home}/dead-letters`);
    const run = page.getByTestId("replay-run").first();
    await expect(run).toContainText("3 letters");
    for (let i = 0; i < 3; i++) (await bus.next()).ack();
    await expect(async () => {
      if (!javaScriptEnabled) await page.reload();
      await expect(run).toContainText("3 succeeded", { timeout: 1_000 });
    }).toPass();
    await expect(run).toHaveAttribute("data-over", "true");
    await picture(page, `desk-replayed-${javaScriptEnabled ? "js" : "plain"}`);

    await page.goto(`${founder.home}/dead-letters?agent=${agent.name}`);
    await expect(page.getByTestId("letter-row")).toHaveCount(1);
    await expect(page.getByTestId("letter-row")).toContainText("Clone it");
  });

  test(`a letter is mended, and broken JSON comes back as it was written, ${how} JavaScript`, async ({
    founder,
    open,
    stock,
    faults,
  }) => {
    faults.expect(/status of 422|answer 422/);
    const agent = await founder.agent(fresh("cso"));
    const bus = await stock(agent);
    const trace = `${agent.name}/41`;
    await bus.succeeds({ task: "Scan the old one", depth: 1, correlation_id: trace });
    await bus.fails({ task: "Scan the new one", depth: "one", correlation_id: trace }, NO_RULES(7));
    await bus.task({ task: "Report on the scan", correlation_id: trace });
    await founder.reads(`/dead-letters?agent=${agent.name}`, (html) => html.includes(">1 letter"));
    const page = await open(`/dead-letters?agent=${agent.name}`, { javaScriptEnabled });
    await settled(page);
    await openLetter(page, "Scan the new one");

    await expect(page.getByTestId("letter-head")).toContainText(NO_RULES(7));
    await expect(page.getByTestId("attempt-row")).toHaveCount(1);
    await expect(page.getByTestId("blocked")).toContainText("Report on the scan");
    const diff = page.getByTestId("diff");
    await expect(diff.locator("del")).toContainText(["−   \"depth\": 1"]);
    await expect(diff.locator("ins").first()).toContainText("+   \"depth\": \"one\"");
    await expect(diff.locator("ins")).toContainText([/depth/, /new one/]);
    await settled(page);
    await picture(page, `letter-${javaScriptEnabled ? "js" : "plain"}`);

    await page.getByText("Edit the payload first").click();
    const broken = `{\n  "task": "Scan <b>the</b> new one",\n  "depth": ,\n}`;
    await page.getByLabel("New payload").fill(broken);
    await page.getByRole("button", { name: "Replay with this payload" }).click();
    await expect(page.getByTestId("form-error")).toContainText("This is not JSON");
    await expect(page.getByTestId("form-error")).toContainText("line 3");
    await expect(page.getByLabel("New payload")).toHaveValue(broken);
    await expect(page.getByLabel("New payload")).toBeFocused();
    await expect(page).toHaveURL(/dead-letters\/[0-9a-f-]{36}$/);
    await settled(page);
    // Neither hydration nor the first news take it away.
    await bus.event("scan.noted", { correlation_id: trace });
    await expect(page.getByLabel("New payload")).toHaveValue(broken);
    await expect(page.getByTestId("form-error")).toBeVisible();
    if (javaScriptEnabled) expect(await axe(page)).toEqual([]);
    await picture(page, `letter-broken-${javaScriptEnabled ? "js" : "plain"}`);

    await page.getByLabel("New payload").fill(`{"task": "Scan it mended", "depth": 2}`);
    await page.getByRole("button", { name: "Replay with this payload" }).click();
    await expect(page).toHaveURL(/\/tasks\/[0-9a-f-]{36}$/);
    await page.getByTestId("to-original").click();
    await expect(page.getByTestId("letter-head")).toContainText("Being replayed");
    await expect(page.getByTestId("letter-acts")).toHaveCount(0);
    for (const title of ["Report on the scan", "Scan it mended"]) {
      const message = await bus.next();
      expect(message.json().task).toBe(title);
      message.ack();
    }
    await expect(async () => {
      if (!javaScriptEnabled) await page.reload();
      await expect(page.getByTestId("letter-head")).toContainText("Replayed", { timeout: 1_000 });
    }).toPass();
  });

  test(`a letter is dismissed with a reason, and not without one, ${how} JavaScript`, async ({ founder, open, stock, faults }) => {
    faults.expect(/status of (422|409)|answer (422|409)/);
    const agent = await founder.agent(fresh("cso"));
    await (await stock(agent)).fails({ task: "Scan what is gone" }, GONE);
    await founder.reads(`/dead-letters?agent=${agent.name}`, (html) => html.includes(">1 letter"));
    const page = await open(`/dead-letters?agent=${agent.name}`, { javaScriptEnabled });
    await settled(page);
    await openLetter(page, "Scan what is gone");
    await settled(page);
    const late = await open(page.url(), { javaScriptEnabled });
    await settled(late);

    await page.getByText("Dismiss it with a reason").click();
    await page.getByLabel("Why nothing is to be done").fill("   ");
    await page.getByRole("button", { name: "Dismiss letter" }).click();
    await expect(page.getByTestId("form-error")).toContainText("Say why nothing is to be done");
    await page.getByLabel("Why nothing is to be done").fill("The repository was <i>archived</i>");
    await page.getByRole("button", { name: "Dismiss letter" }).click();
    await expect(page.getByTestId("letter-head")).toContainText("Dismissed");
    await expect(page.getByTestId("closed")).toContainText("The repository was <i>archived</i>");
    await expect(page.getByTestId("closed")).toContainText("Ada Lovelace");
    await expect(page.getByTestId("letter-acts")).toHaveCount(0);

    // Whoever still has the page open cannot replay it.
    await late.getByTestId("replay-button").click();
    await expect(late.getByTestId("letter-head")).toContainText("Dismissed");
  });
}

test("more than a hundred letters are replayed only when their number is typed, and the rest can be stopped", async ({
  founder,
  open,
  stock,
  faults,
}) => {
  faults.expect(/status of 422|answer 422/);
  const agent = await founder.agentWithLetters(fresh("cso"), 120);
  const page = await open(`/dead-letters?agent=${agent.name}`);
  await live(page);
  await expect(page.getByTestId("letter-count")).toHaveText("120 letters");
  await page.getByTestId("preview-all").click();
  const preview = page.getByTestId("replay-preview");
  await expect(preview).toContainText("120 letters would be done again");
  await preview.getByRole("link", { name: "1", exact: true }).click();
  await expect(preview).toContainText("within 1 min 59 s, 1 a second");
  await preview.getByLabel("Type the number of letters").fill("12");
  await page.getByRole("button", { name: "Replay 120" }).click();
  await expect(page.getByTestId("form-error")).toContainText("Type 120 to replay them all.");
  await expect(preview.getByLabel("Type the number of letters")).toHaveValue("12");
  await picture(page, "desk-many-refused");
  await preview.getByLabel("Type the number of letters").fill("120");
  await page.getByRole("button", { name: "Replay 120" }).click();
  const run = page.getByTestId("replay-run").filter({ hasText: "120 letters" });
  await expect(run).toContainText("to go");
  const bus = await stock(agent);
  (await bus.next()).ack();
  await expect(run).toContainText("1 succeeded");
  await picture(page, "desk-replaying");
  await run.getByRole("button", { name: "Stop replay" }).click();
  await expect(run).toContainText("called off");
  await expect(run).not.toContainText("to go");
  await expect(run.getByRole("button", { name: "Stop replay" })).toHaveCount(0);
  // What was called off waits again.
  await page.goto(`${founder.home}/dead-letters?agent=${agent.name}`);
  await expect(page.getByTestId("letter-count")).toHaveText(/^1[01]\d letters$/);
});

test("letters are paged, ticked by keys and replayed as chosen", async ({ founder, open }) => {
  const agent = await founder.agentWithLetters(fresh("cso"), 60);
  const page = await open(`/dead-letters?agent=${agent.name}`);
  await live(page);
  const rows = page.getByTestId("letter-row");
  await expect(rows).toHaveCount(50);
  await page.getByRole("link", { name: "Older" }).click();
  await expect(rows).toHaveCount(10);
  await live(page);
  await page.keyboard.press("j");
  // The first row is that of the group.
  for (const key of ["j", "x", "j", "j", "x"]) await page.keyboard.press(key);
  await expect(rows.nth(0).getByRole("checkbox")).toBeChecked();
  await expect(rows.nth(1).getByRole("checkbox")).not.toBeChecked();
  await expect(rows.nth(2).getByRole("checkbox")).toBeChecked();
  await page.getByTestId("preview-ticked").click();
  await expect(page.getByTestId("replay-preview")).toContainText("2 letters would be done again");
  await expect(rows).toHaveCount(2);
  await page.getByRole("button", { name: "Replay 2" }).dblclick();
  await expect(page.getByTestId("replay-run").first()).toContainText("2 letters");
  await expect(page.getByTestId("form-error")).toHaveCount(0);
  await page.goto(`${founder.home}/dead-letters?agent=${agent.name}`);
  await expect(page.getByTestId("letter-count")).toHaveText("58 letters");
});

test("letters that come while the desk is read do not take ticks away", async ({ founder, open, stock }) => {
  const agent = await founder.agent(fresh("cso"));
  const bus = await stock(agent);
  await bus.fails({ task: "First" }, GONE);
  await founder.reads(`/dead-letters?agent=${agent.name}`, (html) => html.includes(">1 letter"));
  const page = await open(`/dead-letters?agent=${agent.name}`);
  await live(page);
  const tick = page.getByRole("checkbox", { name: "Tick First" });
  await tick.check();
  const element = await tick.elementHandle();
  await bus.fails({ task: "Second" }, GONE);
  await expect(page.getByTestId("letter-row")).toHaveCount(2);
  await expect(page.getByTestId("letter-count")).toHaveText("2 letters");
  await expect(tick).toBeChecked();
  expect(await element.evaluate((kept) => kept.isConnected)).toBe(true);
  await expect(page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Dead letters" })).toContainText(/\d+ wait/);
});

test("a held agent is named in the preview, and what it cannot get waits", async ({ founder, open }) => {
  const agent = await founder.agentWithLetters(fresh("cso"), 2);
  await founder.post("/api/agent/pause", { tenant: "acme-robotics", name: agent.name, reason: "Being moved" });
  const page = await open(`/dead-letters?agent=${agent.name}&rate=5`);
  await expect(page.getByTestId("held-agent")).toContainText(`${agent.name} is held`);
});

test("a letter for nobody is replayed once its agent is there", async ({ founder, open, stock, faults }) => {
  faults.expect(/status of 409|answer 409/);
  const [sender, name] = [fresh("ceo"), fresh("ghost")];
  const bus = await stock(await founder.agent(sender, name));
  bus.agent = { ...bus.agent, name };
  await bus.task({ task: "Anybody there?" });
  await founder.reads(`/dead-letters?agent=${name}`, (html) => html.includes(">1 letter"));
  const page = await open(`/dead-letters?agent=${name}&rate=5`);
  await live(page);
  await expect(page.getByTestId("orphans")).toContainText("1 letter is for an agent that does not exist");
  await picture(page, "desk-orphans");
  await openLetter(page, "Anybody there?");
  await page.getByTestId("replay-button").click();
  await expect(page.getByTestId("form-error")).toContainText(name);
  await expect(page.getByTestId("letter-head")).toContainText("Waits for you");
  await founder.agent(name);
  await page.getByTestId("replay-button").click();
  await expect(page.getByTestId("task-head")).toHaveAttribute("data-state", "queued");
});

test("an empty desk says so in words", async ({ ownServer, open, stock }) => {
  const founder = await Founder.of(ownServer);
  const page = await open("/dead-letters", { founder });
  await live(page);
  await expect(page.getByTestId("nothing-dead")).toHaveText("No task has ended badly so far.");
  expect(await axe(page)).toEqual([]);
  const agent = await founder.agent("cso");
  const bus = await stock(agent);
  await bus.fails({ task: "Scan it" }, GONE);
  await expect(page.getByTestId("letter-row")).toHaveCount(1);
  await expect(page.getByTestId("nothing-dead")).toHaveCount(0);
  await openLetter(page, "Scan it");
  await page.getByTestId("replay-button").click();
  await expect(page.getByTestId("task-head")).toHaveAttribute("data-state", "queued");
  (await bus.next()).ack();
  await expect(page.getByTestId("task-head")).toHaveAttribute("data-state", "succeeded");
  await page.goto(`${founder.home}/dead-letters`);
  await live(page);
  await expect(page.getByTestId("nothing-dead")).toHaveText(/^The last one died just now and was replayed\.$/);
  await picture(page, "desk-empty");
});

test("a hostile letter is shown as the text that it is, also where it is mended", async ({ founder, open, stock }) => {
  const agent = await founder.agent(fresh("cso"));
  const bus = await stock(agent);
  const hostile = `</textarea><img src=x onerror=alert(1)>\u202Egnp.elif`;
  await bus.fails({ task: hostile, correlation_id: `${agent.name}${hostile}` }, `<script>alert(2)</script>\u2066`);
  await founder.reads(`/dead-letters?agent=${agent.name}`, (html) => html.includes(">1 letter"));
  const page = await open(`/dead-letters?agent=${agent.name}&rate=5`);
  await live(page);
  await expect(page.getByTestId("letter-row")).toContainText("</textarea><img src=x onerror=alert(1)>");
  await page.getByTestId("letter-row").getByRole("link").click();
  await expect(page.getByTestId("letter-head")).toContainText("<script>alert(2)</script>");
  await page.getByText("Edit the payload first").click();
  const text = await page.getByLabel("New payload").inputValue();
  expect(JSON.parse(text).task).toBe(hostile);
  expect(text).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
  await page.reload();
  await live(page);
  expect(await page.locator("img").count()).toBe(0);
  expect(await page.locator("main script").count()).toBe(0);
  expect(await page.getByRole("main").innerText()).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
});
