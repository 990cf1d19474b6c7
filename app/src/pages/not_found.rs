use crate::components::eager::Erase;
use crate::components::problem::NothingHere;
use leptos::prelude::*;
use leptos_meta::Title;

/// Sets the HTTP status of the page; only the server provides it.
#[derive(Debug, Clone, Copy)]
pub struct PageStatus(pub fn(u16));

/// For addresses that name no page.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    if let Some(PageStatus(set)) = use_context() {
        set(404);
    }
    view! {
        <Title text="Not found"/>
        <main class="alone">
            <h1 class="sr">"Not found"</h1>
            <NothingHere/>
        </main>
    }
    .erased()
}
