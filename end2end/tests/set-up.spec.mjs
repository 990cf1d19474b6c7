import { FOUNDER } from "../support/founder.mjs";
import { axe, expect, live, picture, test } from "../support/test.mjs";

test("the set-up link makes the first founder, signs them in, shows them the way, and works once", async ({
  ownServer,
  open,
  faults,
}) => {
  const page = await open(ownServer.setUpLink, { founder: null });
  await expect(page).toHaveTitle("Set up · Countersign");
  await picture(page, "set-up");
  expect(await axe(page)).toEqual([]);

  // A weak password is refused, and what was entered stays.
  faults.expect(/status of 422|answer 422/);
  await page.getByLabel("Organization").fill(FOUNDER.organization);
  await page.getByLabel("Your name").fill(FOUNDER.name);
  await page.getByLabel("E-mail").fill(FOUNDER.email);
  await page.getByLabel("Password").fill("short");
  await page.getByRole("button", { name: "Create organization" }).click();
  await expect(page.getByTestId("form-error")).toContainText("at least 12 characters");
  await expect(page.getByLabel("Organization")).toHaveValue(FOUNDER.organization);
  await picture(page, "set-up-weak-password");
  expect(await axe(page)).toEqual([]);

  await page.getByLabel("Password").fill(FOUNDER.password);
  await page.getByRole("button", { name: "Create organization" }).click();
  await expect(page).toHaveURL(`${ownServer.url}/t/acme-robotics`);
  await expect(page).toHaveTitle("Overview · Acme Robotics · Countersign");
  await expect(page.locator(".viewer")).toContainText("Ada Lovelace");
  await live(page);

  // The empty console says how to begin, with this server's own addresses.
  const steps = page.getByTestId("connect-steps");
  // A credential needs nkeys, which the client alone does not bring.
  await expect.soft(steps).toContainText(/pip install .*(\[nkeys\]|requirements\.txt)/);
  for (const program of ["worker.py", "publish.py"]) {
    await expect(steps).toContainText(
      `python examples/python/${program} --server ${ownServer.bus} --creds cso.creds --agent cso`,
    );
  }
  await steps.getByText("The same in Node").click();
  await expect(steps).toContainText(`node examples/node/publish.mjs --server ${ownServer.bus} --creds cso.creds --agent cso`);
  await steps.getByText("Without the examples: a whole program").click();
  await expect(steps).toContainText(`nats.connect("${ownServer.bus}"`);
  await expect(page.getByTestId("card-waiting")).toHaveText("Nothing waits for you");
  await picture(page, "overview-empty");
  expect(await axe(page)).toEqual([]);

  for (const [path, name, words] of [
    ["/tasks", "tasks-empty", "No task has arrived yet"],
    ["/fleet", "fleet-empty", "No agent yet"],
    ["/quarantine", "quarantine-empty", "Nothing in quarantine"],
  ]) {
    await page.goto(`${ownServer.url}/t/acme-robotics${path}`);
    await expect(page.getByText(words)).toBeVisible();
    await live(page);
    await picture(page, name);
    expect(await axe(page)).toEqual([]);
  }

  // The link is spent: it says so and leads on, and a second founder cannot be made with it.
  faults.expect(/answer 404 to GET .*\/set-up\/|status of 404.*\/set-up\//);
  const again = await open(ownServer.setUpLink, { founder: null });
  await expect(again.getByText("This link does not work any more")).toBeVisible();
  await expect(again.getByRole("button", { name: "Create organization" })).toHaveCount(0);
  await picture(again, "set-up-used");
  await again.getByRole("link", { name: "Sign in" }).click();
  await expect(again).toHaveURL(`${ownServer.url}/sign-in`);
});

test("the first founder can be made without JavaScript", async ({ ownServer, open }) => {
  const page = await open(ownServer.setUpLink, { founder: null, javaScriptEnabled: false });
  await page.getByLabel("Organization").fill(FOUNDER.organization);
  await page.getByLabel("Your name").fill(FOUNDER.name);
  await page.getByLabel("E-mail").fill(FOUNDER.email);
  await page.getByLabel("Password").fill(FOUNDER.password);
  await page.getByRole("button", { name: "Create organization" }).click();
  await expect(page).toHaveURL(`${ownServer.url}/t/acme-robotics`);
  await expect(page.getByRole("heading", { name: "Overview" })).toBeVisible();
});
