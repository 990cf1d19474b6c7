use super::eager::Erase;
use super::{badge::Badge, nav::Tenant, time_ago::TimeAgo};
use crate::view::{breaker, connection, credential, number, path};
use countersign_domain::reading::{AgentRow, CredentialState};
use leptos::{either::Either, prelude::*};

/// The agents of the fleet. Redrawn as a whole: a fleet is small.
#[component]
pub fn AgentTable(agents: Vec<AgentRow>) -> impl IntoView {
    let tenant = Tenant::here().get_untracked();
    let rows = agents.into_iter().map(|agent| line(&tenant, agent)).collect_view();
    view! {
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
            <tbody>{rows}</tbody>
        </table>
    }
    .patched()
}

fn line(tenant: &str, agent: AgentRow) -> impl IntoView + use<> {
    let (name, address) = (agent.name.clone(), path::agent(tenant, &agent.name));
    let unsaid = || "–".to_owned();
    let hold = breaker::hold(&agent);
    let scheduled = (agent.scheduled > 0).then(|| {
        view! { <span class="sub" title="Made here and not on the bus yet">{format!("+{}", number::grouped(agent.scheduled))}</span> }
    });
    view! {
        <tr data-testid="agent-row" data-agent=agent.name data-connection=connection::face(agent.connection).word>
            <td class="col-name"><a class="row-link agent" href=address data-row-link="">{name}</a></td>
            <td>
                <Badge face=connection::face(agent.connection)/>
                {connection::since(agent.connection).map(|at| view! { <span class="since"><TimeAgo at/></span> })}
                {hold.map(|face| view! { <span class="hold" data-testid="agent-hold"><Badge face/></span> })}
            </td>
            <td class="wide">{moment(agent.last_heartbeat)}</td>
            <td class="col-number">
                {number::grouped(agent.queue_depth)}
                {scheduled}
            </td>
            <td class="col-number col-flight">{number::grouped(agent.in_flight)}</td>
            <td class="col-number wide">
                {number::grouped(agent.tasks_today)}
                <span class="sub">{agent.usd_today.map_or_else(unsaid, number::dollars)}</span>
            </td>
            <td class="col-number wide">{agent.uptime.map_or_else(unsaid, number::percent)}</td>
            <td class="wide"><CredentialNote state=agent.credential/></td>
        </tr>
    }
}

fn moment(at: Option<countersign_domain::Millis>) -> impl IntoView {
    match at {
        Some(at) => Either::Left(view! { <TimeAgo at/> }),
        None => Either::Right(view! { <span class="muted">"none yet"</span> }),
    }
}

/// Whether an agent may connect, and until when or since when not.
#[component]
pub fn CredentialNote(state: CredentialState) -> impl IntoView {
    let face = credential::face(&state);
    view! {
        <Badge face/>
        {credential::moment(&state).map(|(word, at)| view! { <span class="since">{word}" "<TimeAgo at/></span> })}
    }
    .erased()
}
