//! What a probe tries on the real bus with a throw-away credential of a role: proof that what the role forbids
//! is refused, and that what it needs is not. Pure: role → list of attempts.
//!
//! Nothing that is tried may have an effect, whatever the server answers. Publishing to a stream carries
//! [`GUARD_HEADER`] with the name of a stream that is not there, so that no stream keeps it; every request
//! carries [`GUARD_BODY`], which begins JSON and is none, so that the server understands no verb; and
//! acknowledgements name the message 0, which no stream has.

use crate::{
    forbidden::Known,
    powers::{Subjects, compile},
    role::Role,
    subject,
};
use countersign_domain::AgentName;
use countersign_wire::{stream, subject as wire};
use serde::Serialize;
use std::collections::BTreeSet;

/// Goes with every attempt to publish or ask. Not just any text: who asks a queue for its next task with one that is
/// neither JSON nor a number gets one task.
pub const GUARD_BODY: &str = "{";
/// Goes with every attempt to publish to a task, an event or a dead letter: name and value. A stream refuses a
/// message that expects another stream than the one it came to (NATS ADR-32).
pub const GUARD_HEADER: (&str, &str) = ("Nats-Expected-Stream", "PROBE");

/// How it is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// A message without an answer.
    Publish,
    /// A message with an answer that is waited for.
    Request,
    Subscribe,
}

/// What the server must do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// Refuse it: the client is told of a permissions violation.
    Refused,
    /// Let it through: no violation until the next answer of the server to a ping.
    Permitted,
}

/// What an attempt proves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// A forbidden action of the role, by its name.
    ForbiddenAction(String),
    /// It gives tasks to its delegates alone.
    OthersTasks,
    /// It broadcasts under its own name alone.
    OthersEvents,
    /// It broadcasts the topics of its role alone.
    OtherTopics,
    /// It speaks not for Countersign itself.
    CountersignsEvents,
    /// It writes and reads no dead letters.
    DeadLetters,
    /// It takes, acknowledges and changes no other agent's tasks.
    OthersConsumers,
    /// It does not change how its own tasks are handed out.
    OwnConsumer,
    /// It reads no other agent's answers.
    OthersInboxes,
    /// It hears nothing that is not for it.
    WideSubscriptions,
    /// It changes and reads no streams and consumers of the bus.
    BusAdministration,
    /// It has no part in the system account.
    SystemAccount,
    /// What it needs to work.
    OwnWork,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Attempt {
    pub expected: Expected,
    pub proof: Proof,
    pub verb: Verb,
    /// Without wildcards, but where it is subscribed to.
    pub subject: String,
    /// Whether it goes with [`GUARD_HEADER`].
    pub guarded: bool,
}

/// The name of a topic, kind or inbox that nobody uses.
const NOBODYS: &str = "probe";
/// Stands for another agent where a fleet has none.
const STAND_IN: &str = "probe-other";

struct Plan<'r> {
    role: &'r Role,
    /// What the role lets through.
    publish: Subjects,
    list: Vec<Attempt>,
    seen: BTreeSet<Attempt>,
}

impl Plan<'_> {
    fn add(&mut self, expected: Expected, proof: Proof, verb: Verb, subject: String) {
        let guarded = verb == Verb::Publish && !subject.starts_with('$');
        let attempt = Attempt { expected, proof, verb, subject, guarded };
        if self.seen.insert(attempt.clone()) {
            self.list.push(attempt);
        }
    }

    fn refuse(&mut self, proof: Proof, verb: Verb, subject: String) {
        self.add(Expected::Refused, proof, verb, subject);
    }

    fn permit(&mut self, verb: Verb, subject: String) {
        self.add(Expected::Permitted, Proof::OwnWork, verb, subject);
    }
}

/// All attempts for a role in a fleet; `others` may name the role's own agent too. The same role and fleet give the
/// same plan. What must be refused comes first: a probe that fails there need not go on.
pub fn probe_plan(role: &Role, others: &[AgentName]) -> Vec<Attempt> {
    let mut others: Vec<AgentName> = others.iter().filter(|name| **name != role.name).cloned().collect();
    // Always one that is nobody's delegate.
    let stand_in: AgentName = STAND_IN.parse().expect("a good name");
    if role.name != stand_in && !others.contains(&stand_in) {
        others.push(stand_in);
    }
    let publish = compile(role).bus.publish;
    let mut plan = Plan { role, publish, list: Vec::new(), seen: BTreeSet::new() };
    forbidden_actions(&mut plan, &others);
    other_agents(&mut plan, &others);
    the_rest(&mut plan);
    own_work(&mut plan);
    plan.list
}

/// `decision.>` and the like as a subject that can be published to.
fn literal(pattern: &str) -> String {
    pattern.replace(['>', '*'], NOBODYS)
}

fn forbidden_actions(plan: &mut Plan<'_>, others: &[AgentName]) {
    let role = plan.role;
    for ban in &role.forbidden_actions {
        let proof = || Proof::ForbiddenAction(ban.to_string());
        if let Some(known) = Known::closed_by(ban) {
            for topic in known.topics() {
                plan.refuse(proof(), Verb::Publish, wire::event(&role.name, &literal(topic)));
            }
            for kind in known.kinds() {
                let kind = kind.parse().expect("a kind of ours");
                for name in others.iter().chain([&role.name]) {
                    plan.refuse(proof(), Verb::Publish, wire::task(name, &kind));
                }
            }
            if known == Known::DelegateTask {
                for name in &role.delegates_to {
                    plan.refuse(proof(), Verb::Publish, probe_task(name));
                }
            }
        }
        if let Some(delegate) = ban.forbidden_delegate().filter(|name| *name != role.name) {
            plan.refuse(proof(), Verb::Publish, probe_task(&delegate));
        }
    }
}

fn probe_task(name: &AgentName) -> String {
    wire::task(name, &NOBODYS.parse().expect("a good kind"))
}

fn other_agents(plan: &mut Plan<'_>, others: &[AgentName]) {
    for name in others {
        let task = probe_task(name);
        if !plan.publish.permit(&task) && !plan.role.delegates_to.contains(name) {
            plan.refuse(Proof::OthersTasks, Verb::Publish, task);
        }
        for topic in ["heartbeat", "task.completed", NOBODYS] {
            plan.refuse(Proof::OthersEvents, Verb::Publish, wire::event(name, topic));
        }
        let consumer = stream::consumer_of(name);
        for subject in [subject::consumer_info(&consumer), subject::next_task(&consumer)] {
            plan.refuse(Proof::OthersConsumers, Verb::Request, subject);
        }
        for subject in subject::empty_acks(&consumer) {
            plan.refuse(Proof::OthersConsumers, Verb::Publish, subject);
        }
        for subject in subject::consumer_changes(&consumer) {
            plan.refuse(Proof::OthersConsumers, Verb::Request, subject);
        }
        plan.refuse(Proof::DeadLetters, Verb::Publish, subject::letters_of(name));
        let inbox = wire::inbox_prefix(name);
        plan.refuse(Proof::OthersInboxes, Verb::Subscribe, format!("{inbox}.>"));
        plan.refuse(Proof::OthersInboxes, Verb::Subscribe, format!("{inbox}.{NOBODYS}.*"));
        plan.refuse(Proof::OthersInboxes, Verb::Publish, format!("{inbox}.{NOBODYS}"));
        plan.refuse(Proof::WideSubscriptions, Verb::Subscribe, wire::tasks_of(name));
        plan.refuse(Proof::WideSubscriptions, Verb::Subscribe, wire::events_of(name));
    }
}

fn the_rest(plan: &mut Plan<'_>) {
    let role = plan.role;
    if role.broadcasts.is_some() {
        for topic in [NOBODYS, "brief.prepared", "review.examined", "conflict.flagged"] {
            let subject = wire::event(&role.name, topic);
            if !plan.publish.permit(&subject) {
                plan.refuse(Proof::OtherTopics, Verb::Publish, subject);
            }
        }
    }
    for subject in subject::own_events() {
        plan.refuse(Proof::CountersignsEvents, Verb::Publish, subject);
    }
    plan.refuse(Proof::DeadLetters, Verb::Publish, subject::letters_of(&role.name));
    for subject in subject::consumer_changes(&stream::consumer_of(&role.name)) {
        plan.refuse(Proof::OwnConsumer, Verb::Request, subject);
    }
    for subject in subject::WIDE_SUBSCRIPTIONS {
        plan.refuse(Proof::WideSubscriptions, Verb::Subscribe, subject.to_owned());
    }
    // Its tasks reach it through its consumer, where they are counted and acknowledged; not past it.
    plan.refuse(Proof::WideSubscriptions, Verb::Subscribe, wire::tasks_of(&role.name));
    for subject in subject::admin() {
        let verb = if subject.starts_with("$JS.ACK") { Verb::Publish } else { Verb::Request };
        plan.refuse(Proof::BusAdministration, verb, subject);
    }
    for subject in subject::SYSTEM {
        plan.refuse(Proof::SystemAccount, Verb::Request, subject.to_owned());
    }
}

fn own_work(plan: &mut Plan<'_>) {
    let (role, publish) = (plan.role, plan.publish.clone());
    let inbox = wire::inbox_prefix(&role.name);
    plan.permit(Verb::Subscribe, format!("{inbox}.>"));
    plan.permit(Verb::Subscribe, format!("{inbox}.{NOBODYS}.*"));
    for subject in [subject::ACCOUNT_INFO, subject::STREAM_NAMES] {
        plan.permit(Verb::Request, subject.to_owned());
    }
    let consumer = stream::consumer_of(&role.name);
    plan.permit(Verb::Request, subject::consumer_info(&consumer));
    plan.permit(Verb::Request, subject::next_task(&consumer));
    for subject in subject::empty_acks(&consumer) {
        plan.permit(Verb::Publish, subject);
    }
    let named = role.broadcasts.iter().flatten().map(|topic| literal(topic.as_str()));
    let topics = crate::powers::EVERY_AGENTS_TOPICS.into_iter().map(str::to_owned).chain(named);
    let events = topics.map(|topic| wire::event(&role.name, &topic));
    let tasks = role.delegates_to.iter().chain([&role.name]).map(probe_task);
    // What a forbidden action closes again is tried above, with the other expectation.
    for subject in events.chain(tasks).filter(|subject| publish.permit(subject)) {
        plan.permit(Verb::Publish, subject);
    }
}
