import { expect, fresh, live, picture, test } from "../support/test.mjs";
import { ACK_WAIT_S } from "../support/server.mjs";

/** The console promises a task on the open page within this. */
const PROMISE_MS = 500;

/** Notes when each task's row first stood on the page. */
async function note(page) {
  await page.evaluate(() => {
    window.arrivals = {};
    window.kept = true;
    const look = () => {
      for (const row of document.querySelectorAll("[data-testid=task-row]")) window.arrivals[row.dataset.taskId] ??= Date.now();
    };
    look();
    window.before = new Set(Object.keys(window.arrivals));
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  });
}

/** The moments at which new rows came, in order. */
async function arrivals(page, count) {
  await page.waitForFunction((n) => Object.keys(window.arrivals).length - window.before.size >= n, count);
  return page.evaluate(() =>
    Object.entries(window.arrivals)
      .filter(([id]) => !window.before.has(id))
      .map(([, at]) => at)
      .sort((a, b) => a - b),
  );
}

function share(sorted, part) {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)];
}

for (const language of ["python", "node"]) {
  test(`a task of the ${language} example is on the open pages at once, and its worker's answer too`, async ({
    founder,
    open,
    example,
  }) => {
    const agent = await founder.agent(fresh("cso"));
    const tasks = await open(`/tasks?agent=${agent.name}`);
    const overview = await open("");
    for (const page of [tasks, overview]) {
      await live(page);
      await note(page);
    }

    const publish = example(language, "publish", agent);
    const [, trace, sentAt] = await publish.says(/trace (\S+), sent at (\d+)$/);
    await publish.ends();
    for (const [name, page] of Object.entries({ tasks, overview })) {
      const [at] = await arrivals(page, 1);
      console.log(`      ${language}: on ${name} ${at - sentAt} ms after the publish`);
      expect(at - sentAt).toBeLessThan(PROMISE_MS);
    }
    const row = tasks.getByTestId("task-row");
    await expect(row).toHaveCount(1);
    await expect(row).toHaveAttribute("data-state", "queued");

    const worker = example(language, "worker", agent, ["--max", "1"]);
    await worker.ends();
    await expect(row).toHaveAttribute("data-state", "succeeded");
    await expect(row).toContainText("$0.0123");
    for (const page of [tasks, overview]) expect(await page.evaluate(() => window.kept)).toBe(true);

    await row.getByRole("link").click();
    await expect(tasks.getByTestId("task-head")).toHaveAttribute("data-state", "succeeded");
    await expect(tasks.getByTestId("attempt-row")).toHaveCount(1);
    await expect(tasks.getByRole("main")).toContainText(trace);
    await expect(tasks.getByRole("main")).toContainText(`events.${agent.name}.usage.reported`);
    await picture(tasks, `task-succeeded-${language}`);
  });
}

test("twenty tasks each reach the open Tasks page and Overview in time", async ({ founder, open, stock }) => {
  const agent = await founder.agent(fresh("cso"));
  const bus = await stock(agent);
  const pages = { tasks: await open(`/tasks?agent=${agent.name}`), overview: await open("") };
  for (const page of Object.values(pages)) {
    await live(page);
    await note(page);
  }
  const sent = [];
  for (let i = 1; i <= 20; i++) {
    sent.push(Date.now());
    await bus.task({ task: `Probe ${i}`, correlation_id: "probe" });
    // Each is waited for, so that no two share a fetch; then they fall into any phase of its pace.
    for (const page of Object.values(pages)) await arrivals(page, Math.min(i, 8));
    await new Promise((later) => setTimeout(later, (i * 37) % 300));
  }
  for (const [name, page] of Object.entries(pages)) {
    const at = await arrivals(page, 20);
    const took = sent.map((moment, i) => at[i] - moment).sort((a, b) => a - b);
    console.log(`      on ${name}, ms after the publish: p50 ${share(took, 0.5)}, p99 ${share(took, 0.99)} of ${took.length}`);
    expect(share(took, 0.99)).toBeLessThan(PROMISE_MS);
  }
});

test("a worker that dies in the middle leaves its task to the next, and the page shows both attempts", async ({
  founder,
  open,
  example,
}) => {
  const agent = await founder.agent(fresh("cso"));
  await example("python", "publish", agent).ends();
  const page = await open(`/tasks?agent=${agent.name}`);
  await live(page);
  await page.getByTestId("task-row").getByRole("link").click();
  await expect(page.getByTestId("task-head")).toHaveAttribute("data-state", "queued");

  await example("python", "worker", agent, ["--mode", "die"]).ends(1);
  await expect(page.getByTestId("task-head")).toHaveAttribute("data-state", "running");
  const second = example("python", "worker", agent, ["--max", "1"]);
  await second.says(/attempt 2/);
  await second.ends();
  await expect(page.getByTestId("task-head")).toHaveAttribute("data-state", "succeeded", { timeout: ACK_WAIT_S * 2_000 });
  const attempts = page.getByTestId("attempt-row");
  await expect(attempts).toHaveCount(2);
  await expect(attempts.nth(0)).toHaveAttribute("data-outcome", "no_answer");
  await expect(attempts.nth(1)).toHaveAttribute("data-outcome", "succeeded");
  await picture(page, "task-second-attempt");
  // What has ended is over, and lies in the past.
  await expect.soft(attempts.nth(0)).not.toContainText("open");
  await expect.soft(page.getByRole("main")).not.toContainText("in under a minute");
});

test("a task returned five times is dead, with the reason of each attempt", async ({ founder, open, example }) => {
  const agent = await founder.agent(fresh("backend"));
  const page = await open(`/tasks?agent=${agent.name}`);
  await live(page);
  await example("python", "publish", agent).ends();
  const row = page.getByTestId("task-row");
  await expect(row).toHaveCount(1);
  example("python", "worker", agent, ["--mode", "nak", "--nak-delay", "0"]);
  await expect(row).toHaveAttribute("data-state", "dead", { timeout: 20_000 });
  await expect(row).toContainText("the scanner has no rules for acme/console (attempt 5)");
  await row.getByRole("link").click();
  const attempts = page.getByTestId("attempt-row");
  await expect(attempts).toHaveCount(5);
  for (let n = 1; n <= 5; n++) {
    await expect(attempts.nth(n - 1)).toContainText(`the scanner has no rules for acme/console (attempt ${n})`);
  }
  await expect(page.getByTestId("task-head")).toContainText("it waits for you");
  await picture(page, "task-dead");

  await page.goto(founder.home);
  await expect(page.getByTestId("card-waiting")).not.toHaveAttribute("data-count", "0");
  await live(page);
  await picture(page, "overview-waiting");
});

for (const language of ["python", "node"]) {
  for (const mode of ["fail", "term"]) {
    test(`the ${language} worker's ${mode} gives a task up for good, with its reason`, async ({ founder, open, example }) => {
      const agent = await founder.agent(fresh("marketing"));
      const page = await open(`/tasks?agent=${agent.name}`);
      await live(page);
      await example(language, "publish", agent).ends();
      await example(language, "worker", agent, ["--mode", mode, "--max", "1"]).ends();
      const row = page.getByTestId("task-row");
      await expect(row).toHaveAttribute("data-state", "failed");
      await expect(row).toContainText("the scanner has no rules for acme/console (attempt 1)");
    });
  }
}

test("a task for nobody is undeliverable and waits for the founder", async ({ server, founder, open, stock }) => {
  // Only an agent whose delegate does not exist can send one.
  const name = fresh("ceo");
  const bus = await stock(await founder.agent(name, `${name}-ghost`));
  const page = await open(`/tasks?agent=${name}-ghost`);
  await live(page);
  bus.agent = { ...bus.agent, name: `${name}-ghost` };
  await bus.task({ task: "Anybody there?" });
  await expect(page.getByTestId("task-row")).toHaveAttribute("data-state", "undeliverable");
  expect(server.process.exitCode).toBeNull();
});
