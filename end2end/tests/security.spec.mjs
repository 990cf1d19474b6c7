import { Founder, FOUNDER } from "../support/founder.mjs";
import { axe, expect, live, picture, test } from "../support/test.mjs";

const PAGE = "/settings/security";
const sessions = (page) => page.getByTestId("session-row");

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";

  test(`a founder sees where they are signed in and signs out elsewhere, ${how} JavaScript`, async ({ ownServer, open }) => {
    const founder = await Founder.alone(ownServer);
    const there = await founder.anotherSession();
    await founder.anotherSession();
    const page = await open(PAGE, { founder, javaScriptEnabled });
    await expect(sessions(page)).toHaveCount(3);
    await expect(sessions(page).filter({ hasText: "This session" })).toHaveCount(1);
    if (javaScriptEnabled) await picture(page, "security");
    await sessions(page).getByRole("button", { name: /^Sign out/ }).first().click();
    await expect(sessions(page)).toHaveCount(2);
    await page.getByRole("button", { name: "Sign out the other session" }).click();
    await expect(page.getByText("You are signed in here alone.")).toBeVisible();
    await expect(sessions(page)).toHaveCount(1);

    const thief = await open(PAGE, { founder: there, javaScriptEnabled });
    await expect(thief).toHaveURL(/\/sign-in\?next=/);
  });

  test(`a founder changes the password, and whoever knew the old one is out, ${how} JavaScript`, async ({ ownServer, open, faults }) => {
    faults.expect(/status of 422|answer 422/);
    const founder = await Founder.alone(ownServer);
    const there = await founder.anotherSession();
    const page = await open(PAGE, { founder, javaScriptEnabled });
    const change = async (current, next) => {
      await page.getByLabel("Your password now").fill(current);
      await page.getByLabel("New password").fill(next);
      await page.getByRole("button", { name: "Change password" }).click();
    };
    await change("not the password", "a new sentence to remember");
    await expect(page.getByText("This is not your password.")).toBeVisible();
    for (const label of ["Your password now", "New password"]) await expect(page.getByLabel(label)).toHaveValue("");
    if (javaScriptEnabled) expect(await axe(page)).toEqual([]);
    await picture(page, `security-refused-${how}-js`);

    await change(FOUNDER.password, "a new sentence to remember");
    await expect(page.getByText("You are signed in here alone.")).toBeVisible();
    const thief = await open(PAGE, { founder: there, javaScriptEnabled });
    await expect(thief).toHaveURL(/\/sign-in\?next=/);
    await thief.getByLabel("E-mail").fill(FOUNDER.email);
    await thief.getByLabel("Password").fill("a new sentence to remember");
    await thief.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(thief).toHaveURL(new RegExp(`${PAGE}$`));
    await expect(sessions(thief)).toHaveCount(2);
  });
}

test("the page of sessions is reached by its key, and from the bottom of every page", async ({ founder, open }) => {
  const page = await open("/fleet");
  await live(page);
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await expect(page.getByRole("heading", { name: "Your security" })).toBeVisible();
  await expect(sessions(page).first()).toBeVisible();
  const small = await open("/tasks", { small: true });
  await small.getByRole("link", { name: "Your security" }).click();
  await expect(small).toHaveURL(`${founder.home}${PAGE}`);
});
