use crate::{
    api::{notice::draw::draw_notices, reading::Ask},
    components::{
        drawn::{STILL, drawn_upon},
        eager::Erase,
        nav::Tenant,
        page_head::PageHead,
    },
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_notices(question.tenant));

/// What somebody is told outside the console.
#[component]
pub fn NoticesPage() -> impl IntoView {
    view! {
        <PageHead title="Notifications"/>
        {drawn_upon(STILL, Tenant::question(), ASK)}
    }
    .erased()
}
