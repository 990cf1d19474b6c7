use crate::{
    api::{
        reading::{Ask, Question},
        trace::draw::draw_trace,
    },
    components::{drawn::drawn, eager::Erase, nav::Tenant},
    view::path,
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

const ASK: Ask = |question| Box::pin(draw_trace(question.tenant, question.item, question.after));

#[component]
pub fn TracePage() -> impl IntoView {
    let tenant = Tenant::here();
    let (about, query) = (Tenant::question_about("id"), use_query_map());
    let question = Memo::new(move |_| Question {
        after: query.with(|query| query.get("after").unwrap_or_default()),
        ..about.get()
    });
    view! {
        <Title text=move || format!("Trace {}", question.get().item)/>
        <p class="crumb"><a href=move || path::of_tenant(&tenant.get(), "/tasks")>"Tasks"</a></p>
        {drawn(question, ASK)}
    }
    .erased()
}
