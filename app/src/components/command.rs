use super::eager::Erase;
use super::icon::Icon;
use leptos::{
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlDocument},
};
use std::time::Duration;

/// Text to be run somewhere else: selectable, and copied by a button.
#[component]
pub fn Command(
    text: String,
    /// What it is, for the button's name: “Copy …”.
    label: &'static str,
) -> impl IntoView {
    view! {
        <div class="command">
            <pre tabindex="0">{text}</pre>
            <button type="button" class="button small" data-copy="" aria-label=format!("Copy {label}")>
                <Icon name="copy"/>
                <span>"Copy"</span>
            </button>
        </div>
    }
    .erased()
}

/// Copies the text before `button`, and says so in it for a moment. Also works on a page without HTTPS,
/// where the clipboard object is missing. What was copied stays selected.
pub fn copy(button: &Element) {
    let document = document().unchecked_into::<HtmlDocument>();
    let text = button.previous_element_sibling();
    let copied = text.is_some_and(|text| {
        let selection = window().get_selection().ok().flatten();
        selection.is_some_and(|selection| selection.select_all_children(&text).is_ok())
            && document.exec_command("copy").unwrap_or(false)
    });
    if let (true, Some(word)) = (copied, button.last_element_child()) {
        word.set_text_content(Some("Copied"));
        set_timeout(move || word.set_text_content(Some("Copy")), Duration::from_secs(2));
    }
}
