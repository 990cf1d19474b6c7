// The tests' own `test`: one server and founder for each worker, every context watched for faults.

import AxeBuilder from "@axe-core/playwright";
import { test as base, expect } from "@playwright/test";
import { resolve } from "node:path";
import { Example } from "./examples.mjs";
import { Faults } from "./faults.mjs";
import { Founder } from "./founder.mjs";
import { MailServer } from "./mail.mjs";
import { Server } from "./server.mjs";
import { Stock } from "./stock.mjs";

const pictures = resolve(import.meta.dirname, "../pictures");

export { expect };

export const test = base.extend({
  server: [
    async ({}, use) => {
      const server = await Server.start();
      await use(server);
      await server.end();
    },
    { scope: "worker", timeout: 60_000 },
  ],

  founder: [
    async ({ server }, use) => {
      await use(await Founder.of(server));
    },
    { scope: "worker" },
  ],

  /** A server of the test's own, that nobody has set up. */
  ownServer: async ({}, use) => {
    const server = await Server.start();
    await use(server);
    await server.end();
  },

  /** As `ownServer`, with a mail server: `ownServerWithMail.mail` is where its mails arrive. */
  ownServerWithMail: async ({}, use) => {
    const mail = await MailServer.start();
    const server = await Server.start("--smtp-url", mail.url, "--mail-from", "Countersign <console@example.com>");
    server.mail = mail;
    await use(server);
    await server.end();
    await mail.end();
  },

  faults: async ({}, use, info) => {
    const faults = new Faults();
    await use(faults);
    if (info.status === info.expectedStatus) expect(faults.unexpected, "faults in the browser").toEqual([]);
  },

  /** Opens a page: signed in as `founder` unless that is null. */
  open: async ({ browser, faults, founder: shared }, use) => {
    const contexts = [];
    await use(async (address, { founder = shared, theme, small = false, ...options } = {}) => {
      const size = small ? { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } : {};
      const context = await browser.newContext({ ...size, ...options });
      contexts.push(context);
      faults.watch(context, { scripts: options.javaScriptEnabled ?? true });
      // The shared one may have signed in long ago; what asks for a fresh proof has tests of its own.
      const session = founder === shared ? await founder.anotherSession() : founder;
      if (session) await context.addCookies([session.cookie]);
      if (theme) await context.addCookies([{ name: "theme", value: theme, url: founder?.server.url ?? shared.server.url }]);
      const page = await context.newPage();
      await page.goto(address.startsWith("http") ? address : founder.home + address);
      return page;
    });
    for (const context of contexts) await context.close();
  },

  /** Runs an example program; ends it with the test. */
  example: async ({}, use) => {
    const running = [];
    await use((language, ...args) => {
      const example = language === "script" ? Example.script(...args) : Example.of(language, ...args);
      running.push(example);
      return example;
    });
    await Promise.all(running.map((example) => example.stop()));
  },

  /** Connects a stock client as an agent. */
  stock: async ({}, use) => {
    const open = [];
    await use(async (agent) => {
      const stock = await Stock.connect(agent);
      open.push(stock);
      return stock;
    });
    await Promise.all(open.map((stock) => stock.close()));
  },
});

/** Waits until the page follows what changes: it has hydrated, and its stream is open. */
export async function live(page) {
  await expect(page.getByTestId("live-status")).toHaveText("Live", { timeout: 15_000 });
}

/** Keeps a picture of the whole page, as in a window that is tall enough: what sticks to an edge stays there. */
export async function picture(page, name) {
  const before = page.viewportSize();
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ ...before, height: Math.max(before.height, height) });
  await page.screenshot({ path: `${pictures}/${name}.png`, animations: "disabled" });
  await page.setViewportSize(before);
}

/** Walks with Tab, as somebody without a mouse does, until `target` has the focus. */
export async function walkTo(page, target) {
  await expect(target).toBeVisible();
  for (let steps = 0; steps < 80; steps++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`no Tab leads to ${target}`);
}

/** Writes into a field, by keyboard alone. */
export async function enterByKeys(page, label, text) {
  await walkTo(page, page.getByLabel(label, { exact: true }));
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(text);
}

/** Presses a button or follows a link, by keyboard alone. */
export async function pressByKeys(page, role, name) {
  await walkTo(page, page.getByRole(role, { name, exact: true }));
  await page.keyboard.press("Enter");
}

/** What axe finds against WCAG 2.2 A and AA, one line a fault. */
export async function axe(page) {
  const tags = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  return violations.flatMap((violation) => violation.nodes.map((node) => `${violation.id}: ${node.html} ${node.failureSummary}`));
}

/** A name that no other test of this server has taken. */
export function fresh(word) {
  fresh.count = (fresh.count ?? 0) + 1;
  return `${word}-${process.pid.toString(36)}-${fresh.count}`;
}

/** The row of the task with this title. */
export function row(page, title) {
  return page.getByTestId("task-row").filter({ has: page.getByRole("link", { name: title, exact: true }) });
}
