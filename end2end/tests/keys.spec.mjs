import { axe, expect, fresh, live, picture, test } from "../support/test.mjs";

test("the console can be walked by keys alone", async ({ founder, open, stock }) => {
  const agent = await founder.agent(fresh("cso"));
  const bus = await stock(agent);
  for (const title of ["First", "Second", "Third"]) await bus.task({ task: title });
  const page = await open("");
  await live(page);

  await page.keyboard.press("?");
  const sheet = page.getByRole("dialog", { name: "Keys" });
  await expect(sheet).toBeVisible();
  await page.screenshot({ path: "pictures/keys.png" });
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();

  for (const [key, path, heading] of [
    ["t", "/tasks", "Tasks"],
    ["r", "/reviews", "Reviews"],
    ["d", "/dead-letters", "Dead letters"],
    ["f", "/fleet", "Fleet"],
    ["q", "/quarantine", "Quarantine"],
    ["o", "", "Overview"],
  ]) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await expect(page).toHaveURL(founder.home + path);
    await expect(page.getByRole("heading", { name: heading, level: 1 })).toBeVisible();
    await expect(page).toHaveTitle(`${heading} · Acme Robotics · Countersign`);
  }

  await page.goto(`${founder.home}/tasks?agent=${agent.name}`);
  await live(page);
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  for (const [key, title] of [["j", "Third"], ["j", "Second"], ["j", "First"], ["j", "First"], ["k", "Second"]]) {
    await page.keyboard.press(key);
    expect(await focused()).toBe(title);
  }
  await picture(page, "tasks-row-focused");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("task-head")).toContainText("Second");

  // Keys are inert while one types.
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await expect(page.getByRole("search")).toBeVisible();
  await page.keyboard.press("/");
  await page.keyboard.type("gt?j");
  await expect(page.getByPlaceholder("Search payload, kind or reason")).toHaveValue("gt?j");
  await expect(sheet).toBeHidden();
});

test("single-letter keys can be switched off", async ({ founder, open }) => {
  const page = await open("/fleet");
  await live(page);
  await page.getByRole("button", { name: "Show keys" }).click();
  await page.getByLabel("Use single-letter keys in this browser").uncheck();
  await page.getByRole("button", { name: "Close" }).click();
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page).toHaveURL(`${founder.home}/fleet`);
});

test("the theme is chosen by hand and kept", async ({ open }) => {
  const page = await open("");
  await live(page);
  const root = page.locator("html");
  await expect(root).not.toHaveAttribute("data-theme");
  for (const theme of ["light", "dark"]) {
    await page.keyboard.press("t");
    await page.keyboard.press("l");
    await expect(root).toHaveAttribute("data-theme", theme);
  }
  await page.reload();
  await expect(root).toHaveAttribute("data-theme", "dark");
});
