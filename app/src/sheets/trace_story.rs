//! A trace in words: each task, event and decision in the order in which they came.

use crate::{
    components::{badge::Badge, eager::Erase, icon::Icon},
    view::{attempt, decision, duration, number, path, task_row, task_state, trace_lanes},
};
use countersign_domain::{
    Millis,
    reading::{DecisionRow, EventRow, Trace, TraceTask},
};
use leptos::prelude::*;

pub fn story(tenant: &str, trace: &Trace, now: Millis) -> AnyView {
    let (first, _) = trace_lanes::bounds(trace, now);
    let decisions = trace.decisions.iter().map(|decision| (decision.at, decision_step(tenant, decision, first)));
    let tasks = trace.tasks.iter().map(|task| (task.row.created_at, task_step(tenant, task, first, now)));
    let events = trace.events.iter().map(|event| (event.at, event_step(event, first)));
    // At the same moment a decision comes before what follows from it: the sort keeps this order.
    let mut steps: Vec<_> = decisions.chain(tasks).chain(events).collect();
    steps.sort_by_key(|(at, _)| *at);
    let shown = steps.len() as u64;
    let steps: Vec<_> = steps.into_iter().map(|(_, step)| step).collect();
    view! {
        <ol class="story" data-testid="trace-story">{steps}</ol>
        {pages(tenant, trace, shown)}
    }
    .erased()
}

/// The way to the steps that this page leaves out, where it does.
fn pages(tenant: &str, trace: &Trace, shown: u64) -> Option<AnyView> {
    if !trace.is_later && trace.next.is_none() {
        return None;
    }
    let all = trace.task_count + trace.event_count + trace.decision_count;
    let rel = path::trace_rel(&trace.correlation_id);
    let first = trace.is_later.then(|| {
        view! {
            <a class="button" rel=rel href=path::trace(tenant, &trace.correlation_id)><Icon name="chevron-left"/>"Show the first "{Trace::LIMIT}</a>
        }
    });
    let next = trace.next.as_ref().map(|cursor| {
        let href = format!("{}?after={}", path::trace(tenant, &trace.correlation_id), path::escape(cursor));
        view! { <a class="button" rel=rel href=href data-testid="trace-next">"Show the next "{Trace::LIMIT}<Icon name="chevron-right"/></a> }
    });
    let words = format!(
        "{} of {} steps are on this page, in the drawing too. The figures above are of all.",
        number::grouped(shown),
        number::grouped(all)
    );
    let pages = view! {
        <p class="hint" data-testid="trace-part">{words}</p>
        <nav class="pager" aria-label="Pages of this trace">{first}{next}</nav>
    };
    Some(pages.erased())
}

/// Somebody's word, in a face of its own: signed, and with its place in the journal.
fn decision_step(tenant: &str, decision: &DecisionRow, first: Millis) -> AnyView {
    let entry = path::entry(tenant, decision.entry);
    let words = decision::words(&decision.what);
    let linked = |id: &str, text: String| view! { <a href=path::task(tenant, id) data-row-link="">{text}</a> }.erased();
    let about = match decision::task(&decision.what) {
        Some(task) => linked(&task.id, format!("“{}”", task.name)),
        None => ().erased(),
    };
    let replay = decision::replay(&decision.what).map(|id| view! { " as "{linked(id, "another task".to_owned())} });
    let reason = decision.reason.clone().map(|reason| view! { <p class="decision-why"><q>{reason}</q></p> });
    let (icon, by) = match &decision.by {
        Some(by) => ("mark", by.clone()),
        None => ("octagon-x", "Countersign".to_owned()),
    };
    view! {
        <li class="step-of-trace" data-testid="trace-decision">
            <span class="step-at mono">{offset(decision.at, first)}</span>
            <div class=if decision.by.is_some() { "decision" } else { "decision by-rule" }>
                <p class="step-head">
                    <span class="signed"><Icon name=icon/>{by}</span>
                    <span>{words.before}" "{about}{replay}{words.after}</span>
                    <a class="decision-entry" href=entry>{format!("entry {}", number::grouped(decision.entry))}</a>
                </p>
                {reason}
            </div>
        </li>
    }
    .erased()
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
    let cost =
        event.usd.map(|usd| view! { <span class="task-meta" data-testid="event-cost">{number::dollars(usd)}</span> });
    view! {
        <li class="step-of-trace" data-testid="trace-event">
            <span class="step-at mono">{offset(event.at, first)}</span>
            <div>
                <p class="step-head"><code>{format!("events.{}.{}", event.agent, event.topic)}</code>{cost}</p>
                <p class="event-text">{event.excerpt.clone()}</p>
            </div>
        </li>
    }
    .erased()
}

fn offset(at: Millis, first: Millis) -> String {
    format!("+{}", duration::words(at.since(first)))
}
