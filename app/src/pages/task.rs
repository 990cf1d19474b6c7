use crate::components::eager::Erase;
use crate::{
    api::{
        reading::{Ask, Question},
        task::read::read_task,
    },
    components::{
        attempt_lanes::AttemptLanes, attempt_list::AttemptList, badge::Badge, event_list::EventList, loaded::loaded,
        message_text::MessageText, nav::Tenant, task_table::TaskTable, time_ago::TimeAgo,
    },
    live::{Topic, follow},
    view::{clock::Clock, duration, lane, number, path, path::escape, task_row, task_state},
};
use countersign_domain::reading::TaskDetail;
use leptos::prelude::*;
use leptos_meta::Title;

const ASK: Ask = |question| Box::pin(read_task(question.tenant, question.item));

#[component]
pub fn TaskPage() -> impl IntoView {
    let tenant = Tenant::here();
    let question = Tenant::question_about("id");
    view! {
        <Title text=move || format!("Task {}", task_row::short_id(&question.get().item))/>
        <p class="crumb"><a href=move || path::of_tenant(&tenant.get(), "/tasks")>"Tasks"</a></p>
        {loaded(question, ASK, |first, question| view! { <Sheet first question/> }.erased())}
    }
    .erased()
}

#[component]
fn Sheet(first: TaskDetail, question: Question) -> impl IntoView {
    let tenant = question.tenant.clone();
    let message = view! { <MessageText payload=first.payload.clone() headers=first.headers.clone()/> };
    let detail = RwSignal::new(first);
    follow(Topic::Tasks, question, ASK, move |fresh| {
        detail.try_set(fresh);
    });
    let clock = Clock::here();
    let timeline = move || {
        // Only what is open is drawn up to now.
        let now = detail.with(|detail| detail.row.ended_at.is_none()).then(|| clock.get()).flatten();
        detail.with(|detail| timeline(detail, now))
    };
    view! {
        {move || detail.with(head)}
        <div class="columns">
            <div>
                <section class="panel">
                    <h2>"Attempts"</h2>
                    {timeline}
                </section>
                <section class="panel">
                    <h2>"Payload"</h2>
                    {message}
                </section>
                <Trace detail tenant=tenant.clone()/>
            </div>
            <aside class="panel" aria-label="Facts">
                <h2>"Facts"</h2>
                {move || detail.with(|detail| facts(detail, &tenant))}
            </aside>
        </div>
    }
    .erased()
}

fn head(detail: &TaskDetail) -> impl IntoView + use<> {
    let row = &detail.row;
    let reason = task_row::reason(row).map(|reason| view! { <p class="head-reason">{reason}</p> });
    view! {
        <header class="page-head task-head" data-testid="task-head" data-state=row.state.as_str()>
            <Badge face=task_state::face(row.state)/>
            <h1>{task_row::name(row)}</h1>
            <p class="head-note">{task_state::meaning(row.state)}</p>
            {reason}
        </header>
    }
}

fn timeline(detail: &TaskDetail, now: Option<countersign_domain::Millis>) -> AnyView {
    let (row, attempts) = (&detail.row, detail.attempts.clone());
    if attempts.is_empty() {
        return view! { <p class="muted">"No attempt yet. "{task_state::meaning(row.state)}</p> }.erased();
    }
    let known = attempts.iter().flat_map(|attempt| [attempt.started_at, attempt.ended_at]).flatten().max();
    let until = row.ended_at.into_iter().chain(now).chain(known).max().unwrap_or(row.updated_at);
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
    .patched()
}

fn facts(detail: &TaskDetail, tenant: &str) -> impl IntoView + use<> {
    let row = &detail.row;
    let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
    let trace = row.correlation_id.clone().map(|trace| {
        let address = path::of_tenant(tenant, &format!("/tasks?trace={}", escape(&trace)));
        view! { <a href=address>{trace}</a> }
    });
    let ended = row.ended_at.map(|at| view! { <dt>"Ended"</dt><dd><TimeAgo at/></dd> });
    view! {
        <dl class="facts stacked">
            <dt>"Agent"</dt>
            <dd><a href=path::agent(tenant, &row.agent)>{row.agent.clone()}</a></dd>
            <dt>"Sender"</dt>
            <dd>
                {or_none(&detail.claimed_sender)}
                <span class="unverified" title="Whoever published the message says so; nothing proves it yet">"unverified sender"</span>
            </dd>
            <dt>"Received"</dt>
            <dd><TimeAgo at=row.created_at/></dd>
            {ended}
            <dt>"Cost"</dt>
            <dd class="mono">{row.usd.map_or_else(|| "none reported".to_owned(), number::dollars)}</dd>
            <dt>"Trace"</dt>
            <dd class="mono">{trace.map_or_else(|| "none".erased(), Erase::erased)}</dd>
            <dt>"Subject"</dt>
            <dd class="mono">{detail.subject.clone()}</dd>
            <dt>"Sequence"</dt>
            <dd class="mono">{detail.stream_sequence.to_string()}</dd>
            <dt>"Message id"</dt>
            <dd class="mono">{or_none(&detail.message_id)}</dd>
            <dt>"Task id"</dt>
            <dd class="mono">{row.id.clone()}</dd>
        </dl>
    }
}

/// What else belongs to the same piece of work.
#[component]
fn Trace(detail: RwSignal<TaskDetail>, tenant: String) -> impl IntoView {
    let has_tasks = Memo::new(move |_| detail.with(|detail| !detail.trace_tasks.is_empty()));
    let events = move || {
        let events = detail.with(|detail| detail.trace_events.clone());
        if events.is_empty() {
            view! { <p class="muted">"No event of this trace."</p> }.erased()
        } else {
            view! { <EventList events/> }.erased()
        }
    };
    let all = move || {
        let trace = detail.with(|detail| detail.row.correlation_id.clone())?;
        let address = path::of_tenant(&tenant, &format!("/tasks?trace={}", escape(&trace)));
        Some(view! { <p class="more"><a href=address>"All tasks of this trace"</a></p> })
    };
    view! {
        <section class="panel">
            <h2>"Trace"</h2>
            <Show when=move || has_tasks.get() fallback=|| view! { <p class="muted">"No other task in this trace."</p> }.erased()>
                <TaskTable rows=Signal::derive(move || detail.with(|detail| detail.trace_tasks.clone())) caption="Other tasks of this trace, oldest first"/>
            </Show>
            {all}
            <h3>"Events"</h3>
            {events}
        </section>
    }
    .erased()
}
