// The desk (app/src/sheets/morning.rs): what was chosen is kept in this tab until all of it is decided together. Keys of
// the desk, what is ticked in the inbox, and evidence opened beside a brief. Nothing here decides anything: that is
// asked of the server, with the words of the form (app/src/passkey.js signs them). Without script all of it is forms.

document.documentElement.dataset.desk = "";

const page = () => document.querySelector("[data-desk-page]");
const all = (selector, place = document) => [...place.querySelectorAll(selector)];
const entry = (data, name) => String(data.get(name) ?? "");
// Nobody reads the first brief for so long.
const LEFT_MS = 30 * 60_000;
const WIDE = matchMedia("(width >= 768px)");

/** Writes a text only where it is another one: what did not change is not read out again. */
function write(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function show(element, visible) {
  if (element && element.hidden === visible) element.hidden = !visible;
}

// What is kept ---------------------------------------------------------------------------------------------------

/** Who reads the page: what was chosen in this tab is theirs alone. */
const reader = () => document.querySelector("[data-desk-page], [data-pick-go]")?.dataset.person ?? "";
const place = (tenant, kind) => `desk:${reader()}:${tenant}:${kind}`;

/** What was chosen so far, since when, and the keys of what was sent to be decided. */
function kept(tenant, kind) {
  try {
    const { since, drafts, sent } = JSON.parse(sessionStorage.getItem(place(tenant, kind)));
    if (Array.isArray(drafts)) return { since, drafts, sent: Array.isArray(sent) ? sent : [] };
  } catch {
    // Nothing was chosen yet.
  }
  return { since: Date.now(), drafts: [], sent: [] };
}

/** Takes away what somebody else chose who was signed in here before. */
function forget() {
  const who = reader();
  if (!who) return;
  const others = Object.keys(sessionStorage).filter((key) => key.startsWith("desk:") && !key.startsWith(`desk:${who}:`));
  for (const key of others) sessionStorage.removeItem(key);
}

function keep(tenant, kind, state) {
  sessionStorage.setItem(place(tenant, kind), JSON.stringify(state));
}

/** The batch that this page is about. */
const kindOf = (desk) => (desk.dataset.deskPage === "selection" ? "selection" : "batch");

function key() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** One answer as the server takes it. */
function word({ brief, sha256, choice, answer, rationale, prediction, check_at, key }) {
  const said = { brief, sha256, choice, answer, rationale, prediction, key };
  return check_at ? { ...said, check_at } : said;
}

/** The drafts that can be decided, and those whose brief is another one by now, or waits no more. What is held is neither. */
function sorted(drafts) {
  const waits = new Map(all("[data-desk-item]").map((item) => [item.dataset.deskItem, item.dataset.sha256]));
  const gone = new Map(all("[data-desk-gone]").map((item) => [item.dataset.deskGone, item.textContent]));
  const sound = drafts.filter((draft) => waits.get(draft.brief) === draft.sha256);
  const lost = drafts
    .filter((draft) => waits.get(draft.brief) !== draft.sha256)
    .filter((draft) => waits.has(draft.brief) || !draft.held)
    .map((draft) => ({ ...draft, why: waits.has(draft.brief) ? "" : (gone.get(draft.brief) ?? "It does not wait any more.") }));
  return { sound, lost };
}

// What is shown --------------------------------------------------------------------------------------------------

/** Draws a list anew where it says something else. */
function fill(list, items, draw) {
  if (!list) return;
  const of = JSON.stringify(items);
  if (list.dataset.of === of) return;
  list.dataset.of = of;
  list.replaceChildren(...items.map(draw));
}

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

let shown = "";
// The brief that is on its way here: whoever presses twice goes on from there.
let bound = null;

function render() {
  forget();
  inbox();
  const desk = page();
  if (!desk) {
    // Between two pages of the desk there is none for a moment.
    if (!/\/desk(\/|$)/.test(location.pathname)) shown = "";
    return;
  }
  const { tenant, home } = desk.dataset;
  const kind = kindOf(desk);
  nameBrief(desk);
  finish(desk);
  settle(desk);
  const state = kept(tenant, kind);
  const { sound, lost } = sorted(state.drafts);
  const chosen = new Set(sound.map((draft) => draft.brief));
  for (const item of all("[data-desk-item]", desk)) {
    item.classList.toggle("is-chosen", chosen.has(item.dataset.deskItem));
    write(item.querySelector("[data-desk-mark]"), chosen.has(item.dataset.deskItem) ? "chosen" : "");
  }
  for (const count of all("[data-desk-count]", desk)) write(count, String(sound.length));
  // What dropped out is told of in its own row where it is told what came of the batch.
  const told = new Set(all("[data-desk-dropped]", desk).map((row) => row.dataset.deskDropped));
  fill(desk.querySelector("[data-desk-lost]"), lost.filter((draft) => !told.has(draft.brief)), (draft) => {
    const what = draft.why ? `“${draft.title}” left the batch. ${draft.why} ` : `“${draft.title}” left the batch: it changed after you had chosen. `;
    const away = element("button", { type: "button", class: "button small", "data-desk-drop": draft.brief }, "Understood");
    const wrote = draft.rationale || draft.answer;
    const words = wrote ? ["You wrote: ", element("q", {}, wrote), " "] : [];
    if (draft.why) return element("li", { class: "notice tone-warn" }, what, ...words, away);
    const link = element("a", { href: `${home}/${draft.brief}?since=${draft.sha256}` }, "See what changed");
    return element("li", { class: "notice tone-warn" }, what, ...words, link, " ", away);
  });
  if (desk.dataset.deskPage === "brief") brief(desk, sound, lost);
  if (desk.querySelector("[data-desk-list]")) list(desk, state, sound);
  const now = `${desk.dataset.deskPage} ${desk.dataset.brief ?? ""}`;
  if (shown !== now) bound = null;
  if (shown && shown !== now) {
    unread();
    arrive(desk);
  }
  shown = now;
  // A session begins with its first brief, also where somebody comes back to a tab that was left without a choice.
  const idle = state.drafts.length === 0 && desk.dataset.deskPage === "brief";
  if (idle && (Date.now() - state.since > LEFT_MS || !sessionStorage.getItem(place(tenant, kind)))) {
    keep(tenant, kind, { since: Date.now(), drafts: [], sent: [] });
  }
}

// The brief whose address is on its way to the browser.
let named = null;

/** The address names the brief that is shown, so that the page follows this one whatever is the first later. */
function nameBrief(desk) {
  const { home, brief: id, deskPage } = desk.dataset;
  if (deskPage !== "brief" || location.pathname !== home || location.search) {
    named = null;
    return;
  }
  const link = all("[data-desk-item] a[href]", desk).find((link) => link.getAttribute("href") === `${home}/${id}`);
  if (!link || named === id) return;
  named = id;
  // The router takes it as another address of this place: the way back leads to where one came from.
  link.replace = true;
  link.click();
  link.replace = false;
}

// Nobody has read what came less than so long ago.
const UNREAD_MS = 400;
let unreadTimer;

/** What comes is read before anything is chosen about it: a key that was meant for the one before chooses nothing. */
function unread() {
  document.documentElement.dataset.deskUnread = "";
  clearTimeout(unreadTimer);
  unreadTimer = setTimeout(() => delete document.documentElement.dataset.deskUnread, UNREAD_MS);
}

/** Whoever came by a key reads from the top. */
function arrive(desk) {
  const heading = desk.querySelector("h1");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** What was chosen about this brief, in its form and in words. */
function brief(desk, sound, lost) {
  const { brief: id, sha256 } = desk.dataset;
  const draft = sound.find((draft) => draft.brief === id && draft.sha256 === sha256);
  // Of what was chosen about an older version the words stay; the choice is made anew.
  const older = draft ? null : lost.find((draft) => draft.brief === id);
  const told = desk.querySelector("[data-desk-chosen]");
  show(told, Boolean(draft));
  write(desk.querySelector("[data-desk-chosen-words]"), draft ? `In the batch: ${draft.words}. Choose again to change it; z takes the last back.` : "");
  const forms = desk.querySelector("[data-desk-forms]");
  const of = draft ?? older;
  if (!of || !forms || forms.dataset.of === of.key) return;
  forms.dataset.of = of.key;
  const form = forms.querySelector(of.choice === "none" ? "#reject-form" : "#decide-form");
  if (!form) return;
  if (draft) for (const radio of all("[name=choice][type=radio]", form)) radio.checked = radio.value === draft.choice;
  for (const name of ["answer", "rationale", "prediction"]) if (form.elements[name] && (draft || !form.elements[name].value)) form.elements[name].value = of[name];
}

/** The batch as it will be decided. */
function list(desk, state, sound) {
  show(desk.querySelector("[data-desk-some]"), sound.length > 0);
  show(desk.querySelector("[data-desk-none]"), sound.length === 0);
  fill(desk.querySelector("[data-desk-list]"), sound, (draft) => {
    const out = element("button", { type: "button", class: "button small", "data-desk-drop": draft.brief, "aria-label": `Take ${draft.title} out` }, "Take out");
    const said = [element("p", { class: "batch-words" }, draft.words)];
    if (draft.rationale && draft.choice !== "none") said.push(element("p", { class: "sub" }, element("q", {}, draft.rationale)));
    const title = element("a", { class: "batch-title", href: `${desk.dataset.home}/${draft.brief}` }, draft.title);
    return element("li", { "data-testid": "batch-row" }, title, ...said, out);
  });
  const words = desk.querySelector("[data-desk-words]");
  // Also where nothing is left: what was taken out is not sent, whatever presses the buttons.
  if (words) words.value = JSON.stringify(sound.map(word));
  for (const button of all("#batch-form button:not(.proof *)", desk)) {
    if (sound.length === 0) {
      button.disabled = true;
      button.dataset.deskOff = "";
    } else if ("deskOff" in button.dataset) {
      button.disabled = false;
      delete button.dataset.deskOff;
    }
  }
  const took = desk.querySelector("[data-desk-took]");
  if (took) took.value = String(Math.max(0, Date.now() - state.since));
}

/** Notes what is sent to be decided: only that is ever taken for decided. */
function send(desk) {
  const kind = kindOf(desk);
  const state = kept(desk.dataset.tenant, kind);
  const sent = sorted(state.drafts).sound.map((draft) => draft.key);
  keep(desk.dataset.tenant, kind, { ...state, sent });
  sessionStorage.removeItem(place(desk.dataset.tenant, "why"));
}

/** Why each was refused that did not go with the others. */
function reasons(tenant) {
  try {
    return JSON.parse(sessionStorage.getItem(place(tenant, "why"))) ?? {};
  } catch {
    return {};
  }
}

/**
 * What counts is no draft any more. What is held is kept until it counts, and what dropped out for its words; both under
 * a new key, since what was said under the old one is said. The next session begins anew.
 */
function finish(desk) {
  if (!desk.querySelector("[data-desk-over]")) return;
  const { tenant } = desk.dataset;
  const states = new Map(all("[data-desk-decided]", desk).map((row) => [row.dataset.deskDecided, row.dataset.state]));
  const dropped = new Set(all("[data-desk-dropped]", desk).map((row) => row.dataset.deskDropped));
  const why = reasons(tenant);
  for (const row of all("[data-desk-dropped]", desk)) {
    const [told, reason] = [row.querySelector("[data-desk-why]"), why[row.dataset.deskDropped] ?? ""];
    write(told, reason);
    show(told, Boolean(reason) && reason !== row.querySelector(".sub").textContent);
  }
  for (const kind of ["batch", "selection"]) {
    const { drafts, sent } = kept(tenant, kind);
    const left = [];
    for (const draft of drafts) {
      const state = sent.includes(draft.key) || draft.held ? states.get(draft.brief) : undefined;
      if (state === "made") continue;
      if (state === "held" && !draft.held) left.push({ ...draft, key: key(), held: true });
      else if (sent.includes(draft.key) && dropped.has(draft.brief)) left.push({ ...draft, key: key() });
      else left.push(draft);
    }
    if (left.length > 0) keep(tenant, kind, { since: Date.now(), drafts: left, sent: sent.filter((key) => left.some((draft) => draft.key === key)) });
    else sessionStorage.removeItem(place(tenant, kind));
  }
}

/** What was held waits again where it was taken back, and is no draft any more once it counts. */
function settle(desk) {
  const waits = new Set(all("[data-desk-item]").map((item) => item.dataset.deskItem));
  const gone = new Map(all("[data-desk-gone]").map((item) => [item.dataset.deskGone, item.dataset.state]));
  for (const kind of ["batch", "selection"]) {
    const state = kept(desk.dataset.tenant, kind);
    if (!state.drafts.some((draft) => draft.held)) continue;
    const drafts = state.drafts
      .filter((draft) => !draft.held || waits.has(draft.brief) || !["decided", undefined].includes(gone.get(draft.brief)))
      .map((draft) => (draft.held && waits.has(draft.brief) ? { ...draft, held: false } : draft));
    if (JSON.stringify(drafts) !== JSON.stringify(state.drafts)) keep(desk.dataset.tenant, kind, { ...state, drafts });
  }
}

// Choosing -------------------------------------------------------------------------------------------------------

/** Follows the page's own link there, or else loads it. */
function go(desk, address) {
  const link = all("a[href]", desk).find((link) => link.getAttribute("href") === address);
  if (link) link.click();
  else location.assign(address);
}

/** The choice of a form in a few words. */
function wordsOf(form, choice, answer, rationale) {
  if (choice === "none") return `Rejected: ${rationale}`;
  if (choice === "own") return `Own answer: ${answer}`;
  const title = [...(page()?.querySelectorAll("[data-option]") ?? [])].find((option) => option.dataset.option === choice);
  return `${choice}: ${title?.querySelector(".option-words")?.textContent ?? ""}`;
}

function choose(desk, form) {
  const data = new FormData(form);
  const [choice, answer, rationale] = ["choice", "answer", "rationale"].map((name) => entry(data, name).trim());
  if (choice === "own" && !answer) {
    form.elements.answer.focus();
    return;
  }
  const day = Date.parse(`${entry(data, "check_at")}T00:00Z`);
  const draft = {
    brief: entry(data, "brief"),
    sha256: entry(data, "sha256"),
    title: desk.querySelector("[data-desk-title]")?.dataset.deskTitle ?? "",
    choice,
    answer: choice === "own" ? answer : "",
    rationale,
    prediction: entry(data, "prediction").trim(),
    check_at: Number.isNaN(day) ? null : day,
    words: wordsOf(form, choice, answer, rationale),
    key: key(),
  };
  const kind = kindOf(desk);
  const state = kept(desk.dataset.tenant, kind);
  const drafts = [...state.drafts.filter((other) => other.brief !== draft.brief), draft];
  keep(desk.dataset.tenant, kind, { ...state, drafts });
  render();
  onward(desk, draft.brief);
}

/** The next brief that nobody has chosen about, after this one or from the top; then the batch. */
function onward(desk, from) {
  const { sound } = sorted(kept(desk.dataset.tenant, kindOf(desk)).drafts);
  const chosen = new Set(sound.map((draft) => draft.brief));
  const items = all("[data-desk-item]", desk).map((item) => item.dataset.deskItem);
  const at = items.indexOf(from) + 1;
  const next = [...items.slice(at), ...items.slice(0, at)].find((id) => !chosen.has(id));
  go(desk, next ? `${desk.dataset.home}/${next}` : `${desk.dataset.home}?at=batch`);
}

function drop(desk, id) {
  const kind = kindOf(desk);
  const state = kept(desk.dataset.tenant, kind);
  keep(desk.dataset.tenant, kind, { ...state, drafts: state.drafts.filter((draft) => draft.brief !== id) });
  render();
}

/** Takes the last choice back, and goes to its brief. */
function back(desk) {
  const last = kept(desk.dataset.tenant, kindOf(desk)).drafts.findLast((draft) => !draft.held);
  if (!last) return;
  drop(desk, last.brief);
  const forms = desk.querySelector("[data-desk-forms]");
  if (desk.dataset.brief !== last.brief) go(desk, `${desk.dataset.home}/${last.brief}`);
  else if (forms) {
    delete forms.dataset.of;
    for (const form of all("form", forms)) form.reset();
  }
}

document.addEventListener("submit", (event) => {
  const desk = page();
  if (!desk || !event.target.closest?.("[data-desk-forms]") || new FormData(event.target).get("act") !== "/api/brief/decide") return;
  event.preventDefault();
  event.stopPropagation();
  choose(desk, event.target);
});

// Evidence beside the brief --------------------------------------------------------------------------------------

let opened = null;

async function openEvidence(desk, link) {
  const panel = desk.querySelector("[data-desk-panel]");
  const id = link.getAttribute("href").split("/").at(-1);
  const body = panel.querySelector("[data-desk-panel-body]");
  panel.querySelector("[data-desk-panel-link]").href = link.href;
  opened = link;
  body.textContent = "Loading…";
  panel.hidden = false;
  panel.focus({ preventScroll: true });
  try {
    const answer = await fetch(`/api/artifact/draw?${new URLSearchParams({ tenant: desk.dataset.tenant, id })}`);
    // A sheet of the server's, as every page has one: what is an agent's in it is text.
    const html = answer.ok ? await answer.json() : null;
    // Another one was opened meanwhile, or this one closed.
    if (opened !== link) return;
    if (html !== null) body.innerHTML = html;
    else body.textContent = "It cannot be read now. Open it as a page.";
  } catch {
    if (opened !== link) return;
    body.textContent = "The server cannot be reached now. Try again.";
  }
  // What names itself on the page does so once.
  for (const named of all("[id]", body)) named.removeAttribute("id");
}

function closeEvidence(desk) {
  const panel = desk.querySelector("[data-desk-panel]");
  if (!panel || panel.hidden) return false;
  panel.hidden = true;
  panel.querySelector("[data-desk-panel-body]").replaceChildren();
  const link = opened;
  opened = null;
  if (link?.isConnected) link.focus();
  return true;
}

// Ticking in the inbox -------------------------------------------------------------------------------------------

const ticks = () => all("[data-pick]");

function inbox() {
  const bar = document.querySelector("[data-pick-bar]");
  if (!bar) return;
  const count = ticks().filter((tick) => tick.checked).length;
  show(bar, count > 0);
  for (const place of all("[data-pick-count]", bar)) write(place, String(count));
}

/** Ticks the row that has the focus; `step` goes on to the next and ticks that one too. */
function pick(step) {
  const links = all("[data-row-link]");
  const at = links.indexOf(document.activeElement);
  const tickOf = (link) => link?.closest("[data-item]")?.querySelector("[data-pick]");
  if (step === 0) {
    const tick = tickOf(links[at]);
    if (!tick) return false;
    tick.checked = !tick.checked;
  } else {
    const next = links[at < 0 ? 0 : at + step];
    if (!next) return false;
    for (const link of [links[at], next]) {
      const tick = tickOf(link);
      if (tick) tick.checked = true;
    }
    next.focus();
  }
  inbox();
  return true;
}

/** The ticked recommendations as a batch, to be read before they are decided. */
function accept(button) {
  const { tenant, home } = button.dataset;
  const drafts = ticks()
    .filter((tick) => tick.checked)
    .map(({ dataset }) => ({
      brief: dataset.pick,
      sha256: dataset.sha256,
      title: dataset.title,
      choice: dataset.words.split(": ")[0],
      words: dataset.words,
      answer: "",
      rationale: "",
      prediction: "",
      key: key(),
    }));
  keep(tenant, "selection", { since: Date.now(), drafts, sent: [] });
  location.assign(`${home}?at=selection`);
}

// How long the session took is known when it ends: before anybody else hears of the press.
document.addEventListener(
  "click",
  (event) => {
    if (!event.target.closest?.("#batch-form button") || !page()) return;
    render();
    send(page());
  },
  true,
);

document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-pick]")) inbox();
});

// Presses --------------------------------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const at = (selector) => event.target.closest?.(selector);
  const desk = page();
  const go = at("[data-pick-go]");
  if (go) return accept(go);
  if (at("[data-pick-none]")) {
    for (const tick of ticks()) tick.checked = false;
    return inbox();
  }
  // A place on this page is gone to; the address stays that of the page. Lines of a file have addresses of their own.
  const here = at('main a[href^="#"]:not(.place)');
  const target = here && document.getElementById(here.getAttribute("href").slice(1));
  if (target) {
    event.preventDefault();
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "start" });
    return;
  }
  if (!desk) return;
  const dropped = at("[data-desk-drop]");
  if (dropped) return drop(desk, dropped.dataset.deskDrop);
  if (at("[data-desk-help]")) return desk.querySelector("[data-desk-keys]")?.showModal();
  if (at("[data-desk-panel-close]")) return closeEvidence(desk);
  const evidence = at(".morning-beside .evidence-title");
  if (evidence && evidence.href && WIDE.matches) {
    event.preventDefault();
    void openEvidence(desk, evidence);
  }
});

// Keys -----------------------------------------------------------------------------------------------------------

const TYPES = "input:not([type=radio], [type=checkbox], [type=hidden]), textarea, select, [contenteditable]";
const CHORD_MS = 1000;
let chord = -Infinity;

/** Presses the page's control with this key, as everywhere in the console. */
function press(desk, name) {
  const control = all(`[data-key="${CSS.escape(name)}"]`, desk).find((control) => control.getClientRects().length > 0);
  if (!control || control.disabled) return false;
  control.click();
  if (control.tagName === "INPUT") control.focus();
  if (control.tagName === "SUMMARY") control.parentElement.querySelector(TYPES)?.focus();
  return true;
}

/** What a key does on the desk; whether it did. */
function act(desk, name) {
  const is = desk.dataset.deskPage;
  const step = { n: 1, j: 1, p: -1, k: -1 }[name];
  if (step) {
    const items = all("[data-desk-item]", desk).map((item) => item.dataset.deskItem);
    const at = items.indexOf(bound ?? desk.dataset.brief) + step;
    if (items[at]) {
      bound = items[at];
      go(desk, `${desk.dataset.home}/${bound}`);
    } else if (step > 0) {
      go(desk, `${desk.dataset.home}?at=batch`);
    }
    return true;
  }
  if (name === "z" && is !== "done") return back(desk), true;
  if (name === "v" || (name === "s" && is === "brief")) return desk.querySelector("[data-desk-batch-link]")?.click(), true;
  if (name === "o") return desk.querySelector(".morning-beside a.evidence-title")?.click(), true;
  if (name === "?") return desk.querySelector("[data-desk-keys]")?.showModal(), true;
  return press(desk, name);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const desk = page();
  const { target } = event;
  if (document.querySelector("dialog[open]")) return;
  const typing = target.matches?.(TYPES);
  const chooses = event.key === "Enter" || (event.key.length === 1 && event.key !== " ");
  // A key that is held down chooses once, and nothing about a brief that came only now.
  const blind = event.repeat || ("deskUnread" in document.documentElement.dataset && ["e", "s", "enter"].includes(event.key.toLowerCase()));
  if (desk && !typing && chooses && blind) {
    event.preventDefault();
    return;
  }
  if (event.key === "Escape" && desk) {
    event.preventDefault();
    if (typing) target.blur();
    else if (!closeEvidence(desk)) desk.querySelector("[data-desk-leave]")?.click();
    return;
  }
  if (typing) return;
  if (event.key === "Enter" && desk?.dataset.deskPage === "brief" && !target.closest?.("a, button, summary")) {
    const form = desk.querySelector("#decide-form");
    const button = form?.querySelector("[data-testid=desk-commit]");
    if (!form?.querySelector("[name=choice]:checked") || button?.disabled) return;
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  if (event.key.length !== 1 || localStorage.getItem("keys-off")) return;
  // The second key of a chord is the console's.
  if (event.timeStamp - chord < CHORD_MS) {
    chord = -Infinity;
    return;
  }
  if (event.key === "g" || event.key === "t") {
    chord = event.timeStamp;
    return;
  }
  if (desk) {
    if (act(desk, event.key.toLowerCase())) event.preventDefault();
  } else if (document.querySelector("[data-pick]")) {
    const step = { x: 0, J: 1, K: -1 }[event.key];
    if (step !== undefined && pick(step)) event.preventDefault();
  }
});

// What is drawn comes and changes as one goes on.
const watched = { childList: true, subtree: true, characterData: true };
const watcher = new MutationObserver(() => {
  watcher.disconnect();
  try {
    render();
  } finally {
    watcher.observe(document.body, watched);
  }
});
watcher.observe(document.body, watched);
render();
