//! Rules about what it reaches: events, documents, other agents, hosts.

use super::{Examination, Rule, Severity};
use crate::{
    host::Host,
    pattern::PathPattern,
    role::{Read, Role},
};

pub(super) fn examine(examination: &mut Examination<'_>) {
    broadcasts(examination);
    reads(examination);
    delegates(examination);
    hosts(examination);
}

fn broadcasts(examination: &mut Examination<'_>) {
    let role: &Role = &examination.file.role;
    let Some(topics) = &role.broadcasts else {
        let why = "It names no broadcasts, so it may send events of every topic, briefs and findings among them.";
        let fix = "List its topics under `broadcasts`; [] leaves it those that every agent needs.";
        examination.add(Rule::WildcardPermission, Severity::Low, "spec.broadcasts", why, fix);
        return;
    };
    for (at, topic) in topics.iter().enumerate().filter(|(_, topic)| topic.is_open()) {
        let why = format!("“{topic}” stands for events of every topic, briefs and findings among them.");
        let path = format!("spec.broadcasts[{at}]");
        examination.add(Rule::WildcardPermission, Severity::High, path, why, "Name its topics, as in code.* or task.*");
    }
}

fn reads(examination: &mut Examination<'_>) {
    let role: &Role = &examination.file.role;
    for (at, read) in role.reads.iter().enumerate() {
        let Read::Documents(pattern) = read else { continue };
        let path = format!("spec.reads[{at}]");
        if pattern.is_open() {
            let why = format!("“{pattern}” stands for documents in every folder.");
            let fix = "Name the folders that it needs, as in docs/adr/**";
            examination.add(Rule::WildcardPermission, Severity::High, path, why, fix);
        } else if names_secrets(pattern) {
            let why = format!("“{pattern}” looks like a place of secrets, which are never an agent's to read.");
            let fix = "Remove it: what an agent needs to sign in, its launcher hands to it.";
            examination.add(Rule::ForeignSecrets, Severity::Critical, path, why, fix);
        }
    }
}

/// Whether a part of the path is what secrets are usually called.
fn names_secrets(pattern: &PathPattern) -> bool {
    const CALLED: [&str; 12] = [
        "secret",
        "credential",
        "password",
        "passwd",
        "private",
        "token",
        "apikey",
        "api_key",
        "api-key",
        "id_rsa",
        "kubeconfig",
        "keystore",
    ];
    const EXACTLY: [&str; 7] = [".env", ".ssh", ".kube", ".aws", ".netrc", "keys", "vault"];
    pattern.parts().any(|part| {
        let part = part.to_ascii_lowercase();
        CALLED.iter().any(|word| part.contains(word))
            || EXACTLY.contains(&part.as_str())
            || [".pem", ".key", ".nk", ".creds", ".p12"].iter().any(|end| part.ends_with(end))
    })
}

/// From this many delegates on, most of a fleet is meant even where nobody says how large it is.
const MANY: usize = 6;

fn delegates(examination: &mut Examination<'_>) {
    let role: &Role = &examination.file.role;
    let others = examination.background.fleet.iter().filter(|name| **name != role.name);
    let all = others.clone().count() > 1 && others.clone().all(|name| role.delegates_to.contains(name));
    if all || role.delegates_to.len() >= MANY {
        let why = format!("It may give tasks to {} agents, which is everybody or nearly so.", role.delegates_to.len());
        let fix = "Keep those that it works with; what others should know can be broadcast.";
        examination.add(Rule::DelegatesToEveryone, Severity::Medium, "spec.delegates_to", why, fix);
    }
}

fn hosts(examination: &mut Examination<'_>) {
    let role: &Role = &examination.file.role;
    let known: &[Host] = examination.background.approved.map_or(&[], |approved| &approved.role.hosts);
    for (at, host) in role.hosts.iter().enumerate() {
        let path = format!("spec.network.hosts[{at}]");
        if host.is_wildcard() {
            let why = format!("“{host}” stands for every name below it, those of other people among them.");
            let fix = "Name the hosts that it needs.";
            examination.add(Rule::WildcardPermission, Severity::High, path.clone(), why, fix);
        }
        if host.address().is_some_and(|address| address.is_private()) {
            let why = format!("“{host}” is no host outside, but one of a private network.");
            let fix = "Remove it: inside, an agent needs the bus and the Workspace API alone.";
            examination.add(Rule::InsideHost, Severity::High, path.clone(), why, fix);
        }
        if !known.iter().any(|kept| kept.covers(host)) {
            let why =
                format!("It reaches {host}, which no approved role of this agent does; what it knows can go there.");
            let fix = "Say in the review what it is for, or remove it.";
            examination.add(Rule::NewHost, Severity::Medium, path, why, fix);
        }
    }
}
