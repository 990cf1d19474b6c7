use crate::{
    api::{quarantine::draw::draw_quarantine, reading::Ask},
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_quarantine(question.tenant));

#[component]
pub fn QuarantinePage() -> impl IntoView {
    view! {
        <PageHead title="Quarantine"/>
        <p class="page-note">"Messages that could not be understood, kept whole. They never stop the others."</p>
        {drawn(Tenant::question(), ASK)}
    }
    .erased()
}
