use crate::components::eager::Erase;
use crate::{
    api::{
        overview::read::read_overview,
        reading::{Ask, Question},
    },
    components::{
        bus_notice::BusNotice,
        connect_steps::ConnectSteps,
        figures,
        hour_chart::HourChart,
        icon::Icon,
        loaded::loaded,
        nav::{Counts, Tenant},
        page_head::PageHead,
        task_table::TaskTable,
        time_ago::TimeAgo,
    },
    live::{Topic, follow},
    view::{number, path},
};
use countersign_domain::reading::Overview;
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(read_overview(question.tenant));

#[component]
pub fn OverviewPage() -> impl IntoView {
    view! {
        <PageHead title="Overview"/>
        {loaded(Tenant::question(), ASK, |first, question| view! { <Sheet first question/> }.erased())}
    }
    .erased()
}

#[component]
fn Sheet(first: Overview, question: Question) -> impl IntoView {
    let tenant = question.tenant.clone();
    let counts = expect_context::<Counts>();
    let sheet = RwSignal::new(first);
    follow(Topic::All, question, ASK, move |fresh| {
        sheet.try_set(fresh);
    });
    Effect::new(move || sheet.with(|sheet| counts.take(sheet)));
    let is_new = Memo::new(move |_| sheet.with(|sheet| sheet.recent.is_empty()));
    let waits = Memo::new(move |_| sheet.with(|sheet| sheet.waiting_count > 0));
    let tasks = path::of_tenant(&tenant, "/tasks");
    view! {
        <BusNotice bus=Signal::derive(move || sheet.with(|sheet| sheet.bus.clone()))/>
        {
            let tenant = tenant.clone();
            move || sheet.with(|sheet| lead(&tenant, sheet))
        }
        <Show when=move || waits.get()>
            <section aria-label="Tasks that wait for you">
                <TaskTable rows=Signal::derive(move || sheet.with(|sheet| sheet.waiting.clone())) caption="Tasks that wait for you"/>
            </section>
        </Show>
        {move || sheet.with(ledger)}
        {move || {
            let (connect, made) = sheet.with_untracked(|sheet| (sheet.connect.clone(), sheet.agents > 0));
            if is_new.get() {
                view! {
                    <section class="panel" data-testid="connect-steps">
                        <h2>"Next: a first task"</h2>
                        <ConnectSteps connect tenant=tenant.clone() made agent=None/>
                    </section>
                }.erased()
            } else {
                let tasks = tasks.clone();
                view! {
                    <section class="panel">
                        <h2>"Tasks by hour"</h2>
                        <HourChart hours=Signal::derive(move || sheet.with(|sheet| sheet.by_hour.clone()))/>
                    </section>
                    <section>
                        <h2>"Newest tasks"</h2>
                        <TaskTable rows=Signal::derive(move || sheet.with(|sheet| sheet.recent.clone())) caption="Newest tasks"/>
                        <p class="more"><a href=tasks>"All tasks"</a></p>
                    </section>
                }.erased()
            }
        }}
    }
    .erased()
}

/// The sentence that a founder came for: what waits, and what is broken.
fn lead(tenant: &str, sheet: &Overview) -> impl IntoView + use<> {
    let (waiting, briefs) = (sheet.waiting_count, sheet.open_briefs);
    let (calm, icon, words) = match waiting {
        0 if briefs > 0 => {
            (false, "inbox", number::counted(briefs, "brief waits for your decision", "briefs wait for your decision"))
        }
        0 => (true, "check", "Nothing waits for you".to_owned()),
        1 => (false, "inbox", "1 task waits for you".to_owned()),
        more => (false, "inbox", format!("{} tasks wait for you", number::grouped(more))),
    };
    let all = path::letters(tenant, "");
    let inbox = path::of_tenant(tenant, "/inbox");
    let decide = (briefs > 0).then(|| {
        let words = match waiting {
            0 => "Open the inbox".to_owned(),
            _ => number::counted(briefs, "brief to decide", "briefs to decide"),
        };
        view! { <a class="lead-all" href=inbox data-testid="card-briefs">{words}</a> }
    });
    view! {
        <section class="lead" aria-label="What needs you">
            <p class=if calm { "lead-words is-calm" } else { "lead-words" } data-testid="card-waiting" data-count=waiting.to_string()>
                <Icon name=icon/>
                {words}
                {(waiting > 0).then(|| view! { <a class="lead-all" href=all>"Open the desk"</a> })}
                {decide}
            </p>
            {broken(tenant, sheet)}
        </section>
    }
}

/// What does not work as it should, each with the page that says more.
fn broken(tenant: &str, sheet: &Overview) -> impl IntoView + use<> {
    let fleet = path::of_tenant(tenant, "/fleet");
    let few = |names: &[String], one: &str, many: &str| match names {
        [] => None,
        [name] => Some(format!("{name} {one}")),
        names => Some(format!("{} {many}", names.join(", "))),
    };
    let lost = few(
        &sheet.lost_agents,
        "is lost: it has a credential and is not connected",
        "are lost: they have credentials and are not connected",
    );
    let open = few(
        &sheet.open_breakers,
        "is held by its breaker: its tasks ended badly in a row",
        "are held by their breakers: their tasks ended badly in a row",
    );
    let paused = few(&sheet.paused_agents, "is paused", "are paused");
    let quarantined = (sheet.quarantined > 0)
        .then(|| format!("{} in quarantine", number::counted(sheet.quarantined, "message", "messages")));
    let reviews = (sheet.open_reviews > 0)
        .then(|| number::counted(sheet.open_reviews, "role file waits for review", "role files wait for review"));
    let outbox = (sheet.outbox.waiting > 0).then(|| {
        let reason = sheet.outbox.error.as_ref().map(|error| format!(" ({error})")).unwrap_or_default();
        format!("{} for the bus{reason}", number::counted(sheet.outbox.waiting, "message waits", "messages wait"))
    });
    let oldest = sheet.outbox.oldest.filter(|_| outbox.is_some());
    let lines = [
        ("tone-bad", "unplug", "card-lost", lost, &fleet),
        ("tone-bad", "octagon-x", "card-breakers", open, &fleet),
        ("tone-warn", "stamp", "card-reviews", reviews, &path::of_tenant(tenant, "/reviews")),
        ("tone-warn", "pause", "card-paused", paused, &fleet),
        ("tone-warn", "shield-alert", "card-quarantined", quarantined, &path::of_tenant(tenant, "/quarantine")),
        ("tone-warn", "send", "card-outbox", outbox, &path::of_tenant(tenant, "/tasks?state=scheduled")),
    ];
    let lines = lines.map(|(tone, icon, testid, words, href)| {
        let since = (testid == "card-outbox").then_some(oldest).flatten();
        words.map(|words| {
            view! {
                <li class=tone data-testid=testid>
                    <Icon name=icon/>
                    <a href=href.clone()>{words}</a>
                    {since.map(|at| view! { <span class="since"><TimeAgo at/></span> })}
                </li>
            }
        })
    });
    let gaps = sheet.gaps.iter().map(|gap| {
        let words = format!(
            "{} of {} never read: what to do",
            number::counted(gap.messages, "message", "messages"),
            gap.stream
        );
        view! {
            <li class="tone-bad" data-testid="card-gap">
                <Icon name="triangle-alert"/>
                <a href=path::entry(tenant, gap.entry)>{words}</a>
                <span class="since"><TimeAgo at=gap.at/></span>
            </li>
        }
    });
    let more = sheet.gap_count - (sheet.gaps.len() as u64).min(sheet.gap_count);
    let more = (more > 0).then(|| {
        view! { <li class="tone-bad" data-testid="card-gaps-more">{number::counted(more, "gap more", "gaps more")}" in the last 7 days"</li> }
    });
    view! { <ul class="broken">{gaps.collect_view()}{more}{lines.into_iter().flatten().collect_view()}</ul> }
}

/// Today's figures, like a line of an account book.
fn ledger(sheet: &Overview) -> impl IntoView + use<> {
    let spent = match (sheet.usd_today, sheet.usd_total) {
        (Some(today), Some(total)) => (number::dollars(today), format!("{} in all", number::dollars(total))),
        (None, Some(total)) => ("–".to_owned(), format!("{} in all, none reported today", number::dollars(total))),
        (Some(today), None) => (number::dollars(today), "reported by agents".to_owned()),
        (None, None) => ("–".to_owned(), "no agent has reported costs".to_owned()),
    };
    let figures = [
        ("card-open", "Open tasks", number::grouped(sheet.open), "not ended yet".to_owned()),
        (
            "card-tasks-today",
            "Tasks today",
            number::grouped(sheet.tasks_today),
            format!("{} ended", number::grouped(sheet.ended_today)),
        ),
        (
            "card-messages-today",
            "Messages today",
            number::grouped(sheet.messages_today),
            "since midnight UTC".to_owned(),
        ),
        (
            "card-fleet",
            "Agents connected",
            format!("{} of {}", sheet.agents_connected, sheet.agents),
            "right now".to_owned(),
        ),
        ("card-spend", "Spent today", spent.0, spent.1),
    ];
    figures::figures("overview-cards", figures)
}
