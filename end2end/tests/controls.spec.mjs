import { axe, expect, fresh, live, picture, row, test } from "../support/test.mjs";

/** A moment `minutes` ahead, as a browser's field for date and time has it. */
function ahead(minutes) {
  return new Date(Date.now() + minutes * 60_000).toISOString().slice(0, 16);
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";
  const settled = async (page) => javaScriptEnabled && live(page);

  test(`a founder gives a task, and what is wrong with it comes back, ${how} JavaScript`, async ({ founder, open, stock, faults }) => {
    faults.expect(/status of (409|422)|answer (409|422)/);
    const agent = await founder.agent(fresh("cso"));
    const page = await open("/tasks", { javaScriptEnabled });
    await settled(page);
    await page.getByRole("link", { name: "Create task" }).click();
    await expect(page.getByRole("heading", { name: "Create task", level: 1 })).toBeVisible();
    await settled(page);
    await picture(page, `new-task-${javaScriptEnabled ? "js" : "plain"}`);
    const create = async (entries) => {
      for (const [label, value] of Object.entries(entries)) await page.getByLabel(label, { exact: true }).fill(value);
      await page.getByRole("button", { name: "Create task" }).click();
    };
    const error = page.getByTestId("form-error");
    const payload = `{"task": "Scan the <i>new</i> service"`;
    await create({ Agent: agent.name, Kind: "scan", Payload: payload });
    await expect(error).toContainText("This is not JSON");
    await expect(page.getByLabel("Payload", { exact: true })).toHaveValue(payload);
    await expect(page.getByLabel("Agent", { exact: true })).toHaveValue(agent.name);
    await create({ Payload: `${payload}}`, Agent: "Nobody!" });
    await expect(error).toBeVisible();
    await expect(page.getByLabel("Agent", { exact: true })).toBeFocused();
    await create({ Agent: `${agent.name}-ghost`.slice(0, 32) });
    await expect(error).toBeVisible();
    await create({ Agent: agent.name, "Not before, in UTC": ahead(-60) });
    await expect(error).toContainText("That moment has passed");
    await picture(page, `new-task-refused-${javaScriptEnabled ? "js" : "plain"}`);
    await create({ "Not before, in UTC": "" });
    await expect(page.getByTestId("task-head")).toContainText("Scan the <i>new</i> service");
    await settled(page);
    const message = await (await stock(agent)).next();
    expect(message.subject).toBe(`tasks.${agent.name}.scan`);
    message.ack();
    await expect(async () => {
      if (!javaScriptEnabled) await page.reload();
      await expect(page.getByTestId("task-head")).toHaveAttribute("data-state", "succeeded", { timeout: 1_000 });
    }).toPass();
    await expect(page.getByTestId("task-acts")).toHaveCount(0);
  });

  test(`a scheduled task is given another priority and called off, ${how} JavaScript`, async ({ founder, open, faults }) => {
    faults.expect(/status of (409|422)|answer (409|422)/);
    const agent = await founder.agent(fresh("cso"));
    await founder.post("/api/task/create", {
      tenant: "acme-robotics",
      agent: agent.name,
      kind: "scan",
      payload: `{"task": "Scan it tonight"}`,
      not_before: ahead(90),
      priority: "3",
    });
    const page = await open(`/tasks?agent=${agent.name}`, { javaScriptEnabled });
    await expect(row(page, "Scan it tonight")).toHaveAttribute("data-state", "scheduled");
    await settled(page);
    await row(page, "Scan it tonight").getByRole("link").click();
    const head = page.getByTestId("task-head");
    await expect(head).toHaveAttribute("data-state", "scheduled");
    await expect(page.getByTestId("not-before")).toContainText(javaScriptEnabled ? "in 1 h" : "UTC");
    await settled(page);
    await expect(page.getByLabel("Priority")).toHaveValue("3");
    await page.getByLabel("Priority").fill("9");
    await page.getByRole("button", { name: "Change priority" }).click();
    await expect(page.getByRole("complementary", { name: "Facts" })).toContainText("Priority9");
    await settled(page);
    await picture(page, `task-scheduled-${javaScriptEnabled ? "js" : "plain"}`);
    const late = await open(page.url(), { javaScriptEnabled: false });

    await page.getByLabel("Reason").fill("Not needed any more");
    await page.getByRole("button", { name: "Cancel task" }).click();
    await expect(head).toHaveAttribute("data-state", "cancelled");
    await expect(page.getByTestId("closed")).toContainText("By Ada Lovelace");
    await expect(page.getByTestId("closed")).toContainText("Not needed any more");
    await expect(page.getByTestId("task-acts")).toHaveCount(0);
    await picture(page, `task-cancelled-${javaScriptEnabled ? "js" : "plain"}`);

    // Whoever still has the old page open changes nothing.
    await late.getByRole("button", { name: "Cancel task" }).click();
    await expect(late.getByTestId("task-head")).toHaveAttribute("data-state", "cancelled");
    await expect(late.getByTestId("closed")).toContainText("Not needed any more");
  });

  test(`an agent is paused with a reason and resumed, ${how} JavaScript`, async ({ founder, open, stock, faults }) => {
    faults.expect(/status of 422|answer 422/);
    const agent = await founder.agent(fresh("cso"));
    const page = await open(`/fleet/agents/${agent.name}`, { javaScriptEnabled });
    await settled(page);
    await page.getByLabel("Reason to pause it").fill(" ");
    await page.getByRole("button", { name: "Pause agent" }).click();
    await expect(page.getByTestId("form-error")).toContainText("Say why");
    await page.getByLabel("Reason to pause it").fill("The provider is down");
    await page.getByRole("button", { name: "Pause agent" }).click();
    await expect(page.getByTestId("paused")).toContainText("Paused by Ada Lovelace");
    await expect(page.getByTestId("paused")).toContainText("The provider is down");
    await settled(page);
    await picture(page, `agent-paused-${javaScriptEnabled ? "js" : "plain"}`);

    const other = await open("/fleet", { javaScriptEnabled });
    const line = other.locator(`[data-agent="${agent.name}"]`);
    await expect(line.getByTestId("agent-hold")).toHaveText("Paused");
    await other.goto(founder.home);
    await expect(other.getByTestId("card-paused")).toContainText(agent.name);

    await page.getByRole("button", { name: "Resume agent" }).click();
    await expect(page.getByTestId("paused")).toHaveCount(0);
    const bus = await stock(agent);
    await bus.task({ task: "After the pause" });
    (await bus.next()).ack();
  });
}

test("five bad ends in a row open the breaker, and a founder closes it", async ({ founder, open, stock }) => {
  const agent = await founder.agent(fresh("cso"));
  const bus = await stock(agent);
  const page = await open(`/fleet/agents/${agent.name}`);
  await live(page);
  const breaker = page.getByTestId("breaker");
  await expect(breaker).toHaveAttribute("data-state", "closed");
  for (let i = 1; i <= 5; i++) {
    await bus.task({ task: `Scan ${i}` });
    (await bus.next()).term("The scanner is broken");
  }
  await expect(breaker).toHaveAttribute("data-state", "open");
  await expect(breaker).toContainText("5 tasks in a row ended badly");
  await expect(breaker).toContainText("The scanner is broken");
  expect(await axe(page)).toEqual([]);
  await picture(page, "agent-breaker-open");
  const overview = await open("");
  await expect(overview.getByTestId("card-breakers")).toContainText(agent.name);
  await live(overview);
  await picture(overview, "overview-held");
  const fleet = await open("/fleet");
  await expect(fleet.locator(`[data-agent="${agent.name}"]`).getByTestId("agent-hold")).toHaveText("Breaker open");

  await page.getByRole("button", { name: "Close breaker" }).click();
  await expect(breaker).toHaveAttribute("data-state", "closed");
  await live(page);
  await page.getByRole("button", { name: "Open breaker" }).click();
  await expect(breaker).toHaveAttribute("data-state", "open");
  await expect(breaker).toContainText("Opened by hand.");
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";

  test(`a message in quarantine is mended into a task, and another is dismissed, ${how} JavaScript`, async ({
    founder,
    open,
    stock,
    faults,
  }) => {
    faults.expect(/status of 422|answer 422/);
    const agent = await founder.agent(fresh("cso"));
    const bus = await stock(agent);
    await bus.task(`{"task": "Cut off"`);
    await bus.task(`not even close`);
    await founder.reads("/quarantine", (html) => html.split(`tasks.${agent.name}.`).length > 2);
    const page = await open("/quarantine", { javaScriptEnabled });
    if (javaScriptEnabled) await live(page);
    const kept = (text) => page.getByTestId("quarantine-row").filter({ hasText: agent.name }).filter({ hasText: text });
    await kept("Cut off").locator("summary").click();
    const mend = kept("Cut off").getByTestId(/^requeue-/);
    await expect(mend.getByLabel("Agent")).toHaveValue(agent.name);
    await expect(mend.getByLabel("Kind")).toHaveValue("security_scan");
    await expect(mend.getByLabel("Mended payload")).toHaveValue(`{"task": "Cut off"`);
    await picture(page, `quarantine-open-${javaScriptEnabled ? "js" : "plain"}`);
    await mend.getByLabel("Mended payload").fill(`{"task": "Mended`);
    await page.getByRole("button", { name: "Requeue message" }).first().click();
    await expect(kept("Cut off").getByTestId("form-error")).toContainText("This is not JSON");
    await expect(mend.getByLabel("Mended payload")).toHaveValue(`{"task": "Mended`);
    if (javaScriptEnabled) {
      // Another message does not take away what is being written.
      await live(page);
      await mend.getByLabel("Mended payload").fill(`{"task": "Mended and more`);
      await bus.task("a third");
      await expect(kept("a third")).toHaveCount(1);
      await expect(mend.getByLabel("Mended payload")).toHaveValue(`{"task": "Mended and more`);
    }
    await mend.getByLabel("Mended payload").fill(`{"task": "Mended"}`);
    await mend.getByRole("button", { name: "Requeue message" }).click();
    await expect(page.getByTestId("task-head")).toContainText("Mended");
    (await bus.next()).ack();

    await page.goto(`${founder.home}/quarantine`);
    if (javaScriptEnabled) await live(page);
    await expect(kept("Cut off")).toHaveCount(0);
    await kept("not even close").locator("summary").click();
    await kept("not even close").getByLabel("Why nothing is to be done").fill("A test of the cables");
    await kept("not even close").getByRole("button", { name: "Dismiss message" }).click();
    await expect(page).toHaveURL(`${founder.home}/quarantine`);
    await expect(kept("not even close")).toHaveCount(0);
  });
}
