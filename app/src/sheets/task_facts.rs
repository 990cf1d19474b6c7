//! What is known of a task beside its story.

use crate::{
    components::{eager::Erase, icon::Icon, time_ago::TimeAgo, trace_link::TraceLink},
    view::{number, path},
};
use countersign_domain::reading::TaskDetail;
use leptos::prelude::*;

pub fn facts(tenant: &str, detail: &TaskDetail) -> AnyView {
    let row = &detail.row;
    let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    let trace = match row.correlation_id.clone() {
        Some(trace) => view! { <TraceLink trace/> }.erased(),
        None => "none".erased(),
    };
    let ended = row.ended_at.map(|at| view! { <dt>"Ended"</dt><dd><TimeAgo at/></dd> });
    let due = detail.not_before.map(|at| view! { <dt>"Not before"</dt><dd><TimeAgo at/></dd> });
    // It counts only among tasks that founders made and that are not on the bus.
    let priority = (detail.priority > 0).then(|| view! { <dt>"Priority"</dt><dd class="mono">{detail.priority}</dd> });
    let sequence =
        if detail.stream_sequence == 0 { "not on the bus".to_owned() } else { detail.stream_sequence.to_string() };
    view! {
        <h2>"Facts"</h2>
        <dl class="facts stacked">
            <dt>"Agent"</dt>
            <dd><a href=path::agent(tenant, &row.agent)>{row.agent.clone()}</a></dd>
            <dt>"Sender"</dt>
            <dd>{or_none(&detail.claimed_sender)}{sender(detail.sender_verified)}</dd>
            <dt>"Received"</dt>
            <dd><TimeAgo at=row.created_at/></dd>
            {due}
            {ended}
            {priority}
            <dt>"Cost"</dt>
            <dd class="mono">{row.usd.map_or_else(|| "none reported".to_owned(), number::dollars)}</dd>
            <dt>"Trace"</dt>
            <dd class="mono">{trace}</dd>
            <dt>"Subject"</dt>
            <dd class="mono">{detail.subject.clone()}</dd>
            <dt>"Sequence"</dt>
            <dd class="mono">{sequence}</dd>
            <dt>"Message id"</dt>
            <dd class="mono">{or_none(&detail.message_id)}</dd>
            <dt>"Task id"</dt>
            <dd class="mono">{row.id.clone()}</dd>
        </dl>
    }
    .erased()
}

/// Whether the sender's name is proved.
fn sender(verified: bool) -> AnyView {
    if verified {
        view! {
            <span class="verified" title="Signed with this agent's own key" data-testid="sender-verified"><Icon name="badge-check"/>"verified"</span>
        }
        .erased()
    } else {
        view! {
            <span class="unverified" title="Whoever published the message says so; nothing proves it">"unverified sender"</span>
        }
        .erased()
    }
}
