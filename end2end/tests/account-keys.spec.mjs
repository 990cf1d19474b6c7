import { FOUNDER } from "../support/founder.mjs";
import { enterByKeys as enter, expect, picture, pressByKeys as press, test, walkTo } from "../support/test.mjs";

const NEW_PASSWORD = "a new sentence to remember";

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with" : "without";

  test(`an account is made, confirmed, kept and recovered by keyboard alone, ${how} JavaScript`, async ({
    ownServerWithMail: server,
    open,
    faults,
  }) => {
    test.setTimeout(120_000);
    faults.expect(/status of (403|422)|answer (403|422)/);
    const home = `${server.url}/t/acme-robotics`;
    const page = await open(server.setUpLink, { founder: null, javaScriptEnabled });
    await enter(page, "Organization", FOUNDER.organization);
    await enter(page, "Your name", FOUNDER.name);
    await enter(page, "E-mail", FOUNDER.email);
    await enter(page, "Password", FOUNDER.password);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(home);

    await page.goto(await server.mail.link(FOUNDER.email, "verify"));
    await press(page, "button", "Confirm address");
    await expect(page.getByText("Your address is confirmed.")).toBeVisible();

    // What matters asks again who one is, in the same form, and a download at a page of its own.
    await page.goto(`${home}/settings/security`);
    await server.sql("update session set proven_ms = 0");
    await press(page, "button", "Set up an app");
    await enter(page, "Your password", FOUNDER.password);
    await press(page, "button", "Set up an app");
    await expect(page.getByTestId("code-secret")).toBeVisible();
    await page.goto(`${home}/fleet/new`);
    await enter(page, "Name", "cso");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/reviews\/[0-9a-f-]{36}$/);
    const approve = page.getByTestId("approve-button");
    await expect(async () => {
      if (await approve.isDisabled()) await page.reload();
      await expect(approve).toBeEnabled({ timeout: 1_000 });
    }).toPass();
    await server.sql("update session set proven_ms = 0");
    await enter(page, "Why it may run", "It examines the others");
    await walkTo(page, approve);
    await page.keyboard.press("Enter");
    await enter(page, "Your password", FOUNDER.password);
    await walkTo(page, approve);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(`${home}/fleet/agents/cso`);
    await server.sql("update session set proven_ms = 0");
    await press(page, "button", "Issue credential");
    await expect(page).toHaveURL(/\/confirm\?next=/);
    await picture(page, `confirm-${how}-js`);
    await enter(page, "Your password", FOUNDER.password);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(`${home}/fleet/agents/cso`);

    await page.goto(`${home}/settings/security`);
    await enter(page, "Your password now", FOUNDER.password);
    await enter(page, "New password", NEW_PASSWORD);
    await press(page, "button", "Change password");
    await expect(page.getByText("You are signed in here alone.")).toBeVisible();

    await press(page, "button", "Sign out");
    await expect(page).toHaveURL(/\/sign-in/);
    await press(page, "link", "Forgot your password?");
    await enter(page, "E-mail", FOUNDER.email);
    await page.keyboard.press("Enter");
    await expect(page.getByText("a mail with a link is on its way")).toBeVisible();
    await page.goto(await server.mail.link(FOUNDER.email, "recover"));
    await enter(page, "New password", FOUNDER.password);
    await page.keyboard.press("Enter");
    await expect(page.getByText("Your new password is set.")).toBeVisible();
    await press(page, "link", "Sign in");
    await enter(page, "E-mail", FOUNDER.email);
    await enter(page, "Password", FOUNDER.password);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(home);

    // A second organization, and the way there.
    await server.sql(`
      insert into tenant (id, slug, name, created_ms) values ('00000000-0000-7000-8000-000000000002', 'babbage', 'Babbage & Co', 1);
      insert into journal_head (tenant_id, seq, hash) values ('00000000-0000-7000-8000-000000000002', 0, '');
      insert into membership (tenant_id, person_id, role) select '00000000-0000-7000-8000-000000000002', id, 'observer' from person;
    `);
    await page.reload();
    await walkTo(page, page.getByTestId("tenant-switch").locator("summary"));
    await page.keyboard.press("Enter");
    await picture(page, `tenant-switch-${how}-js`);
    await press(page, "link", "Babbage & Co");
    await expect(page).toHaveURL(`${server.url}/t/babbage`);
    await expect(page.locator(".viewer-role")).toHaveText("observer");
  });
}
