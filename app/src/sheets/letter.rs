//! One dead letter.

use super::{
    diff::{Words, diff},
    letter_acts::letter_acts,
};
use crate::{
    components::{
        attempt_lanes::AttemptLanes, attempt_list::AttemptList, badge::Badge, eager::Erase, message_text::MessageText,
        task_table::TaskTable, time_ago::TimeAgo, trace_link::TraceLink,
    },
    view::{lane, letter as words, letter_filter::LetterFilter, number, path, task_row},
};
use countersign_domain::{
    letter::LetterState,
    reading::{DeadLetterDetail, LastGood, LetterRow},
};
use leptos::prelude::*;

const PAYLOADS: Words =
    Words { same: "Their payloads are the same.", signs: "− only in the good one, + only in this one." };

pub fn letter(tenant: &str, detail: DeadLetterDetail) -> AnyView {
    let attempts = attempts(&detail);
    let waits = detail.letter.state == LetterState::Waiting;
    let acts = waits.then(|| letter_acts(tenant, &detail));
    let blocked = (detail.blocked.clone(), detail.blocked_count);
    view! {
        <div class="drawn" data-live="head">{head(tenant, &detail)}</div>
        <div class="columns">
            <div>
                {acts}
                <section class="panel">
                    <h2>"Attempts"</h2>
                    {attempts}
                </section>
                <section class="panel" data-testid="blocked" data-live="blocked">
                    <h2>"Blocked behind it"</h2>
                    {behind(blocked.0, blocked.1)}
                </section>
                <section class="panel" data-testid="last-good">
                    <h2>"Compared with the last good one"</h2>
                    {compared(tenant, detail.last_good)}
                </section>
                <section class="panel">
                    <h2>"Payload"</h2>
                    <MessageText payload=detail.payload headers=detail.headers/>
                </section>
            </div>
            <aside class="panel" aria-label="Facts">
                <h2>"Facts"</h2>
                {facts(tenant, &detail.letter, &detail.subject)}
            </aside>
        </div>
    }
    .erased()
}

fn head(tenant: &str, detail: &DeadLetterDetail) -> AnyView {
    let row = &detail.letter;
    let reason = row.reason.clone().unwrap_or_else(|| words::default_reason(row.cause).to_owned());
    let replay = row.replay.as_ref().map(|task| {
        view! { <p class="head-note"><a href=path::task(tenant, task)>"The task that does it again"</a></p> }
    });
    let closed = detail.closed.as_ref().map(|closed| {
        let why = closed.reason.clone().map(|reason| view! { ": "<q>{reason}</q> });
        view! { <p class="head-note" data-testid="closed">"Closed by "{closed.by.clone()}" "<TimeAgo at=closed.at/>{why}</p> }
    });
    let alike = (detail.alike > 1).then(|| {
        let same = LetterFilter { fingerprint: row.fingerprint.clone(), ..LetterFilter::default() };
        let href = path::letters(tenant, &same.to_address());
        view! { <p class="head-note"><a href=href data-testid="alike">{format!("{} letters wait with this error", number::grouped(detail.alike))}</a></p> }
    });
    view! {
        <header class="page-head task-head" data-testid="letter-head" data-state=row.state.as_str()>
            <Badge face=words::state(row.state)/>
            <h1>{words::name(row)}</h1>
            <p class="head-reason">{reason}</p>
            {closed}
            {replay}
            {alike}
        </header>
    }
    .erased()
}

fn attempts(detail: &DeadLetterDetail) -> AnyView {
    let attempts = detail.attempts.clone();
    if attempts.is_empty() {
        return view! { <p class="muted">"No attempt was made."</p> }.erased();
    }
    let moments = attempts.iter().flat_map(|attempt| [attempt.started_at, attempt.ended_at]).flatten();
    let at = detail.letter.at;
    let (first, last) = (moments.clone().min().unwrap_or(at), moments.max().unwrap_or(at));
    let lanes = lane::lanes(first, &attempts, last);
    let span_ms = last.since(first);
    // One moment alone is no drawing.
    let drawn = (span_ms > 0).then(|| view! { <AttemptLanes lanes=lanes.clone() span_ms/> });
    view! {
        {drawn}
        <AttemptList attempts lanes/>
    }
    .erased()
}

fn behind(blocked: Vec<countersign_domain::reading::TaskRow>, count: u64) -> AnyView {
    if blocked.is_empty() {
        return view! { <p class="muted">"Nothing open in the same trace."</p> }.erased();
    }
    let more = count.saturating_sub(blocked.len() as u64);
    view! {
        <p class="panel-note">{format!("{} of the same trace cannot be finished without it.", number::counted(count, "open task", "open tasks"))}</p>
        <TaskTable rows=Signal::stored(blocked) caption="Open tasks of the same trace"/>
        {(more > 0).then(|| view! { <p class="hint">{format!("and {} more", number::grouped(more))}</p> })}
    }
    .erased()
}

fn compared(tenant: &str, good: Option<LastGood>) -> AnyView {
    let Some(LastGood { row, diff: lines }) = good else {
        return view! { <p class="muted">"No task of this agent and kind has succeeded yet."</p> }.erased();
    };
    let href = path::task(tenant, &row.id);
    view! {
        <p class="panel-note"><a href=href>{task_row::name(&row)}</a>" succeeded; it came "<TimeAgo at=row.created_at/>"."</p>
        {diff(&PAYLOADS, lines)}
    }
    .erased()
}

fn facts(tenant: &str, row: &LetterRow, subject: &str) -> AnyView {
    let trace = row.correlation_id.clone().map(|trace| {
        view! { <dt>"Trace"</dt><dd class="mono"><TraceLink trace/></dd> }
    });
    view! {
        <dl class="facts stacked">
            <dt>"Cause"</dt>
            <dd><Badge face=words::cause(row.cause)/></dd>
            <dt>"Agent"</dt>
            <dd><a href=path::agent(tenant, &row.agent)>{row.agent.clone()}</a></dd>
            <dt>"Died"</dt>
            <dd><TimeAgo at=row.at/></dd>
            <dt>"Attempts"</dt>
            <dd class="mono">{row.attempts}</dd>
            {trace}
            <dt>"Subject"</dt>
            <dd class="mono">{subject.to_owned()}</dd>
            <dt>"Error"</dt>
            <dd class="mono">{row.fingerprint.clone()}</dd>
            <dt>"Task"</dt>
            <dd class="mono"><a href=path::task(tenant, &row.id)>{row.id.clone()}</a></dd>
        </dl>
    }
    .erased()
}
