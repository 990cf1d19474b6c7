use crate::components::eager::Erase;
use crate::{
    api::{
        overview::read::read_overview,
        reading::{Ask, Question},
    },
    components::{
        bus_notice::BusNotice,
        connect_steps::ConnectSteps,
        hour_chart::HourChart,
        icon::Icon,
        loaded::loaded,
        nav::{Counts, Tenant},
        page_head::PageHead,
        task_table::TaskTable,
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
    Effect::new(move || {
        sheet.with(|sheet| {
            counts.waiting.set(Some(sheet.waiting_count));
            counts.quarantined.set(Some(sheet.quarantined));
            counts.lost_agents.set(u64::try_from(sheet.lost_agents.len()).ok());
        });
    });
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
    let (waiting, lost) = (sheet.waiting_count, sheet.lost_agents.clone());
    let (calm, icon, words) = match waiting {
        0 => (true, "check", "Nothing waits for you".to_owned()),
        1 => (false, "inbox", "1 task waits for you".to_owned()),
        more => (false, "inbox", format!("{} tasks wait for you", number::grouped(more))),
    };
    let all = path::of_tenant(tenant, "/tasks?state=dead&state=failed&state=undeliverable");
    let lost_words = match lost.len() {
        0 => None,
        1 => Some(format!("{} is lost: it has a credential and is not connected", lost[0])),
        _ => Some(format!("{} are lost: they have credentials and are not connected", lost.join(", "))),
    };
    let quarantined = (sheet.quarantined > 0).then(|| number::counted(sheet.quarantined, "message", "messages"));
    view! {
        <section class="lead" aria-label="What needs you">
            <p class=if calm { "lead-words is-calm" } else { "lead-words" } data-testid="card-waiting" data-count=waiting.to_string()>
                <Icon name=icon/>
                {words}
                {(waiting > 5).then(|| view! { <a class="lead-all" href=all>"Show all"</a> })}
            </p>
            <ul class="broken">
                {lost_words.map(|words| view! {
                    <li class="tone-bad" data-testid="card-lost"><Icon name="unplug"/><a href=path::of_tenant(tenant, "/fleet")>{words}</a></li>
                })}
                {quarantined.map(|count| view! {
                    <li class="tone-warn" data-testid="card-quarantined"><Icon name="shield-alert"/><a href=path::of_tenant(tenant, "/quarantine")>{count}" in quarantine"</a></li>
                })}
            </ul>
        </section>
    }
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
        ("card-open", "Open tasks", number::grouped(sheet.open), "queued, running or retrying".to_owned()),
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
    let figures = figures
        .map(|(testid, label, figure, note)| {
            view! {
                <div class="figure" data-testid=testid>
                    <dt>{label}</dt>
                    <dd>{figure}</dd>
                    <dd class="figure-note">{note}</dd>
                </div>
            }
        })
        .collect_view();
    view! { <dl class="ledger" data-testid="overview-cards">{figures}</dl> }
}
