import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { Founder, FOUNDER } from "../support/founder.mjs";
import { axe, expect, picture, test } from "../support/test.mjs";

const MEMBERS = "/settings/members";
const MAIL = "/settings/mail";
const BOB = { name: "Bob Ross", email: "bob@example.com", password: "happy little trees" };

const member = (page, name) => page.getByTestId("member-row").filter({ hasText: name });

/** Sends an invitation from the page of members. */
async function invite(page, email, role) {
  const form = page.getByTestId("invite");
  await form.getByLabel("E-mail").fill(email);
  await form.getByLabel("Role").selectOption(role);
  await form.getByRole("button", { name: "Send invitation" }).click();
  await expect(page.getByTestId("invitation-row").filter({ hasText: email })).toBeVisible();
}

async function accept(page, { name, password }) {
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: /^Join/ }).click();
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";

  test(`a founder hands an invitation on from the outbox, and who accepts it is a member, ${how} JavaScript`, async ({ ownServer, open }) => {
    const founder = await Founder.alone(ownServer);
    const page = await open(MEMBERS, { founder, javaScriptEnabled });
    await invite(page, BOB.email, "observer");
    if (javaScriptEnabled) expect(await axe(page)).toEqual([]);
    await picture(page, `members-${how}-js`);

    await page.getByRole("link", { name: "Mail", exact: true }).click();
    await expect(page.getByTestId("no-mail-server")).toBeVisible({ timeout: 15_000 });
    await page.getByRole("button", { name: `Show the mail to ${BOB.email}` }).click();
    const text = await page.getByTestId("mail-text").textContent();
    if (javaScriptEnabled) expect(await axe(page)).toEqual([]);
    await picture(page, `mail-${how}-js`);
    const link = /http\S+\/invite\/\S+/.exec(text)[0];

    const door = await open(link, { founder: null, javaScriptEnabled });
    await expect(door.getByText("Ada Lovelace asks you to join Acme Robotics")).toBeVisible();
    if (javaScriptEnabled) expect(await axe(door)).toEqual([]);
    await picture(door, `invite-${how}-js`);
    await accept(door, BOB);
    await expect(door).toHaveURL(`${ownServer.url}/t/acme-robotics`);
    await expect(door.locator(".viewer-role")).toHaveText("observer");
    await door.goto(founder.home + MEMBERS);
    await expect(member(door, BOB.name)).toContainText("you");
    await expect(member(door, "Ada Lovelace")).toContainText("founder");
    await expect(door.getByText("Invite somebody")).toHaveCount(0);
  });

  test(`somebody who forgot the password sets another by mail, ${how} JavaScript`, async ({ ownServerWithMail: server, open, faults }) => {
    faults.expect(/status of (422|404)|answer (422|404)/);
    await Founder.alone(server);
    const page = await open(`${server.url}/sign-in`, { founder: null, javaScriptEnabled });
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await picture(page, `recover-${how}-js`);
    await page.getByLabel("E-mail").fill(FOUNDER.email);
    await page.getByRole("button", { name: "Send me a link" }).click();
    await expect(page.getByText("a mail with a link is on its way")).toBeVisible();
    if (javaScriptEnabled) expect(await axe(page)).toEqual([]);
    const link = await server.mail.link(FOUNDER.email, "recover");
    await page.goto(link);
    await page.getByLabel("New password").fill("short");
    await page.getByRole("button", { name: "Set password" }).click();
    await expect(page.getByTestId("form-error")).toContainText("at least 12 characters");
    if (javaScriptEnabled) expect(await axe(page)).toEqual([]);
    await picture(page, `recover-refused-${how}-js`);
    await page.getByLabel("New password").fill("a new sentence to remember");
    await page.getByRole("button", { name: "Set password" }).click();
    await expect(page.getByText("Your new password is set.")).toBeVisible();
    await page.getByRole("link", { name: "Sign in" }).click();
    await page.getByLabel("E-mail").fill(FOUNDER.email);
    await page.getByLabel("Password").fill("a new sentence to remember");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page).toHaveURL(`${server.url}/t/acme-robotics`);

    await page.goto(link);
    await expect(page.getByTestId("over")).toContainText("does not work any more");
    await picture(page, `recover-over-${how}-js`);
  });
}

test("an invitation is accepted, a role changed and a member removed by keyboard alone", async ({ ownServerWithMail: server, open, faults }) => {
  faults.expect(/status of (401|404)|answer (401|404)/);
  const founder = await Founder.alone(server);
  const page = await open(MEMBERS, { founder });
  await page.getByTestId("invite").getByLabel("E-mail").focus();
  await page.keyboard.type(BOB.email);
  await page.keyboard.press("Tab");
  await page.keyboard.press("r");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("invitation-row")).toContainText("reviewer");

  const door = await open(await server.mail.link(BOB.email, "invite"), { founder: null });
  await door.getByLabel("Your name").focus();
  await door.keyboard.type(BOB.name);
  await door.keyboard.press("Tab");
  await door.keyboard.type(BOB.password);
  await door.keyboard.press("Enter");
  await expect(door).toHaveURL(`${server.url}/t/acme-robotics`);
  await expect(door.locator(".viewer-role")).toHaveText("reviewer");

  await page.reload();
  await member(page, BOB.name).locator("summary").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("o");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(member(page, BOB.name).getByTestId("member-role")).toHaveText("observer");
  await member(page, BOB.name).locator("summary").focus();
  await page.keyboard.press("Enter");
  await member(page, BOB.name).getByRole("button", { name: /^Remove from/ }).focus();
  await page.keyboard.press("Enter");
  await expect(member(page, BOB.name)).toHaveCount(0);
  await door.goto(founder.home);
  await expect(door).toHaveURL(/\/sign-in/);
});

test("whoever is signed in with another address is told, and the one with an account signs in to join", async ({ ownServerWithMail: server, open, faults }) => {
  faults.expect(/status of (401|404)|answer (401|404)/);
  const founder = await Founder.alone(server);
  const page = await open(MEMBERS, { founder });
  await invite(page, BOB.email, "observer");
  const link = await server.mail.link(BOB.email, "invite");
  const wrong = await open(link, { founder });
  await expect(wrong.getByTestId("wrong-account")).toContainText(FOUNDER.email);
  expect(await axe(wrong)).toEqual([]);
  await picture(wrong, "invite-wrong-account");

  const door = await open(link, { founder: null });
  await accept(door, BOB);
  await expect(door).toHaveURL(`${server.url}/t/acme-robotics`);
  await page.reload();
  await member(page, BOB.name).locator("summary").click();
  await member(page, BOB.name).getByRole("button", { name: /^Remove from/ }).click();
  await expect(member(page, BOB.name)).toHaveCount(0);
  server.mail.mails.length = 0;
  await invite(page, BOB.email, "reviewer");
  await door.goto(await server.mail.link(BOB.email, "invite"));
  await door.getByRole("link", { name: "Sign in" }).click();
  await door.getByLabel("E-mail").fill(BOB.email);
  await door.getByLabel("Password").fill(BOB.password);
  await door.getByRole("button", { name: "Sign in", exact: true }).click();
  await door.getByRole("button", { name: "Join Acme Robotics" }).click();
  await expect(door.locator(".viewer-role")).toHaveText("reviewer");
});

test("a person confirms their address, and takes another one", async ({ ownServerWithMail: server, open }) => {
  const founder = await Founder.alone(server);
  const page = await open("/settings/security", { founder });
  const address = page.getByTestId("address");
  await expect(address).toContainText("Not confirmed");
  await picture(page, "address-not-confirmed");
  await page.goto(await server.mail.link(FOUNDER.email, "verify"));
  await page.getByRole("button", { name: "Confirm address" }).click();
  await expect(page.getByText("Your address is confirmed.")).toBeVisible();

  await page.goto(`${founder.home}/settings/security`);
  await expect(address.getByTestId("state-badge")).toHaveText("Confirmed");
  await address.getByText("Use another address").click();
  await address.getByLabel("New address").fill("lovelace@example.com");
  await address.getByRole("button", { name: "Change address" }).click();
  await expect(page.getByTestId("address-asked")).toContainText("lovelace@example.com");
  expect(await axe(page)).toEqual([]);
  await page.goto(await server.mail.link("lovelace@example.com", "verify"));
  await page.getByRole("button", { name: "Confirm address" }).click();
  await page.getByRole("link", { name: "Go to your overview" }).click();
  await page.goto(`${founder.home}/settings/security`);
  await expect(address).toContainText("lovelace@example.com");
});

for (const theme of ["light", "dark"]) {
  test(`the pages of people look well in ${theme}, also on a small screen`, async ({ ownServerWithMail: server, open }) => {
    const founder = await Founder.alone(server);
    await founder.post("/api/member/invite", { tenant: "acme-robotics", email: BOB.email, role: "reviewer" });
    const link = await server.mail.link(BOB.email, "invite");
    await founder.post("/api/member/invite", { tenant: "acme-robotics", email: "a.person.with.a.long.name@department.example.com", role: "observer" });
    const pages = { members: MEMBERS, outbox: MAIL, invite: link, forgot: `${server.url}/recover` };
    for (const [name, address] of Object.entries(pages)) {
      for (const small of [false, true]) {
        const page = await open(address, { founder: address === link ? null : founder, theme, small });
        await expect(page.locator("h1")).toBeVisible();
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is as wide as the screen`).toBe(true);
        expect(await axe(page)).toEqual([]);
        await picture(page, `people-${name}-${theme}${small ? "-small" : ""}`);
      }
    }
  });
}

test("an operator makes a link to a new password where there is no mail server", async ({ ownServer, open }) => {
  await Founder.alone(ownServer);
  const bin = process.env.COUNTERSIGN_BIN ?? join(import.meta.dirname, "../../target/debug/countersign");
  const said = execFileSync(bin, ["user", "reset-link", FOUNDER.email, "--data-dir", join(ownServer.dir, "data")]).toString();
  const page = await open(said.split("\n")[0], { founder: null });
  await page.getByLabel("New password").fill("a new sentence to remember");
  await page.getByRole("button", { name: "Set password" }).click();
  await expect(page.getByText("Your new password is set.")).toBeVisible();
});
