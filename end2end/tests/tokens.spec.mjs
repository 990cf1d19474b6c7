import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { Founder } from "../support/founder.mjs";
import { axe, expect, live, picture, test, walkTo } from "../support/test.mjs";

const PAGE = "/settings/tokens";
const rows = (page) => page.getByTestId("token-row");
const secret = (page) => page.getByTestId("token-made").locator("pre").first();

/** Asks the API as a program does. */
async function ask(founder, token, path, options = {}) {
  const headers = { authorization: `Bearer ${token}`, ...options.headers };
  return fetch(`${founder.server.url}/api/v1${path}`, { ...options, headers });
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";

  test(`a founder makes a token, uses it and revokes it, ${how} JavaScript`, async ({ ownServer, open, faults }) => {
    faults.expect(/status of (422|409)|answer (422|409)/);
    const founder = await Founder.alone(ownServer);
    const page = await open(PAGE, { founder, javaScriptEnabled });
    if (javaScriptEnabled) await live(page);
    await expect(page.getByText("None yet.")).toBeVisible();
    await page.getByLabel("Name").fill("nightly import");
    await page.getByLabel("see everything of the organization").uncheck();
    await page.getByRole("button", { name: "Make token" }).click();
    await expect(page.getByText("Choose what the token is for.")).toBeVisible();
    await expect(page.getByLabel("Name")).toHaveValue("nightly import");
    await expect(page.getByLabel("see everything of the organization")).not.toBeChecked();
    if (javaScriptEnabled) expect(await axe(page)).toEqual([]);

    await page.getByLabel("see everything of the organization").check();
    await page.getByLabel("give, cancel and reprioritise tasks").check();
    await page.getByRole("button", { name: "Make token" }).click();
    await expect(page.getByRole("heading", { name: "Copy the token now" })).toBeFocused();
    const token = await secret(page).innerText();
    expect(token).toMatch(/^csk_[\w-]{64}$/);
    await expect(rows(page)).toContainText("never used");

    expect((await ask(founder, token, "/tasks")).status).toBe(200);
    expect((await ask(founder, token, "/agents/none/resume", { method: "POST" })).status).toBe(403);
    if (javaScriptEnabled) {
      // What changes meanwhile takes the token from nobody's eyes.
      await live(page);
      await founder.create("cso");
      await expect(rows(page)).toContainText("from 127.0.0.1");
      await expect(secret(page)).toHaveText(token);
    }

    await page.goto(founder.home + PAGE);
    await expect(page.getByTestId("token-made")).toHaveCount(0);
    expect(await page.content()).not.toContain(token);
    await expect(rows(page)).toContainText("from 127.0.0.1");
    await page.getByRole("button", { name: "Revoke nightly import" }).click();
    await expect(rows(page)).toContainText("Revoked");
    expect((await ask(founder, token, "/tasks")).status).toBe(401);
  });
}

test("a token's form that is sent twice makes one token and shows it once", async ({ ownServer, open, faults }) => {
  faults.expect(/status of 409|answer 409/);
  const founder = await Founder.alone(ownServer);
  const page = await open(PAGE, { founder });
  await page.getByLabel("Name").fill("twice");
  await page.getByRole("button", { name: "Make token" }).click();
  await expect(secret(page)).toBeVisible();
  await page.reload();
  await expect(page.getByText("This token was made already")).toBeVisible();
  await expect(page.getByTestId("token-made")).toHaveCount(0);
  await expect(rows(page)).toHaveCount(1);
});

test("a token is made and copied by keyboard alone", async ({ ownServer, open }) => {
  const founder = await Founder.alone(ownServer);
  const page = await open(PAGE, { founder, permissions: ["clipboard-read", "clipboard-write"] });
  await live(page);
  await walkTo(page, page.getByLabel("Name"));
  await page.keyboard.type("by keyboard");
  await walkTo(page, page.getByLabel("replay and dismiss dead letters"));
  await page.keyboard.press("Space");
  await walkTo(page, page.getByLabel("Expires after, in days"));
  await page.keyboard.press("Control+A");
  await page.keyboard.type("7");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Copy the token now" })).toBeFocused();
  await live(page);
  await walkTo(page, page.getByRole("button", { name: "Copy token" }));
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await secret(page).innerText());
});

test("the page of tokens is reached from the page of security", async ({ founder, open }) => {
  const page = await open("/settings/security");
  await page.getByRole("link", { name: "API tokens" }).first().click();
  await expect(page.getByRole("heading", { name: "API tokens", exact: true })).toBeVisible();
});

for (const theme of ["light", "dark"]) {
  for (const small of [false, true]) {
    const width = small ? 360 : 1280;

    test(`tokens and the page of the API at ${width} px in the ${theme} theme`, async ({ ownServer, open }) => {
      const founder = await Founder.alone(ownServer);
      const page = await open(PAGE, { founder, theme, small });
      for (const name of ["nightly import of tickets", "dashboard on the wall"]) {
        await page.getByLabel("Name").fill(name);
        for (const scope of ["give, cancel and reprioritise tasks", "replay and dismiss dead letters"]) await page.getByLabel(scope).check();
        await page.getByRole("button", { name: "Make token" }).click();
        await expect(secret(page)).toBeVisible();
      }
      await live(page);
      const fits = async (name) => {
        expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(width);
        expect(await axe(page), name).toEqual([]);
        await picture(page, `${name}-${width}-${theme}`);
      };
      await fits("tokens");
      await page.goto(`${ownServer.url}/api/docs`);
      await fits("api-docs");
    });
  }
}

test("what the guide says to enter is answered as it says", async ({ ownServer }) => {
  const founder = await Founder.of(ownServer);
  await founder.agentWithLetters("cso", 12);
  const form = { tenant: "acme-robotics", once: crypto.randomUUID(), name: "guide", days: "1" };
  const scopes = ["read", "tasks", "dead_letters"].map((scope, index) => [`scopes[${index}]`, scope]);
  const token = await (await founder.post("/api/token/make", { ...form, ...Object.fromEntries(scopes) })).json();
  const guide = readFileSync(resolve(import.meta.dirname, "../../docs/api.md"), "utf8");
  const commands = guide.replaceAll("\\\n", "").split("\n").filter((line) => line.startsWith("    curl "));
  expect(commands.length).toBe(8);
  const answers = [];
  for (const command of commands) {
    const env = { ...process.env, CONSOLE: ownServer.url, TOKEN: token };
    const { stdout } = await promisify(execFile)("bash", ["-c", `${command.trim()} --silent --show-error`], { env });
    answers.push(JSON.parse(stdout));
  }
  expect(Object.keys(answers[0])).toEqual(["agents"]);
  expect(answers[1].task).toMatch(/^[0-9a-f-]{36}$/);
  expect(answers[2].count).toBe(12);
  expect(answers[3].count).toBe(12);
  expect(answers[4].count).toBe(12);
  expect(answers[5].reviews.map((review) => review.state)).toEqual(["approved", "approved"]);
  expect(answers[6].decisions).toEqual([]);
  expect(answers[7].entries[0].seq).toBe(1);
});
