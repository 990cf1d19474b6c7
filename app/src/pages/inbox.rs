use crate::{
    api::{
        inbox::draw::draw_inbox,
        reading::{Ask, Question},
    },
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

pub const ASK: Ask = |question| Box::pin(draw_inbox(question.tenant, question.item, question.part));

/// What waits for a founder.
#[component]
pub fn InboxPage() -> impl IntoView {
    view! {
        <PageHead title="Inbox"/>
        {drawn(question(), ASK)}
    }
    .erased()
}

/// The brief that the address names, if it does, and the part of the list.
pub fn question() -> Memo<Question> {
    let (tenant, params, query) = (Tenant::here(), use_params_map(), use_query_map());
    Memo::new(move |_| Question {
        tenant: tenant.get(),
        item: params.with(|params| params.get("id").unwrap_or_default()),
        part: query.with(|query| query.get("split").unwrap_or_default()),
        ..Question::default()
    })
}
