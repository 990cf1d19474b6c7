use crate::{
    api::{letter::draw::draw_letter, reading::Ask},
    components::{drawn::drawn, eager::Erase, nav::Tenant},
    view::{path, task_row},
};
use leptos::prelude::*;
use leptos_meta::Title;

const ASK: Ask = |question| Box::pin(draw_letter(question.tenant, question.item));

#[component]
pub fn DeadLetterPage() -> impl IntoView {
    let tenant = Tenant::here();
    let question = Tenant::question_about("id");
    view! {
        <Title text=move || format!("Dead letter {}", task_row::short_id(&question.get().item))/>
        <p class="crumb"><a href=move || path::letters(&tenant.get(), "")>"Dead letters"</a></p>
        {drawn(question, ASK)}
    }
    .erased()
}
