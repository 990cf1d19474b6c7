import { HOSTILE, inert, watched } from "../support/hostile.mjs";
import { expect, fresh, live, picture, test } from "../support/test.mjs";
import { Workspace } from "../support/workspace.mjs";

const ENDINGS = ["md", "txt", "svg", "html", "json", "diff", "log"];

test("what agents put does nothing in a browser, whatever it is", async ({ founder, open, server }) => {
  test.setTimeout(300_000);
  expect(HOSTILE.length).toBeGreaterThanOrEqual(60);
  const agent = await founder.agent(fresh("cso"));
  const workspace = await Workspace.of(server, agent);
  const page = await open("/artifacts");
  await live(page);
  const outside = await watched(page, server);
  for (const [at, text] of HOSTILE.entries()) {
    // Markdown for each, which is the most that is done with a text; and the other kinds in turn.
    for (const ending of new Set(["md", ENDINGS[at % ENDINGS.length]])) {
      const sha256 = await workspace.put(`hostile/${at}.${ending}`, `${text}\n${ending}`);
      await page.goto(`${founder.home}/artifacts/${sha256}`);
      const content = page.getByTestId("artifact-content");
      await expect(content, text).toBeVisible();
      const links = await inert(content, text);
      for (const link of links) expect(link, text).toMatch(/^(https?|mailto): noopener noreferrer nofollow external$/);
    }
  }
  expect(outside).toEqual([]);
  await picture(page, "artifact-hostile");
});

test("a founder finds what an agent put, reads it, and sees where it came from", async ({ founder, open, server }) => {
  const agent = await founder.agent(fresh("cto"));
  const workspace = await Workspace.of(server, agent);
  const page = await open(`/artifacts?agent=${agent.name}`);
  await live(page);
  const sha256 = await workspace.put("docs/adr/0001.md", "# Use one journal\n\nSee [the record](https://example.com/adr).\n");
  const row = page.getByTestId("artifact-row");
  await expect(row).toContainText("docs/adr/0001.md");
  await expect(row).toContainText("Markdown");
  await row.getByRole("link").click();
  await expect(page.getByRole("heading", { name: "docs/adr/0001.md" })).toBeVisible();
  const content = page.getByTestId("artifact-content");
  await expect(content.getByRole("heading", { name: "Use one journal" })).toBeVisible();
  await expect(content.locator(".link-target")).toHaveText("https://example.com/adr");
  await expect(page.getByTestId("artifact-hash")).toContainText(sha256.slice(0, 4));
  await expect(page.getByTestId("artifact-source")).toContainText(agent.name);
  await expect(page.getByTestId("artifact-label")).toContainText("version 1");
  const download = page.waitForEvent("download");
  await page.getByTestId("artifact-download").click();
  expect((await download).suggestedFilename()).toBe(`${sha256}.txt`);

  // A newer version takes the label over; the older one says so.
  await workspace.put("docs/adr/0001.md", "# Use one journal for each tenant\n");
  await page.reload();
  await expect(page.getByTestId("artifact-label")).toContainText("now names a newer one");
  await picture(page, "artifact");
});
