use super::inbox::{ASK, question};
use crate::{
    components::{drawn::drawn, eager::Erase, nav::Tenant},
    view::path,
};
use leptos::prelude::*;
use leptos_meta::Title;

/// One brief, beside what else waits.
#[component]
pub fn BriefPage() -> impl IntoView {
    let tenant = Tenant::here();
    view! {
        <Title text="Brief"/>
        <p class="crumb inbox-crumb"><a href=move || path::of_tenant(&tenant.get(), "/inbox")>"Inbox"</a></p>
        {drawn(question(), ASK)}
    }
    .erased()
}
