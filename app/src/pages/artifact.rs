use crate::{
    api::{artifact::draw::draw_artifact, reading::Ask},
    components::{
        drawn::{STILL, drawn_upon},
        eager::Erase,
        nav::Tenant,
    },
    view::{hash, path},
};
use leptos::prelude::*;
use leptos_meta::Title;

const ASK: Ask = |question| Box::pin(draw_artifact(question.tenant, question.item));

/// One artifact. What is in it never changes, so the page does not follow what happens.
#[component]
pub fn ArtifactPage() -> impl IntoView {
    let tenant = Tenant::here();
    let question = Tenant::question_about("sha256");
    view! {
        <Title text=move || format!("Artifact {}", hash::grouped(&question.get().item, 2))/>
        <p class="crumb"><a href=move || path::of_tenant(&tenant.get(), "/artifacts")>"Artifacts"</a></p>
        {drawn_upon(STILL, question, ASK)}
    }
    .erased()
}
