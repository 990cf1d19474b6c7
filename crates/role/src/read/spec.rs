//! What stands under `spec`, apart from the two parts that have files of their own.

use super::{
    agent_name, forbidden_actions,
    reader::{At, Reader},
    runtime,
    tree::Value,
};
use crate::{
    fault::FaultKind,
    host::Host,
    limit,
    pattern::{PathPattern, Topic},
    quantity::{self, Bytes, MicroUsd, Seconds},
    role::{Budget, Consumes, OnExceed, Read, Role, Runtime, USUAL_VOLUME},
    visible::shown,
};
use countersign_domain::{AgentName, TaskKind};

/// All fields of `spec`.
pub const FIELDS: [&str; 10] = [
    "mission",
    "consumes",
    "delegates_to",
    "broadcasts",
    "reads",
    "volume",
    "runtime",
    "budget",
    "network",
    "forbidden_actions",
];

/// The role but for its name, for which any name stands. `None` only where a fault says why.
pub(super) fn read<'n>(reader: &mut Reader<'n>, at: &At<'n>, name: Option<&AgentName>) -> Option<Role> {
    let spec = reader.fields(at, &FIELDS, |name| match name {
        "secrets" | "volumes" => Some("A role cannot ask for secrets or for volumes besides its own `volume`."),
        _ => None,
    })?;
    let mission = spec.get("mission").and_then(|at| reader.text(at, limit::MISSION_CHARS)).unwrap_or_default();
    let consumes = spec.get("consumes").map_or_else(Consumes::default, |at| consumes(reader, at));
    let delegates_to = spec.get("delegates_to").map(|at| delegates(reader, at, name)).unwrap_or_default();
    let broadcasts = spec.get("broadcasts").map(|at| {
        let fix = "Name a topic below events.<agent>., as in code.changed or task.*";
        distinct(reader, at, |reader, item| reader.formed(item, limit::TOPIC_CHARS, Topic::parse, fix))
    });
    let reads = spec.get("reads").map(|at| {
        let fix = "Write metrics, or a path such as docs/adr/** (** at the end alone, * for one whole part).";
        let parse = |text: &str| match text {
            "metrics" => Some(Read::Metrics),
            _ => PathPattern::parse(text).map(Read::Documents),
        };
        distinct(reader, at, |reader, item| reader.formed(item, limit::PATH_CHARS, parse, fix))
    });
    let volume = spec.get("volume").and_then(|at| volume(reader, at));
    let runtime = spec.get("runtime").and_then(|at| runtime::read(reader, at));
    let budget = spec.get("budget").and_then(|at| budget(reader, at));
    let hosts = spec.get("network").map(|at| network(reader, at));
    let forbidden_actions = forbidden_actions::read(reader, &spec);
    Some(Role {
        name: name.cloned().unwrap_or_else(|| "nameless".parse().expect("a good name")),
        title: None,
        mission: mission.trim().to_owned(),
        consumes,
        delegates_to,
        broadcasts,
        reads: reads.unwrap_or_default(),
        volume: volume.unwrap_or(USUAL_VOLUME),
        runtime: runtime.unwrap_or(Runtime::External),
        budget,
        hosts: hosts.unwrap_or_default(),
        forbidden_actions,
    })
}

/// The items of a list that `read` understands; an item that is there twice is a fault.
fn distinct<'n, T: PartialEq>(
    reader: &mut Reader<'n>,
    at: &At<'n>,
    mut read: impl FnMut(&mut Reader<'n>, &At<'n>) -> Option<T>,
) -> Vec<T> {
    let mut list: Vec<T> = Vec::new();
    for item in reader.items(at).unwrap_or_default() {
        let Some(value) = read(reader, &item) else { continue };
        if list.contains(&value) {
            reader.refuse(FaultKind::Duplicate, &item, "This is in the list already.", "Remove one of the two.");
        } else {
            list.push(value);
        }
    }
    list
}

fn consumes<'n>(reader: &mut Reader<'n>, at: &At<'n>) -> Consumes {
    let mut consumes = Consumes::default();
    let Some(fields) = reader.fields(at, &["kinds", "ack_wait", "max_deliver", "max_ack_pending"], |_| None) else {
        return consumes;
    };
    consumes.kinds = fields.get("kinds").map(|at| {
        distinct(reader, at, |reader, item| {
            let text = reader.line(item, limit::WORD_CHARS)?;
            let parsed = text.parse::<TaskKind>();
            if let Err(error) = &parsed {
                let why = format!("“{}” cannot be a kind of task.", shown(text));
                reader.refuse(FaultKind::Form, item, why, error.to_string());
            }
            parsed.ok()
        })
    });
    if let Some(at) = fields.get("ack_wait") {
        let fix = "Write a time such as 120s, 2m or 1h.";
        let wait = reader.formed(at, limit::WORD_CHARS, Seconds::parse, fix);
        let wait = wait.and_then(|wait| reader.within(at, wait, &limit::ACK_WAIT));
        consumes.ack_wait = wait.unwrap_or(consumes.ack_wait);
    }
    if let Some(at) = fields.get("max_deliver") {
        consumes.max_deliver = count(reader, at, &limit::MAX_DELIVER).unwrap_or(consumes.max_deliver);
    }
    if let Some(at) = fields.get("max_ack_pending") {
        consumes.max_ack_pending = count(reader, at, &limit::MAX_ACK_PENDING).unwrap_or(consumes.max_ack_pending);
    }
    consumes
}

/// A whole number within `limits`, which fit 16 bits.
fn count<'n>(reader: &mut Reader<'n>, at: &At<'n>, limits: &std::ops::RangeInclusive<u64>) -> Option<u16> {
    let fix = format!("Write a whole number from {} to {} in decimal digits.", limits.start(), limits.end());
    let number = reader.number(at, &fix)?;
    let Some(number) = quantity::whole(number) else {
        reader.refuse(FaultKind::Form, at, format!("“{}” is no whole number.", shown(number)), fix);
        return None;
    };
    reader.within(at, number, limits).and_then(|number| u16::try_from(number).ok())
}

fn delegates<'n>(reader: &mut Reader<'n>, at: &At<'n>, own: Option<&AgentName>) -> Vec<AgentName> {
    distinct(reader, at, |reader, item| {
        let name = agent_name(reader, item)?;
        if own == Some(&name) {
            let fix = "Remove it: an agent may always put tasks into its own queue.";
            reader.refuse(FaultKind::Conflict, item, "The agent delegates to itself.", fix);
            return None;
        }
        Some(name)
    })
}

fn volume<'n>(reader: &mut Reader<'n>, at: &At<'n>) -> Option<Bytes> {
    let fields = reader.fields(at, &["size"], |name| match name {
        "path" | "shared" | "name" | "host_path" | "hostPath" => {
            Some("Every agent has a volume of its own, at a place of the launcher's choice: only its size can be set.")
        }
        _ => None,
    })?;
    let at = reader.need(&fields, "size", "Write a size such as 5Gi.")?;
    size(reader, &at, &limit::VOLUME)
}

pub(super) fn size<'n>(
    reader: &mut Reader<'n>,
    at: &At<'n>,
    limits: &std::ops::RangeInclusive<Bytes>,
) -> Option<Bytes> {
    let fix = "Write a size with a binary unit, such as 512Mi or 5Gi.";
    let size = reader.formed(at, limit::WORD_CHARS, Bytes::parse, fix)?;
    reader.within(at, size, limits)
}

fn budget<'n>(reader: &mut Reader<'n>, at: &At<'n>) -> Option<Budget> {
    let fields = reader.fields(at, &["usd_per_day", "on_exceed"], |_| None)?;
    let on_exceed = match fields.get("on_exceed") {
        None => OnExceed::Pause,
        Some(at) => {
            let parse = |text: &str| match text {
                "pause" => Some(OnExceed::Pause),
                "alert" => Some(OnExceed::Alert),
                _ => None,
            };
            reader.formed(at, limit::WORD_CHARS, parse, "Write pause or alert.").unwrap_or(OnExceed::Pause)
        }
    };
    let fix = "Write dollars in decimal digits, such as 5.48, with six places after the point at most.";
    let at = reader.need(&fields, "usd_per_day", fix)?;
    let number = reader.number(&at, fix)?;
    let Some(money) = MicroUsd::parse(number) else {
        reader.refuse(FaultKind::Form, &at, format!("“{}” is no amount of dollars.", shown(number)), fix);
        return None;
    };
    let usd_per_day = reader.within(&at, money, &limit::USD_PER_DAY)?;
    Some(Budget { usd_per_day, on_exceed })
}

fn network<'n>(reader: &mut Reader<'n>, at: &At<'n>) -> Vec<Host> {
    let Some(fields) = reader.fields(at, &["hosts"], |_| None) else { return Vec::new() };
    let fix = "Write a name in lower case, such as api.example.com or api.example.com:8443; addresses of the \
               machine itself are never reached.";
    // `network: {}` says nothing, which is not what its author meant.
    let Some(at) = reader.need(&fields, "hosts", "Write `hosts: [api.example.com]`, or remove `network`.") else {
        return Vec::new();
    };
    if matches!(at.node.value, Value::Null) {
        reader.wrong_type(&at, "a list", "Write [] where no host is needed.");
        return Vec::new();
    }
    distinct(reader, &at, |reader, item| reader.formed(item, limit::HOST_CHARS, Host::parse, fix))
}
