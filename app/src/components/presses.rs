use super::{command::copy, drawn::all};
use crate::view::clock;
use countersign_domain::Millis;
use leptos::{
    ev,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, Event},
};
use std::time::Duration;

/// Two presses of a form's button within so long are one. Milliseconds.
const ONE_PRESS_MS: i64 = 2_000;

/// How often what is left of a short time is counted down.
const SECOND: Duration = Duration::from_secs(1);

/// A form that was sent so long ago has had its answer. Milliseconds.
const ANSWERED_MS: i64 = 10_000;

/// What script adds to buttons that the server drew: `data-copy` copies the text beside it, a form of a
/// page is sent once however often its button is pressed, and `data-seconds` counts down.
#[component]
pub fn Presses() -> impl IntoView {
    Effect::new(move || {
        let clicks = window_event_listener(ev::click, |event| {
            let button = target(&event).and_then(|element| element.closest("[data-copy]").ok().flatten());
            if let Some(button) = button {
                copy(&button);
            }
        });
        let posts = window_event_listener(ev::submit, |event| {
            let Some(form) = target(&event).filter(|form| form.get_attribute("method").as_deref() == Some("post"))
            else {
                return;
            };
            let now = clock::now();
            let again = sent_at(&form).is_some_and(|before| now.since(before) < ONE_PRESS_MS);
            if again && form.has_attribute("data-act") {
                event.prevent_default();
            } else {
                let _ = form.set_attribute("data-sent", &now.0.to_string());
            }
        });
        let ticks = set_interval_with_handle(count_down, SECOND);
        on_cleanup(move || {
            clicks.remove();
            posts.remove();
            if let Ok(ticks) = ticks {
                ticks.clear();
            }
        });
    });
}

/// Whether a form of this page has just been sent: its answer, which is a page of its own, is about to come.
pub fn has_just_sent() -> bool {
    was_sent_within(ONE_PRESS_MS)
}

/// Whether a form of this page may wait for its answer still.
pub fn is_sending() -> bool {
    was_sent_within(ANSWERED_MS)
}

/// By what the server said was left, not by the browser's clock, which may be wrong.
fn count_down() {
    let Some(page) = document().document_element() else { return };
    for place in all(&page, "[data-seconds]") {
        let left = place.get_attribute("data-seconds").and_then(|left| left.parse::<u32>().ok()).unwrap_or_default();
        let left = left.saturating_sub(1).to_string();
        let _ = place.set_attribute("data-seconds", &left);
        place.set_text_content(Some(&left));
    }
}

fn was_sent_within(ms: i64) -> bool {
    let now = clock::now();
    let Some(page) = document().document_element() else { return false };
    all(&page, "form[data-sent]").any(|form| sent_at(&form).is_some_and(|at| now.since(at) < ms))
}

fn sent_at(form: &Element) -> Option<Millis> {
    form.get_attribute("data-sent")?.parse().ok().map(Millis)
}

fn target(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}
