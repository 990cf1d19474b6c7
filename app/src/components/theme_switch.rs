use super::eager::Erase;
use super::icon::Icon;
use leptos::{prelude::*, wasm_bindgen::JsCast, web_sys::HtmlDocument};

/// Goes from the system's theme to light, dark and back. Which one holds is an attribute of the root
/// element that the server sets too, so the label is chosen by style and cannot flash.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    view! {
        <button type="button" class="icon-button theme-switch" data-key="t l" on:click=move |_| switch()>
            <span class="when-system"><Icon name="monitor"/><span class="sr">"Theme of the system. Change to light"</span></span>
            <span class="when-light"><Icon name="sun"/><span class="sr">"Light theme. Change to dark"</span></span>
            <span class="when-dark"><Icon name="moon"/><span class="sr">"Dark theme. Change to that of the system"</span></span>
        </button>
    }
    .erased()
}

fn switch() {
    let document = document();
    let Some(root) = document.document_element() else { return };
    let next = match root.get_attribute("data-theme").as_deref() {
        None => Some("light"),
        Some("light") => Some("dark"),
        Some(_) => None,
    };
    let cookie = if let Some(theme) = next {
        let _ = root.set_attribute("data-theme", theme);
        format!("theme={theme}; Path=/; Max-Age=31536000; SameSite=Lax")
    } else {
        let _ = root.remove_attribute("data-theme");
        "theme=; Path=/; Max-Age=0; SameSite=Lax".to_owned()
    };
    let _ = document.unchecked_into::<HtmlDocument>().set_cookie(&cookie);
}
