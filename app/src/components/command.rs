use super::eager::Erase;
use super::icon::Icon;
use leptos::{
    html,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{HtmlDocument, HtmlPreElement},
};
use std::time::Duration;

/// Text to be run somewhere else: selectable, and copied by a button.
#[component]
pub fn Command(
    text: String,
    /// What it is, for the button's name: “Copy …”.
    label: &'static str,
) -> impl IntoView {
    let shown = NodeRef::<html::Pre>::new();
    let copied = RwSignal::new(false);
    let copy = move |_| {
        if shown.get_untracked().is_some_and(|pre| select_and_copy(&pre)) {
            copied.set(true);
            set_timeout(
                move || {
                    copied.try_set(false);
                },
                Duration::from_secs(2),
            );
        }
    };
    view! {
        <div class="command">
            <pre node_ref=shown tabindex="0">{text}</pre>
            <button type="button" class="button small" on:click=copy aria-label=format!("Copy {label}")>
                <Icon name="copy"/>
                {move || if copied.get() { "Copied" } else { "Copy" }}
            </button>
        </div>
    }
    .erased()
}

/// Also works on a page without HTTPS, where the clipboard object is missing. What was copied stays
/// selected.
fn select_and_copy(pre: &HtmlPreElement) -> bool {
    let Some(selection) = window().get_selection().ok().flatten() else {
        return false;
    };
    let document = document().unchecked_into::<HtmlDocument>();
    selection.select_all_children(pre).is_ok() && document.exec_command("copy").unwrap_or(false)
}
