use crate::{
    api::{account::draw_sessions::draw_sessions, reading::Ask},
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_sessions(question.tenant));

#[component]
pub fn SecurityPage() -> impl IntoView {
    view! {
        <PageHead title="Your security"/>
        <p class="page-note">"Where you are signed in, and with what. A session ends when it was not used for 30 minutes, and after 12 hours in any case."</p>
        {drawn(Tenant::question(), ASK)}
    }
    .erased()
}
