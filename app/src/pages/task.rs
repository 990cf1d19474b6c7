use crate::{
    api::{reading::Ask, task::draw::draw_task},
    components::{drawn::drawn, eager::Erase, nav::Tenant},
    view::{path, task_row},
};
use leptos::prelude::*;
use leptos_meta::Title;

const ASK: Ask = |question| Box::pin(draw_task(question.tenant, question.item));

#[component]
pub fn TaskPage() -> impl IntoView {
    let tenant = Tenant::here();
    let question = Tenant::question_about("id");
    view! {
        <Title text=move || format!("Task {}", task_row::short_id(&question.get().item))/>
        <p class="crumb"><a href=move || path::of_tenant(&tenant.get(), "/tasks")>"Tasks"</a></p>
        {drawn(question, ASK)}
    }
    .erased()
}
