use crate::{
    api::{reading::Ask, task::draw_form::draw_task_form},
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
    view::path,
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_task_form(question.tenant));

#[component]
pub fn NewTaskPage() -> impl IntoView {
    let tenant = Tenant::here();
    view! {
        <p class="crumb"><a href=move || path::of_tenant(&tenant.get(), "/tasks")>"Tasks"</a></p>
        <PageHead title="Create task"/>
        {drawn(Tenant::question(), ASK)}
    }
    .erased()
}
