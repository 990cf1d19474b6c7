use crate::{
    api::{decision::draw_ledger::draw_ledger, reading::Ask},
    components::{
        drawn::{STILL, drawn_upon},
        eager::Erase,
        nav::Tenant,
        page_head::PageHead,
    },
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_ledger(question.tenant));

/// How agents' recommendations fared. It is made from thousands of decisions, and one more hardly changes it: it is drawn
/// when somebody comes, and not with each task that moves.
#[component]
pub fn LedgerPage() -> impl IntoView {
    view! {
        <PageHead title="Autonomy ledger"/>
        {drawn_upon(STILL, Tenant::question(), ASK)}
    }
    .erased()
}
