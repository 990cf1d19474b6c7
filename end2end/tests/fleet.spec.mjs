import { mkdtempSync, writeFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { Founder } from "../support/founder.mjs";
import { expect, fresh, live, picture, test } from "../support/test.mjs";

test("an agent is created by name, and bad names say why", async ({ founder, open, faults }) => {
  faults.expect(/status of (409|422)|answer (409|422)/);
  const page = await open("/fleet/new");
  await live(page);
  const create = async (name) => {
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByRole("button", { name: "Create agent" }).click();
  };
  const refusals = [
    ["founder", "“founder” is reserved"],
    ["Big Agent", "Start with a letter a to z"],
    ["a".repeat(33), "Keep the name to 32 characters."],
  ];
  for (const [name, why] of refusals) {
    await create(name);
    await expect(page.getByTestId("field-error")).toContainText(why);
    await expect(page.getByLabel("Name", { exact: true })).toHaveAttribute("aria-invalid", "true");
  }
  await picture(page, "new-agent-refused");

  const name = fresh("devops");
  await create(name);
  // It leads to the review of the small role file that was written for it: the agent cannot connect before.
  await expect(page).toHaveURL(new RegExp(`^${founder.home}/reviews/[0-9a-f-]{36}$`));
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  await expect(page.getByTestId("review-head")).toHaveAttribute("data-state", "open");
  await page.getByRole("link", { name, exact: true }).first().click();
  await expect(page).toHaveURL(`${founder.home}/fleet/agents/${name}`);
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  await expect(page.getByTestId("agent-figures")).toContainText("Never connected");
  await expect(page.getByTestId("issue-not-approved")).toContainText("none of this agent is approved");
  await expect(page.getByTestId("issue-credential")).toHaveCount(0);
  await expect(page.getByTestId("may-publish")).toContainText(`tasks.${name}.>`);
  await picture(page, "agent-new");

  await page.goto(`${founder.home}/fleet/new`);
  await live(page);
  await create(name);
  await expect(page.getByTestId("field-error").or(page.getByTestId("form-error"))).toContainText(/already|taken|exists/);
});

test("a downloaded credential lets the Python example publish as it stands, and revoking it ends that at once", async ({
  server,
  founder,
  open,
  example,
}) => {
  const name = fresh("cso");
  await founder.approve(await founder.create(name));
  const page = await open(`/fleet/agents/${name}`);
  await live(page);
  await page.getByText("24 hours").click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByTestId("issue-credential").click(),
  ]);
  expect(download.suggestedFilename()).toBe(`${name}.creds`);
  const creds = join(server.dir, download.suggestedFilename());
  await download.saveAs(creds);
  const agent = { name, creds, server: server.bus };
  // The page that issued it shows it, without a reload.
  await expect(page.getByTestId("credential-row")).toHaveCount(1);
  await expect(page.getByTestId("credential-row")).toContainText("Live");

  const publish = example("python", "publish", agent);
  await publish.says(/^stored as \d+, trace scan-/);
  await publish.ends();
  await expect(page.getByTestId("task-row")).toHaveCount(1);

  const worker = example("python", "worker", agent);
  await worker.says(/waits for tasks/);
  await expect(page.getByTestId("agent-figures")).toContainText("Connected");
  await expect(page.getByTestId("task-row")).toHaveAttribute("data-state", "succeeded");
  await picture(page, "agent");

  const clicked = Date.now();
  await page.getByRole("button", { name: "Revoke credential" }).click();
  await worker.exited;
  expect(worker.text).toContain("Has the credential been revoked?");
  expect(worker.text).not.toContain("Traceback");
  console.log(`      revoked: the worker ended ${worker.over.at - clicked} ms after the click`);
  expect(worker.over.at - clicked).toBeLessThan(5_000);
  await expect(page.getByTestId("credential-row")).toContainText("Revoked");
  await expect(page.getByRole("button", { name: "Revoke credential" })).toHaveCount(0);
  await expect(page.getByTestId("agent-figures")).not.toContainText("Connected");
  await picture(page, "agent-revoked");

  const refused = example("node", "publish", agent);
  expect(await refused.exited).not.toBe(0);
});

test("the whole program on an agent's page works as it is written there", async ({ server, founder, open, example }) => {
  const agent = await founder.agent(fresh("cso"));
  const page = await open(`/fleet/agents/${agent.name}`);
  await live(page);
  await page.getByText("Without the examples: a whole program").click();
  const folder = mkdtempSync(join(server.dir, "program-"));
  await copyFile(agent.creds, join(folder, `${agent.name}.creds`));
  writeFileSync(join(folder, "hello.py"), await page.locator("pre").filter({ hasText: "import asyncio" }).innerText());
  const program = example("script", join(folder, "hello.py"));
  await program.says(/^Stored as message \d+/);
  await program.ends();
  await expect(page.getByTestId("task-row")).toContainText("Say hello to the founder");
});

test("an agent whose client is killed is lost on the open Fleet and Overview, without a reload", async ({ founder, open, example }) => {
  const agent = await founder.agent(fresh("accounts"));
  const pages = { fleet: await open("/fleet"), overview: await open("") };
  for (const page of Object.values(pages)) {
    await live(page);
    await page.evaluate(() => (window.kept = true));
  }
  const row = pages.fleet.locator(`[data-agent="${agent.name}"]`);
  await expect(row).toHaveAttribute("data-connection", "Never connected");
  const worker = example("python", "worker", agent);
  await worker.says(/waits for tasks/);
  await expect(row).toHaveAttribute("data-connection", "Connected");
  const lost = pages.overview.getByTestId("card-lost").filter({ hasText: agent.name });
  await expect(lost).toHaveCount(0);

  // No goodbye: the process is gone from one moment to the next.
  const killed = Date.now();
  worker.process.kill("SIGKILL");
  await expect(row).toHaveAttribute("data-connection", "Lost");
  await expect(lost).toHaveCount(1);
  console.log(`      killed: lost on both pages after ${Date.now() - killed} ms`);
  for (const page of Object.values(pages)) {
    const fleet = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Fleet" });
    await expect(fleet).toContainText(/\d+ lost/);
    expect(await page.evaluate(() => window.kept)).toBe(true);
  }
  await picture(pages.fleet, "fleet-lost");

  // Back again, it is not lost any more.
  const second = example("python", "worker", agent);
  await second.says(/waits for tasks/);
  await expect(row).toHaveAttribute("data-connection", "Connected");
  await expect(lost).toHaveCount(0);
});

test("the empty fleet says what to do, and its first agent appears in its place by itself", async ({ ownServer, open }) => {
  const founder = await Founder.alone(ownServer);
  const page = await open("/fleet", { founder });
  await live(page);
  await expect(page.getByTestId("connect-steps")).toBeVisible();
  await expect(page.getByRole("table")).toBeHidden();
  await picture(page, "fleet-empty");
  await founder.agent("cso");
  await expect(page.getByTestId("agent-row")).toHaveCount(1);
  await expect(page.getByTestId("connect-steps")).toHaveCount(0);
});

test("a clock that is off is told in Fleet and on the agent's page", async ({ founder, open, stock }) => {
  const agent = await founder.agent(fresh("cso"));
  const bus = await stock(agent);
  await bus.event("heartbeat", { timestamp: new Date(Date.now() + 6 * 60_000).toISOString() });
  const page = await open("/fleet");
  await live(page);
  const row = page.locator(`[data-agent="${agent.name}"]`);
  await expect(row.getByTestId("agent-clock")).toHaveText("Its clock is 6 min ahead");
  await picture(page, "fleet-clock");
  const own = await open(`/fleet/agents/${agent.name}`);
  await live(own);
  await expect(own.getByTestId("clock-skew")).toContainText("Its clock is 6 min ahead");
  await picture(own, "agent-clock");
  await bus.event("heartbeat", { timestamp: Date.now() });
  await expect(own.getByTestId("clock-skew")).toHaveCount(0);
  await expect(row.getByTestId("agent-clock")).toHaveCount(0);
});
