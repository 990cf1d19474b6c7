import { expect, fresh, live, picture, row, test } from "../support/test.mjs";

/** Tasks in several states: what the filters have to tell apart. */
async function someTasks(founder, stock) {
  const agent = await founder.agent(fresh("frontend"));
  const bus = await stock(agent);
  await bus.task({ task: "Port the header", correlation_id: `${agent.name}-a` });
  (await bus.next()).ack();
  await bus.task({ task: "Port the footer", correlation_id: `${agent.name}-a` }, { kind: "port" });
  (await bus.next()).term("the footer is gone");
  await bus.task({ task: "Draw a zebra", correlation_id: `${agent.name}-b` });
  return agent;
}

for (const javaScriptEnabled of [true, false]) {
  test(`the address filters the list, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async ({ founder, open, stock }) => {
    const agent = await someTasks(founder, stock);
    const page = await open(`/tasks?agent=${agent.name}`, { javaScriptEnabled });
    const shows = async (query, titles) => {
      await expect(async () => {
        await page.goto(`${founder.home}/tasks?agent=${agent.name}&${query}`);
        await expect(page.getByTestId("task-count")).toHaveText(titles.length === 1 ? "1 task" : `${titles.length} tasks`, { timeout: 500 });
      }).toPass();
      for (const title of titles) await expect(row(page, title)).toBeVisible();
    };
    await shows("", ["Draw a zebra", "Port the footer", "Port the header"]);
    await shows("state=failed", ["Port the footer"]);
    await shows("state=failed&state=queued", ["Draw a zebra", "Port the footer"]);
    await shows("text=zebra", ["Draw a zebra"]);
    await shows("text=footer+is+gone", ["Port the footer"]);
    await shows(`trace=${agent.name}-a`, ["Port the footer", "Port the header"]);
    await shows("kind=port", ["Port the footer"]);
    await shows("from=now-1h", ["Draw a zebra", "Port the footer", "Port the header"]);
    await shows("to=now-1h", []);
    await expect(page.getByText("No task matches")).toBeVisible();
    await picture(page, `tasks-no-match-${javaScriptEnabled ? "js" : "plain"}`);

    // The form says the same as the address.
    await page.goto(`${founder.home}/tasks`);
    if (javaScriptEnabled) await live(page);
    await page.getByRole("combobox", { name: "Agent" }).selectOption(agent.name);
    if (!javaScriptEnabled) await page.getByRole("button", { name: "Filter tasks" }).click();
    await expect(page).toHaveURL(new RegExp(`agent=${agent.name}`));
    await page.getByRole("search").getByText("Failed", { exact: true }).click();
    if (!javaScriptEnabled) await page.getByRole("button", { name: "Filter tasks" }).click();
    await expect(page).toHaveURL(/state=failed/);
    await expect(page.getByTestId("task-row")).toHaveCount(1);
    await expect(row(page, "Port the footer")).toBeVisible();
    await page.getByPlaceholder("Search payload, kind or reason").fill("zebra");
    await page.keyboard.press("Enter");
    await expect(page.getByText("No task matches")).toBeVisible();
    await page.getByRole("link", { name: "Clear the filter" }).click();
    await expect(page).toHaveURL(`${founder.home}/tasks`);
    await expect(page.getByRole("search").getByText("Failed", { exact: true }).locator("input")).not.toBeChecked();
  });
}

test("120 tasks are paged, older and back to the newest, each exactly once", async ({ founder, open, stock }) => {
  const agent = await founder.agent(fresh("backend"));
  const bus = await stock(agent);
  for (let i = 1; i <= 120; i++) await bus.task({ task: `Step ${i}` });
  const page = await open(`/tasks?agent=${agent.name}`);
  await expect(page.getByTestId("task-count")).toHaveText("120 tasks");
  await live(page);
  const titles = () => page.getByTestId("task-row").locator("a.row-link").allInnerTexts();
  const turn = async (word) => {
    const [before] = await titles();
    await page.getByRole("link", { name: word, exact: true }).click();
    await expect(page.getByTestId("task-row").locator("a.row-link").first()).not.toHaveText(before);
  };
  const seen = await titles();
  const [size, addresses] = [seen.length, [page.url()]];
  await picture(page, "tasks-first-page");
  while (await page.getByRole("link", { name: "Older", exact: true }).count()) {
    await turn("Older");
    seen.push(...(await titles()));
    addresses.push(page.url());
  }
  const number = (title) => Number(title.split(" ")[1]);
  expect(seen.map(number).sort((a, b) => b - a)).toEqual(Array.from({ length: 120 }, (_, i) => 120 - i));
  // Newest first; tasks of the same millisecond have no order.
  for (const [i, title] of seen.entries()) expect(Math.abs(number(title) - (120 - i))).toBeLessThan(4);
  await picture(page, "tasks-last-page");

  while (await page.getByRole("link", { name: "Newer", exact: true }).count()) await turn("Newer");
  expect((await titles()).slice(0, size)).toEqual(seen.slice(0, size));

  // A page of the list can be opened by its address.
  const copy = await open(addresses[1]);
  expect(await copy.getByTestId("task-row").locator("a.row-link").allInnerTexts()).toEqual(seen.slice(size, 2 * size));
});

test("new tasks do not move what is being read: a pill counts them", async ({ founder, open, stock }) => {
  const agent = await founder.agent(fresh("cto"));
  const bus = await stock(agent);
  for (let i = 1; i <= 40; i++) await bus.task({ task: `Step ${i}` });
  const page = await open(`/tasks?agent=${agent.name}`);
  await live(page);
  await expect(page.getByTestId("task-count")).toHaveText("40 tasks");
  await page.mouse.wheel(0, 700);
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(300);
  const place = () => row(page, "Step 12").evaluate((element) => element.getBoundingClientRect().top);
  const before = await place();
  for (let i = 41; i <= 43; i++) await bus.task({ task: `Step ${i}` });
  await expect(page.getByTestId("new-pill")).toContainText("3 new");
  expect(await place()).toBe(before);
  await page.screenshot({ path: "pictures/tasks-new-pill.png" });

  // A row that is shown changes in its place.
  const element = await row(page, "Step 1").elementHandle();
  (await bus.next()).ack();
  await expect(row(page, "Step 1")).toHaveAttribute("data-state", "succeeded");
  expect(await element.evaluate((kept) => kept.isConnected)).toBe(true);
  await page.keyboard.press(".");
  await expect(page.getByTestId("new-pill")).toHaveCount(0);
  await expect(row(page, "Step 43")).toBeInViewport();
});
