import { FOUNDER } from "../support/founder.mjs";
import { expect, live, picture, test } from "../support/test.mjs";

const REFUSED = "That e-mail address and password do not go together.";

async function enter(page, email, password) {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";

  test(`a wrong password reads like an unknown person, ${how} JavaScript`, async ({ server, founder, open, faults }) => {
    expect(founder.cookie).toBeTruthy();
    faults.expect(/status of 422|answer 422/);
    const page = await open(`${server.url}/sign-in`, { founder: null, javaScriptEnabled });
    const texts = [];
    for (const email of [FOUNDER.email, "nobody@example.com"]) {
      await enter(page, email, "not the password");
      await expect(page.getByText(REFUSED)).toBeVisible();
      texts.push(await page.getByRole("main").innerText());
      await page.goto(`${server.url}/sign-in`);
    }
    expect(texts[0]).toBe(texts[1]);
  });

  test(`signing in leads back to the page that was asked for, ${how} JavaScript`, async ({ founder, open }) => {
    const page = await open(`${founder.home}/tasks?state=dead`, { founder: null, javaScriptEnabled });
    await expect(page).toHaveURL(/\/sign-in\?next=/);
    await enter(page, FOUNDER.email, FOUNDER.password);
    await expect(page).toHaveURL(`${founder.home}/tasks?state=dead`);
    await expect(page.getByRole("heading", { name: "Tasks" })).toBeVisible();
  });
}

test("signing out ends the session, also for whoever kept its cookie", async ({ server, founder, open }) => {
  const session = await founder.anotherSession();
  const page = await open("", { founder: session });
  await live(page);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(`${server.url}/sign-in`);
  await picture(page, "sign-in");
  await page.goBack();
  await expect(page).toHaveURL(/\/sign-in/);

  const thief = await open("/tasks", { founder: session });
  await expect(thief).toHaveURL(/\/sign-in\?next=/);
});

test("another page of an ended session leads to sign-in at the next change", async ({ founder, open, faults }) => {
  faults.expect(/answer 401|status of 401/);
  const session = await founder.anotherSession();
  const page = await open("/fleet", { founder: session });
  await live(page);
  await session.post("/api/account/sign_out", {});
  await founder.create("late-comer");
  await expect(page).toHaveURL(/\/sign-in\?next=/);
});

test("an address that names nothing says so, and so does another tenant's", async ({ server, open, faults }) => {
  faults.expect(/answer 404|status of 404/);
  for (const address of [`${server.url}/nope`, `${server.url}/t/somebody-else`, "/tasks/0192aaaa-0000-7000-8000-000000000000"]) {
    const page = await open(address);
    await expect(page.getByText("There is nothing here")).toBeVisible();
  }
});
