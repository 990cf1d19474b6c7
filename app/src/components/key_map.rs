use super::drawn::all;
use leptos::{
    ev,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement, KeyboardEvent},
};
use std::{cell::RefCell, rc::Rc};

/// How long the first key of a chord waits for the second, in milliseconds.
const CHORD_MS: f64 = 1_000.0;
/// What somebody writes in.
const FIELD: &str = "input:not([type=hidden]), textarea, select";
/// Where the browser keeps that keys are off (WCAG 2.1.4).
pub const OFF_SWITCH: &str = "keys-off";

/// Listens for keys. A control says its own key in `data-key` (`g t`, `/`, `.`); pressing it focuses a field,
/// picks a radio button, and clicks anything else. `j` and `k` walk over links marked `data-row-link`, `x` ticks.
#[component]
pub fn KeyMap() -> impl IntoView {
    // The first key of a chord, and when it was pressed.
    let pending = Rc::new(RefCell::new(None::<(String, f64)>));
    Effect::new(move || {
        let pending = Rc::clone(&pending);
        let listener = window_event_listener(ev::keydown, move |event| {
            if is_ours(&event) {
                let first = pending.borrow_mut().take().filter(|(_, at)| event.time_stamp() - at < CHORD_MS);
                let key = event.key();
                match first {
                    Some((first, _)) if activate(&format!("{first} {key}")) => event.prevent_default(),
                    _ if matches!(key.as_str(), "g" | "t") => {
                        *pending.borrow_mut() = Some((key, event.time_stamp()));
                    }
                    _ if key == "j" => walk(1),
                    _ if key == "k" => walk(-1),
                    _ if key == "x" => tick(),
                    _ if activate(&key) => event.prevent_default(),
                    _ => {}
                }
            }
        });
        on_cleanup(move || listener.remove());
    });
}

/// Not while typing, not with a modifier, not over a dialog, not when switched off.
fn is_ours(event: &KeyboardEvent) -> bool {
    let typing = event.target().and_then(|target| target.dyn_into::<Element>().ok()).is_some_and(|element| {
        takes_letters(&element) || element.closest("dialog[open], [contenteditable]").ok().flatten().is_some()
    });
    let off = window().local_storage().ok().flatten().and_then(|kept| kept.get_item(OFF_SWITCH).ok().flatten());
    let modified = event.ctrl_key() || event.meta_key() || event.alt_key();
    !typing && !modified && !event.default_prevented() && off.is_none()
}

/// A ticked box does not. The one of the sheet of keys still has the focus for a moment after the sheet
/// was closed, and what is pressed then is meant for the page.
fn takes_letters(element: &Element) -> bool {
    let box_to_tick = matches!(element.get_attribute("type").as_deref(), Some("checkbox" | "radio"));
    matches!(element.tag_name().as_str(), "INPUT" | "SELECT" | "TEXTAREA") && !box_to_tick
}

fn activate(keys: &str) -> bool {
    if keys.contains(['"', '\\']) {
        return false;
    }
    let Some(page) = document().document_element() else { return false };
    let mut named = all(&page, &format!("[data-key=\"{keys}\"]")).filter_map(|control| control.dyn_into().ok());
    // Of several, the one that is seen; a window may be too small for any.
    let Some(first) = named.next() else { return false };
    let control: HtmlElement = if is_seen(&first) { first } else { named.find(is_seen).unwrap_or(first) };
    match control.tag_name().as_str() {
        "INPUT" => {
            let _ = control.focus();
            if control.get_attribute("type").as_deref() == Some("radio") {
                control.click();
            }
        }
        "SUMMARY" => {
            control.click();
            let inside = control.parent_element().and_then(|details| details.query_selector(FIELD).ok().flatten());
            if let Some(field) = inside.and_then(|field| field.dyn_into::<HtmlElement>().ok()) {
                let _ = field.focus();
            }
        }
        _ => control.click(),
    }
    true
}

fn is_seen(control: &HtmlElement) -> bool {
    control.get_bounding_client_rect().width() > 0.0
}

/// Ticks the row whose link has the focus, or takes the tick away.
fn tick() {
    let row = document().active_element().and_then(|link| link.closest("tr").ok().flatten());
    let tick = row.and_then(|row| row.query_selector("input[type=checkbox]").ok().flatten());
    if let Some(tick) = tick.and_then(|tick| tick.dyn_into::<HtmlElement>().ok()) {
        tick.click();
    }
}

/// Moves the focus `step` rows on; the first `j` goes to the first row.
fn walk(step: i32) {
    let Ok(links) = document().query_selector_all("[data-row-link]") else { return };
    let links: Vec<HtmlElement> = (0..links.length()).filter_map(|index| links.get(index)?.dyn_into().ok()).collect();
    let focused = document().active_element();
    let at = links.iter().position(|link| focused.as_ref() == Some(link.as_ref()));
    // Whoever opened a row goes on from there.
    let at = at.or_else(|| links.iter().position(|link| link.has_attribute("aria-current")));
    let next = match at {
        Some(at) if step > 0 => at + 1,
        Some(at) => at.saturating_sub(1),
        None => 0,
    };
    if let Some(link) = links.get(next) {
        let _ = link.focus();
    }
}
