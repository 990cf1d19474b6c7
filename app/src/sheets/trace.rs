//! Everything of one `correlation_id`, across agents.

use super::{trace_drawing::drawing, trace_story::story};
use crate::{
    components::{badge::Badge, eager::Erase, time_ago::TimeAgo},
    view::{
        duration,
        face::{Face, Tone},
        number, path, trace_lanes,
    },
};
use countersign_domain::{Millis, reading::Trace};
use leptos::prelude::*;

pub fn trace(tenant: &str, trace: &Trace, now: Millis) -> AnyView {
    view! {
        <div class="drawn" data-live="head">{head(tenant, trace)}</div>
        <div class="drawn" data-live="figures">{figures(trace, now)}</div>
        <section class="panel">
            <h2>"Timeline"</h2>
            <div data-live="drawing">{drawing(trace, now)}</div>
        </section>
        <section class="panel">
            <h2>"Step by step"</h2>
            <div data-live="story">{story(tenant, trace, now)}</div>
        </section>
    }
    .erased()
}

fn head(tenant: &str, trace: &Trace) -> AnyView {
    let face = if trace.open > 0 {
        Face::new("Under way", "play", Tone::Info)
    } else {
        Face::new("Ended", "check", Tone::Quiet)
    };
    let list = path::of_tenant(tenant, &format!("/tasks?trace={}", path::escape(&trace.correlation_id)));
    view! {
        <header class="page-head task-head" data-testid="trace-head">
            <Badge face/>
            <h1 class="mono">{trace.correlation_id.clone()}</h1>
            <p class="head-note"><a href=list rel="external">"Its tasks as a list"</a></p>
        </header>
    }
    .erased()
}

fn figures(trace: &Trace, now: Millis) -> AnyView {
    let (first, last) = trace_lanes::bounds(trace, now);
    let so_far = if trace.open > 0 { "so far, since " } else { "since " };
    let agents = trace.agents.iter().map(|agent| view! { <li class="agent">{agent.clone()}</li> }).collect_view();
    view! {
        <dl class="ledger" data-testid="trace-figures">
            <div class="figure">
                <dt>"Tasks"</dt>
                <dd>{number::grouped(trace.task_count)}</dd>
                <dd class="figure-note">{format!("{} open", number::grouped(trace.open))}</dd>
            </div>
            <div class="figure">
                <dt>"Events"</dt>
                <dd>{number::grouped(trace.event_count)}</dd>
            </div>
            <div class="figure">
                <dt>"Decisions"</dt>
                <dd>{number::grouped(trace.decision_count)}</dd>
            </div>
            <div class="figure">
                <dt>"Took"</dt>
                <dd>{duration::words(last.since(first))}</dd>
                <dd class="figure-note">{so_far}<TimeAgo at=first/></dd>
            </div>
            <div class="figure">
                <dt>"Cost"</dt>
                <dd>{trace.usd.map_or_else(|| "–".to_owned(), number::dollars)}</dd>
                <dd class="figure-note">{if trace.usd.is_some() { "reported by agents" } else { "none reported" }}</dd>
            </div>
            <div class="figure">
                <dt>"Who took part"</dt>
                <dd class="figure-state"><ul class="by-agent">{agents}</ul></dd>
            </div>
        </dl>
    }
    .erased()
}
