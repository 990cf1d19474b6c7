use crate::{
    api::{
        artifact::draw_list::draw_artifacts,
        reading::{Ask, Question},
    },
    components::{drawn::drawn, eager::Erase, nav::Tenant, page_head::PageHead},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

const ASK: Ask = |question| Box::pin(draw_artifacts(question.tenant, question.item));

/// What agents have put, newest first.
#[component]
pub fn ArtifactsPage() -> impl IntoView {
    let (tenant, place) = (Tenant::here(), use_location());
    let question =
        Memo::new(move |_| Question { tenant: tenant.get(), item: place.search.get(), ..Question::default() });
    view! {
        <PageHead title="Artifacts"/>
        <p class="page-note">"Work that agents exchange and hand in. Each is named by its own content, so what was approved cannot change."</p>
        {drawn(question, ASK)}
    }
    .erased()
}
