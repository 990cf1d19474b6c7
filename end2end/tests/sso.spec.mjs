import { Founder } from "../support/founder.mjs";
import { CLIENT, Provider } from "../support/provider.mjs";
import { Server } from "../support/server.mjs";
import { axe, enterByKeys, expect, picture, pressByKeys, test as base } from "../support/test.mjs";

const PAGE = "/settings/sso";

const test = base.extend({
  provider: async ({}, use) => {
    const provider = await Provider.start();
    await use(provider);
    await provider.end();
  },

  /** A server of the test's own that may ask a provider on this machine. */
  ownServer: async ({}, use) => {
    const server = await Server.start("--sso-allow-private");
    await use(server);
    await server.end();
  },

  /** Its founder; the operator allows the domain. */
  ada: async ({ ownServer }, use) => {
    const ada = await Founder.alone(ownServer);
    await ownServer.command("sso", "allow-domain", "acme-robotics", "example.com");
    await use(ada);
  },
});

/** Enters the provider on its page. */
async function connect(page, provider) {
  await page.getByLabel("Issuer").fill(provider.issuer);
  await page.getByLabel("Client ID").fill(CLIENT.id);
  await page.getByLabel("Client secret").fill(CLIENT.secret);
  await page.getByLabel("Domains of your people's addresses").fill("example.com");
  await page.getByLabel("Groups of founders").fill("board");
  await page.getByLabel("Groups of reviewers").fill("risk");
  await page.getByLabel("Everybody else is").selectOption("");
  await page.getByRole("button", { name: "Save provider" }).click();
  await expect(page.getByTestId("sso-state")).toContainText("Not tested yet");
}

/** From the organization's entrance to the provider's page, and through it as one of its people, by keyboard alone. */
async function through(page, who) {
  await pressByKeys(page, "button", "Continue through Acme Robotics");
  await pressByKeys(page, "button", `I am ${who}`);
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";

  test(`a founder connects a provider, and people come in by their domain, ${how} JavaScript`, async ({
    ownServer,
    ada,
    provider,
    open,
    faults,
  }) => {
    faults.expect(/answer 409|status of 409/);
    const page = await open(PAGE, { founder: ada, javaScriptEnabled });
    await connect(page, provider);
    await page.getByRole("button", { name: "Require single sign-on" }).click();
    await expect(page.getByTestId("form-error")).toContainText("Test it first");
    await page.getByRole("button", { name: "Test it" }).click();
    await page.getByRole("button", { name: "I am ada" }).click();
    await expect(page).toHaveURL(new RegExp(`${PAGE}$`));
    await expect(page.getByTestId("sso-state")).toContainText("Optional");

    // The first sign-in of somebody new: only the address is entered, nothing else is known of her.
    const grace = await open(`${ownServer.url}/sign-in`, { founder: null, javaScriptEnabled });
    await enterByKeys(grace, "E-mail", "grace@example.com");
    await pressByKeys(grace, "button", "Sign in");
    await expect(grace).toHaveURL(/\/sso\/acme-robotics$/);
    await expect(grace.getByText("Acme Robotics has a sign-in service of its own.")).toBeVisible();
    await through(grace, "grace");
    await expect(grace).toHaveURL(/\/t\/acme-robotics$/);
    await expect(grace.locator(".viewer-role")).toHaveText("reviewer");

    const mallory = await open(`${ownServer.url}/sso/acme-robotics?next=/t/acme-robotics/tasks`, { founder: null, javaScriptEnabled });
    await through(mallory, "mallory");
    await expect(mallory.getByTestId("sso-refused")).toContainText("Single sign-on did not let you in.");
    await pressByKeys(mallory, "link", "Start again");
    await enterByKeys(mallory, "E-mail", "grace@example.com");
    await pressByKeys(mallory, "button", "Continue");
    await through(mallory, "grace");
    await expect(mallory).toHaveURL(/\/t\/acme-robotics$/);
  });
}

test("where it is required, a password leads nowhere, and the way in is named", async ({ ownServer, ada, provider, open, faults }) => {
  faults.expect(/answer 409|status of 409/);
  const other = await ada.anotherSession();
  // Its session is replaced by the one that the test of the provider opens.
  const page = await open(PAGE, { founder: await ada.anotherSession() });
  await connect(page, provider);
  await page.getByRole("button", { name: "Test it" }).click();
  await page.getByRole("button", { name: "I am ada" }).click();
  await expect(page).toHaveURL(new RegExp(`${PAGE}$`));

  const settings = await open(PAGE, { founder: ada });
  await settings.getByRole("button", { name: "Require single sign-on" }).click();
  await expect(settings.getByTestId("sso-state")).toContainText("Required");
  const ended = await open(PAGE, { founder: other });
  await expect(ended).toHaveURL(/\/sign-in\?next=/);

  await ended.getByLabel("E-mail").fill("ada@example.com");
  await ended.getByLabel("Password").fill("correct horse battery staple");
  await ended.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(ended.getByTestId("form-error")).toContainText("or your organization requires single sign-on.");
  await ended.getByRole("link", { name: "Sign in through your organization" }).click();
  await ended.getByLabel("E-mail").fill("ada@example.com");
  await ended.keyboard.press("Enter");
  await expect(ended.getByText("Acme Robotics requires that its people sign in through its own service.")).toBeVisible();
  await through(ended, "ada");
  await expect(ended).toHaveURL(new RegExp(`/t/acme-robotics${PAGE}$`));
  await ownServer.command("sso", "optional", "acme-robotics");
  await expect(ended.getByTestId("sso-state")).toContainText("Optional");
});

for (const theme of ["light", "dark"]) {
  for (const width of [1280, 360]) {
    test(`its pages are accessible and fit ${width} px, ${theme}`, async ({ ownServer, ada, provider, open, faults }) => {
      faults.expect(/answer (409|404)|status of (409|404)/);
      const small = width === 360;
      const found = [];
      const look = async (page, name) => {
        const needed = await page.evaluate(() => document.documentElement.scrollWidth);
        if (needed > width) found.push(`${name} is ${needed} px wide`);
        for (const fault of await axe(page)) found.push(`${name}: ${fault}`);
        await picture(page, `${name}-${width}-${theme}`);
      };
      const page = await open(PAGE, { founder: ada, theme, small });
      await expect(page.getByRole("button", { name: "Save provider" })).toBeVisible();
      await look(page, "sso-empty");
      await connect(page, provider);
      await page.getByRole("button", { name: "Test it" }).click();
      await page.getByRole("button", { name: "I am ada" }).click();
      await expect(page.getByTestId("sso-state")).toContainText("Optional");
      await look(page, "sso");

      const door = await open(`${ownServer.url}/sign-in`, { founder: null, theme, small });
      await look(door, "sso-sign-in");
      await door.goto(`${ownServer.url}/sso`);
      await look(door, "sso-find");
      await door.goto(`${ownServer.url}/sso/acme-robotics`);
      await look(door, "sso-enter");
      await door.goto(`${ownServer.url}/sso/acme-robotics/callback`);
      await look(door, "sso-refused");
      expect(found).toEqual([]);
    });
  }
}
