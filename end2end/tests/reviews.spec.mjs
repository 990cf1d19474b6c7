import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Founder } from "../support/founder.mjs";
import { HOSTILE, inert, watched } from "../support/hostile.mjs";
import { axe, enterByKeys, expect, fresh, live, picture, pressByKeys, test, walkTo } from "../support/test.mjs";

const golden = readFileSync(resolve(import.meta.dirname, "../../crates/role/tests/golden/overbroad.yaml"), "utf8");

/** A role file that reaches for secrets, runs with rights of its own, and says not what for. */
const overbroad = (name) => golden.replace("name: devops", `name: ${name}`);

/** The same agent as somebody can answer for. */
const mended = (name, mission = "Keep the services running.") => `apiVersion: countersign/v1
kind: AgentRole
metadata: { name: ${name}, title: Operations }
spec:
  mission: ${mission}
  broadcasts: [deploy.planned]
  reads: [metrics, "docs/runbooks/**"]
  budget: { usd_per_day: 5, on_exceed: pause }
  forbidden_actions:
    - { action: approve_security_review }
    - { action: override_security_review }
    - { action: decide_brief }
    - { action: read_volume, scope: other_agents }
    - { action: read_secrets, scope: other_agents }
    - { action: change_role }
    - { action: change_budget }
    - { action: deploy }
`;

const head = (page) => page.getByTestId("review-head");
const approve = (page) => page.getByTestId("approve-button");
const reviewOf = (page) => new URL(page.url()).pathname.split("/").at(-1);

/** The page of a review, once it is one. */
async function onReview(page) {
  await expect(page).toHaveURL(/\/reviews\/[0-9a-f-]{36}$/);
  await expect(head(page)).toBeVisible();
}

test("an over-broad role is found, rejected, mended, approved, works, and is cut off when it is revoked", async ({
  server,
  founder,
  open,
  example,
}) => {
  test.setTimeout(120_000);
  const name = fresh("devops");
  const page = await open("/roles/new");
  await live(page);
  await page.getByLabel("Role file").fill(overbroad(name));
  // It is checked while it is written.
  const result = page.getByTestId("role-result");
  await expect(result.getByTestId("check-sound")).toContainText(name);
  await expect(result.getByTestId("finding").first()).toHaveAttribute("data-severity", "critical");
  await expect(result).toContainText("secrets/**");
  await picture(page, "role-new-overbroad");

  await pressByKeys(page, "button", "Propose for review");
  await onReview(page);
  await expect(head(page)).toHaveAttribute("data-state", "open");
  const findings = page.getByTestId("finding");
  await expect(findings.first()).toHaveAttribute("data-severity", "critical");
  const secret = findings.filter({ hasText: "foreign-secrets" }).first();
  await expect(secret).toContainText("never an agent's to read");
  await expect(secret).toContainText("line 8:26");
  await expect(page.getByTestId("probe-sentence")).toContainText("each went as it must");
  await expect(page.getByTestId("check-row").filter({ hasText: "critical" })).toContainText("Read them before you approve");
  await picture(page, "review-overbroad");
  // A finding leads to its line, which is folded in.
  await secret.getByRole("link", { name: "line 8:26" }).click();
  await expect(page.locator("#L8")).toBeVisible();
  await expect(page.locator("#L8")).toContainText("secrets/**");

  await page.getByText("Reject it with a reason").click();
  await page.getByLabel("Why it may not run").fill("It reads secrets that are not its own");
  await page.getByRole("button", { name: /^Reject sha256/ }).click();
  await expect(head(page)).toHaveAttribute("data-state", "rejected");
  await expect(page.getByTestId("decision-row")).toContainText("It reads secrets that are not its own");
  await expect(approve(page)).toHaveCount(0);
  const rejected = reviewOf(page);
  await picture(page, "review-rejected");

  // No approval, no credential: the page says so, and the address behind the button does too.
  const agentPage = await open(`/fleet/agents/${name}`);
  await live(agentPage);
  await expect(agentPage.getByTestId("role-none")).toContainText("it cannot connect");
  await expect(agentPage.getByTestId("issue-credential")).toHaveCount(0);
  const cookie = `${founder.cookie.name}=${founder.cookie.value}`;
  const refused = await fetch(`${founder.home}/fleet/${name}/credential`, {
    method: "POST",
    headers: { cookie, origin: server.url },
    body: new URLSearchParams({ hours: "24" }),
    redirect: "manual",
  });
  expect(refused.status).not.toBe(200);
  expect(await refused.text()).not.toContain("BEGIN");

  await page.getByRole("link", { name: "Propose a changed file" }).click();
  await expect(page).toHaveURL(`${founder.home}/roles/${name}`);
  await live(page);
  await expect(page.getByLabel("Role file")).toHaveValue(overbroad(name));
  await page.getByLabel("Role file").fill(mended(name));
  await expect(result.getByTestId("check-sound")).toBeVisible();
  await expect(result.locator('[data-severity="critical"]')).toHaveCount(0);
  await pressByKeys(page, "button", "Propose for review");
  await onReview(page);
  expect(reviewOf(page)).not.toBe(rejected);
  await live(page);
  await expect(page.locator('[data-testid="finding"][data-severity="critical"]')).toHaveCount(0);
  await expect(page.getByTestId("history")).toContainText("Rejected");
  await expect(approve(page)).toBeEnabled();
  await picture(page, "review-open");

  // By keyboard, with a reason.
  await enterByKeys(page, "Why it may run", "Narrow enough, and it says what for");
  await walkTo(page, approve(page));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${founder.home}/fleet/agents/${name}`);
  await live(page);
  await expect(page.getByTestId("role-approved")).toContainText("Approved");
  await expect(page.getByTestId("self-approved").first()).toBeVisible();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId("issue-credential").click()]);
  const creds = join(server.dir, `${name}.creds`);
  await download.saveAs(creds);
  await expect(page.getByTestId("credential-row")).toContainText("Live");
  const agent = { name, creds, server: server.bus };

  const worker = example("python", "worker", agent);
  await worker.says(/waits for tasks/);
  await example("python", "publish", agent).ends();
  await expect(page.getByTestId("task-row")).toHaveAttribute("data-state", "succeeded");

  // Revoking disconnects whoever holds it, at once.
  await page.getByTestId("role-approved").getByRole("link", { name: "Open its review" }).click();
  await onReview(page);
  await live(page);
  await expect(page.getByTestId("revoke-consequence")).toContainText(`1 credential of ${name} counts now`);
  await picture(page, "review-approved");
  await page.getByLabel("Why it may run no longer").fill("Its credential was seen in a log");
  const clicked = Date.now();
  await page.getByRole("button", { name: /^Revoke sha256/ }).click();
  await worker.exited;
  console.log(`      revoked: the worker ended ${worker.over.at - clicked} ms after the click`);
  expect(worker.over.at - clicked).toBeLessThan(5_000);
  expect(worker.text).toContain("Has the credential been revoked?");
  await expect(head(page)).toHaveAttribute("data-state", "revoked");
  await expect(page.getByTestId("decision-row")).toHaveCount(2);
  await picture(page, "review-revoked");
  await expect(agentPage.getByTestId("credential-row")).toContainText("Revoked");
  await expect(agentPage.getByTestId("issue-not-approved")).toBeVisible();
  expect(await example("node", "publish", agent).exited).not.toBe(0);

  const list = await open("/reviews");
  await live(list);
  const states = list.locator(`[data-testid="review-row"][data-agent="${name}"]`);
  await expect(states).toHaveCount(2);
  await expect(list.locator(`[data-agent="${name}"][data-state="revoked"]`)).toHaveCount(1);
  await expect(list.locator(`[data-agent="${name}"][data-state="rejected"]`)).toHaveCount(1);
});

test("what changed between the page and the click is not decided, and says so", async ({ founder, open, faults }) => {
  faults.expect(/status of 409|answer 409/);
  const name = fresh("backend");
  const seen = await founder.propose(mended(name));
  await founder.reviewed(seen);
  // A page that does not follow what changes.
  const page = await open(`/reviews/${seen}`, { javaScriptEnabled: false });
  await expect(approve(page)).toBeEnabled();
  const newer = await founder.propose(mended(name, "Keep the services running, and the costs down."));
  await page.getByLabel("Why it may run").fill("I have read it");
  const [answer] = await Promise.all([page.waitForNavigation(), approve(page).click()]);
  expect(answer.status()).toBe(409);
  await expect(page.getByText("a newer one waits").first()).toBeVisible();
  await expect(head(page)).toHaveAttribute("data-state", "replaced");
  await expect(approve(page)).toHaveCount(0);
  await picture(page, "review-changed-meanwhile");
  await page.getByTestId("history").getByRole("link", { name: "Open its review" }).first().click();
  await expect(page).toHaveURL(`${founder.home}/reviews/${newer}`);
  await expect(head(page)).toHaveAttribute("data-state", "open");
  await expect(page.getByText("Nobody has decided this one.")).toBeVisible();
});

test("an open page follows: a newer file takes the decision away, and leaves what is approved grey", async ({ founder, open }) => {
  const name = fresh("backend");
  const first = await founder.propose(mended(name));
  const page = await open(`/reviews/${first}`);
  const list = await open("/reviews");
  for (const one of [page, list]) await live(one);
  await expect(approve(page)).toBeEnabled();
  await founder.approve(first);
  await expect(head(page)).toHaveAttribute("data-state", "approved");
  await expect(head(page)).toContainText("Approved");
  const standing = list.locator(`[data-agent="${name}"][data-state="approved"]`);
  await expect(standing).toContainText("Approved");

  const second = await founder.propose(mended(name, "Keep the services running, and the costs down."));
  await expect(page.getByTestId("review-stale")).toContainText("A newer file of this agent waits");
  await expect(head(page)).toContainText("Stale: newer file waits");
  await expect(standing).toContainText("Stale: newer file waits");
  await expect(list.locator(`[data-agent="${name}"][data-state="open"]`)).toHaveCount(1);
  await picture(list, "reviews-stale");

  const newer = await open(`/reviews/${second}`);
  await live(newer);
  await expect(newer.getByTestId("review-base")).toContainText("Compared with");
  await expect(newer.getByTestId("text-diff")).toContainText("and the costs down");
  await picture(newer, "review-second");
  const third = await founder.propose(mended(name).replace("    - { action: deploy }\n", ""));
  await expect(head(newer)).toHaveAttribute("data-state", "replaced");
  await expect(approve(newer)).toHaveCount(0);
  // A ban that is gone comes before all else, in both lists.
  const weaker = await open(`/reviews/${third}`);
  await live(weaker);
  await expect(weaker.getByTestId("change-row").first()).toHaveAttribute("data-turn", "Ban removed");
  await expect(weaker.getByTestId("ban-row").first()).toHaveAttribute("data-turn", "Removed");
  await expect(weaker.getByTestId("ban-row").first()).toContainText("deploy");
  await picture(weaker, "review-ban-removed");
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";

  test(`a role file goes from its faults to its approval, ${how} JavaScript`, async ({ founder, open, faults }) => {
    faults.expect(/status of (409|422)|answer (409|422)/);
    const name = fresh("ops");
    const page = await open("/roles/new", { javaScriptEnabled });
    if (javaScriptEnabled) await live(page);
    const field = page.getByLabel("Role file");
    await expect(field).toHaveValue(/apiVersion: countersign\/v1/);
    const faulty = mended(name).replace("    - { action: decide_brief }\n", "").replace("mission:", "\tmission:");
    await field.fill(faulty);
    await page.getByTestId("check-button").click();
    const result = page.getByTestId("role-result");
    await expect(result.getByTestId("check-faults")).toContainText("it cannot be proposed yet");
    await expect(result.getByTestId("fault").first()).toContainText(/line \d+:\d+/);
    await expect(field).toHaveValue(faulty);
    await picture(page, `role-faults-${how}-js`);
    if (javaScriptEnabled) expect(await axe(page)).toEqual([]);

    await page.getByTestId("propose-button").click();
    await expect(page.getByTestId("form-error")).toContainText(/line \d+, column \d+/);
    await expect(field).toHaveValue(faulty);

    await field.fill(mended(name));
    await page.getByTestId("check-button").click();
    await expect(result.getByTestId("check-sound")).toContainText(name);
    await page.getByTestId("propose-button").click();
    await onReview(page);
    await expect(head(page)).toHaveAttribute("data-state", "open");
    // The file under review is, to the byte, what was written.
    await page.getByTestId("role-file").locator("summary").click();
    expect(await page.getByLabel("Role file").textContent()).toBe(mended(name));

    await page.getByTestId("probe-button").click();
    await expect(page.getByTestId("probe-sentence")).toContainText("each went as it must");
    await expect(approve(page)).toBeEnabled();
    await page.getByLabel("Why it may run").fill("Fits what it is for");
    await picture(page, `review-${how}-js`);
    await approve(page).click();
    await expect(page).toHaveURL(`${founder.home}/fleet/agents/${name}`);
    await expect(page.getByTestId("role-approved")).toContainText("Approved");
    await picture(page, `agent-approved-${how}-js`);

    // The very same file once more is refused, in words.
    await page.goto(`${founder.home}/roles/${name}`);
    if (javaScriptEnabled) await live(page);
    await expect(page.getByLabel("Role file")).toHaveValue(mended(name));
    await page.getByTestId("propose-button").click();
    await expect(page.getByTestId("form-error")).toContainText("is approved");
  });
}

test("a decision asks again who one is, and keeps the reason meanwhile", async ({ ownServer, open, faults }) => {
  faults.expect(/status of 403|answer 403/);
  const founder = await Founder.alone(ownServer);
  const review = await founder.create("cso");
  await founder.reviewed(review);
  const page = await open(`/reviews/${review}`, { founder });
  await live(page);
  await ownServer.sql("update session set proven_ms = 0");
  await page.getByLabel("Why it may run").fill("It examines the others");
  await approve(page).click();
  await expect(page.getByTestId("proof")).toBeVisible();
  await expect(page.getByLabel("Why it may run")).toHaveValue("It examines the others");
  await expect(head(page)).toHaveAttribute("data-state", "open");
  await picture(page, "review-step-up");
  expect(await axe(page)).toEqual([]);
  await page.getByLabel("Your password").fill("correct horse battery staple");
  await approve(page).click();
  await expect(page).toHaveURL(`${founder.home}/fleet/agents/cso`);
});

test("the security officer's findings stand beside the rules, and whatever it writes stays text", async ({ ownServer, open, stock }) => {
  const founder = await Founder.of(ownServer);
  const examiner = mended("cso", "Examine role files.").replace("  broadcasts: [deploy.planned]", "  consumes: { kinds: [examine_role] }");
  const officer = await stock(await founder.agentOf("cso", examiner));
  const review = await founder.propose(mended("backend"));
  const page = await open(`/reviews/${review}`, { founder });
  await live(page);
  await expect(page.getByTestId("examination")).toHaveCount(1);
  const asked = await officer.next();
  expect(asked.subject).toBe("tasks.cso.examine_role");
  const { subject_sha256 } = asked.json();
  const hostile = `<img src=x onerror=alert(1)><script>alert(2)</script></li>\u202Egnp.elif\u2066`;
  await officer.event("review.examined", {
    review,
    subject_sha256,
    verdict: "reject",
    findings: [{ rule: hostile, severity: "critical", line: 6, column: 3, path: hostile, why: hostile, fix: `[click](javascript:alert(3)) ${hostile}` }],
  });
  asked.ack();
  const theirs = page.getByTestId("examination").filter({ hasText: "security officer" });
  await expect(theirs).toContainText("Would reject");
  await expect(theirs.getByTestId("finding")).toContainText("<script>alert(2)</script>");
  await expect(theirs).toContainText("\\u{202e}");
  expect(await page.locator("main img, main script").count()).toBe(0);
  expect(await page.getByRole("main").innerText()).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
  await picture(page, "review-officer");
  expect(await axe(page)).toEqual([]);
  // Its word decides nothing.
  await expect(head(page)).toHaveAttribute("data-state", "open");
  await expect(approve(page)).toBeEnabled();
});

test("whatever a role file or an officer says does nothing to who reads its review", async ({ ownServer, open, stock }) => {
  test.setTimeout(240_000);
  expect(HOSTILE.length).toBeGreaterThanOrEqual(60);
  const founder = await Founder.of(ownServer);
  const examiner = mended("cso", "Examine role files.").replace("  broadcasts: [deploy.planned]", "  consumes: { kinds: [examine_role] }");
  const officer = await stock(await founder.agentOf("cso", examiner));
  const page = await open("/reviews", { founder });
  await live(page);
  const outside = await watched(page, ownServer);
  let shown = 0;
  let review;
  for (const text of HOSTILE) {
    const file = mended("backend", JSON.stringify(text));
    const answer = await founder.ask("/api/role/propose", { tenant: "acme-robotics", text: file });
    if (answer.status === 422) continue;
    review = /\/reviews\/([0-9a-f-]{36})$/.exec(answer.headers.get("location"))[1];
    await page.goto(`${founder.home}/reviews/${review}`);
    await expect(head(page), text).toBeVisible();
    for (const link of await inert(page.getByRole("main"), text)) expect(link, text).toMatch(/^https?:/);
    shown += 1;
  }
  // The others are no role files: too long, or with characters that none may have.
  expect(shown).toBeGreaterThanOrEqual(60);
  let asked = await officer.next();
  while (asked.json().review !== review) {
    asked.ack();
    asked = await officer.next();
  }
  const findings = HOSTILE.map((text) => ({ rule: text, severity: "low", path: text, why: text, fix: text }));
  await officer.event("review.examined", { review, subject_sha256: asked.json().subject_sha256, verdict: "reject", findings });
  asked.ack();
  const theirs = page.getByTestId("examination").filter({ hasText: "security officer" });
  await expect(theirs.getByTestId("finding")).toHaveCount(HOSTILE.length);
  await inert(page.getByRole("main"), "the officer's findings");
  await page.goto(`${founder.home}/reviews`);
  await inert(page.getByRole("main"), "the list");
  expect(outside).toEqual([]);
});

test("a review says what of the past would have gone otherwise", async ({ founder, open, stock }) => {
  const name = fresh("worker");
  const agent = await founder.agentOf(name, mended(name));
  const bus = await stock(agent);
  await bus.queueStands();
  for (const kind of ["fix_bug", "fix_bug", "write_docs"]) await bus.succeeds({ task: `One of ${kind}` }, { kind });
  await founder.reads(`/tasks?agent=${name}&state=succeeded`, (html) => html.includes("One of write_docs"));
  const review = await founder.propose(mended(name).replace("  broadcasts:", "  consumes: { kinds: [fix_bug] }\n  broadcasts:"));
  const page = await open(`/reviews/${review}`);
  await live(page);
  await page.getByRole("link", { name: "What would have gone otherwise" }).click();
  await expect(page).toHaveURL(`${founder.home}/reviews/${review}/what-if`);
  await expect(page.getByTestId("what-if")).toContainText("3 concern this agent: 1 would have been refused, 0 newly allowed.");
  await expect(page.getByTestId("refused").getByTestId("what-if-row")).toHaveCount(1);
  await expect(page.getByTestId("what-if-row")).toContainText("write_docs");
  await picture(page, "what-if");
  expect(await axe(page)).toEqual([]);
});

test("an emergency stop ends one agent or all at once, and is lifted by hand", async ({ ownServer, open, example }) => {
  const founder = await Founder.of(ownServer);
  const agents = {};
  for (const name of ["backend", "frontend"]) agents[name] = await founder.agent(name);
  const workers = {};
  for (const [name, agent] of Object.entries(agents)) {
    workers[name] = example("python", "worker", agent);
    await workers[name].says(/waits for tasks/);
  }
  const page = await open("/fleet/agents/backend", { founder });
  await live(page);
  await page.getByLabel("Reason to stop").fill("It writes nonsense");
  await page.getByRole("button", { name: "Stop agent" }).click();
  await workers.backend.exited;
  await expect(page.getByTestId("stopped")).toContainText("It writes nonsense");
  await expect(page.getByTestId("issue-stopped")).toBeVisible();
  expect(workers.frontend.over).toBeUndefined();
  await picture(page, "agent-stopped");
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Lift the stop" }).click();
  await expect(page.getByTestId("stopped")).toHaveCount(0);
  await expect(page.getByTestId("credential-row")).toContainText("Revoked");

  const fleet = await open("/fleet", { founder });
  await live(fleet);
  await fleet.getByText("Emergency stop of all agents").click();
  await fleet.getByLabel("Reason to stop").fill("Everything burns");
  await fleet.getByRole("button", { name: "Stop all agents" }).click();
  await workers.frontend.exited;
  await expect(fleet.getByTestId("fleet-stopped")).toContainText("Everything burns");
  await picture(fleet, "fleet-stopped");
  expect(await axe(fleet)).toEqual([]);
  await fleet.getByRole("button", { name: "Lift the stop of all agents" }).click();
  await expect(fleet.getByTestId("fleet-stopped")).toHaveCount(0);
  const again = example("python", "worker", await founder.credential("frontend"));
  await again.says(/waits for tasks/);
});

for (const javaScriptEnabled of [true, false]) {
  test(`a founder asks for more approvals than one, ${javaScriptEnabled ? "with" : "without"} JavaScript`, async ({ ownServer, open, faults }) => {
    faults.expect(/status of 422|answer 422/);
    const founder = await Founder.alone(ownServer);
    const page = await open("/reviews", { founder, javaScriptEnabled });
    if (javaScriptEnabled) await live(page);
    const quorum = page.getByTestId("quorum");
    await expect(quorum.getByTestId("quorum-rule")).toContainText("One founder counts, and approves alone");
    await quorum.getByText("Ask for more or fewer").click();
    await quorum.getByLabel("Founders who have to approve a role file").fill("2");
    await quorum.getByLabel("Reason").fill("  ");
    await quorum.getByRole("button", { name: "Ask for so many" }).click();
    await expect(quorum.getByTestId("form-error")).toContainText("Say why");
    await expect(quorum.getByLabel("Founders who have to approve a role file")).toHaveValue("2");
    await quorum.getByLabel("Reason").fill("Four eyes see more");
    await quorum.getByRole("button", { name: "Ask for so many" }).click();
    await expect(quorum.getByTestId("quorum-rule")).toContainText("2 will, once there are enough founders.");
    await expect(quorum.getByTestId("approvals-asked")).toContainText("You ask for 2");
    // Two more founders: two of them have to approve what the first proposes.
    for (const [id, name] of [["11", "Grace"], ["12", "Ken"]]) {
      await ownServer.sql(`with added as (insert into person (id, email, name, password_hash, created_ms)
          select '00000000-0000-0000-0000-0000000000${id}', lower('${name}') || '@example.com', '${name}', password_hash, 0
          from person where email = 'ada@example.com' returning id)
        insert into membership (tenant_id, person_id, role) select t.id, a.id, 'founder' from tenant t, added a`);
    }
    const review = await founder.propose(mended("backend"));
    const grace = await founder.anotherSession("grace@example.com");
    const theirs = await open(`/reviews/${review}`, { founder: grace, javaScriptEnabled });
    if (javaScriptEnabled) await live(theirs);
    await expect(theirs.getByTestId("approve-lacking")).toContainText("It may run once 1 more founder approved exactly this file too.");
    await theirs.getByLabel("Why it may run").fill("Narrow enough");
    await approve(theirs).click();
    await expect(theirs.getByTestId("review-policy")).toContainText("2 of 3 founders approve it, never its author. So far: Grace.");
    await expect(head(theirs)).toContainText("Waits for another founder");
    await expect(theirs.getByTestId("approve-lacks")).toContainText("You approved it. Another founder has to approve it too.");
    await picture(theirs, `review-one-of-two-${javaScriptEnabled ? "with" : "without"}-js`);
    if (javaScriptEnabled) expect(await axe(theirs)).toEqual([]);
    await page.goto(`${founder.home}/reviews`);
    await expect(page.getByTestId("review-row")).toContainText("1 of 2 approvals");
    await expect(page.getByTestId("quorum-rule")).toContainText("2 of 3 founders approve a role file, never its author.");
    await picture(page, `reviews-quorum-${javaScriptEnabled ? "with" : "without"}-js`);
    if (javaScriptEnabled) expect(await axe(page)).toEqual([]);
    const ken = await founder.anotherSession("ken@example.com");
    await ken.post("/api/review/approve", {
      tenant: "acme-robotics", review, sha256: await ken.reviewed(review), reason: "I have read it too",
    });
    await theirs.goto(`${founder.home}/reviews/${review}`);
    await expect(head(theirs)).toHaveAttribute("data-state", "approved");
    await expect(theirs.getByTestId("decision-row")).toHaveCount(2);
  });
}

test("with nothing to decide the page says what may run and how to begin", async ({ ownServer, open }) => {
  const founder = await Founder.alone(ownServer);
  const page = await open("/reviews", { founder });
  await live(page);
  await expect(page.getByTestId("none-waits")).toHaveText("No role is approved yet, so no agent can connect.");
  await picture(page, "reviews-empty");
  expect(await axe(page)).toEqual([]);
  const review = await founder.create("cso");
  // It appears by itself, and the menu counts it.
  await expect(page.getByTestId("review-row")).toHaveCount(1);
  await expect(page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Reviews" })).toContainText("1 wait");
  await pressByKeys(page, "link", "cso");
  await expect(page).toHaveURL(`${founder.home}/reviews/${review}`);
  await founder.approve(review);
  await page.goto(`${founder.home}/reviews`);
  await expect(page.getByTestId("none-waits")).toHaveText("1 role is approved.");
});
