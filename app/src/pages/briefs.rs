use crate::{
    api::{
        inbox::draw_rules::draw_rules,
        reading::{Ask, Question},
    },
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

const ASK: Ask = |question| Box::pin(draw_rules(question.tenant, question.item, question.part, question.after));

/// What silence means for briefs, also while founders are away; what agents may do by themselves; who asks how well.
#[component]
pub fn BriefsPage() -> impl IntoView {
    let (tenant, query) = (Tenant::here(), use_query_map());
    // An address may propose a grant: of whom, of what, and how sure.
    let entry = move |name: &str| query.with(|query| query.get(name).unwrap_or_default());
    let question = Memo::new(move |_| Question {
        tenant: tenant.get(),
        item: entry("agent"),
        part: entry("category"),
        after: entry("confidence"),
        ..Question::default()
    });
    view! {
        <PageHead title="Briefs"/>
        {drawn(question, ASK)}
    }
    .erased()
}
