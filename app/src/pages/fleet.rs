use crate::{
    api::{fleet::draw::draw_fleet, reading::Ask},
    components::{drawn::drawn, eager::Erase, icon::Icon, nav::Tenant, page_head::PageHead},
    view::path,
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_fleet(question.tenant));

#[component]
pub fn FleetPage() -> impl IntoView {
    let tenant = Tenant::here();
    view! {
        <PageHead title="Fleet">
            <a class="button primary" href=move || path::of_tenant(&tenant.get(), "/fleet/new")>
                <Icon name="plus"/>
                "Create agent"
            </a>
        </PageHead>
        {drawn(Tenant::question(), ASK)}
    }
    .erased()
}
