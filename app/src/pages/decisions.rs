use crate::{
    api::{
        decision::draw_log::draw_decisions,
        reading::{Ask, Question},
    },
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

const ASK: Ask = |question| Box::pin(draw_decisions(question.tenant, question.item));

/// What was decided.
#[component]
pub fn DecisionsPage() -> impl IntoView {
    let (tenant, place) = (Tenant::here(), use_location());
    let question =
        Memo::new(move |_| Question { tenant: tenant.get(), item: place.search.get(), ..Question::default() });
    view! {
        <PageHead title="Decisions"/>
        {drawn(question, ASK)}
    }
    .erased()
}
