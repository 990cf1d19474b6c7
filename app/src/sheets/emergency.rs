//! The stop in an emergency, of one agent or of all.

use super::form::{Entry, Form};
use crate::{
    api::{
        agent::{lift::LiftAgent, stop::StopAgent},
        fleet::{lift::LiftFleet, stop::StopFleet},
    },
    components::{eager::Erase, icon::Icon, time_ago::TimeAgo},
};
use countersign_domain::reading::FleetStop;
use leptos::{prelude::*, server_fn::ServerFn};

/// Of one agent.
pub fn agent_stop(tenant: &str, name: &str, stopped: Option<&FleetStop>) -> AnyView {
    let hidden = vec![("tenant", tenant.to_owned()), ("name", name.to_owned())];
    match stopped {
        Some(stop) => view! {
            {notice(stop)}
            {lift(Form::new("lift", LiftAgent::url(), hidden), "Lift the stop")}
        }
        .erased(),
        None => {
            let after = "Ends its credentials at once and pauses its queue. What it was doing waits, and the time of its deadlines with it.";
            halt(Form::new("stop", StopAgent::url(), hidden), "Stop agent", after)
        }
    }
}

/// Of all agents: what stands above the fleet while they are stopped.
pub fn fleet_stopped(tenant: &str, stopped: &FleetStop) -> AnyView {
    let form = Form::new("lift-all", LiftFleet::url(), vec![("tenant", tenant.to_owned())]);
    view! {
        <section class="panel acts stopped" aria-label="Emergency stop" data-testid="fleet-stopped">
            <h2>"All agents are stopped"</h2>
            {notice(stopped)}
            {lift(form, "Lift the stop of all agents")}
        </section>
    }
    .erased()
}

/// The way to stop all agents.
pub fn fleet_stop(tenant: &str) -> AnyView {
    let form = Form::new("stop-all", StopFleet::url(), vec![("tenant", tenant.to_owned())]);
    let open = form.is_refused();
    let after = "Ends the credentials of every agent at once and pauses every queue. Approvals stand; deadlines get their time back when it is lifted.";
    view! {
        <details class="panel stop-all" open=open data-testid="fleet-stop">
            <summary>"Emergency stop of all agents"</summary>
            {halt(form, "Stop all agents", after)}
        </details>
    }
    .erased()
}

fn notice(stop: &FleetStop) -> AnyView {
    view! {
        <p class="notice tone-bad" data-testid="stopped">
            <Icon name="octagon-x"/>
            <span>"Stopped by "{stop.by.clone()}" "<TimeAgo at=stop.at/>": "<q>{stop.reason.clone()}</q></span>
        </p>
    }
    .erased()
}

fn halt(form: Form, word: &'static str, after: &'static str) -> AnyView {
    let reason = form.field(Entry {
        label: "Reason to stop",
        name: "reason",
        hint: "Whoever lifts the stop will want to know",
        ..Entry::default()
    });
    let inside = view! {
        {reason}
        <button class="button danger"><Icon name="octagon-x"/>{word}</button>
        <p class="hint">{after}</p>
    };
    form.draw(inside.erased())
}

fn lift(form: Form, word: &'static str) -> AnyView {
    let inside = view! {
        <button class="button primary">{word}</button>
        <p class="hint">"Queues are as they were before. Credentials that the stop has ended stay ended: issue new ones."</p>
    };
    form.draw(inside.erased())
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::Millis;

    #[test]
    fn a_stopped_agent_says_by_whom_and_can_only_be_lifted() {
        let stop = FleetStop { by: "Ada".to_owned(), at: Millis(0), reason: "<odd>".to_owned() };
        let html = Owner::new().with(|| agent_stop("acme", "cso", Some(&stop)).to_html());
        assert!(html.contains("&lt;odd&gt;") && html.contains(LiftAgent::url()), "{html}");
        assert!(!html.contains(StopAgent::url()), "{html}");
    }
}
