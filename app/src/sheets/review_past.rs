//! Who decided a review, and the other files of its agent.

use crate::{
    components::{badge::Badge, eager::Erase, hash_tag::HashTag, time_ago::TimeAgo},
    view::{path, review as words},
};
use countersign_domain::reading::{ReviewDecisionRow, ReviewDetail, ReviewRow};
use leptos::prelude::*;

pub fn decisions(detail: &ReviewDetail) -> AnyView {
    if detail.decisions.is_empty() {
        return view! { <p class="muted">"Nobody has decided this one."</p> }.erased();
    }
    let lines = detail.decisions.iter().map(decision).collect_view();
    view! { <ul class="decisions" data-testid="decisions">{lines}</ul> }.erased()
}

fn decision(row: &ReviewDecisionRow) -> AnyView {
    let marked = row.self_approved.then(|| view! { " · "<strong>"self-approved"</strong> });
    view! {
        <li data-testid="decision-row">
            <p>{row.by.clone()}" "{words::decided(row.decision)}" "<TimeAgo at=row.at/>{marked}</p>
            <p class="decision-why"><q>{row.reason.clone()}</q></p>
            <p class="sub">"Proved who they are by "{row.how.clone()}</p>
        </li>
    }
    .erased()
}

pub fn history(tenant: &str, detail: &ReviewDetail) -> AnyView {
    let lines = detail.history.iter().map(|row| past(tenant, row, row.id == detail.row.id)).collect_view();
    view! {
        <h3>"All files of this agent"</h3>
        <ul class="past" data-testid="history">{lines}</ul>
    }
    .erased()
}

fn past(tenant: &str, row: &ReviewRow, is_this: bool) -> AnyView {
    let marked = row.self_approved.then(|| view! { <span class="sub">"self-approved"</span> });
    let name = if is_this {
        view! { <span class="muted">"this one"</span> }.erased()
    } else {
        view! { <a href=path::review(tenant, &row.id)>"Open its review"</a> }.erased()
    };
    view! {
        <li>
            <HashTag hex=row.sha256.clone() groups=2/>
            <Badge face=words::state(row)/>
            {marked}
            <span class="past-by">"by "{row.author.clone()}" "<TimeAgo at=row.requested_at/></span>
            {name}
        </li>
    }
    .erased()
}
