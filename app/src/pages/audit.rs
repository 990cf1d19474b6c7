use crate::{
    api::{
        journal::draw_acts::draw_acts,
        reading::{Ask, Question},
    },
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

const ASK: Ask = |question| Box::pin(draw_acts(question.tenant, question.item));

/// Who did what, from the journal.
#[component]
pub fn AuditPage() -> impl IntoView {
    let (tenant, place) = (Tenant::here(), use_location());
    let question =
        Memo::new(move |_| Question { tenant: tenant.get(), item: place.search.get(), ..Question::default() });
    view! {
        <PageHead title="Audit"/>
        {drawn(question, ASK)}
    }
    .erased()
}
