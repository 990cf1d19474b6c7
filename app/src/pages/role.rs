use crate::{
    api::{reading::Ask, role::draw::draw_role},
    components::{
        drawn::{STILL, drawn_upon},
        eager::Erase,
        live_check::LiveCheck,
        nav::Tenant,
        page_head::PageHead,
    },
    view::path,
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_role(question.tenant, question.item));

/// The editor of an agent's role file, or of a first one where the address names no agent.
#[component]
pub fn RolePage() -> impl IntoView {
    let tenant = Tenant::here();
    let question = Tenant::question_about("name");
    let title = Signal::derive(move || match question.get().item {
        name if name.is_empty() => "Propose a role file".to_owned(),
        name => format!("Role file of {name}"),
    });
    view! {
        <p class="crumb"><a href=move || path::of_tenant(&tenant.get(), "/reviews")>"Reviews"</a></p>
        <PageHead title/>
        {drawn_upon(STILL, question, ASK)}
        <LiveCheck/>
    }
    .erased()
}
