use crate::{
    api::{reading::Ask, review::draw::draw_review},
    components::{drawn::drawn, eager::Erase, nav::Tenant},
    view::{path, task_row},
};
use leptos::prelude::*;
use leptos_meta::Title;

const ASK: Ask = |question| Box::pin(draw_review(question.tenant, question.item));

#[component]
pub fn ReviewPage() -> impl IntoView {
    let tenant = Tenant::here();
    let question = Tenant::question_about("id");
    view! {
        <Title text=move || format!("Review {}", task_row::short_id(&question.get().item))/>
        <p class="crumb"><a href=move || path::of_tenant(&tenant.get(), "/reviews")>"Reviews"</a></p>
        {drawn(question, ASK)}
    }
    .erased()
}
