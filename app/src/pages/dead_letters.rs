use crate::{
    api::{
        letter::draw_desk::draw_desk,
        reading::{Ask, Question},
    },
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
    view::letter_filter::LetterFilter,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

const ASK: Ask = |question| Box::pin(draw_desk(question.tenant, question.letters));

/// The desk: what died, grouped by its error, and the way to do it again.
#[component]
pub fn DeadLettersPage() -> impl IntoView {
    let (tenant, query) = (Tenant::here(), use_query_map());
    let question = Memo::new(move |_| Question {
        tenant: tenant.get(),
        letters: query.with(LetterFilter::from_params),
        ..Question::default()
    });
    view! {
        <PageHead title="Dead letters"/>
        {drawn(question, ASK)}
    }
    .erased()
}
