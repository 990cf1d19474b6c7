use super::eager::Erase;
use super::{command::Command, icon::Icon};
use crate::view::{command, path};
use countersign_domain::reading::Connect;
use leptos::prelude::*;

/// The way from an empty console to a first task, with this server's addresses filled in.
#[component]
pub fn ConnectSteps(
    connect: Connect,
    tenant: String,
    /// Whether the fleet has an agent already.
    made: bool,
    /// Which one to speak of.
    agent: Option<String>,
) -> impl IntoView {
    let page = match &agent {
        Some(agent) => path::agent(&tenant, agent),
        None => path::of_tenant(&tenant, "/fleet"),
    };
    let name = agent.unwrap_or_else(|| command::FIRST_AGENT.to_owned());
    let create = path::of_tenant(&tenant, "/fleet/new");
    let first = if made {
        view! { <p>"Done. "<a href=page.clone()>"Look at it in the fleet"</a>"."</p> }.erased()
    } else {
        view! {
            <p>"An agent is a process anywhere that works on tasks of its own queue."</p>
            <p><a class="button primary" href=create><Icon name="plus"/>"Create agent"</a></p>
        }
        .erased()
    };
    view! {
        <ol class="steps">
            <li class=if made { "step is-done" } else { "step" }>
                <h3>"Create an agent"</h3>
                {first}
            </li>
            <li class="step">
                <h3>"Approve its role and download its credential"</h3>
                <p>
                    "Its review says what it may do, tried out on the bus: read it, and approve the file. Then, on the agent's page, issue a credential and save it as "<code>{format!("{name}.creds")}</code>
                    ". It works for this agent only, and until it expires or you revoke it."
                </p>
                {made.then(|| view! { <p><a class="button primary" href=page><Icon name="key-round"/>"Issue credential"</a></p> })}
            </li>
            <li class="step">
                <h3>"Run a worker and publish a task"</h3>
                <p>"With the examples that come with Countersign:"</p>
                <Command text=command::examples(&connect, &name) label="Python commands"/>
                <details>
                    <summary>"The same in Node"</summary>
                    <Command text=command::node_examples(&connect, &name) label="Node commands"/>
                </details>
                <details>
                    <summary>"Without the examples: a whole program"</summary>
                    <Command text=command::program(&connect, &name) label="program"/>
                </details>
                <p>"The task shows up here within half a second."</p>
            </li>
        </ol>
        <p class="aside-note">"No agent at hand? Let a demo fleet work in this console:"</p>
        <Command text=command::DEMO.to_owned() label="demo command"/>
    }
    .erased()
}
