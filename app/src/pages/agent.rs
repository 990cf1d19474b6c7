use crate::{
    api::{agent::draw::draw_agent, reading::Ask},
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
    view::path,
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_agent(question.tenant, question.item));

#[component]
pub fn AgentPage() -> impl IntoView {
    let tenant = Tenant::here();
    let question = Tenant::question_about("name");
    let name = Signal::derive(move || question.get().item);
    view! {
        <p class="crumb"><a href=move || path::of_tenant(&tenant.get(), "/fleet")>"Fleet"</a></p>
        <PageHead title=name/>
        {drawn(question, ASK)}
    }
    .erased()
}
