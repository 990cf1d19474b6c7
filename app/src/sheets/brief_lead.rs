//! What a brief's author recommends.

use super::brief_decide::accept;
use crate::{components::eager::Erase, view::brief as words};
use countersign_domain::reading::BriefView;
use leptos::prelude::*;

/// What its author recommends and how sure it is, and the one thing that it lacks.
pub fn lead(tenant: &str, brief: &BriefView) -> AnyView {
    lead_words(brief, accept(tenant, brief))
}

/// The same with `act` under it: what may be done about it, where that is here.
pub fn lead_words(brief: &BriefView, act: Option<AnyView>) -> AnyView {
    let needed = (!brief.input_needed.is_empty()).then(|| {
        view! {
            <div class="input-needed" data-testid="input-needed">
                <dt>"What only you know"</dt>
                <dd>{brief.input_needed.clone()}</dd>
            </div>
        }
    });
    view! {
        <section class="panel recommendation" aria-labelledby="recommendation-title" data-testid="recommendation">
            <h2 id="recommendation-title">"Recommendation"</h2>
            <p class="recommended-words">
                {brief.row.recommended.clone()}
                <span class="confidence">"confidence "<span class="mono">{words::confidence(brief.recommendation.confidence_micro)}</span></span>
            </p>
            <p class="recommended-why">{brief.recommendation.why.clone()}</p>
            <dl>{needed}</dl>
            {act}
        </section>
    }
    .erased()
}
