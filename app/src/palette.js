// The palette: every page and every command that has a key, found by its name. It is made of what the page itself shows:
// a control says its key in `data-key`, and what it does in its words. Without script the links are all there is.

const KEYED = "[data-key]";
const words = (control) => {
  const label = control.labels?.[0] ?? control;
  const copy = label.cloneNode(true);
  for (const aside of copy.querySelectorAll("kbd, .count, .chip-count")) aside.remove();
  return (control.getAttribute("aria-label") ?? copy.textContent).replace(/\s+/g, " ").trim();
};

let dialog = null;
let found = [];
let at = 0;

/** What can be done here: each key once, what is seen before what is not. */
function commands() {
  const seen = (control) => control.getClientRects().length > 0;
  const controls = [...document.querySelectorAll(KEYED)].filter((control) => !control.disabled && !control.closest("[hidden]"));
  controls.sort((a, b) => Number(seen(b)) - Number(seen(a)));
  const byKey = new Map();
  for (const control of controls) {
    const key = control.dataset.key;
    if (words(control) && !byKey.has(key)) byKey.set(key, control);
  }
  const list = [...byKey].map(([key, control]) => {
    const leads = key.startsWith("g ");
    return { key, control, leads, words: leads ? `Go to ${words(control).toLowerCase()}` : words(control) };
  });
  return list.sort((a, b) => Number(a.leads) - Number(b.leads));
}

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function make() {
  const field = element("input", {
    id: "palette-field", type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list",
    "aria-autocomplete": "list", "aria-label": "Find a page or a command", autocomplete: "off", spellcheck: "false", placeholder: "Find a page or a command",
  });
  const list = element("ul", { id: "palette-list", role: "listbox", "aria-label": "Pages and commands" });
  dialog = element("dialog", { class: "sheet palette", "aria-label": "Palette", "data-testid": "palette" }, field, list);
  document.body.append(dialog);
  field.addEventListener("input", () => draw(field.value));
  field.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      move(at + step);
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(found[at]);
    }
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) run(found[Number(option.dataset.at)]);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
}

function draw(text) {
  const parts = text.toLowerCase().split(/\s+/).filter(Boolean);
  found = commands().filter((command) => parts.every((part) => command.words.toLowerCase().includes(part)));
  const list = dialog.querySelector("ul");
  const options = found.map((command, index) => {
    const keys = command.key.split(" ").map((key) => element("kbd", { "aria-hidden": "true" }, key));
    return element("li", { id: `palette-${index}`, role: "option", "aria-selected": "false", "data-at": index }, element("span", {}, command.words), element("span", {}, ...keys));
  });
  const none = element("li", { class: "muted", role: "option", "aria-disabled": "true", "aria-selected": "false" }, "Nothing here is called so.");
  list.replaceChildren(...(options.length > 0 ? options : [none]));
  move(0);
}

function move(to) {
  const options = [...dialog.querySelectorAll("[data-at]")];
  const field = dialog.querySelector("input");
  if (options.length === 0) return field.removeAttribute("aria-activedescendant");
  at = (to + options.length) % options.length;
  for (const [index, option] of options.entries()) option.setAttribute("aria-selected", String(index === at));
  field.setAttribute("aria-activedescendant", options[at].id);
  options[at].scrollIntoView({ block: "nearest" });
}

function run(command) {
  if (!command) return;
  dialog.close();
  const { control } = command;
  control.click();
  if (["INPUT", "TEXTAREA", "SELECT"].includes(control.tagName)) control.focus();
  if (control.tagName === "SUMMARY") control.parentElement.querySelector("input:not([type=hidden]), textarea")?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  if (!document.querySelector(".frame") || document.querySelector("dialog[open]:not(.palette)")) return;
  event.preventDefault();
  if (!dialog?.isConnected) make();
  if (dialog.open) return dialog.close();
  const field = dialog.querySelector("input");
  field.value = "";
  draw("");
  dialog.showModal();
  field.focus();
});
