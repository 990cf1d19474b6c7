use crate::{
    api::{allocation::draw::draw_allocation, reading::Ask},
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
    view::path,
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_allocation(question.tenant));

/// What each agent gets, and which decision said so.
#[component]
pub fn AllocationPage() -> impl IntoView {
    let tenant = Tenant::here();
    view! {
        <p class="crumb"><a href=move || path::of_tenant(&tenant.get(), "/fleet")>"Fleet"</a></p>
        <PageHead title="Allocation"/>
        {drawn(Tenant::question(), ASK)}
    }
    .erased()
}
