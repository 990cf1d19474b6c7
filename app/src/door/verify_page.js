// The page /verify. It stands behind verify_receipt.js in one module. What a receipt says is somebody's text: it is only
// ever set as text, and what would hide in it is shown by its number.

const SENTENCES = {
  size: "It is longer than any receipt.",
  json: "It is not a receipt as it was written: another program may have changed its layout, or it is not whole.",
  form: "It is not a receipt: a field is missing, or has no business there.",
  decision: "The decision contradicts itself: its text, its choice or its evidence do not belong together.",
  signature_missing: "The decision says that a passkey was to sign it, but no signature came with it.",
  signature_uncalled_for: "The decision says that nobody was to sign it, but a signature came with it.",
  key: "The public key is none that a receipt may have.",
  place: "In a batch of that size there is no such place.",
  client_data: "What the browser signed cannot be read.",
  type: "What was signed is no WebAuthn assertion.",
  challenge: "What was signed is another decision, or this one was changed since.",
  origin: "It was signed on a page of another address than the receipt says.",
  cross_origin: "It was signed inside a page of somebody else.",
  domain: "The address does not belong to the name that the passkey is bound to.",
  authenticator_data: "What the authenticator signed cannot be read.",
  relying_party: "The authenticator signed for another name than the receipt says.",
  nobody_present: "The authenticator says that nobody was there.",
  nobody_verified: "The authenticator did not verify who was there.",
  backup: "The authenticator contradicts itself: a backup of a key that cannot be backed up.",
  signature: "The signature is not the one of this key over these bytes.",
  other_origin: "It was signed on another address than the one that you expect.",
  other_key: "It was signed by another key than the one that you expect.",
};
const UNKNOWN = "This browser cannot check signatures of this kind. Use another one, or countersign verify.";
const CHOSEN = { approved: "Approved", rejected: "Rejected", revoked: "Revoked" };
// As crates/domain/src/hidden.rs has them.
const HIDDEN =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/gu;

function element(name, content, className = "") {
  const made = document.createElement(name);
  made.className = className;
  made.append(...[content].flat());
  return made;
}

/** Somebody's text: kept apart from the direction of what stands around it. */
function words(text) {
  const shown = text.replace(HIDDEN, (hidden) => `⟨U+${hidden.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
  return element("bdi", shown);
}

const code = (text) => element("code", text);

function time(ms) {
  const at = new Date(ms);
  return Number.isNaN(at.getTime()) ? `${ms} ms` : `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function choice({ subject, choice: { kind, value } }) {
  if (kind === "own") return ["Own answer: ", words(value)];
  if (kind !== "option") return [CHOSEN[kind]];
  const { title } = subject.text.options.find((option) => option.key === value);
  return ["Option ", words(value), ...(text(title) ? [": ", words(title)] : [])];
}

/** What was decided, as rows of a name and what stands beside it. */
function rows({ decision, sha256: own, key, origin, reason }) {
  const { subject, previous, journal } = decision;
  const { question } = subject.text;
  const kind = subject.kind === "brief" ? "Brief" : "Review";
  return [
    text(question) && ["Question", words(question)],
    ["Decision", choice(decision)],
    decision.rationale && ["Because", words(decision.rationale)],
    decision.prediction && ["Expected", words(decision.prediction)],
    decision.check_at_ms !== null && ["To look back", time(decision.check_at_ms)],
    ["Decided at", `${time(decision.at_ms)}, by the server’s clock`],
    ["Decided by", code(decision.decider)],
    key && ["Signed on", words(origin)],
    key && ["Key", code(key)],
    reason !== undefined && ["Not signed because", words(reason)],
    [kind, [code(subject.id), `, version ${subject.version}`]],
    [subject.kind === "brief" ? "Its text" : "Its content", code(subject.sha256)],
    ...decision.evidence.map((evidence, at) => [`Evidence ${at + 1}`, code(evidence)]),
    ["Policy", words(decision.policy)],
    ["Follows", previous === null ? "No decision before it" : code(previous)],
    ["Journal", [`Entry ${journal.number}, `, code(journal.sha256)]],
    ["This decision", code(own)],
  ].filter(Boolean);
}

function notice(tone, word, sentence) {
  return element("p", [element("b", word), ` ${sentence}`], `notice verify-word tone-${tone}`);
}

function account(verdict, isNamed) {
  const list = element("dl", rows(verdict).map(([name, content]) => element("div", [element("dt", name), element("dd", content)])), "facts");
  if (verdict.key === null) {
    return [notice("warn", "Not signed.", "The receipt says so itself, and proves nothing: anybody can write such a file."), list];
  }
  const beside = verdict.covers > 1 ? ` One touch signed ${verdict.covers} decisions, of which this is one.` : "";
  const whose = isNamed ? "The key is the one that you expect." : "Whose key it is, you must know from elsewhere: compare its fingerprint.";
  return [notice("ok", "Countersigned.", `Nothing of it was changed since it was signed.${beside} ${whose}`), list];
}

function start(form, place) {
  const { file, pasted, key, origin } = form.elements;
  let asked = 0;

  async function check() {
    const own = ++asked;
    const chosen = file.files[0];
    // Whether it is too long shows in one byte more.
    const data = chosen ? new Uint8Array(await chosen.slice(0, 2 ** 20 + 1).arrayBuffer()) : encode(pasted.value);
    const given = (input) => (input.value.trim() ? [input.value.trim()] : []);
    const parts = await verify(data, { keys: given(key), origins: given(origin) }).then(
      (verdict) => account(verdict, given(key).length > 0),
      (error) => [notice("bad", "Not valid.", error instanceof Refused ? SENTENCES[error.message] : UNKNOWN)],
    );
    // Whoever chose another file meanwhile wants to know of that one.
    if (own !== asked) return;
    place.replaceChildren(...parts);
  }

  file.addEventListener("change", () => {
    pasted.value = "";
    if (file.files.length > 0) void check();
  });
  pasted.addEventListener("input", () => {
    file.value = "";
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void check();
  });
  form.hidden = false;
  document.querySelector("[data-verify-unable]").remove();
}

start(document.querySelector("[data-verify]"), document.querySelector("[data-verify-verdict]"));
