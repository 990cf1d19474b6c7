use crate::{
    api::{reading::Ask, trace::draw::draw_trace},
    components::{drawn::drawn, eager::Erase, nav::Tenant},
    view::path,
};
use leptos::prelude::*;
use leptos_meta::Title;

const ASK: Ask = |question| Box::pin(draw_trace(question.tenant, question.item));

#[component]
pub fn TracePage() -> impl IntoView {
    let tenant = Tenant::here();
    let question = Tenant::question_about("id");
    view! {
        <Title text=move || format!("Trace {}", question.get().item)/>
        <p class="crumb"><a href=move || path::of_tenant(&tenant.get(), "/tasks")>"Tasks"</a></p>
        {drawn(question, ASK)}
    }
    .erased()
}
