use super::{drawn::all, nav::Tenant};
use crate::api::{reading::Text, role::check::check_role};
use leptos::{ev, prelude::*, task::spawn_local, wasm_bindgen::JsCast, web_sys::Element};
use std::time::Duration;

/// How long nobody writes before what stands there is checked.
const PAUSE: Duration = Duration::from_millis(500);

/// Checks a text in `data-check` while somebody writes it, and puts what the server says into `data-checked`. Without
/// script, a button of its form asks for the same.
#[component]
pub fn LiveCheck() -> impl IntoView {
    let tenant = Tenant::here();
    let newest = StoredValue::new(0_u32);
    Effect::new(move || {
        let listener = window_event_listener(ev::input, move |event| {
            let field = event.target().and_then(|target| target.dyn_into::<Element>().ok());
            if field.is_none_or(|field| field.closest("[data-check]").ok().flatten().is_none()) {
                return;
            }
            let text = event_target_value(&event);
            newest.update_value(|newest| *newest += 1);
            let this = newest.get_value();
            let is_newest = move || newest.try_get_value() == Some(this);
            let check = move || {
                if let (true, Some(tenant)) = (is_newest(), tenant.try_get_untracked()) {
                    spawn_local(async move {
                        if let (Ok(answer), true) = (check_role(tenant, text).await, is_newest()) {
                            show(&answer);
                        }
                    });
                }
            };
            set_timeout(check, PAUSE);
        });
        on_cleanup(move || listener.remove());
    });
}

/// What it comes to, and its heading for those who hear the page.
fn show(answer: &Text) {
    let (Ok(html), Some(page)) = (answer.read::<String>(), document().document_element()) else { return };
    let place = |name: &str| all(&page, name).next();
    if let (Some(result), Some(said)) = (place("[data-checked]"), place("[data-check-words]")) {
        result.set_inner_html(&html);
        let words = all(&result, "h2").next().and_then(|title| title.text_content());
        if words != said.text_content() {
            said.set_text_content(words.as_deref());
        }
    }
}
