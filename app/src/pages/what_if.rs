use crate::{
    api::{reading::Ask, review::what_if::draw_what_if},
    components::{
        drawn::{STILL, drawn_upon},
        eager::Erase,
        nav::Tenant,
        page_head::PageHead,
    },
    view::path,
};
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(draw_what_if(question.tenant, question.item));

/// What of the past would have gone otherwise under the file of a review. It is dear to find out.
#[component]
pub fn WhatIfPage() -> impl IntoView {
    let tenant = Tenant::here();
    let question = Tenant::question_about("id");
    view! {
        <p class="crumb"><a href=move || path::review(&tenant.get(), &question.get().item)>"The review"</a></p>
        <PageHead title="What would have gone otherwise"/>
        {drawn_upon(STILL, question, ASK)}
    }
    .erased()
}
