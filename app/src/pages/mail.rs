use crate::{
    api::{mail::draw::draw_mail, reading::Ask},
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_mail(question.tenant));

#[component]
pub fn MailPage() -> impl IntoView {
    view! {
        <PageHead title="Mail"/>
        {drawn(Tenant::question(), ASK)}
    }
    .erased()
}
