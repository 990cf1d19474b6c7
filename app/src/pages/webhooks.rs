use crate::{
    api::{
        reading::Ask,
        webhook::{draw::draw_webhooks, draw_deliveries::draw_deliveries},
    },
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
    view::path,
};
use leptos::prelude::*;
use leptos_meta::Title;

const ALL: Ask = |question| Box::pin(draw_webhooks(question.tenant));
const ONE: Ask = |question| Box::pin(draw_deliveries(question.tenant, question.item));

/// Where what waits is sent.
#[component]
pub fn WebhooksPage() -> impl IntoView {
    view! {
        <PageHead title="Webhooks"/>
        {drawn(Tenant::question(), ALL)}
    }
    .erased()
}

/// What was sent to one webhook.
#[component]
pub fn WebhookPage() -> impl IntoView {
    let tenant = Tenant::here();
    view! {
        <Title text="Webhook"/>
        <p class="crumb"><a href=move || path::of_tenant(&tenant.get(), "/settings/webhooks")>"Webhooks"</a></p>
        {drawn(Tenant::question_about("id"), ONE)}
    }
    .erased()
}
