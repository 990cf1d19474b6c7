//! A good brief, and small changes of it.

use countersign_brief::{Background, Brief, Category, EvidenceState, Fault, Lint, Rule, lint, read};
use countersign_domain::{ArtifactHash, Millis, moment::rfc3339};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub const SHA: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
pub const OTHER_SHA: &str = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862";

pub const FACT: &str = "0190f0f0-0000-7000-8000-000000000001";

pub fn now() -> Millis {
    rfc3339("2026-11-27T09:00:00Z").unwrap()
}

/// A payload that keeps the contract, and on which there is nothing to better.
pub fn payload() -> Value {
    json!({
        "brief": "deploy-2026-11",
        "title": "Friday's deployment",
        "question": "Do we roll out version 2.4 of the API today, e.g. before the weekend?",
        "category": "deploy",
        "context_md": "The error rate is **0.3 %**.\n\n- `Vec<T>` grew\n- p99 < 500 ms",
        "options": [
            {"key": "A", "title": "Roll out now", "consequence": "Customers get the fix today.", "cost_usd": 40,
             "effort": "1 agent-day", "reversible": true, "risk": "medium"},
            {"key": "B", "title": "Wait until Monday", "consequence": "Two customers wait for three days.", "cost_usd": 5.48,
             "effort": "none", "reversible": true, "risk": "low"},
            {"key": "C", "title": "Drop the old API", "consequence": "Old clients stop working for good.", "cost_usd": -200,
             "effort": "3 agent-days", "reversible": false, "risk": "high"},
        ],
        "recommendation": {"key": "B", "why": "Nobody of the team is awake on Saturday.", "confidence": 0.82},
        "evidence": [{"sha256": SHA, "title": "Error rates of the week"}, {"sha256": OTHER_SHA, "title": "Test report"}],
        "deadline": "2026-11-27T17:00:00Z",
        "at_deadline": "B",
        "input_needed": "Whether the customer in Oslo was promised a date",
        "correlation_id": "trace-7",
    })
}

/// [`payload`] with `value` at `pointer`; a field that is not there is made.
pub fn with(pointer: &str, value: Value) -> Value {
    let mut payload = payload();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    match payload.pointer_mut(parent).unwrap() {
        Value::Object(fields) => drop(fields.insert(field.to_owned(), value)),
        Value::Array(items) => items[field.parse::<usize>().unwrap()] = value,
        other => panic!("{other} has no fields"),
    }
    payload
}

/// [`payload`] without the field at `pointer`.
pub fn without(pointer: &str) -> Value {
    let mut payload = payload();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    payload.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(field).unwrap();
    payload
}

pub fn judged_as(bytes: &[u8], evidence: EvidenceState, reserved: &[&str]) -> Lint {
    let reserved: BTreeSet<Category> = reserved.iter().map(|name| name.parse().unwrap()).collect();
    let state = |_: &ArtifactHash| evidence;
    let agents = ["ceo", "backend", "frontend"].map(|name| name.parse().unwrap()).into();
    let facts = BTreeSet::from([FACT.parse().unwrap()]);
    let background = Background { now: now(), reserved: &reserved, agents: &agents, facts: &facts, evidence: &state };
    lint(read("ceo".parse().unwrap(), bytes), &background)
}

pub fn judged_bytes(bytes: &[u8]) -> Lint {
    judged_as(bytes, EvidenceState::Sound, &[])
}

pub fn judged(payload: &Value) -> Lint {
    judged_bytes(payload.to_string().as_bytes())
}

pub fn brief(payload: &Value) -> Brief {
    judged(payload).outcome.unwrap_or_else(|faults| panic!("{faults}"))
}

pub fn faults(lint: Lint) -> Vec<Fault> {
    lint.outcome.map_or_else(|faults| faults.list, |_| Vec::new())
}

/// The faults' rules and places.
pub fn broken(payload: &Value) -> Vec<(Rule, String)> {
    faults(judged(payload)).into_iter().map(|fault| (fault.rule, fault.pointer)).collect()
}
