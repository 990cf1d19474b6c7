// What somebody is told outside the console, and where it is sent: said in a browser.

import { createServer } from "node:http";
import { Founder } from "../support/founder.mjs";
import { Server } from "../support/server.mjs";
import { axe, expect, live, picture, test as base } from "../support/test.mjs";

const NOTICES = "/settings/notifications";
const WEBHOOKS = "/settings/webhooks";

const test = base.extend({
  /** A server of the test's own that sends webhooks to this machine too. */
  lenient: async ({}, use) => {
    const server = await Server.start("--webhooks-allow-private");
    await use(server);
    await server.end();
  },

  /** Takes what is sent to it; the answer is `receiver.status`. */
  receiver: async ({}, use) => {
    const taken = [];
    const receiver = { taken, status: 204 };
    const http = createServer((request, response) => {
      let body = "";
      request.on("data", (part) => (body += part));
      request.on("end", () => {
        taken.push({ headers: request.headers, body: JSON.parse(body) });
        response.writeHead(receiver.status).end();
      });
    });
    await new Promise((done) => http.listen(0, "127.0.0.1", done));
    receiver.url = `http://127.0.0.1:${http.address().port}/hook?token=s3cret`;
    await use(receiver);
    http.closeAllConnections();
    await new Promise((done) => http.close(done));
  },
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";

  test(`somebody says what they hear and when, ${how} JavaScript`, async ({ ownServer, open, faults }) => {
    faults.expect(/status of (422|409)|answer (422|409)/);
    const founder = await Founder.alone(ownServer);
    const page = await open(NOTICES, { founder, javaScriptEnabled });
    if (javaScriptEnabled) await live(page);
    await expect(page.getByRole("radio", { name: "A brief is due within a day: a mail at once" })).toBeChecked();
    await page.getByRole("radio", { name: "An agent is lost: a mail at once" }).check();
    await page.getByLabel("Your clock, from UTC").fill("Oslo");
    await page.getByLabel("Quiet from").fill("22:00");
    await page.getByLabel("Quiet until").fill("07:00");
    await page.getByLabel("What is due within the hour").check();
    await page.getByRole("button", { name: "Save notifications" }).click();
    await expect(page.getByTestId("form-error")).toContainText("such as +01:00");
    await expect(page.getByRole("radio", { name: "An agent is lost: a mail at once" })).toBeChecked();
    await expect(page.getByLabel("What is due within the hour")).toBeChecked();
    if (javaScriptEnabled) expect(await axe(page)).toEqual([]);

    await page.getByLabel("Your clock, from UTC").fill("+01:00");
    await page.getByLabel("Minutes until").fill("30");
    await page.getByRole("button", { name: "Save notifications" }).click();
    await expect(page.getByTestId("form-error")).toHaveCount(0);
    await page.reload();
    await expect(page.getByLabel("Your clock, from UTC")).toHaveValue("+01:00");
    await expect(page.getByLabel("Quiet from")).toHaveValue("22:00");
    await expect(page.getByLabel("Minutes until")).toHaveValue("30");
    await expect(page.getByRole("radio", { name: "An agent is lost: a mail at once" })).toBeChecked();

    await expect(page.getByTestId("not-confirmed")).toBeVisible();
    await page.getByRole("button", { name: "Send a test" }).click();
    await expect(page.getByText("Confirm your address first")).toBeVisible();
    await picture(page, `notifications-${how}-js`);
  });

  test(`a founder makes a webhook, tries it, sends it again and changes its secret, ${how} JavaScript`, async ({ lenient, receiver, open, faults }) => {
    faults.expect(/status of 422|answer 422/);
    const founder = await Founder.alone(lenient);
    const page = await open(WEBHOOKS, { founder, javaScriptEnabled });
    if (javaScriptEnabled) await live(page);
    await expect(page.getByText("None yet.")).toBeVisible();
    await page.getByLabel("Name").fill("Pager");
    await page.getByLabel("Address").fill("http://example.com/");
    await page.getByRole("button", { name: "Make webhook" }).click();
    await expect(page.getByTestId("form-error")).toContainText("https:// address");
    await expect(page.getByLabel("Name")).toHaveValue("Pager");
    if (javaScriptEnabled) expect(await axe(page)).toEqual([]);
    await page.getByLabel("Address").fill(receiver.url);
    await page.getByRole("button", { name: "Make webhook" }).click();
    await expect(page.getByRole("heading", { name: "Copy the secret now" })).toBeFocused();
    const secret = await page.getByTestId("secret-made").locator("pre").innerText();
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
    if (javaScriptEnabled) expect(await axe(page)).toEqual([]);
    await picture(page, `webhook-made-${how}-js`);

    await page.getByTestId("webhook-row").getByRole("link", { name: "Pager" }).click();
    await expect(page.getByText("Nothing was sent yet.")).toBeVisible();
    expect(await page.content()).not.toContain("s3cret");
    if (javaScriptEnabled) await live(page);
    await page.getByRole("button", { name: "Try the address" }).click();
    await expect.poll(() => receiver.taken.length).toBe(1);
    const row = page.getByTestId("delivery-row");
    await expect(async () => {
      await page.reload();
      await expect(row).toContainText("answered 204", { timeout: 500 });
    }).toPass();
    await row.getByText("What was sent").click();
    await expect(row.locator("pre")).toContainText("webhook.test");
    if (javaScriptEnabled) {
      await live(page);
      expect(await axe(page)).toEqual([]);
    }
    await picture(page, `webhook-${how}-js`);
    await page.getByRole("button", { name: /^Send again/ }).click();
    await expect.poll(() => receiver.taken.length).toBe(2);
    expect(receiver.taken[1].headers["webhook-id"]).toBe(receiver.taken[0].headers["webhook-id"]);

    await page.getByRole("button", { name: "Change the secret" }).click();
    await expect(page.getByRole("heading", { name: "Copy the secret now" })).toBeFocused();
    await expect(page.getByTestId("secret-made").locator("pre")).not.toHaveText(secret);
    await page.getByRole("button", { name: "Switch off" }).click();
    await expect(page.getByTestId("webhook")).toContainText("A founder switched it off.");
    await page.getByRole("button", { name: "Switch on" }).click();
    await expect(page.getByRole("button", { name: "Switch off" })).toBeVisible();
  });
}

for (const theme of ["light", "dark"]) {
  test(`what is told is said on a small screen as well, ${theme}`, async ({ lenient, receiver, open }) => {
    const founder = await Founder.alone(lenient);
    for (const [address, name] of [
      [NOTICES, "notifications"],
      [WEBHOOKS, "webhooks"],
    ]) {
      const page = await open(address, { founder, theme, small: true });
      await live(page);
      if (address === WEBHOOKS) {
        await page.getByLabel("Name").fill("a-long-name-without-any-blank-that-fits-no-line-of-a-phone");
        await page.getByLabel("Address").fill(receiver.url);
        await page.getByRole("button", { name: "Make webhook" }).click();
        await expect(page.getByTestId("webhook-row")).toBeVisible();
      }
      const wide = () => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      expect(await wide()).toBe(false);
      expect(await axe(page)).toEqual([]);
      await picture(page, `${name}-small-${theme}`);
      if (address === WEBHOOKS) {
        await page.getByTestId("webhook-row").getByRole("link").first().click();
        await page.getByRole("button", { name: "Try the address" }).click();
        await expect(page.getByTestId("delivery-row")).toBeVisible();
        expect(await wide()).toBe(false);
        expect(await axe(page)).toEqual([]);
        await picture(page, `webhook-small-${theme}`);
      }
    }
  });
}
