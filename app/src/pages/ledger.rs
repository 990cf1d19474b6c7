use crate::{
    api::{decision::draw_ledger::draw_ledger, reading::Ask},
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_ledger(question.tenant));

/// How agents' recommendations fared.
#[component]
pub fn LedgerPage() -> impl IntoView {
    view! {
        <PageHead title="Autonomy ledger"/>
        {drawn(Tenant::question(), ASK)}
    }
    .erased()
}
