use crate::{
    api::{reading::Ask, sso::draw::draw_sso},
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_sso(question.tenant));

#[component]
pub fn SsoPage() -> impl IntoView {
    view! {
        <PageHead title="Single sign-on"/>
        {drawn(Tenant::question(), ASK)}
    }
    .erased()
}
