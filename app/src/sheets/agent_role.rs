//! Which role file an agent may run, and which one waits.

use super::agent_credentials::issue_form;
use crate::{
    components::{badge::Badge, eager::Erase, hash_tag::HashTag, icon::Icon, time_ago::TimeAgo},
    view::{path, review as words},
};
use countersign_domain::reading::{AgentDetail, ReviewRow};
use leptos::prelude::*;

pub fn agent_role(tenant: &str, detail: &AgentDetail) -> AnyView {
    let approved = match &detail.approved {
        Some(row) => file(tenant, row, "role-approved"),
        None => view! {
            <p class="notice tone-warn" data-testid="role-none">
                <Icon name="triangle-alert"/>
                "No role is approved: it cannot connect."
            </p>
        }
        .erased(),
    };
    let waiting = detail.waiting.as_ref().map(|row| file(tenant, row, "role-waiting"));
    view! {
        {approved}
        {waiting}
        <p class="more"><a href=path::role(tenant, &detail.row.name)>"Edit the role file"</a></p>
    }
    .erased()
}

fn file(tenant: &str, row: &ReviewRow, testid: &'static str) -> AnyView {
    let marked =
        row.self_approved.then(|| view! { <span class="sub" data-testid="self-approved">"self-approved"</span> });
    view! {
        <div class="agent-role" data-testid=testid>
            <p class="finding-head"><Badge face=words::state(row)/>{marked}<span class="since"><TimeAgo at=words::since(row)/></span></p>
            <p class="finding-head"><HashTag hex=row.sha256.clone() groups=4/><a href=path::review(tenant, &row.id)>"Open its review"</a></p>
        </div>
    }
    .erased()
}

/// The form that issues a credential, or why there is none.
pub fn issue(tenant: &str, detail: &AgentDetail) -> AnyView {
    if detail.stopped.is_some() {
        return view! { <p class="muted" data-testid="issue-stopped">"It is stopped. Lift the stop to issue a credential."</p> }
            .erased();
    }
    if detail.approved.is_some() {
        return issue_form(tenant, &detail.row.name);
    }
    let next = match &detail.waiting {
        Some(row) => view! { <a href=path::review(tenant, &row.id)>"Decide the review that waits"</a> }.erased(),
        None => view! { <a href=path::role(tenant, &detail.row.name)>"Propose its role file"</a> }.erased(),
    };
    view! {
        <p class="muted" data-testid="issue-not-approved">
            "A credential is issued for an approved role file only, and none of this agent is approved. "{next}"."
        </p>
    }
    .erased()
}
