use crate::{
    api::{
        desk::draw::draw_desk,
        reading::{Ask, Question},
    },
    components::{drawn::drawn, eager::Erase, nav::Tenant},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

const ASK: Ask = |question| Box::pin(draw_desk(question.tenant, question.item, question.part, question.after));

/// All that waits for one person, one brief at a time.
#[component]
pub fn MorningPage() -> impl IntoView {
    let (tenant, params, query) = (Tenant::here(), use_params_map(), use_query_map());
    let entry = move |name: &str| query.with(|query| query.get(name).unwrap_or_default());
    let question = Memo::new(move |_| Question {
        tenant: tenant.get(),
        item: params.with(|params| params.get("id").unwrap_or_default()),
        part: entry("at"),
        after: entry("since"),
        ..Question::default()
    });
    view! {
        <Title text="Desk"/>
        {drawn(question, ASK)}
    }
    .erased()
}
