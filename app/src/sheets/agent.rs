//! One agent.

use super::{
    agent_controls::controls,
    agent_credentials::{credential_note, credentials},
    agent_role::{agent_role, issue},
    emergency::agent_stop,
    role_powers::role_powers,
    uptime,
};
use crate::{
    components::{
        badge::Badge, bus_notice::BusNotice, command::Command, eager::Erase, icon::Icon, task_table::TaskTable,
        time_ago::TimeAgo,
    },
    view::{clock_skew, command, connection, number, path},
};
use countersign_domain::{
    Millis,
    reading::{AgentDetail, AgentRow, TaskRow, Uptime},
};
use leptos::prelude::*;

pub fn agent(tenant: &str, detail: AgentDetail, now: Millis) -> AnyView {
    let (powers, commands) = (powers(&detail), commands(&detail));
    let (role, issue) = (agent_role(tenant, &detail), issue(tenant, &detail));
    let stop = agent_stop(tenant, &detail.row.name, detail.stopped.as_ref());
    let list = credentials(tenant, &detail, now);
    let is_stopped = detail.stopped.is_some();
    let AgentDetail { row, recent, bus, fleet_uptime, .. } = detail;
    view! {
        <div class="drawn" data-live="bus"><BusNotice bus=Signal::stored(bus)/></div>
        <div class="drawn" data-live="figures">{figures(&row, fleet_uptime)}</div>
        <div class="columns">
            <div>
                <section class="panel" data-testid="agent-role" data-live="role">
                    <h2>"Role"</h2>
                    {role}
                </section>
                <section class="panel acts" data-testid="agent-controls" data-live="controls">
                    <h2>"Queue"</h2>
                    {controls(tenant, &row, is_stopped)}
                </section>
                <section class="panel">
                    <h2>"Credentials"</h2>
                    <div data-live="issue">{issue}</div>
                    <div data-live="credentials">{list}</div>
                </section>
                <section class="panel acts" data-testid="agent-stop" data-live="stop">
                    <h2>"Emergency stop"</h2>
                    {stop}
                </section>
                <section class="panel">
                    <h2>"First messages"</h2>
                    {commands}
                </section>
                <section data-live="recent">{newest(tenant, &row.name, recent)}</section>
            </div>
            {powers}
        </div>
    }
    .erased()
}

fn figures(row: &AgentRow, fleet: Option<Uptime>) -> AnyView {
    let heartbeat = match row.last_heartbeat {
        Some(at) => view! { <TimeAgo at/> }.erased(),
        None => "none yet".erased(),
    };
    let spent =
        row.usd_today.map_or_else(|| "no cost reported".to_owned(), |usd| format!("{} reported", number::dollars(usd)));
    let mut queue = format!("{} in flight", number::grouped(row.in_flight));
    if row.scheduled > 0 {
        queue = format!("{queue}, {} not on the bus yet", number::grouped(row.scheduled));
    }
    view! {
        <dl class="ledger" data-testid="agent-figures">
            <div class="figure">
                <dt>"Connection"</dt>
                <dd class="figure-state"><Badge face=connection::face(row.connection)/></dd>
                <dd class="figure-note">{connection::since(row.connection).map(|at| view! { <TimeAgo at/> })}</dd>
                <dd class="figure-note">"last heartbeat "{heartbeat}</dd>
            </div>
            <div class="figure">
                <dt>"Credential"</dt>
                <dd class="figure-state">{credential_note(&row.credential)}</dd>
            </div>
            <div class="figure">
                <dt>"Queue"</dt>
                <dd>{number::grouped(row.queue_depth)}</dd>
                <dd class="figure-note">{queue}</dd>
            </div>
            <div class="figure">
                <dt>"Today"</dt>
                <dd>{number::grouped(row.tasks_today)}</dd>
                <dd class="figure-note">{spent}</dd>
            </div>
            <div class="figure">
                <dt>"Uptime"</dt>
                <dd data-testid="agent-uptime">{uptime::figure(row.uptime)}</dd>
                <dd class="figure-note">{uptime::observed(row.uptime)}</dd>
                <dd class="figure-note" data-testid="fleet-uptime">{format!("fleet {}", uptime::figure(fleet))}</dd>
            </div>
        </dl>
        {skew(row)}
        <p class="hint">"Today is since midnight UTC. "{uptime::METHOD}</p>
    }
    .erased()
}

fn skew(row: &AgentRow) -> Option<AnyView> {
    let words = format!(
        "{}. Nothing is lost or put in another order by that: the server's own time counts for all that is shown here. Only moments that it writes into its messages are off.",
        clock_skew::words(row.clock_skew_ms)?
    );
    Some(view! { <p class="notice tone-warn" data-testid="clock-skew"><Icon name="clock"/>{words}</p> }.erased())
}

fn newest(tenant: &str, name: &str, recent: Vec<TaskRow>) -> AnyView {
    let all = path::of_tenant(tenant, &format!("/tasks?agent={name}"));
    let tasks = if recent.is_empty() {
        view! { <p class="muted">"No task yet."</p> }.erased()
    } else {
        view! { <TaskTable rows=Signal::stored(recent) caption="Newest tasks of this agent"/> }.erased()
    };
    view! {
        <h2>"Newest tasks"</h2>
        {tasks}
        <p class="more"><a href=all>"All tasks of this agent"</a></p>
    }
    .erased()
}

fn powers(detail: &AgentDetail) -> AnyView {
    let note = match (&detail.approved, &detail.waiting) {
        (Some(_), _) => None,
        (None, Some(_)) => Some("Nothing yet. This is what the file that waits would allow."),
        (None, None) => Some("Nothing: it has no role file."),
    };
    view! {
        <aside class="panel" aria-label="What its role allows" data-live="powers">
            <h2>"What it may do"</h2>
            {note.map(|note| view! { <p class="panel-note">{note}</p> })}
            {role_powers(&detail.powers)}
        </aside>
    }
    .erased()
}

fn commands(detail: &AgentDetail) -> AnyView {
    let (connect, name) = (&detail.connect, &detail.row.name);
    view! {
        <Command text=command::examples(connect, name) label="Python commands"/>
        <details>
            <summary>"The same in Node"</summary>
            <Command text=command::node_examples(connect, name) label="Node commands"/>
        </details>
        <details>
            <summary>"Without the examples: a whole program"</summary>
            <Command text=command::program(connect, name) label="program"/>
        </details>
    }
    .erased()
}
