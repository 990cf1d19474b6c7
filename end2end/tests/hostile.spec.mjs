import { expect, fresh, live, picture, test } from "../support/test.mjs";

const SCRIPT = "<script>alert('title')</script>";
const IMAGE = "<img src=x onerror=alert(1)>";
const BIDI = "\u202Egnp.elif\u2066";

test("a hostile task is shown as the text that it is", async ({ founder, open, stock }) => {
  const agent = await founder.agent(fresh("cso"));
  const bus = await stock(agent);
  const page = await open(`/tasks?agent=${agent.name}`);
  await live(page);
  await bus.task(
    { task: SCRIPT + BIDI, repo: IMAGE, correlation_id: `</code>${IMAGE}`, deep: { "</pre><script>alert(2)</script>": "javascript:alert(3)" } },
    { with: { "X-Evil": IMAGE, "Countersign-Sender": SCRIPT } },
  );
  const row = page.getByTestId("task-row");
  await expect(row).toContainText(SCRIPT);
  const message = await bus.next();
  await bus.event("task.failed", { stream_seq: message.info.streamSequence, attempt: 1, reason: IMAGE + BIDI });
  message.term();
  await expect(row).toContainText(IMAGE);
  await picture(page, "tasks-hostile");

  await row.getByRole("link").click();
  await expect(page.getByTestId("task-head")).toContainText(SCRIPT);
  await expect(page.locator("pre.payload")).toContainText(IMAGE);
  await expect(page.getByRole("main")).toContainText("\\u{202e}");
  await page.reload();
  await live(page);
  await expect(page.getByTestId("task-head")).toContainText(SCRIPT);
  // Nothing of it became an element, and nothing invisible turned text around.
  expect(await page.locator("img").count()).toBe(0);
  expect(await page.locator("main script").count()).toBe(0);
  await picture(page, "task-hostile");
  expect(await page.getByRole("main").innerText()).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
});

test("a message that is no task is kept in quarantine, with the reason", async ({ founder, open, stock }) => {
  const agent = await founder.agent(fresh("cso"));
  const bus = await stock(agent);
  const page = await open("/quarantine");
  await live(page);
  await bus.task(`{"task": ${IMAGE}`);
  const kept = page.getByTestId("quarantine-row").filter({ hasText: `tasks.${agent.name}.security_scan` });
  await expect(kept).toContainText("not JSON");
  await kept.locator("summary").click();
  await expect(kept.locator("pre.payload")).toContainText(IMAGE);
  await picture(page, "quarantine");
  // It did not stop what came after it.
  await bus.task({ task: "After the broken one" });
  await page.goto(`${founder.home}/tasks?agent=${agent.name}`);
  await expect(page.getByTestId("task-row")).toContainText("After the broken one");
});
