//! All that a role file really allows.

use crate::components::{command::Command, eager::Erase};
use countersign_domain::reading::RolePowers;
use leptos::prelude::*;

pub fn role_powers(powers: &RolePowers) -> AnyView {
    let kubernetes = powers.kubernetes.clone().map(|yaml| {
        view! {
            <details>
                <summary>"Its objects for Kubernetes"</summary>
                <Command text=yaml label="objects"/>
            </details>
        }
    });
    let facts = [("Budget", &powers.budget), ("Started by", &powers.launcher), ("Queue", &powers.queue)]
        .into_iter()
        .filter(|(_, words)| !words.is_empty())
        .map(|(name, words)| view! { <div><dt>{name}</dt><dd>{words.clone()}</dd></div> })
        .collect_view();
    view! {
        <div class="powers" data-testid="role-powers">
            <div>
                <h3>"Publish"</h3>
                {list("may-publish", &powers.publish, "Nothing.")}
                {never("never-publish", &powers.publish_denied)}
            </div>
            <div>
                <h3>"Subscribe"</h3>
                {list("may-subscribe", &powers.subscribe, "Nothing.")}
                <p class="hint">"The bus refuses everything else."</p>
            </div>
            <div>
                <h3>"Kinds of tasks that it takes"</h3>
                {list("takes-kinds", &powers.kinds, "Any.")}
            </div>
            <div>
                <h3>"Reads of the Workspace"</h3>
                {list("may-read", &powers.reads, "Nothing but its own.")}
                {never("never-reads", &powers.reads_denied)}
            </div>
            <div>
                <h3>"Hosts outside"</h3>
                {list("may-reach", &powers.hosts, "None is named.")}
            </div>
        </div>
        <dl class="facts powers-facts">{facts}</dl>
        {kubernetes}
    }
    .erased()
}

fn list(testid: &'static str, lines: &[String], none: &'static str) -> AnyView {
    if lines.is_empty() {
        return view! { <p class="muted" data-testid=testid>{none}</p> }.erased();
    }
    let lines = lines.iter().map(|line| view! { <li><code>{line.clone()}</code></li> }).collect_view();
    view! { <ul class="subjects" data-testid=testid>{lines}</ul> }.erased()
}

/// What is refused although something above would allow it.
fn never(testid: &'static str, lines: &[String]) -> Option<AnyView> {
    (!lines.is_empty()).then(|| {
        view! {
            <h4>"But never"</h4>
            {list(testid, lines, "")}
        }
        .erased()
    })
}
