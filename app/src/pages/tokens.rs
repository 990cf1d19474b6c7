use crate::{
    api::{reading::Ask, token::draw::draw_tokens},
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_tokens(question.tenant));

#[component]
pub fn TokensPage() -> impl IntoView {
    view! {
        <PageHead title="API tokens"/>
        {drawn(Tenant::question(), ASK)}
    }
    .erased()
}
