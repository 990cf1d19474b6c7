import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { axe, enterByKeys, expect, picture, pressByKeys, test } from "../support/test.mjs";

// Anybody may check a receipt, signed in or not; what is checked is known to their browser alone.

const vectors = resolve(import.meta.dirname, "../../crates/receipt/tests/vectors");
const receipt = (name) => readFileSync(resolve(vectors, `${name}.json`), "utf8");
const index = JSON.parse(receipt("index"));
const KEY = "dd203ff59ec071b64691e9804c7307e1a6ab55a66bc2e634e88a6fffbc89001b";

const verdict = (page) => page.getByRole("status");
const row = (page, name) => verdict(page).locator("dl > div").filter({ has: page.getByText(name, { exact: true }) }).locator("dd");

async function checkText(page, text, { key = "", origin = "" } = {}) {
  await page.getByLabel("Or its text").fill(text);
  await page.getByLabel("Key that you expect (optional)").fill(key);
  await page.getByLabel("Address that you expect (optional)").fill(origin);
  await page.getByRole("button", { name: "Check receipt" }).click();
}

test("a good receipt says what was decided, by which key and where", async ({ server, open }) => {
  const page = await open(`${server.url}/verify`, { founder: null });
  await expect(verdict(page)).toHaveText("No receipt has been checked yet.");
  await expect(page.getByText("your browser runs none")).toHaveCount(0);
  await page.getByLabel("File").setInputFiles(resolve(vectors, "brief-es256.json"));
  await expect(verdict(page)).toContainText("Countersigned. Nothing of it was changed since it was signed.");
  await expect(verdict(page)).toContainText("Whose key it is, you must know from elsewhere");
  await expect(row(page, "Question")).toHaveText("Do we pay for a second content delivery network from January?");
  await expect(row(page, "Decision")).toHaveText("Option second: Pay for a second one");
  await expect(row(page, "Because")).toHaveText("Acme’s contract asks for 99.9 % 🚀");
  await expect(row(page, "Key")).toHaveText(KEY);
  await expect(row(page, "Signed on")).toHaveText("https://console.example.com");
  await checkText(page, receipt("brief-es256"), { key: KEY, origin: "https://console.example.com" });
  await expect(verdict(page)).toContainText("The key is the one that you expect.");
  await checkText(page, receipt("batch-2-of-3"));
  await expect(verdict(page)).toContainText("One touch signed 3 decisions, of which this is one.");
});

test("a changed byte, another key and another address are refused", async ({ server, open }) => {
  const page = await open(`${server.url}/verify`, { founder: null });
  const good = receipt("brief-es256");
  for (const [from, to] of [
    ["January", "Januarz"],
    ["second one", "second ona"],
    ["99.9", "99.8"],
    ["56982fa6", "56982fa7"],
  ]) {
    await checkText(page, good.replace(from, to));
    await expect(verdict(page)).toContainText("Not valid.");
    await checkText(page, good);
    await expect(verdict(page)).toContainText("Countersigned.");
  }
  await checkText(page, good, { key: "00".repeat(32) });
  await expect(verdict(page)).toContainText("Not valid. It was signed by another key than the one that you expect.");
  await checkText(page, good, { origin: "https://console.example.org" });
  await expect(verdict(page)).toContainText("Not valid. It was signed on another address than the one that you expect.");
});

test("a receipt that nobody signed is not taken for signed", async ({ server, open }) => {
  const page = await open(`${server.url}/verify`, { founder: null });
  await checkText(page, receipt("unsigned"));
  await expect(verdict(page)).toContainText("Not signed. The receipt says so itself, and proves nothing");
  await expect(row(page, "Not signed because")).toContainText("no passkey");
});

test("every receipt of the vectors comes to the same as on the command line", async ({ server, open }) => {
  const page = await open(`${server.url}/verify`, { founder: null });
  const alone = index.filter((one) => one.receipts.length === 1 && one.keys.length < 2 && one.origins.length < 2);
  expect(alone.length).toBeGreaterThan(readdirSync(vectors).length - 10);
  const words = { countersigned: "Countersigned.", unsigned: "Not signed." };
  for (const { receipts, keys, origins, verdict: wanted } of alone) {
    await page.getByLabel("Key that you expect (optional)").fill(keys[0] ?? "");
    await page.getByLabel("Address that you expect (optional)").fill(origins[0] ?? "");
    await page.getByLabel("File").setInputFiles([]);
    await page.getByLabel("File").setInputFiles(resolve(vectors, receipts[0]));
    await expect(verdict(page).locator(".verify-word b"), receipts[0]).toHaveText(words[wanted] ?? "Not valid.");
    await page.getByLabel("Or its text").fill("x");
    await page.getByRole("button", { name: "Check receipt" }).click();
    await expect(verdict(page)).toContainText("Not valid. It is not a receipt as it was written");
  }
});

test("nonsense is refused, and what hides in a receipt is shown", async ({ server, open }) => {
  const page = await open(`${server.url}/verify`, { founder: null });
  for (const nonsense of ["", "nonsense", "{}", "[]", "null", "<img src=x onerror=alert(1)>", "[".repeat(100_000)]) {
    await checkText(page, nonsense);
    await expect(verdict(page)).toContainText("Not valid.");
  }
  // Its own answer has control characters and a turn of direction in it.
  await checkText(page, receipt("own-answer"));
  await expect(row(page, "Decision")).toContainText("⟨U+202E⟩");
  await expect(row(page, "Decision")).toContainText("⟨U+0001⟩");
});

test("nothing of what is checked leaves the browser, and nothing could", async ({ server, open, faults }) => {
  const page = await open(`${server.url}/verify`, { founder: null });
  // The browser asks for the page's icon when it pleases.
  const asked = [];
  page.on("request", (request) => request.url().endsWith("/favicon.svg") || asked.push(request.url()));
  await checkText(page, receipt("brief-es256"));
  await expect(verdict(page)).toContainText("Countersigned.");
  expect(asked).toEqual([]);
  faults.expect(/Content Security Policy/);
  faults.expect(/request failed: csp/);
  const sent = (how) => page.evaluate(how).then(() => true, () => false);
  expect(await sent(() => fetch("/healthz"))).toBe(false);
  expect(await sent(() => new Promise((done, failed) => {
    const socket = new WebSocket(`ws://${location.host}/`);
    socket.onopen = done;
    socket.onerror = failed;
  }))).toBe(false);
  const policy = (await fetch(`${server.url}/verify`)).headers.get("content-security-policy");
  expect(policy).toContain("form-action 'none'");
});

test("a receipt can be checked by keyboard", async ({ server, open }) => {
  const page = await open(`${server.url}/verify`, { founder: null });
  await enterByKeys(page, "Key that you expect (optional)", KEY);
  await page.getByLabel("Or its text").fill(receipt("review-approved"));
  await pressByKeys(page, "button", "Check receipt");
  await expect(verdict(page)).toContainText("Countersigned.");
  await expect(row(page, "Decision")).toHaveText("Approved");
});

test("without scripts the page says what to do instead", async ({ server, open }) => {
  const page = await open(`${server.url}/verify`, { founder: null, javaScriptEnabled: false });
  await expect(page.getByText("countersign verify receipt.json")).toBeVisible();
  await expect(page.getByRole("button")).toHaveCount(0);
});

for (const theme of ["light", "dark"]) {
  for (const small of [false, true]) {
    const width = small ? 360 : 1280;

    test(`the page of receipts at ${width} px in the ${theme} theme`, async ({ server, open }) => {
      const page = await open(`${server.url}/verify`, { founder: null, theme, small });
      for (const [name, text] of [
        ["good", receipt("brief-es256")],
        ["changed", receipt("brief-es256").replace("January", "March")],
        ["unsigned", receipt("unsigned")],
      ]) {
        await checkText(page, text);
        await expect(verdict(page).locator(".verify-word")).toBeVisible();
        expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(width);
        expect(await axe(page), name).toEqual([]);
        await picture(page, `verify-${name}-${width}-${theme}`);
      }
    });
  }
}
