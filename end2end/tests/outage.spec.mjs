import { Founder } from "../support/founder.mjs";
import { expect, live, picture, row, test } from "../support/test.mjs";

test("while the server is gone the page stays readable and says so; it catches up when the server is back", async ({
  ownServer,
  open,
  stock,
  faults,
}) => {
  const founder = await Founder.of(ownServer);
  const agent = await founder.agent("cso");
  await (await stock(agent)).task({ task: "Before the outage" });
  const page = await open("/tasks", { founder });
  await live(page);
  await expect(row(page, "Before the outage")).toBeVisible();
  await page.evaluate(() => (window.kept = true));

  faults.expect(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE/);
  await ownServer.stop();
  await expect(page.getByTestId("live-strip")).toContainText("Live updates paused");
  await expect(row(page, "Before the outage")).toBeVisible();
  await picture(page, "stream-lost");

  await ownServer.runAgain();
  await expect(page.getByTestId("live-strip")).toHaveCount(0, { timeout: 15_000 });
  await live(page);
  // The agent comes back to the same bus address with the same credential.
  await (await stock({ ...agent, server: ownServer.bus })).task({ task: "After the outage" });
  await expect(row(page, "After the outage")).toBeVisible();
  expect(await page.evaluate(() => window.kept)).toBe(true);
  expect(ownServer.bus).toBe(agent.server);
});
