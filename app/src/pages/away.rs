use crate::{
    api::{away::draw::draw_away, reading::Ask},
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
    view::path,
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_away(question.tenant, question.item));

/// What happened while the founders were away.
#[component]
pub fn AwayPage() -> impl IntoView {
    let tenant = Tenant::here();
    view! {
        <p class="crumb"><a href=move || path::of_tenant(&tenant.get(), "/inbox")>"Inbox"</a></p>
        <PageHead title="While you were away"/>
        {drawn(Tenant::question_about("id"), ASK)}
    }
    .erased()
}
