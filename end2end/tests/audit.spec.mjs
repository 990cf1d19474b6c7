import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { Founder, FOUNDER } from "../support/founder.mjs";
import { axe, expect, live, picture, test } from "../support/test.mjs";

const PAGE = "/audit";
const acts = (page) => page.getByTestId("act-row");
const check = (page) => page.getByTestId("check");

/** A founder who did something: paused an agent, and had it go on. */
async function busy(server) {
  const founder = await Founder.alone(server);
  await founder.agent("cso");
  for (const [act, form] of [
    ["/api/agent/pause", { reason: "It scans the wrong repository" }],
    ["/api/agent/resume", {}],
  ]) {
    await founder.post(act, { tenant: "acme-robotics", name: "cso", ...form });
  }
  return founder;
}

/** Hashes every line as docs/journal.md tells it. */
function verify(file) {
  let before = "0".repeat(64);
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  for (const line of lines) {
    const told = JSON.parse(line);
    const entry = line.slice(line.indexOf('"entry":') + 8, -1);
    expect(told.previous).toBe(before);
    before = createHash("sha256").update(Buffer.from(told.previous, "hex")).update(entry).digest("hex");
    expect(told.hash).toBe(before);
  }
  return lines.length;
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";

  test(`a founder sees who did what, narrows it, and comes from an act to its entry and back, ${how} JavaScript`, async ({ ownServer, open }) => {
    const founder = await busy(ownServer);
    const page = await open(PAGE, { founder, javaScriptEnabled });
    const paused = acts(page).filter({ hasText: "Paused cso" });
    await expect(paused).toContainText(FOUNDER.name);
    await expect(paused).toContainText("It scans the wrong repository");
    await expect(paused).toContainText("127.0.0.1");
    await expect(paused.getByRole("link", { name: "cso" })).toHaveAttribute("href", "/t/acme-robotics/fleet/agents/cso");
    if (javaScriptEnabled) {
      expect(await axe(page)).toEqual([]);
      await picture(page, "audit");
    }

    await page.getByRole("searchbox", { name: "Text" }).fill("wrong repository");
    await page.getByRole("combobox", { name: "Kind of act" }).selectOption("agent");
    await page.getByRole("button", { name: "Filter acts" }).click();
    await expect(page).toHaveURL(/text=wrong\+repository.*topic=agent/);
    await expect(acts(page)).toHaveCount(1);
    await acts(page).getByRole("link", { name: /^Entry \d+$/ }).click();
    await expect(page.getByRole("heading", { name: "agent.paused" })).toBeVisible();
    await page.getByRole("link", { name: "Audit" }).last().click();
    await expect(page).toHaveURL(/\/audit$/);

    await page.getByRole("combobox", { name: "Who", exact: true }).selectOption({ label: "Countersign itself" });
    await page.getByRole("button", { name: "Filter acts" }).click();
    await expect(acts(page).first()).toContainText("Countersign");
    await expect(acts(page).filter({ hasText: FOUNDER.name })).toHaveCount(0);
    await page.getByLabel("to", { exact: true }).fill("2020-01-01");
    await page.getByRole("button", { name: "Filter acts" }).click();
    await expect(page.getByText("No act matches")).toBeVisible();
    await picture(page, `audit-empty-${how}-js`);
    await page.getByRole("link", { name: "Show all acts" }).click();
    await expect(acts(page).first()).toBeVisible();
  });

  test(`a founder checks the journal and takes it along, ${how} JavaScript`, async ({ ownServer, open }, info) => {
    const founder = await busy(ownServer);
    const page = await open(PAGE, { founder, javaScriptEnabled });
    await expect(check(page)).toHaveText("Nobody has checked the journal yet.");
    await page.getByRole("button", { name: "Check the journal" }).click();
    await expect(check(page)).toHaveAttribute("data-check", "whole");
    await expect(check(page)).toContainText(/\d+ entries in order/);
    await expect(acts(page).first()).toContainText("Checked the journal");
    if (javaScriptEnabled) {
      expect(await axe(page)).toEqual([]);
      await picture(page, "audit-checked");
    }
    const take = async (name) => {
      const download = page.waitForEvent("download");
      await page.getByRole("button", { name }).click();
      const file = info.outputPath((await download).suggestedFilename());
      await (await download).saveAs(file);
      return file;
    };
    expect(verify(await take("Export the whole journal"))).toBeGreaterThan(5);
    const csv = readFileSync(await take("Export all acts as CSV"), "utf8");
    expect(csv).toContain("It scans the wrong repository");
    expect(await take("Export all acts as JSONL")).toMatch(/acme-robotics-acts\.jsonl$/);
    await page.reload();
    await expect(acts(page).filter({ hasText: "Exported" })).toHaveCount(3);
  });
}

test("the page of acts is used by keys alone", async ({ founder, open }) => {
  const page = await open("/fleet");
  await live(page);
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await expect(page.getByRole("heading", { name: "Audit" })).toBeVisible();
  await expect(acts(page).first()).toBeVisible();
  await page.keyboard.press("/");
  await page.keyboard.type("created the agent");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/text=created/);
  await expect(acts(page).first()).toContainText("Created the agent");
  await page.locator("body").click({ position: { x: 2, y: 2 } });
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`${founder.home}/journal/\\d+$`));
});

test("the page of acts fits a small screen", async ({ ownServer, open }) => {
  const founder = await busy(ownServer);
  const page = await open(PAGE, { founder, small: true });
  await expect(acts(page).first()).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  expect(await axe(page)).toEqual([]);
  await picture(page, "audit-small");
});
