use crate::{
    api::{decision::draw::draw_decision, reading::Ask},
    components::{drawn::drawn, eager::Erase, nav::Tenant},
    view::path,
};
use leptos::prelude::*;
use leptos_meta::Title;

const ASK: Ask = |question| Box::pin(draw_decision(question.tenant, question.item));

/// One decision, at its permanent address.
#[component]
pub fn DecisionPage() -> impl IntoView {
    let tenant = Tenant::here();
    view! {
        <Title text="Decision"/>
        <p class="crumb"><a href=move || path::of_tenant(&tenant.get(), "/decisions")>"Decisions"</a></p>
        {drawn(Tenant::question_about("id"), ASK)}
    }
    .erased()
}
