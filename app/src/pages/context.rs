use crate::{
    api::{context::draw::draw_context, reading::Ask},
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
    view::path,
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_context(question.tenant));

/// What founders know and agents cannot see.
#[component]
pub fn ContextPage() -> impl IntoView {
    let tenant = Tenant::here();
    view! {
        <p class="crumb"><a href=move || path::of_tenant(&tenant.get(), "/inbox")>"Inbox"</a></p>
        <PageHead title="Context"/>
        {drawn(Tenant::question(), ASK)}
    }
    .erased()
}
