use crate::{
    api::{
        brief::draw_form::draw_brief_form,
        reading::{Ask, Question},
    },
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
    view::path,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

const ASK: Ask = |question| Box::pin(draw_brief_form(question.tenant, question.part));

/// A brief that a person writes. The address may name its category.
#[component]
pub fn NewBriefPage() -> impl IntoView {
    let (tenant, query) = (Tenant::here(), use_query_map());
    let question = Memo::new(move |_| Question {
        tenant: tenant.get(),
        part: query.with(|query| query.get("category").unwrap_or_default()),
        ..Question::default()
    });
    view! {
        <p class="crumb"><a href=move || path::of_tenant(&tenant.get(), "/inbox")>"Inbox"</a></p>
        <PageHead title="Write a brief"/>
        {drawn(question, ASK)}
    }
    .erased()
}
