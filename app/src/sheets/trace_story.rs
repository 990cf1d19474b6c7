//! A trace in words: each task and event in the order in which they came.

use crate::{
    components::{badge::Badge, eager::Erase},
    view::{attempt, duration, number, path, task_row, task_state, trace_lanes},
};
use countersign_domain::{
    Millis,
    reading::{EventRow, Trace, TraceTask},
};
use leptos::prelude::*;

pub fn story(tenant: &str, trace: &Trace, now: Millis) -> AnyView {
    let (first, _) = trace_lanes::bounds(trace, now);
    let tasks = trace.tasks.iter().map(|task| (task.row.created_at, task_step(tenant, task, first, now)));
    let events = trace.events.iter().map(|event| (event.at, event_step(event, first)));
    let mut steps: Vec<_> = tasks.chain(events).collect();
    steps.sort_by_key(|(at, _)| *at);
    let steps: Vec<_> = steps.into_iter().map(|(_, step)| step).collect();
    view! { <ol class="story" data-testid="trace-story">{steps}</ol> }.erased()
}

fn task_step(tenant: &str, task: &TraceTask, first: Millis, now: Millis) -> AnyView {
    let row = &task.row;
    let took = task_row::took(row, Some(now)).unwrap_or_default();
    let attempts = task.attempts.iter().map(|attempt| {
        let face = attempt::face(attempt.outcome);
        let reason = attempt.reason.clone().unwrap_or_else(|| attempt::default_reason(attempt.outcome).to_owned());
        view! { <li><Badge face/>" "<span class="reason">{reason}</span></li> }
    });
    let attempts = attempts.collect_view();
    let cost = row.usd.map(|usd| format!(" · {}", number::dollars(usd)));
    view! {
        <li class="step-of-trace" data-testid="trace-task" data-state=row.state.as_str()>
            <span class="step-at mono">{offset(row.created_at, first)}</span>
            <div>
                <p class="step-head">
                    <Badge face=task_state::face(row.state)/>
                    <a href=path::task(tenant, &row.id) data-row-link="">{task_row::name(row)}</a>
                    <span class="task-meta"><span class="agent">{row.agent.clone()}</span>" · "<code>{row.kind.clone()}</code>{format!(" · {took}")}{cost}</span>
                </p>
                <ol class="step-attempts" aria-label="Attempts">{attempts}</ol>
            </div>
        </li>
    }
    .erased()
}

fn event_step(event: &EventRow, first: Millis) -> AnyView {
    view! {
        <li class="step-of-trace" data-testid="trace-event">
            <span class="step-at mono">{offset(event.at, first)}</span>
            <div>
                <p class="step-head"><code>{format!("events.{}.{}", event.agent, event.topic)}</code></p>
                <p class="event-text">{event.excerpt.clone()}</p>
            </div>
        </li>
    }
    .erased()
}

fn offset(at: Millis, first: Millis) -> String {
    format!("+{}", duration::words(at.since(first)))
}
