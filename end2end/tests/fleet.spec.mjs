import { mkdtempSync, writeFileSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
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
  await expect(page).toHaveURL(`${founder.home}/fleet/agents/${name}`);
  await expect(page.getByRole("heading", { name, level: 1 })).toBeVisible();
  await expect(page.getByTestId("agent-figures")).toContainText("Never connected");
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
  await founder.post("/api/agent/create", { tenant: "acme-robotics", name, delegates_to: "" });
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
