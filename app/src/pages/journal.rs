use crate::{
    api::{journal::draw::draw_entry, reading::Ask},
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
    view::path,
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_entry(question.tenant, question.item));

/// One entry of the journal.
#[component]
pub fn JournalPage() -> impl IntoView {
    let tenant = Tenant::here();
    let question = Tenant::question_about("seq");
    view! {
        <p class="crumb"><a href=move || path::of_tenant(&tenant.get(), "/audit")>"Audit"</a></p>
        <PageHead title=Signal::derive(move || format!("Journal entry {}", question.get().item))/>
        {drawn(question, ASK)}
    }
    .erased()
}
