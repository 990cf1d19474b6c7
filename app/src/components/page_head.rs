use super::eager::{Body, Erase};
use leptos::prelude::*;
use leptos_meta::Title;

/// A page's heading and its share of the document's title.
#[component]
pub fn PageHead(
    #[prop(into)] title: Signal<String>,
    /// What stands at the right: actions of the page.
    #[prop(optional)]
    children: Option<Body>,
) -> impl IntoView {
    view! {
        <Title text=move || title.get()/>
        <header class="page-head">
            <h1>{title}</h1>
            {children.map(|children| view! { <div class="page-actions">{children.draw()}</div> })}
        </header>
    }
    .erased()
}
