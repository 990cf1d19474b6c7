// The desk: all that waits for a founder, decided in one sitting by keyboard, and signed by one touch.

import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { authenticator } from "../support/authenticator.mjs";
import { Author, inHours } from "../support/author.mjs";
import { Founder } from "../support/founder.mjs";
import { binary } from "../support/server.mjs";
import { axe, expect, live, picture, test } from "../support/test.mjs";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "../..");
const heading = (page) => page.getByRole("heading", { level: 1 });
const question = (name) => `Do we roll out ${name} before the weekend?`;

/** What came only now takes no choice for a moment: whoever presses on does not mean it. */
const read = (page) => expect(page.locator("html")).not.toHaveAttribute("data-desk-unread");

/** A founder with a passkey in this page's browser, on a server of their own. */
async function signing(ownServer, open) {
  // Passkeys are bound to a name, and 127.0.0.1 is none.
  const founder = await Founder.alone({ ...ownServer, url: ownServer.url.replace("127.0.0.1", "localhost") });
  const page = await open("/settings/security", { founder });
  await page.addInitScript(() => {
    if (window.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false;
    const get = navigator.credentials.get.bind(navigator.credentials);
    navigator.credentials.get = (options) => {
      sessionStorage.setItem("touches", String(Number(sessionStorage.getItem("touches") ?? 0) + 1));
      return get(options);
    };
  });
  await page.reload();
  await authenticator(page);
  await page.getByLabel("Name of a new passkey").fill("Laptop");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByTestId("passkey-row")).toHaveCount(1);
  return { founder, page };
}

/** A founder on a server of their own, without a passkey, with briefs that wait. */
async function plain(ownServer, open, count, options = {}) {
  const founder = await Founder.alone(ownServer);
  const author = await Author.of(founder, "ceo");
  const ids = [];
  for (let n = 1; n <= count; n++) ids.push(await author.asks(`rollout-${n}`, { deadline: inHours(24 * n) }));
  const page = await open("/desk", { founder, ...options });
  return { founder, author, ids, page };
}

test("seven briefs are decided on the desk by keyboard alone, with one touch, and each receipt proves itself", async ({ ownServer, open }) => {
  test.setTimeout(240_000);
  const { founder, page } = await signing(ownServer, open);
  const author = await Author.of(founder, "ceo");
  for (let n = 1; n <= 7; n++) await author.asks(`rollout-${n}`, { deadline: inHours(24 * n) });
  await page.goto(`${founder.home}/inbox`);
  await live(page);
  await page.keyboard.press("g");
  await page.keyboard.press("m");
  // The address names the brief that is read: what is drawn meanwhile is about no other.
  await expect(page).toHaveURL(/\/desk\/[0-9a-f-]{36}$/);
  await expect(page.getByTestId("progress")).toHaveText("1 of 7");
  await expect(page.getByTestId("waiting-cost")).toContainText("a day");
  await picture(page, "desk-brief");
  expect(await axe(page)).toEqual([]);

  const said = [];
  for (let n = 1; n <= 7; n++) {
    await expect(heading(page)).toHaveText(question(`rollout-${n}`));
    await expect(page.getByTestId("progress")).toHaveText(`${n} of 7`);
    const key = ["e", "1", "2", "r"][n % 4];
    await read(page);
    await page.keyboard.press(key);
    if (key === "r") {
      await page.keyboard.type("Ask anew, with the figures of Oslo");
      await page.keyboard.press("Enter");
    } else if (key !== "e") {
      await expect(page.locator(`[data-key="${key}"]`)).toBeChecked();
      await page.keyboard.press("Enter");
    }
    said.push({ e: "B: Wait until Monday", 1: "A: Roll out now", 2: "B: Wait until Monday", r: "Rejected" }[key]);
    if (n === 4) {
      // A reload in the middle loses nothing.
      await expect(heading(page)).toHaveText(question("rollout-5"));
      await page.reload();
      await expect(page.getByTestId("to-batch")).toHaveText(/Batch\s*4/);
      await expect(page.locator("[data-desk-item].is-chosen")).toHaveCount(4);
      // The last is taken back, and chosen again.
      await page.keyboard.press("z");
      await expect(heading(page)).toHaveText(question("rollout-4"));
      await expect(page.getByTestId("to-batch")).toHaveText(/Batch\s*3/);
      await read(page);
      await page.keyboard.press("e");
      said[3] = "B: Wait until Monday";
    }
  }
  await expect(heading(page)).toHaveText("Countersign the batch");
  await expect(page.getByTestId("batch-row")).toHaveCount(7);
  await picture(page, "desk-batch");
  expect(await axe(page)).toEqual([]);
  expect(await page.evaluate(() => sessionStorage.getItem("touches"))).toBeNull();
  await read(page);
  await page.keyboard.press("s");

  await expect(page.getByTestId("done-title")).toHaveText(/^7 decisions, (\d+ min )?\d+ s$/);
  expect(await page.evaluate(() => sessionStorage.getItem("touches"))).toBe("1");
  const rows = page.getByTestId("done-row");
  await expect(rows).toHaveCount(7);
  for (let n = 0; n < 7; n++) {
    await expect(rows.nth(n)).toHaveAttribute("data-signed", "true");
    await expect(rows.nth(n).getByTestId("done-words")).toContainText(said[n]);
  }
  await expect(page.getByTestId("undo-batch")).toBeVisible();
  await picture(page, "desk-done-held");
  await live(page);
  for (let n = 0; n < 7; n++) await expect(rows.nth(n)).toHaveAttribute("data-state", "made", { timeout: 30_000 });
  await expect(page.getByTestId("undo-batch")).toHaveCount(0);
  await picture(page, "desk-done");
  expect(await axe(page)).toEqual([]);
  await expect(page.getByTestId("desk-nothing")).toContainText("the next deadline is none.");

  // Each receipt is checked by the product's own verifier, and by the one that has nothing of it.
  const dir = mkdtempSync(join(tmpdir(), "receipts-"));
  for (const [index, text] of (await page.getByTestId("receipt").locator("pre").allTextContents()).entries()) {
    const file = join(dir, `${index}.json`);
    writeFileSync(file, text);
    const own = await run(binary, ["verify", file]);
    expect(own.stdout).toMatch(/countersigned/i);
    const other = await run("python3", [join(root, "examples/verify_receipt.py"), file]);
    expect(other.stdout).toContain("signed by the key");
  }
  expect(await ownServer.sql("select count(*)::int as n, count(distinct assertion)::int as places from decision where assertion is not null")).toEqual([{ n: 7, places: 7 }]);
  await author.close();
});

test("a newer version, and what somebody else decides, leave the batch with words, and the rest counts", async ({ ownServer, open }) => {
  test.setTimeout(180_000);
  const { founder, page } = await signing(ownServer, open);
  const author = await Author.of(founder, "ceo");
  const ids = [];
  for (let n = 1; n <= 4; n++) ids.push(await author.asks(`rollout-${n}`, { deadline: inHours(24 * n) }));
  await page.goto(`${founder.home}/desk`);
  await live(page);
  for (let n = 1; n <= 4; n++) {
    await expect(heading(page)).toHaveText(question(`rollout-${n}`));
    await read(page);
    await page.keyboard.press("e");
  }
  await expect(page.getByTestId("batch-row")).toHaveCount(4);
  const [first, ...rest] = author.payload("x").options;
  await author.asksAnew(ids[1], "rollout-2", { deadline: inHours(48), options: [{ ...first, cost_usd: 80 }, ...rest] });
  await expect(page.getByTestId("batch-row")).toHaveCount(3);
  await expect(page.getByTestId("desk-lost")).toContainText("“Rollout rollout-2” left the batch: it changed after you had chosen.");
  await picture(page, "desk-batch-changed");
  expect(await axe(page)).toEqual([]);
  // Another founder is quicker: the page hears who it was, and when.
  const other = await founder.anotherSession();
  const html = await (await fetch(`${founder.home}/inbox/${ids[2]}`, { headers: { cookie: `${other.cookie.name}=${other.cookie.value}`, accept: "text/html" } })).text();
  const sha256 = /name="sha256" value="([0-9a-f]{64})"/.exec(html)[1];
  await other.post("/api/brief/decide", { tenant: "acme-robotics", brief: ids[2], sha256, choice: "A" });
  await expect(page.getByTestId("desk-lost")).toContainText(/“Rollout rollout-3” left the batch. Ada Lovelace decided it on \d+ \w+ \d\d:\d\d UTC/);
  await expect(page.getByTestId("batch-row")).toHaveCount(2);
  await read(page);
  await page.keyboard.press("s");
  await expect(page.getByTestId("done-row")).toHaveCount(2);
  // What changed is decided anew, with the difference before one's eyes.
  await page.getByRole("link", { name: "See what changed" }).click();
  await expect(page.getByTestId("difference")).toContainText("$80.00");
  await read(page);
  await page.keyboard.press("1");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("batch-row")).toHaveCount(1);
  await author.close();
});

test("what changes between the page and the touch drops out too, with the difference", async ({ ownServer, open, faults }) => {
  faults.expect(/ERR_FAILED/);
  test.setTimeout(120_000);
  const { founder, page } = await signing(ownServer, open);
  const author = await Author.of(founder, "ceo");
  const ids = [];
  for (let n = 1; n <= 2; n++) ids.push(await author.asks(`rollout-${n}`, { deadline: inHours(24 * n) }));
  await page.goto(`${founder.home}/desk`);
  await live(page);
  for (let n = 1; n <= 2; n++) {
    await expect(heading(page)).toHaveText(question(`rollout-${n}`));
    await read(page);
    await page.keyboard.press("e");
  }
  await expect(page.getByTestId("batch-row")).toHaveCount(2);
  // From here on the page hears of nothing.
  await page.route("**/api/desk/draw*", (route) => route.abort());
  const [first, ...rest] = author.payload("x").options;
  await author.asksAnew(ids[0], "rollout-1", { options: [{ ...first, cost_usd: 80 }, ...rest] });
  await expect(page.getByTestId("batch-row")).toHaveCount(2);
  await read(page);
  await page.keyboard.press("s");
  await expect(page.getByTestId("done-title")).toHaveText(/^1 decision/);
  await expect(page.getByTestId("dropped-row")).toContainText("ceo changed it after you had chosen");
  await expect(page.getByTestId("dropped-row")).toContainText("$80.00");
  await picture(page, "desk-done-dropped");
  await author.close();
});

test("without a passkey the batch is unsigned, asks who one is, is decided once, and can be taken back together", async ({ ownServer, open, faults }) => {
  faults.expect(/status of 403|answer 403/);
  test.setTimeout(120_000);
  const { page, author } = await plain(ownServer, open, 3);
  await live(page);
  for (let n = 1; n <= 3; n++) {
    await expect(heading(page)).toHaveText(question(`rollout-${n}`));
    await read(page);
    await page.keyboard.press(n === 3 ? "3" : "e");
    if (n === 3) await page.keyboard.press("Enter");
  }
  await expect(page.getByTestId("batch-sign")).toHaveCount(0);
  await expect(page.getByTestId("unsigned-means")).toContainText("marked as unsigned");
  await ownServer.sql("update session set proven_ms = 0");
  await page.getByTestId("batch-unsigned").click();
  await expect(page.getByTestId("proof")).toBeVisible();
  await expect(page.getByTestId("batch-row")).toHaveCount(3);
  await picture(page, "desk-batch-step-up");
  expect(await axe(page)).toEqual([]);
  await page.getByLabel("Your password").fill("correct horse battery staple");
  await page.getByTestId("batch-unsigned").dblclick();
  await expect(page.getByTestId("done-title")).toHaveText(/^3 decisions/);
  await expect(page.getByTestId("done-row").first()).toHaveAttribute("data-signed", "false");
  expect(await ownServer.sql("select count(*)::int as n from decision")).toEqual([{ n: 3 }]);
  await live(page);
  await page.keyboard.press("z");
  await expect(page.getByTestId("progress")).toHaveText("1 of 3");
  expect(await ownServer.sql("select count(*)::int as n from decision where state = 'taken_back'")).toEqual([{ n: 3 }]);
  // What was said of them is no lost work: all of it is in the batch again, and is decided when it is sent again.
  await expect(page.getByTestId("to-batch")).toHaveText(/Batch\s*3/);
  await page.getByTestId("to-batch").click();
  await expect(page.getByTestId("batch-row")).toHaveCount(3);
  await page.getByTestId("batch-unsigned").click();
  await expect(page.getByTestId("done-title")).toHaveText(/^3 decisions/);
  expect(await ownServer.sql("select count(*)::int as n from decision where state <> 'taken_back'")).toEqual([{ n: 3 }]);
  await author.close();
});

test("what was taken out of the batch is not sent by a key", async ({ ownServer, open }) => {
  test.setTimeout(120_000);
  const { founder, page } = await signing(ownServer, open);
  const author = await Author.of(founder, "ceo");
  await author.asks("rollout-1");
  await page.goto(`${founder.home}/desk`);
  await live(page);
  await page.keyboard.press("e");
  await expect(page.getByTestId("batch-row")).toHaveCount(1);
  await page.getByRole("button", { name: "Take Rollout rollout-1 out" }).click();
  await expect(page.getByTestId("batch-none")).toBeVisible();
  await read(page);
  await page.keyboard.press("s");
  await page.keyboard.press("ControlOrMeta+k");
  await page.keyboard.type("countersign");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("batch-sign")).toBeDisabled();
  await expect(page.locator("[data-desk-words]")).toHaveValue("[]");
  expect(await page.evaluate(() => sessionStorage.getItem("touches"))).toBeNull();
  expect(await ownServer.sql("select count(*)::int as n from decision")).toEqual([{ n: 0 }]);
  await author.close();
});

test("a key that is held down chooses about one brief, and not about those behind it", async ({ ownServer, open }) => {
  const { page, author } = await plain(ownServer, open, 3);
  await live(page);
  await page.keyboard.down("e");
  await expect(heading(page)).toHaveText(question("rollout-2"));
  // The browser repeats it as long as it is down.
  for (let n = 0; n < 5; n++) await page.keyboard.down("e");
  await page.keyboard.up("e");
  await read(page);
  await page.keyboard.down("e");
  await page.keyboard.down("e");
  await expect(heading(page)).toHaveText(question("rollout-3"));
  await page.keyboard.up("e");
  await expect(page.getByTestId("to-batch")).toHaveText(/Batch\s*2/);
  await author.close();
});

test("what one person chose in a tab is nothing to the next who signs in there", async ({ ownServer, open }) => {
  const { page, founder, author } = await plain(ownServer, open, 2);
  await live(page);
  await page.keyboard.press("e");
  await expect(page.getByTestId("to-batch")).toHaveText(/Batch\s*1/);
  await page.evaluate(() => {
    const [name] = Object.keys(sessionStorage).filter((key) => key.startsWith("desk:"));
    const [, , tenant, kind] = name.split(":");
    sessionStorage.setItem(`desk:00000000-0000-7000-8000-000000000000:${tenant}:${kind}`, sessionStorage.getItem(name));
    sessionStorage.removeItem(name);
  });
  await page.goto(`${founder.home}/desk`);
  await expect(page.getByTestId("order-item")).toHaveCount(2);
  await expect(page.getByTestId("to-batch")).toHaveText(/Batch\s*0/);
  expect(await page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith("desk:00000000")))).toEqual([]);
  await author.close();
});

test("keys lead through the desk, open what a brief rests on, and act on nothing while one writes", async ({ ownServer, open, founder: shared }) => {
  test.setTimeout(120_000);
  const { page, founder, author, ids } = await plain(ownServer, open, 3);
  await live(page);
  await page.keyboard.press("n");
  await expect(heading(page)).toHaveText(question("rollout-2"));
  await expect(heading(page)).toBeFocused();
  await page.keyboard.press("j");
  await expect(heading(page)).toHaveText(question("rollout-3"));
  await page.keyboard.press("p");
  await page.keyboard.press("k");
  await expect(heading(page)).toHaveText(question("rollout-1"));
  await page.keyboard.press("?");
  await expect(page.getByTestId("desk-keys")).toBeVisible();
  await page.screenshot({ path: "pictures/desk-keys.png" });
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("desk-keys")).toBeHidden();
  await page.keyboard.press("o");
  await expect(page.getByTestId("desk-panel")).toContainText("As ceo has them: 0.3 %.");
  await expect(page.getByTestId("desk-panel")).toBeFocused();
  await picture(page, "desk-evidence");
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("desk-panel")).toBeHidden();
  await page.keyboard.press("a");
  await page.keyboard.type("e1nz");
  await expect(page.getByLabel("Ask its author")).toHaveValue("e1nz");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("to-batch")).toHaveText(/Batch\s*0/);
  // What a key goes to on the page is not in the address.
  await page.keyboard.press("h");
  await expect(page.getByTestId("snooze-choice").first()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${founder.home}/desk/${ids[1]}`);
  await expect(page.getByTestId("progress")).toHaveText("1 of 2");
  await expect(heading(page)).toHaveText(question("rollout-2"));
  // Whoever is asked back is asked from here.
  await page.getByLabel("Ask its author").fill("Since when?");
  await page.getByRole("button", { name: "Ask ceo" }).click();
  await expect(page).toHaveURL(`${founder.home}/desk/${ids[1]}`);
  await expect(page.getByTestId("answer-waits")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(`${founder.home}/inbox`);
  expect(shared).toBeTruthy();
  await author.close();
});

test("an empty desk says who works; offline nothing is lost", async ({ ownServer, open, faults }) => {
  faults.expect(/Failed to load resource|request failed|ERR_INTERNET_DISCONNECTED/);
  test.setTimeout(120_000);
  const { page: nobody, founder } = await (async () => {
    const founder = await Founder.alone(ownServer);
    return { founder, page: await open("/desk", { founder }) };
  })();
  await expect(nobody.getByTestId("desk-nothing")).toHaveText("0 agents are working; the next deadline is none.");
  await expect(nobody.getByText("Nothing waits for you.")).toBeVisible();
  await picture(nobody, "desk-empty");
  expect(await axe(nobody)).toEqual([]);
  const author = await Author.of(founder, "ceo");
  await author.asks("rollout-1");
  await nobody.goto(`${founder.home}/desk`);
  await nobody.keyboard.press("e");
  await expect(nobody.getByTestId("batch-row")).toHaveCount(1);
  await nobody.context().setOffline(true);
  await nobody.evaluate(() => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", id: "probe" });
    button.dataset.passkey = "batch";
    button.dataset.done = "/";
    const place = document.createElement("p");
    place.dataset.passkeyError = "";
    const around = document.createElement("div");
    around.append(button, place);
    document.querySelector("#batch-form").append(around);
    button.click();
  });
  await expect(nobody.locator("[data-passkey-error]").last()).toContainText("The server cannot be reached: nothing was sent");
  await nobody.context().setOffline(false);
  await nobody.reload();
  await expect(nobody.getByTestId("batch-row")).toHaveCount(1);
  await author.close();
});

test("in the inbox several recommendations are ticked by keys, listed, and accepted together", async ({ ownServer, open }) => {
  test.setTimeout(180_000);
  const { founder, page } = await signing(ownServer, open);
  const author = await Author.of(founder, "ceo");
  for (let n = 1; n <= 5; n++) await author.asks(`rollout-${n}`, { deadline: inHours(24 * n) });
  await page.goto(`${founder.home}/inbox`);
  await live(page);
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  for (let n = 0; n < 3; n++) await page.keyboard.press("Shift+J");
  await expect(page.getByRole("button", { name: "Accept the recommendation of 4" })).toBeVisible();
  await picture(page, "inbox-ticked");
  expect(await axe(page)).toEqual([]);
  await page.getByRole("button", { name: "Accept the recommendation of 4" }).click();
  await expect(page.getByTestId("batch-row")).toHaveCount(4);
  await expect(page.getByTestId("batch-row").first()).toContainText("B: Wait until Monday");
  await page.keyboard.press("s");
  await expect(page.getByTestId("done-row")).toHaveCount(4);
  // Back in the list the last one is taken back by a key.
  await page.goto(`${founder.home}/inbox`);
  await live(page);
  await expect(page.getByTestId("undo-row").first()).toBeVisible();
  await page.keyboard.press("z");
  await expect(page).toHaveURL(`${founder.home}/inbox`);
  await expect(page.locator('[data-testid="brief-row"][data-state="open"]')).toHaveCount(2);
  await author.close();
});

test("without script the desk is links and forms, one decision each", async ({ ownServer, open }) => {
  const { page, author, ids, founder } = await plain(ownServer, open, 2, { javaScriptEnabled: false });
  await expect(page.getByTestId("desk-lacks")).toContainText("A batch needs script");
  await expect(page.getByTestId("to-batch")).toBeHidden();
  await picture(page, "desk-without-js");
  await page.locator('[data-option="A"] input').check();
  await page.getByTestId("desk-commit").click();
  await expect(page.getByTestId("done-title")).toHaveText("1 decision");
  await expect(page.getByTestId("done-words")).toHaveText("A: Roll out now");
  await page.getByTestId("undo-batch").click();
  await expect(page.getByTestId("progress")).toHaveText("1 of 2");
  await page.getByRole("link", { name: "Next brief" }).click();
  await expect(page).toHaveURL(`${founder.home}/desk/${ids[1]}`);
  await page.getByTestId("desk-accept").click();
  await expect(page.getByTestId("done-words")).toHaveText("B: Wait until Monday");
  await page.goto(`${founder.home}/desk?at=batch`);
  await expect(page.getByTestId("batch-lacks")).toContainText("Decide each brief by itself");
  await author.close();
});

test("the palette finds pages and commands by their name", async ({ open, founder }) => {
  const page = await open("/inbox");
  await live(page);
  await page.keyboard.press("ControlOrMeta+k");
  const field = page.getByRole("combobox", { name: "Find a page or a command" });
  await expect(field).toBeFocused();
  await page.keyboard.type("dead");
  await expect(page.getByRole("option")).toHaveCount(1);
  await expect(page.getByRole("option").first()).toHaveAttribute("aria-selected", "true");
  await expect(field).toHaveAttribute("aria-activedescendant", "palette-0");
  await page.screenshot({ path: "pictures/palette.png" });
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`${founder.home}/dead-letters`);
  await page.keyboard.press("ControlOrMeta+k");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("palette")).toBeHidden();
});

for (const theme of ["light", "dark"]) {
  for (const small of [false, true]) {
    const width = small ? 360 : 1280;
    test(`the desk at ${width} px in the ${theme} theme fits and has no fault that axe can find`, async ({ ownServer, open }) => {
      test.setTimeout(120_000);
      const founder = await Founder.alone(ownServer);
      const author = await Author.of(founder, "ceo");
      const title = `Rollout ${"and-a-word-without-an-end-".repeat(3)}`;
      for (let n = 1; n <= 9; n++) await author.asks(`rollout-${n}`, { deadline: inHours(24 * n), ...(n === 1 ? { title } : {}) });
      const page = await open("/desk", { founder, theme, small });
      const fits = async (name) => {
        expect(await page.evaluate(() => document.documentElement.scrollWidth), `${name} is too wide`).toBeLessThanOrEqual(width);
        expect(await axe(page), name).toEqual([]);
        await picture(page, `${name}-${width}-${theme}`);
      };
      await live(page);
      await page.getByTestId("waiting-cost").locator("summary").click();
      await fits("desk");
      if (small) {
        await page.screenshot({ path: `pictures/desk-thumb-${theme}.png` });
        for (const control of await page.getByTestId("desk-bar").locator("a:visible, button:visible").all()) {
          expect((await control.boundingBox()).height, "for the thumb").toBeGreaterThanOrEqual(48);
        }
      }
      for (let n = 0; n < 3; n++) {
        const before = await heading(page).textContent();
        await page.getByTestId("desk-accept").click();
        await expect(heading(page)).not.toHaveText(before);
      }
      await fits("desk-third");
      await page.getByTestId("to-batch").click();
      await expect(page.getByTestId("batch-row")).toHaveCount(3);
      await fits("desk-batch");
      await page.getByTestId("batch-unsigned").click();
      await expect(page.getByTestId("done-row")).toHaveCount(3);
      await fits("desk-done");
      await page.goto(`${founder.home}/inbox`);
      await live(page);
      await fits("inbox-with-desk");
      await author.close();
    });
  }
}
