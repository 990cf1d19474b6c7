// Somebody with the database changes a byte of what was decided and signed, past all triggers and checks: the brief's page
// says so, the receipt proves nothing on the command line and in the browser, and the journal's check names the entry.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { authenticator } from "../support/authenticator.mjs";
import { Author, inHours } from "../support/author.mjs";
import { Founder } from "../support/founder.mjs";
import { axe, expect, live, picture, test } from "../support/test.mjs";

const decision = (page) => page.getByTestId("decision");

/** What stands in the way of whoever owns the database, taken away; and a copy of what is kept. */
const LAY_OPEN = `
  do $$ declare one record; begin
    for one in select conrelid::regclass as held, conname from pg_constraint
               where contype = 'c' and conrelid in ('brief_version'::regclass, 'decision'::regclass) loop
      execute format('alter table %s drop constraint %I', one.held, one.conname);
    end loop;
  end $$;
  create table kept_brief as select * from brief;
  create table kept_version as select * from brief_version;
  create table kept_decision as select * from decision`;

const RESTORE = `
  set session_replication_role = replica;
  delete from decision; delete from brief_version; delete from brief;
  insert into brief select * from kept_brief;
  insert into brief_version select * from kept_version;
  insert into decision select * from kept_decision`;

/** The byte wherever it is kept, with all hashes anew. */
function changed(before, after) {
  const text = `convert_to(replace(convert_from(text, 'utf8'), '${before}', '${after}'), 'utf8')`;
  const canonical = `convert_to(replace(replace(convert_from(d.canonical, 'utf8'), '${before}', '${after}'),
    encode(k.sha256, 'hex'), encode(b.sha256, 'hex')), 'utf8')`;
  return `
    set session_replication_role = replica;
    update brief_version set text = ${text}, sha256 = sha256(${text});
    update brief b set sha256 = v.sha256 from brief_version v where v.brief_id = b.id and v.version = b.version;
    update decision d set rationale = replace(d.rationale, '${before}', '${after}'), sha256 = b.sha256,
      canonical = ${canonical}, canonical_sha256 = sha256(${canonical})
      from brief b, kept_brief k where b.id = d.brief_id and k.id = b.id`;
}

test("a byte changed of brief, option, evidence or rationale is found by page, receipt and journal", async ({ ownServer, open, faults }) => {
  test.setTimeout(180_000);
  // Passkeys are bound to a name, and 127.0.0.1 is none.
  const founder = await Founder.alone({ ...ownServer, url: ownServer.url.replace("127.0.0.1", "localhost") });
  const author = await Author.of(founder, "ceo");
  const page = await open("/settings/security", { founder });
  await page.addInitScript(() => {
    if (window.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false;
  });
  await page.reload();
  await authenticator(page);
  await page.getByLabel("Name of a new passkey").fill("Laptop");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByTestId("passkey-row")).toHaveCount(1);
  const id = await author.asks("rollout", { deadline: inHours(24) });
  await page.goto(`${founder.home}/inbox/${id}`);
  await live(page);
  await page.getByLabel("Why", { exact: true }).fill("Oslo waits for it");
  await page.getByLabel("Why", { exact: true }).blur();
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  await expect(decision(page)).toHaveAttribute("data-signed", "true");
  await expect(decision(page)).toHaveAttribute("data-state", "made", { timeout: 20_000 });

  const [{ decided }] = await ownServer.sql("select id as decided from decision where state = 'made'");
  const receipt = async () => {
    const path = `/api/brief/receipt?tenant=acme-robotics&decision=${decided}`;
    const headers = { cookie: `${founder.cookie.name}=${founder.cookie.value}`, accept: "application/json" };
    const answer = await fetch(founder.server.url + path, { headers });
    expect(answer.status).toBe(200);
    return answer.json();
  };
  const onTheCommandLine = async (text) => {
    const file = join(ownServer.dir, "receipt.json");
    writeFileSync(file, text);
    return ownServer.says("verify", file);
  };
  const verify = await open(`${ownServer.url}/verify`, { founder: null });
  const inTheBrowser = async (text) => {
    await verify.getByLabel("Or its text").fill(text);
    await verify.getByRole("button", { name: "Check receipt" }).click();
    await expect(verify.getByRole("status").locator(".verify-word")).toBeVisible();
    return verify.getByRole("status").innerText();
  };

  const good = await receipt();
  expect(await onTheCommandLine(good)).toMatchObject({ code: 0, said: expect.stringContaining("Countersigned on http://localhost") });
  expect(await inTheBrowser(good)).toContain("Countersigned.");
  expect(await ownServer.says("journal", "verify", "--data-dir", join(ownServer.dir, "data"))).toMatchObject({ code: 0 });
  const [{ taken, counted }] = await ownServer.sql(
    "select max(seq) filter (where kind = 'brief.taken') as taken, max(seq) filter (where kind = 'brief.decided') as counted from journal",
  );
  await ownServer.sql(LAY_OPEN);
  const other = author.evidence.slice(0, -1) + (author.evidence.endsWith("0") ? "1" : "0");
  for (const [what, before, after, entry, place] of [
    ["brief", "before the weekend?", "before the weekene?", taken, "/question"],
    ["option", "Old clients stop working", "Old clients stop workinf", taken, "/options/2/consequence"],
    ["evidence", author.evidence, other, taken, "/evidence/0/sha256"],
    ["rationale", "Oslo waits for it", "Oslo waits for us", counted, "its rationale"],
  ]) {
    await ownServer.sql(changed(before, after));
    const text = await receipt();
    expect(text, what).not.toBe(good);
    expect(await onTheCommandLine(text), what).toMatchObject({ code: 1, said: expect.stringContaining("NOT valid") });
    expect(await inTheBrowser(text), what).toContain("Not valid.");
    const { code, said } = await ownServer.says("journal", "verify", "--data-dir", join(ownServer.dir, "data"));
    expect(code, said).toBe(1);
    expect(said).toContain("NOT in order");
    expect(said).toContain(`Entry ${entry} and what is kept of it differ`);
    expect(said).toContain(place);
    await page.reload();
    await expect(page.getByTestId("decision-damaged"), what).toBeVisible();
    if (what === "option") {
      await live(page);
      await picture(page, "brief-changed-in-the-database");
      expect(await axe(page)).toEqual([]);
    }
    await ownServer.sql(RESTORE);
  }
  await page.reload();
  await expect(page.getByTestId("decision-words")).toHaveText("A: Roll out now");
  await expect(page.getByTestId("decision-damaged")).toHaveCount(0);
  expect(await onTheCommandLine(good)).toMatchObject({ code: 0 });
  expect(await ownServer.says("journal", "verify", "--data-dir", join(ownServer.dir, "data"))).toMatchObject({ code: 0 });
  // The text alone, its hash as before: then there is no such brief to read.
  faults.expect(/status of 409|answer 409/);
  await ownServer.sql("set session_replication_role = replica; update brief_version set text = convert_to(replace(convert_from(text, 'utf8'), 'Oslo', 'Oslp'), 'utf8')");
  await page.reload();
  await expect(page.locator("main")).toContainText("not what its hash says");
  await author.close();
});
