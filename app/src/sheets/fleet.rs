//! The fleet: its figures, and its agents.

use super::{
    agent_credentials::credential_note,
    emergency::{fleet_stop, fleet_stopped},
    uptime,
};
use crate::{
    components::{
        badge::Badge, bus_notice::BusNotice, connect_steps::ConnectSteps, eager::Erase, figures, icon::Icon,
        time_ago::TimeAgo,
    },
    view::{breaker, clock_skew, connection, number, path},
};
use countersign_domain::{
    Millis,
    reading::{AgentRow, Connection, Fleet},
};
use leptos::prelude::*;

pub fn fleet(tenant: &str, fleet: Fleet) -> AnyView {
    let lost = fleet.agents.iter().filter(|agent| matches!(agent.connection, Connection::Lost(_))).count();
    let figures = (!fleet.agents.is_empty()).then(|| figures(&fleet, lost));
    let rows = fleet.agents.iter().map(|agent| line(tenant, agent)).collect_view();
    let stopped = fleet.stopped.as_ref().map(|stopped| fleet_stopped(tenant, stopped));
    let stop = (fleet.stopped.is_none() && !fleet.agents.is_empty()).then(|| fleet_stop(tenant));
    let nothing = fleet.agents.is_empty().then(|| {
        view! {
            <section class="panel" data-testid="connect-steps">
                <h2>"No agent yet"</h2>
                <ConnectSteps connect=fleet.connect tenant=tenant.to_owned() made=false agent=None/>
            </section>
        }
    });
    view! {
        <div class="drawn" data-live="bus"><BusNotice bus=Signal::stored(fleet.bus)/></div>
        <div class="drawn" data-live="stopped">{stopped}</div>
        <div class="drawn" data-live="empty">{nothing}</div>
        <div class="drawn" data-live="figures"><span hidden=true data-lost=lost.to_string()></span>{figures}</div>
        <div class="fleet">
            <table class="table agents">
                <caption class="sr">"Agents"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Agent"</th>
                        <th scope="col">"Connection"</th>
                        <th scope="col" class="wide">"Last heartbeat"</th>
                        <th scope="col" class="col-number"><span class="abbr" title="In its queue, not handed out">"Queued"</span></th>
                        <th scope="col" class="col-number col-flight"><span class="abbr" title="Handed out and unanswered">"In flight"</span></th>
                        <th scope="col" class="col-number wide">"Today"</th>
                        <th scope="col" class="col-number wide">"Uptime"</th>
                        <th scope="col" class="wide">"Credential"</th>
                    </tr>
                </thead>
                <tbody data-live="agents">{rows}</tbody>
            </table>
            <p><a href=path::of_tenant(tenant, "/fleet/allocation") data-testid="to-allocation">"What each agent gets"</a></p>
            <p class="hint">"Today is since midnight UTC. “+3” under a queue is what was made here and is not on the bus yet."</p>
            <p class="hint" data-testid="uptime-method">{uptime::METHOD}</p>
        </div>
        <div class="drawn" data-live="stop">{stop}</div>
    }
    .erased()
}

fn figures(fleet: &Fleet, lost: usize) -> AnyView {
    let agents = &fleet.agents;
    let connected = agents.iter().filter(|agent| matches!(agent.connection, Connection::Connected(_))).count();
    let sum = |pick: fn(&AgentRow) -> u64| number::grouped(agents.iter().map(pick).sum());
    let costs: Vec<f64> = agents.iter().filter_map(|agent| agent.usd_today).collect();
    let spent = if costs.is_empty() { "–".to_owned() } else { number::dollars(costs.iter().sum()) };
    let figures = [
        (
            "fleet-connected",
            "Agents connected",
            format!("{connected} of {}", agents.len()),
            if lost == 0 { "none is lost".to_owned() } else { format!("{lost} lost") },
        ),
        ("fleet-uptime", "Uptime of the fleet", uptime::figure(fleet.uptime), uptime::observed(fleet.uptime)),
        (
            "fleet-queued",
            "Queued",
            sum(|agent| agent.queue_depth),
            format!("{} in flight", sum(|agent| agent.in_flight)),
        ),
        ("fleet-tasks", "Tasks today", sum(|agent| agent.tasks_today), "since midnight UTC".to_owned()),
        ("fleet-spend", "Spent today", spent, "reported by agents".to_owned()),
    ];
    figures::figures("fleet-figures", figures).erased()
}

fn line(tenant: &str, agent: &AgentRow) -> AnyView {
    let scheduled = (agent.scheduled > 0).then(|| {
        view! { <span class="sub" title="Made here and not on the bus yet">{format!("+{}", number::grouped(agent.scheduled))}</span> }
    });
    let clock = clock_skew::words(agent.clock_skew_ms).map(|words| {
        view! { <span class="hold off-clock" data-testid="agent-clock"><Icon name="clock"/>{words}</span> }
    });
    view! {
        <tr data-item=agent.name.clone() data-testid="agent-row" data-agent=agent.name.clone() data-connection=connection::face(agent.connection).word>
            <td class="col-name"><a class="row-link agent" href=path::agent(tenant, &agent.name) data-row-link="">{agent.name.clone()}</a></td>
            <td>
                <Badge face=connection::face(agent.connection)/>
                {connection::since(agent.connection).map(|at| view! { <span class="since"><TimeAgo at/></span> })}
                {breaker::hold(agent).map(|face| view! { <span class="hold" data-testid="agent-hold"><Badge face/></span> })}
                {clock}
            </td>
            <td class="wide">{moment(agent.last_heartbeat)}</td>
            <td class="col-number">
                {number::grouped(agent.queue_depth)}
                {scheduled}
            </td>
            <td class="col-number col-flight">{number::grouped(agent.in_flight)}</td>
            <td class="col-number wide">
                {number::grouped(agent.tasks_today)}
                <span class="sub">{agent.usd_today.map_or_else(|| "–".to_owned(), number::dollars)}</span>
            </td>
            <td class="col-number wide" data-testid="row-uptime">{uptime::figure(agent.uptime)}</td>
            <td class="wide">{credential_note(&agent.credential)}</td>
        </tr>
    }
    .erased()
}

fn moment(at: Option<Millis>) -> AnyView {
    match at {
        Some(at) => view! { <TimeAgo at/> }.erased(),
        None => view! { <span class="muted">"none yet"</span> }.erased(),
    }
}
