import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { Founder } from "../support/founder.mjs";
import { Stock } from "../support/stock.mjs";
import { expect, live, picture, test } from "../support/test.mjs";

// One piece of work as it may go in an organization: what docs/console.md shows pictures of.

const TRACE = "release-1.4";

/** Makes the agents; answers a stock client for each, and how one gives another a task. */
async function fleet(founder, stock) {
  const names = ["backend", "frontend", "cso", "marketing"];
  const buses = { cto: await Stock.connectOnceKnown(await founder.agent("cto", names.join(", "))) };
  // The security officer comes last, or it would be given each of the others' role files to examine.
  for (const name of ["backend", "frontend", "marketing", "cso"]) buses[name] = await stock(await founder.agent(name));
  for (const bus of Object.values(buses)) await bus.queueStands();
  const give = async (name, kind, task, more = { correlation_id: TRACE }) => {
    const own = buses.cto.agent;
    buses.cto.agent = { ...own, name };
    await buses.cto.task({ task, ...more }, { kind });
    buses.cto.agent = own;
    return buses[name].next();
  };
  return { buses, give };
}

/** What an agent says of the task that it has in hand. */
function about(message) {
  return { stream_seq: message.info.streamSequence, attempt: message.info.deliveryCount, correlation_id: TRACE };
}

/** The picture must exist and be of a window as wide as the others. */
async function kept(name) {
  expect((await stat(resolve(import.meta.dirname, `../pictures/${name}.png`))).size).toBeGreaterThan(20_000);
}

test("the pictures in the documentation are of work that really went on", async ({ ownServer, open, stock }) => {
  const founder = await Founder.alone(ownServer);
  const { buses, give } = await fleet(founder, stock);
  const act = (what, form) => founder.post(`/api/${what}`, { tenant: "acme-robotics", ...form });
  const taskIn = async (page, title) => {
    const link = page.getByTestId("trace-task").getByRole("link", { name: title });
    return (await link.getAttribute("href")).split("/").at(-1);
  };

  const payload = JSON.stringify({ task: "Release 1.4: charge VAT by country", correlation_id: TRACE });
  await act("task/create", { agent: "cto", kind: "plan", payload });
  let message = await buses.cto.next();
  await buses.cto.event("task.started", about(message));
  await buses.cto.event("plan.made", { steps: 4, note: "API first, then the cart, then the review", correlation_id: TRACE });
  message.ack();
  message = await give("backend", "build_endpoint", "Compute VAT by country");
  await buses.backend.event("task.started", about(message));
  await buses.backend.event("task.failed", { reason: "The rates service answered 503", ...about(message) });
  message.nak();
  message = await buses.backend.next();
  await buses.backend.event("usage.reported", { usd: 0.42, ...about(message) });
  message.ack();
  message = await give("frontend", "build_view", "Show VAT in the cart");
  await buses.frontend.event("code.changed", { repo: "acme/shop", paths: ["cart/total.ts"], correlation_id: TRACE });
  await buses.frontend.event("usage.reported", { usd: 0.18, ...about(message) });
  message.ack();
  message = await give("cso", "security_scan", "Examine the change for secrets");
  await buses.cso.event("task.started", about(message));
  message.term("config/rates.yaml, line 12, cannot be read as YAML");
  const backport = await give("backend", "build_endpoint", "Backport it to 1.3");
  await buses.backend.event("task.started", about(backport));
  await founder.reads("/dead-letters?agent=cso", (html) => html.includes(">1 letter"));

  const page = await open(`/traces/${TRACE}`, { founder });
  await live(page);
  await act("task/cancel", { id: await taskIn(page, "Backport it to 1.3"), reason: "Nobody runs 1.3 any more" });
  const mended = JSON.stringify({ task: "Examine the change for secrets", skip: ["config/rates.yaml"], correlation_id: TRACE });
  await act("letter/mend", { id: await taskIn(page, "Examine the change for secrets"), payload: mended });
  message = await buses.cso.next();
  await buses.cso.event("usage.reported", { usd: 0.07, ...about(message) });
  message.ack();
  await expect(page.getByTestId("trace-decision")).toHaveCount(3);
  await expect(page.getByTestId("trace-head")).toContainText("Ended");
  await expect(page.getByTestId("trace-figures")).toContainText("$0.67");
  // What the navigation counts is counted anew by a page that is loaded.
  await page.reload();
  await live(page);
  await picture(page, "docs-trace");
  await kept("docs-trace");

  for (const line of [12, 31, 48]) {
    (await give("cso", "security_scan", `Scan the manifest of service ${line}`, {})).term(`Cannot read “id” of the manifest (line ${line})`);
  }
  (await give("marketing", "send_letter", "Weekly letter to customers", {})).term("The mail provider refused the list: 41 addresses bounced");
  for (const country of ["Norway", "Iceland"]) {
    let tries = await give("backend", "fetch_rates", `Fetch the rates of ${country}`, {});
    for (let attempt = 1; attempt < 5; attempt++) {
      tries.nak();
      tries = await buses.backend.next();
    }
    await buses.backend.event("task.failed", { reason: "The rates service answered 503", stream_seq: tries.info.streamSequence, attempt: 5 });
    tries.nak();
  }
  await page.goto(`${founder.home}/dead-letters`);
  await live(page);
  await expect(page.getByTestId("letter-count")).toHaveText("6 letters");
  await page.getByRole("link", { name: /^Cannot read “id”/ }).click();
  await expect(page.getByTestId("replay-preview")).toContainText("3 letters would be done again");
  await live(page);
  await picture(page, "docs-dead-letters");
  await kept("docs-dead-letters");
});
