// Passkeys: asks the server for a ceremony, the browser for its answer, and sends that with the form around the button.
// The forms are the server's (app/src/sheets/passkey.rs); without script, or passkeys, nothing of this is seen.
// A decision is signed the same way (app/src/sheets/commit.rs): what is signed is the server's spelling of the form.

const CEREMONIES = {
  "sign-in": { ask: "/api/account/ask_for_passkey", make: false },
  proof: { ask: "/api/account/ask_for_proof", make: false },
  add: { ask: "/api/account/begin_passkey", make: true },
};
// A little less than the server waits for an answer.
const WAITS_MS = 110_000;

const able =
  window.PublicKeyCredential &&
  PublicKeyCredential.parseRequestOptionsFromJSON &&
  PublicKeyCredential.parseCreationOptionsFromJSON;
if (able) document.documentElement.dataset.passkeys = "";

// What waits for a passkey in the background, until another one is asked for.
let waiting = null;

async function ceremony(what, { silent = false, signal } = {}) {
  const { ask, make } = CEREMONIES[what];
  return answered(await post(ask), { make, silent, signal });
}

async function post(address, body) {
  const answer = await fetch(address, { method: "POST", headers: { accept: "application/json" }, body }).catch(() => {
    throw new Error("The server cannot be reached: nothing was sent, and what you entered is still here. Try again when you are back online.");
  });
  if (!answer.ok) throw new Error(sentence(await answer.text()));
  return answer.json();
}

async function answered(question, { make = false, silent = false, signal } = {}) {
  const credential = make
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(question.publicKey), signal })
    : await navigator.credentials.get({
        publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(question.publicKey),
        mediation: silent ? "conditional" : "optional",
        signal,
      });
  return { ceremony: question.ceremony, answer: JSON.stringify(credential.toJSON()) };
}

// The server's refusals are a word, a colon and a sentence; the first of them may be about signing in again.
function sentence(body) {
  let text = body;
  try {
    text = JSON.parse(body);
  } catch {
    // It is no JSON: it is shown as it is.
  }
  if (String(text).startsWith("step_up")) return "Confirm that it is you first: send the form, and it asks.";
  return String(text).split(": ").slice(1).join(": ") || "The server did not answer. Try again.";
}

/** What the form says, as the server takes it. */
function word(form) {
  const entry = (name) => String(new FormData(form).get(name) ?? "");
  const names = ["brief", "sha256", "choice", "answer", "rationale", "prediction"];
  const said = Object.fromEntries(names.map((name) => [name, entry(name)]));
  const day = Date.parse(`${entry("check_at")}T00:00Z`);
  return Number.isNaN(day) ? said : { ...said, check_at: day };
}

/** Has the form's word signed, and goes where the decision is shown. */
async function sign(button) {
  const tenant = new FormData(button.form).get("tenant");
  const words = JSON.stringify([word(button.form)]);
  const made = await answered(await post("/api/brief/ask_signature", new URLSearchParams({ tenant, words })));
  const [outcome] = await post("/api/brief/sign", new URLSearchParams({ tenant, ...made }));
  if (outcome.error) throw new Error(outcome.error);
  location.assign(button.dataset.done);
}

/** Has all that was chosen signed by one touch, and goes where it is told what came of it. */
async function signBatch(button) {
  const entry = (name) => String(new FormData(button.form).get(name) ?? "");
  const [tenant, words, took] = ["tenant", "words", "took"].map(entry);
  const { question, asked, dropped } = await post("/api/desk/ask_batch", new URLSearchParams({ tenant, words }));
  const outcomes = question ? await post("/api/brief/sign", new URLSearchParams({ tenant, ...(await answered(question)) })) : [];
  const done = asked.filter((_, index) => outcomes[index]?.held).map((part) => `.${part.brief}`);
  const refused = asked.map((part, index) => ({ ...part, why: outcomes[index]?.error })).filter((part) => part.why);
  const left = [...dropped, ...refused];
  const lost = left.map((part) => `${part.brief}:${part.sha256}`);
  // Why each was refused is said where it is told what came of it (app/src/desk.js).
  const { person } = document.querySelector("[data-desk-page]")?.dataset ?? {};
  if (person) sessionStorage.setItem(`desk:${person}:${tenant}:why`, JSON.stringify(Object.fromEntries(left.map(({ brief, why }) => [brief, why]))));
  // As the server writes it itself (app/src/view/desk_address.rs).
  location.assign(`${button.dataset.done}?at=done.${took}${done.join("")}${lost.length > 0 ? `&since=${lost.join(".")}` : ""}`);
}

/** Has the form's grant signed, and shows it where grants are. */
async function grant(button) {
  const entries = new URLSearchParams(new FormData(button.form));
  const made = await answered(await post("/api/grant/ask_signature", entries));
  await post("/api/grant/sign", new URLSearchParams({ tenant: entries.get("tenant"), ...made }));
  // The page may be the one that shows it: then a new address alone would not load it.
  history.replaceState(null, "", button.dataset.done);
  location.reload();
}

// Enter in a form that can be signed signs it: the button that the browser would press leaves it unsigned.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !able || event.target.tagName !== "INPUT" || event.target.closest(".proof")) return;
  const button = event.target.form?.querySelector("[data-passkey=sign], [data-passkey=grant]");
  if (!button) return;
  event.preventDefault();
  button.click();
});

function send(form, made) {
  form.querySelector("[data-passkey-ceremony]").value = made.ceremony;
  form.querySelector("[data-passkey-answer]").value = made.answer;
  form.requestSubmit();
}

function say(button, text) {
  const place = button.parentElement.querySelector("[data-passkey-error]");
  place.textContent = text;
  place.hidden = !text;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-passkey]");
  if (!button || button.disabled) return;
  const form = button.form;
  const signs = { sign, grant, batch: signBatch }[button.dataset.passkey];
  if (signs && !form.reportValidity()) return;
  const named = form.querySelector("input[required]");
  if (button.dataset.passkey === "add" && named && !named.reportValidity()) return;
  waiting?.abort();
  waiting = null;
  say(button, "");
  button.disabled = true;
  try {
    if (signs) return await signs(button);
    // What else the form asks for is not needed beside a passkey.
    const made = await ceremony(button.dataset.passkey);
    if (button.dataset.passkey !== "add") form.noValidate = true;
    send(form, made);
  } catch (error) {
    const given = error instanceof DOMException;
    const known = error.name === "InvalidStateError" ? "This device has a passkey for you already." : "No passkey was given. Try again, or use another way.";
    const unsigned =
      signs === grant
        ? "No passkey signed it, so nothing was granted. Try again."
        : "No passkey signed it, so nothing was decided. Try again, or decide without a signature.";
    say(button, given ? (signs ? unsigned : known) : error.message);
    listen();
  } finally {
    button.disabled = false;
  }
});

// Offers passkeys in the list of what the browser knows for the address field, as long as the page is open.
async function listen() {
  const form = document.querySelector("form[data-passkey-listen]");
  if (!form || !able || !(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  for (;;) {
    const mine = new AbortController();
    waiting = mine;
    const late = setTimeout(() => mine.abort("late"), WAITS_MS);
    try {
      return send(form, await ceremony("sign-in", { silent: true, signal: mine.signal }));
    } catch {
      // Asked for elsewhere, refused, or the server is away: the button stays.
      if (mine.signal.reason !== "late") return;
    } finally {
      clearTimeout(late);
    }
  }
}

listen();
