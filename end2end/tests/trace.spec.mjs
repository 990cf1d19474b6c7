import { axe, expect, fresh, live, picture, test } from "../support/test.mjs";

/** A piece of work that goes through three agents: one task done, one handed back and then done, one open. */
async function work(founder, stock, trace) {
  const [cto, backend, frontend] = [fresh("cto"), fresh("backend"), fresh("frontend")];
  const buses = {};
  for (const name of [backend, frontend]) buses[name] = await stock(await founder.agent(name));
  buses[cto] = await stock(await founder.agent(cto, `${backend}, ${frontend}`));
  const give = async (to, task, kind) => {
    const from = buses[cto];
    const own = from.agent;
    from.agent = { ...own, name: to };
    await from.task({ task, correlation_id: trace }, { kind });
    from.agent = own;
  };
  await buses[cto].event("plan.made", { note: "Two steps", correlation_id: trace });
  await give(backend, "Build the endpoint", "build");
  let message = await buses[backend].next();
  await buses[backend].event("task.started", { stream_seq: message.info.streamSequence, attempt: 1, correlation_id: trace });
  message.nak();
  message = await buses[backend].next();
  await buses[backend].event("usage.reported", { usd: 0.42, stream_seq: message.info.streamSequence, attempt: 2, correlation_id: trace });
  message.ack();
  await give(frontend, "Build the view", "build");
  await buses[frontend].event("code.changed", { repo: "acme/console", correlation_id: trace });
  return { cto, backend, frontend, buses };
}

test("a trace shows every task and event of one piece of work, across agents, as it goes on", async ({ founder, open, stock }) => {
  const trace = `${fresh("sprint")}/41 é?#50%`;
  const { cto, backend, frontend, buses } = await work(founder, stock, trace);
  await founder.reads(`/traces/${encodeURIComponent(trace)}`, (html) => html.includes("code.changed") && html.includes("0.42"));
  const page = await open(`/traces/${encodeURIComponent(trace)}`);
  await live(page);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(trace);
  await expect(page).toHaveTitle(`Trace ${trace} · Acme Robotics · Countersign`);
  const figures = page.getByTestId("trace-figures");
  await expect(figures).toContainText("Tasks2");
  await expect(figures).toContainText("1 open");
  await expect(figures).toContainText("$0.42");
  for (const name of [cto, backend, frontend]) await expect(figures).toContainText(name);
  await expect(page.getByTestId("trace-head")).toContainText("Under way");
  const tasks = page.getByTestId("trace-task");
  await expect(tasks).toHaveCount(2);
  await expect(tasks.first()).toContainText("Build the endpoint");
  await expect(tasks.first()).toContainText("Returned");
  await expect(page.getByTestId("trace-event").first()).toContainText(`events.${cto}.plan.made`);
  await expect(page.locator("figure.trace text")).toHaveText([cto, backend, frontend]);
  expect(await axe(page)).toEqual([]);
  await picture(page, "trace");

  // It goes on while it is read.
  (await buses[frontend].next()).ack();
  await expect(page.getByTestId("trace-head")).toContainText("Ended");
  await expect(tasks.nth(1)).toHaveAttribute("data-state", "succeeded");

  // From a task to its trace and back.
  await tasks.first().getByRole("link").click();
  await expect(page.getByTestId("task-head")).toContainText("Build the endpoint");
  await page.getByTestId("trace-link").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(trace);
  await live(page);
  await page.getByRole("link", { name: "Its tasks as a list" }).click();
  await expect(page.getByTestId("task-row")).toHaveCount(2);
  await page.getByTestId("to-trace").click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(trace);
});

test("a trace is read without JavaScript, and one that is nobody's is not there", async ({ founder, open, stock, faults }) => {
  faults.expect(/404/);
  const trace = fresh("sprint");
  const { backend } = await work(founder, stock, trace);
  await founder.reads(`/traces/${trace}`, (html) => html.includes("code.changed"));
  const page = await open(`/traces/${trace}`, { javaScriptEnabled: false });
  await expect(page.getByTestId("trace-task")).toHaveCount(2);
  await expect(page.getByTestId("trace-figures")).toContainText(backend);
  await picture(page, "trace-plain");
  await page.goto(`${founder.home}/traces/${trace}-nobody`);
  await expect(page.getByText("There is nothing here")).toBeVisible();
});

test("a founder's decisions stand in the trace as their own word, as they are made", async ({ founder, open, stock }) => {
  const trace = fresh("sprint");
  const agent = await founder.agent(fresh("cso"));
  const bus = await stock(agent);
  await bus.fails({ task: "Scan the manifest", correlation_id: trace }, "It has no “id”");
  await founder.reads(`/dead-letters?agent=${agent.name}`, (html) => html.includes(">1 letter"));
  const page = await open(`/traces/${trace}`);
  await live(page);
  const decisions = page.getByTestId("trace-decision");
  await expect(page.getByTestId("trace-task")).toHaveCount(1);
  await expect(decisions).toHaveCount(0);

  const letter = (await page.getByTestId("trace-task").getByRole("link").getAttribute("href")).split("/").at(-1);
  await founder.post("/api/letter/dismiss", { tenant: "acme-robotics", id: letter, reason: "The manifest is <b>gone</b>" });
  await expect(decisions).toHaveCount(1);
  await expect(decisions).toContainText("Ada Lovelace");
  await expect(decisions).toContainText("dismissed “Scan the manifest”");
  await expect(decisions).toContainText("The manifest is <b>gone</b>");
  await founder.post("/api/task/create", {
    tenant: "acme-robotics",
    agent: agent.name,
    kind: "security_scan",
    payload: JSON.stringify({ task: "Scan the other one" }),
    correlation_id: trace,
  });
  await expect(decisions).toHaveCount(2);
  await expect(decisions.nth(1)).toContainText("created the task “Scan the other one”");
  await expect(page.locator("figure.trace text").first()).toHaveText("Decisions");
  await expect(page.getByTestId("trace-figures")).toContainText("Decisions2");
  expect(await axe(page)).toEqual([]);
  await picture(page, "trace-decisions");

  // What the journal says of it.
  await decisions.first().getByRole("link", { name: /^entry [\d,]+$/ }).click();
  await expect(page.getByTestId("journal-entry")).toContainText("letter.dismissed");
  await expect(page.getByTestId("journal-entry")).toContainText(letter);
  await live(page);
  expect(await axe(page)).toEqual([]);
  await picture(page, "journal-entry");
});

test("a trace of more than 200 steps is read page by page", async ({ founder, open, stock, faults }) => {
  faults.expect(/404/);
  const trace = `${fresh("sprint")} é?#50%`;
  const agent = await founder.agent(fresh("cso"));
  const bus = await stock(agent);
  for (let i = 1; i <= 230; i++) await bus.event("noted", { note: `Note ${i}`, correlation_id: trace });
  await founder.reads(`/traces/${encodeURIComponent(trace)}`, (html) => html.includes("200 of 230 steps"));
  const page = await open(`/traces/${encodeURIComponent(trace)}`);
  await live(page);
  const events = page.getByTestId("trace-event");
  await expect(events).toHaveCount(200);
  await expect(events.first()).toContainText("Note 1");
  await page.getByRole("link", { name: "Show the next 200" }).click();
  await expect(events).toHaveCount(30);
  await expect(events.last()).toContainText("Note 230");
  await live(page);
  await picture(page, "trace-last-page");
  await page.getByRole("link", { name: "Show the first 200" }).click();
  await expect(events).toHaveCount(200);
});
