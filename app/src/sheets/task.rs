//! One task.

use super::{task_acts::task_acts, task_facts::facts};
use crate::{
    components::{
        attempt_lanes::AttemptLanes, attempt_list::AttemptList, badge::Badge, eager::Erase, event_list::EventList,
        hash_tag::HashTag, message_text::MessageText, task_table::TaskTable, time_ago::TimeAgo, trace_link::TraceLink,
    },
    view::{duration, lane, number, path, task_row, task_state},
};
use countersign_domain::{Millis, reading::TaskDetail, task::TaskState};
use leptos::prelude::*;

pub fn task(tenant: &str, detail: TaskDetail, now: Millis) -> AnyView {
    let (head, timeline) = (head(tenant, &detail), timeline(&detail, now));
    let (acts, facts) = (task_acts(tenant, &detail), facts(tenant, &detail));
    let result = result(tenant, &detail);
    let trace = trace(&detail);
    view! {
        <div class="drawn" data-live="head">{head}</div>
        <div class="columns">
            <div>
                <section class="panel">
                    <h2>"Attempts"</h2>
                    <div data-live="attempts">{timeline}</div>
                </section>
                <div class="drawn" data-live="result">{result}</div>
                <section class="panel">
                    <h2>"Payload"</h2>
                    <MessageText payload=detail.payload headers=detail.headers/>
                </section>
                <section class="panel" data-live="trace">{trace}</section>
            </div>
            <div>
                <div class="drawn" data-live="acts">{acts}</div>
                <aside class="panel" aria-label="Facts" data-live="facts">{facts}</aside>
            </div>
        </div>
    }
    .erased()
}

fn head(tenant: &str, detail: &TaskDetail) -> AnyView {
    let row = &detail.row;
    let reason = task_row::reason(row).map(|reason| view! { <p class="head-reason">{reason}</p> });
    let closed = detail.closed.as_ref().map(|closed| {
        let why = closed.reason.clone().map(|reason| view! { ": "<q>{reason}</q> });
        view! { <p class="head-note" data-testid="closed">"By "{closed.by.clone()}" "<TimeAgo at=closed.at/>{why}</p> }
    });
    let due = detail.not_before.filter(|_| row.state == TaskState::Scheduled).map(|at| {
        view! { <p class="head-note" data-testid="not-before">"Not before "<TimeAgo at/></p> }
    });
    let link = |test: &'static str, address: String, words: &'static str| {
        view! { <a class="button" href=address data-testid=test>{words}</a> }
    };
    let has_letter = matches!(
        row.state,
        TaskState::Dead | TaskState::Failed | TaskState::Undeliverable | TaskState::Replayed | TaskState::Dismissed
    );
    let links = [
        has_letter.then(|| link("to-letter", path::letter(tenant, &row.id), "Open its dead letter")),
        detail
            .replayed_as
            .as_ref()
            .map(|id| link("to-replay", path::task(tenant, id), "Open the task that does it again")),
        detail
            .replay_of
            .as_ref()
            .map(|id| link("to-original", path::letter(tenant, id), "Open the letter it does again")),
    ];
    let links: Vec<_> = links.into_iter().flatten().collect();
    view! {
        <header class="page-head task-head" data-testid="task-head" data-state=row.state.as_str()>
            <Badge face=task_state::face(row.state)/>
            <h1>{task_row::name(row)}</h1>
            <p class="head-note">{task_state::meaning(row.state)}</p>
            {reason}
            {closed}
            {due}
            {(!links.is_empty()).then(|| view! { <p class="head-links">{links}</p> })}
        </header>
    }
    .erased()
}

fn timeline(detail: &TaskDetail, now: Millis) -> AnyView {
    let (row, attempts) = (&detail.row, detail.attempts.clone());
    if attempts.is_empty() {
        return view! { <p class="muted">"No attempt yet. "{task_state::meaning(row.state)}</p> }.erased();
    }
    let known = attempts.iter().flat_map(|attempt| [attempt.started_at, attempt.ended_at]).flatten().max();
    // Only what is open is drawn up to now.
    let until = row.ended_at.unwrap_or(now).max(known.unwrap_or(row.created_at));
    let lanes = lane::lanes(row.created_at, &attempts, until);
    let (waited, worked) = lane::totals(&lanes);
    let so_far = if row.ended_at.is_none() { " so far" } else { "" };
    let known_times = lanes.iter().all(|lane| lane.unknown.is_none());
    let parts =
        known_times.then(|| format!(": {} waiting, {} working", duration::words(waited), duration::words(worked)));
    let span_ms = until.since(row.created_at);
    let count = number::counted(attempts.len() as u64, "attempt", "attempts");
    let (most, span, parts) = (detail.max_attempts, duration::words(span_ms), parts.unwrap_or_default());
    view! {
        <p class="timeline-words">{format!("{count} of at most {most} in {span}{so_far}{parts}")}</p>
        <AttemptLanes lanes=lanes.clone() span_ms/>
        <AttemptList attempts lanes/>
    }
    .erased()
}

/// What the worker handed in, if anything.
fn result(tenant: &str, detail: &TaskDetail) -> Option<AnyView> {
    if detail.result.is_none() && detail.artifacts.is_empty() {
        return None;
    }
    let text = detail.result.clone().map(|payload| view! { <MessageText payload headers=Vec::new()/> });
    let artifacts = (!detail.artifacts.is_empty()).then(|| artifacts(tenant, &detail.artifacts));
    Some(
        view! {
            <section class="panel" data-testid="task-result">
                <h2>"Result"</h2>
                {text}
                {artifacts}
            </section>
        }
        .erased(),
    )
}

fn artifacts(tenant: &str, names: &[String]) -> AnyView {
    let line = |name: &String| view! { <li><a href=path::artifact(tenant, name)><HashTag hex=name.clone()/></a></li> };
    let lines = names.iter().map(line).collect_view();
    view! {
        <h3>{number::counted(names.len() as u64, "artifact", "artifacts")}</h3>
        <ul class="hash-list" data-testid="task-artifacts">{lines}</ul>
    }
    .erased()
}

/// What else belongs to the same piece of work.
fn trace(detail: &TaskDetail) -> AnyView {
    let tasks = detail.trace_tasks.clone();
    let tasks = if tasks.is_empty() {
        view! { <p class="muted">"No other task in this trace."</p> }.erased()
    } else {
        view! { <TaskTable rows=Signal::stored(tasks) caption="Other tasks of this trace, oldest first"/> }.erased()
    };
    let events = detail.trace_events.clone();
    let events = if events.is_empty() {
        view! { <p class="muted">"No event of this trace."</p> }.erased()
    } else {
        view! { <EventList events/> }.erased()
    };
    let whole = detail.row.correlation_id.clone().map(|trace| {
        view! { <p class="more">"The whole trace: "<TraceLink trace/></p> }
    });
    view! {
        <h2>"Trace"</h2>
        {tasks}
        {whole}
        <h3>"Events"</h3>
        {events}
    }
    .erased()
}
