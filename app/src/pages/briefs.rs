use crate::{
    api::{inbox::draw_rules::draw_rules, reading::Ask},
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_rules(question.tenant));

/// What silence means for briefs, and who asks how well.
#[component]
pub fn BriefsPage() -> impl IntoView {
    view! {
        <PageHead title="Briefs"/>
        {drawn(Tenant::question(), ASK)}
    }
    .erased()
}
