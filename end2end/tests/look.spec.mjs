import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { axe, expect, fresh, live, picture, test } from "../support/test.mjs";
import { Workspace } from "../support/workspace.mjs";

// Many pages: shared out among the workers, each with the time that so many take.
test.describe.configure({ mode: "parallel", timeout: 180_000 });

/** A role file in which the rules find much. */
const golden = readFileSync(resolve(import.meta.dirname, "../../crates/role/tests/golden/overbroad.yaml"), "utf8");

/** Every page of the console, with something on it. */
async function pages(server, founder, stock) {
  const agent = await founder.agent(fresh("cso"));
  await founder.agent(fresh("security-and-compliance"));
  const bus = await stock(agent);
  await bus.event("heartbeat", {});
  for (let i = 1; i <= 12; i++) {
    await bus.task({
      task: i % 3 ? `Scan the repository for leaked secrets, part ${i}` : `Compare_${"a-very-long-word-".repeat(8)}${i}`,
      repo: "acme/console",
      correlation_id: `scan-${agent.name}`,
    });
  }
  for (const reason of [null, "a secret was found in config/production.yaml, line 12, and rotation failed twice", null]) {
    const message = await bus.next();
    const about = { stream_seq: message.info.streamSequence, attempt: 1, correlation_id: `scan-${agent.name}` };
    await bus.event("task.started", about);
    if (reason) message.term(reason);
    else {
      await bus.event("usage.reported", { usd: 0.42, ...about });
      message.ack();
    }
  }
  await bus.task(`{"task": "cut off`);
  await bus.event("heartbeat", { timestamp: Date.now() - 3_600_000 });
  await founder.post("/api/task/create", {
    tenant: "acme-robotics",
    agent: agent.name,
    kind: "security_scan",
    payload: JSON.stringify({ task: "Scan what the founder wants scanned" }),
    correlation_id: `scan-${agent.name}`,
  });
  const workspace = await Workspace.of(server, agent);
  const report = "# Weekly report\n\n1. One\n\n| what | how much |\n|-|-|\n| scans | 12 |\n\n```\na line of code that is too long for a small screen, and has to be scrolled to be read to its end\n```\n";
  const artifact = await workspace.put(`reports/${"a-very-long-name-".repeat(6)}.md`, report);
  const diff = await workspace.put("changes/0001.diff", "--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n");
  const list = `${founder.home}/tasks?agent=${agent.name}`;
  const waiting = fresh("devops");
  const review = await founder.propose(golden.replace("name: devops", `name: ${waiting}`));
  return {
    "sign-in": `${server.url}/sign-in`,
    "set-up-used": server.setUpLink,
    "not-found": `${server.url}/nope`,
    overview: founder.home,
    tasks: list,
    "tasks-no-match": `${list}&text=zzzz`,
    task: `${list}&state=failed`,
    "new-task": `${founder.home}/tasks/new`,
    trace: `${founder.home}/traces/scan-${agent.name}`,
    "dead-letters": `${founder.home}/dead-letters?agent=${agent.name}`,
    "dead-letters-preview": `${founder.home}/dead-letters?agent=${agent.name}&rate=5`,
    "dead-letters-no-match": `${founder.home}/dead-letters?agent=nobody`,
    letter: `${founder.home}/dead-letters?agent=${agent.name}`,
    fleet: `${founder.home}/fleet`,
    artifacts: `${founder.home}/artifacts?agent=${agent.name}`,
    "artifacts-no-match": `${founder.home}/artifacts?agent=${agent.name}&label=zzzz`,
    artifact: `${founder.home}/artifacts/${artifact}`,
    "artifact-diff": `${founder.home}/artifacts/${diff}`,
    audit: `${founder.home}/audit`,
    "audit-no-match": `${founder.home}/audit?topic=breaker&text=zzzz`,
    journal: `${founder.home}/journal/7`,
    "new-agent": `${founder.home}/fleet/new`,
    agent: `${founder.home}/fleet/agents/${agent.name}`,
    reviews: `${founder.home}/reviews`,
    review: `${founder.home}/reviews/${review}`,
    "review-what-if": `${founder.home}/reviews/${review}/what-if`,
    "new-role": `${founder.home}/roles/new`,
    role: `${founder.home}/roles/${waiting}`,
    "agent-not-approved": `${founder.home}/fleet/agents/${waiting}`,
    quarantine: `${founder.home}/quarantine`,
    security: `${founder.home}/settings/security`,
    members: `${founder.home}/settings/members`,
    mail: `${founder.home}/settings/mail`,
    tokens: `${founder.home}/settings/tokens`,
  };
}

for (const theme of ["light", "dark"]) {
  for (const small of [false, true]) {
    const width = small ? 360 : 1280;
    test(`every page at ${width} px in the ${theme} theme fits and has no fault that axe can find`, async ({
      server,
      founder,
      open,
      stock,
      faults,
    }) => {
      faults.expect(/answer 404 to GET .*\/(set-up|nope)|status of 404.*\/(set-up|nope)/);
      const all = await pages(server, founder, stock);
      const page = await open("", { theme, small });
      const found = [];
      for (const [name, address] of Object.entries(all)) {
        await page.goto(address);
        if (address.startsWith(founder.home)) await live(page);
        if (name === "task") {
          await page.goto(server.url + (await page.locator("[data-state=failed] a").getAttribute("href")));
          await live(page);
        }
        if (name === "letter") {
          await page.goto(server.url + (await page.getByTestId("letter-row").first().getByRole("link").getAttribute("href")));
          await live(page);
          for (const summary of await page.locator(".acts summary").all()) await summary.click();
        }
        if (name === "review") for (const summary of await page.locator("main summary").all()) await summary.click();
        if (name === "quarantine") await page.locator("summary").first().click();
        await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
        const needed = await page.evaluate(() => document.documentElement.scrollWidth);
        if (needed > width) found.push(`${name} is ${needed} px wide`);
        for (const fault of await axe(page)) found.push(`${name}: ${fault}`);
        // A picture of each of some 180 attempts shows nothing else.
        if (name === "review") await page.getByTestId("probe-lines").locator("summary").click();
        await picture(page, `${name}-${width}-${theme}`);
      }
      expect(found).toEqual([]);
    });
  }
}

test("the system's dark theme needs no choice", async ({ open }) => {
  const colour = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await open("", { colorScheme: "dark" });
  const light = await open("", { colorScheme: "light" });
  expect(await colour(dark)).not.toBe(await colour(light));
});
