use crate::{
    api::{member::draw::draw_members, reading::Ask},
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_members(question.tenant));

#[component]
pub fn MembersPage() -> impl IntoView {
    view! {
        <PageHead title="Members"/>
        {drawn(Tenant::question(), ASK)}
    }
    .erased()
}
