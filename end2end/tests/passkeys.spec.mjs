// Passkeys with the browser's own virtual authenticator, second factors, and fresh proofs.

import { FOUNDER, Founder } from "../support/founder.mjs";
import { axe, expect, picture, test } from "../support/test.mjs";
import { authenticator, codeOf } from "../support/authenticator.mjs";

const PAGE = "/settings/security";
const passkeys = (page) => page.getByTestId("passkey-row");

/** The founder at the console's name: passkeys are bound to one, and 127.0.0.1 is none. */
async function named(server) {
  const founder = await Founder.alone({ ...server, url: server.url.replace("127.0.0.1", "localhost") });
  return founder;
}

async function add(page, name) {
  await page.getByLabel("Name of a new passkey").fill(name);
  await page.getByRole("button", { name: "Add a passkey" }).click();
}

/** As a browser that does not offer passkeys by itself: they are asked for by the button. */
async function offersNothing(page) {
  await page.addInitScript(() => {
    if (window.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false;
  });
}

/** Signs out and stands at the door. */
async function leave(page, founder) {
  // An open page would find out by itself, and go there too.
  await page.goto("about:blank");
  await page.context().clearCookies();
  await page.goto(`${founder.server.url}/sign-in`);
}

test("a founder adds a passkey, signs in with it alone, and removes it", async ({ ownServer, open, faults }) => {
  const founder = await named(ownServer);
  const page = await open(PAGE, { founder });
  await offersNothing(page);
  await authenticator(page);
  await expect(page.getByText("None yet. A passkey signs you in")).toBeVisible();
  await add(page, "Laptop");
  await expect(passkeys(page)).toHaveCount(1);
  await expect(passkeys(page)).toContainText("Laptop");
  await expect(passkeys(page)).toContainText("not used yet");
  expect(await axe(page)).toEqual([]);
  await picture(page, "passkeys");

  await leave(page, founder);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(page).toHaveURL(founder.home);
  await page.goto(founder.home + PAGE);
  await expect(passkeys(page)).toContainText("last used");
  await expect(page.getByTestId("session-row").filter({ hasText: "This session" })).toContainText("by passkey");

  // The device has one already: it says so, and nothing is doubled.
  await add(page, "Again");
  await expect(page.getByTestId("passkey-error")).toHaveText("This device has a passkey for you already.");
  await page.getByRole("button", { name: "Remove Laptop" }).click();
  await expect(passkeys(page)).toHaveCount(0);

  faults.expect(/status of 422|answer 422/);
  await leave(page, founder);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(page.getByTestId("form-error")).toHaveText("This passkey was not accepted. Try again, or use another way.");
  await picture(page, "sign-in-passkey-refused");
});

test("the browser offers the passkey by itself where the address is entered", async ({ ownServer, open }) => {
  const founder = await named(ownServer);
  const page = await open(PAGE, { founder });
  const device = await authenticator(page);
  await add(page, "Laptop");
  await expect(passkeys(page)).toHaveCount(1);
  // The virtual device takes an offer at once, as a person does who picks it from the list.
  await leave(page, founder);
  await expect(page).toHaveURL(founder.home);
  expect((await device.credentials()).length).toBe(1);
});

test("who gives no passkey is told so and can use the password", async ({ ownServer, open }) => {
  const founder = await named(ownServer);
  const page = await open(`${founder.server.url}/sign-in`, { founder: null });
  await authenticator(page, { isUserVerified: false });
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(page.getByTestId("passkey-error")).toHaveText("No passkey was given. Try again, or use another way.");
  expect(await axe(page)).toEqual([]);
  for (const theme of ["light", "dark"]) {
    const drawn = await open(`${founder.server.url}/sign-in`, { founder: null, theme });
    await picture(drawn, `sign-in-${theme}`);
  }
  await picture(await open(`${founder.server.url}/sign-in`, { founder: null, small: true }), "sign-in-small");
  await page.getByLabel("E-mail").fill(FOUNDER.email);
  await page.getByLabel("Password").fill(FOUNDER.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page).toHaveURL(founder.home);
});

test("a passkey of another person, and an answer to another question, are refused", async ({ ownServer, open, faults }) => {
  faults.expect(/status of 422|answer 422/);
  const founder = await named(ownServer);
  const page = await open(PAGE, { founder });
  await offersNothing(page);
  const device = await authenticator(page);
  await add(page, "Laptop");
  await expect(passkeys(page)).toHaveCount(1);
  const [credential] = await device.credentials();

  // The device says that the passkey is somebody else's.
  await device.replace({ ...credential, userHandle: Buffer.from("0123456789abcdef").toString("base64") });
  await leave(page, founder);
  const button = page.getByRole("button", { name: "Sign in with a passkey" });
  await button.click();
  await expect(page.getByTestId("form-error")).toHaveText("This passkey was not accepted. Try again, or use another way.");

  // An answer counts once: kept and sent again, it is late.
  await device.replace(credential);
  const [request] = await Promise.all([
    page.waitForRequest((request) => request.method() === "POST" && new URL(request.url()).pathname === "/sign-in"),
    button.click(),
  ]);
  await expect(page).toHaveURL(founder.home);
  const replayed = await fetch(`${founder.server.url}/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", origin: founder.server.url },
    body: request.postData(),
    redirect: "manual",
  });
  expect(replayed.status).toBe(422);
  expect(await replayed.text()).toContain("answered before");
});

test("a fresh proof is asked for in the form, and a passkey gives it", async ({ ownServer, open, faults }) => {
  faults.expect(/status of 403|answer 403/);
  const founder = await named(ownServer);
  const page = await open(PAGE, { founder });
  await authenticator(page);
  await add(page, "Laptop");
  await expect(passkeys(page)).toHaveCount(1);
  await ownServer.sql("update session set proven_ms = 0");
  await page.getByRole("button", { name: "Set up an app" }).click();
  await expect(page.getByTestId("proof")).toBeVisible();
  expect(await axe(page)).toEqual([]);
  await picture(page, "proof");
  await page.getByRole("button", { name: "Confirm with a passkey" }).click();
  await expect(page.getByTestId("code-secret")).toBeVisible();
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";

  test(`an authenticator app is set up by keyboard, asked for at sign-in, and switched off, ${how} JavaScript`, async ({
    ownServer,
    open,
    faults,
  }) => {
    faults.expect(/status of (403|422)|answer (403|422)/);
    const founder = await Founder.alone(ownServer);
    const page = await open(PAGE, { founder, javaScriptEnabled });
    const press = async (name) => {
      await page.getByRole("button", { name }).focus();
      await page.keyboard.press("Enter");
    };
    await press("Set up an app");
    const secret = (await page.getByTestId("code-secret").innerText()).replaceAll(" ", "");
    await picture(page, `codes-pending-${how}-js`);
    if (javaScriptEnabled) expect(await axe(page)).toEqual([]);

    await page.getByLabel("The code that the app shows").fill("000000");
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("form-error")).toContainText("This is not the code that the app shows now");
    const used = codeOf(secret);
    await page.getByLabel("The code that the app shows").fill(used);
    await page.keyboard.press("Enter");
    const recovery = page.getByTestId("recovery-codes");
    await expect(recovery.getByRole("listitem")).toHaveCount(10);
    const [first, second] = await recovery.getByRole("listitem").allInnerTexts();
    await picture(page, `recovery-codes-${how}-js`);
    if (javaScriptEnabled) expect(await axe(page)).toEqual([]);

    await page.context().clearCookies();
    await page.goto(`${founder.home}/tasks`);
    await page.getByLabel("E-mail").fill(FOUNDER.email);
    await page.getByLabel("Password").fill(FOUNDER.password);
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "Enter your code" })).toBeVisible();
    await picture(page, `sign-in-code-${how}-js`);
    if (javaScriptEnabled) expect(await axe(page)).toEqual([]);
    await page.getByLabel("Code").fill(used);
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("form-error")).toContainText("This code does not count, or was used");
    await page.getByLabel("Code").fill(first);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(`${founder.home}/tasks`);

    await page.goto(founder.home + PAGE);
    await expect(page.getByText("9 recovery codes are left.")).toBeVisible();
    await ownServer.sql("update session set proven_ms = 0");
    await press("Switch codes off");
    await page.getByLabel("A code of your app", { exact: true }).fill("000000");
    await press("Switch codes off");
    await expect(page.getByTestId("form-error")).toContainText("This code does not count, or was used");
    await page.getByLabel("A code of your app", { exact: true }).fill(second);
    await press("Switch codes off");
    await expect(page.getByRole("button", { name: "Set up an app" })).toBeVisible();
  });
}
