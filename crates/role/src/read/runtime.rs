//! What stands under `spec.runtime`.

use super::{
    reader::{At, Fields, Reader},
    spec::size,
};
use crate::{
    fault::FaultKind,
    image::Image,
    limit,
    quantity::MilliCpu,
    role::{Runtime, USUAL_CPU, USUAL_MEMORY},
    visible::shown,
};

const FIELDS: [&str; 5] = ["launcher", "image", "command", "cpu", "memory"];

/// Fields that people know from pods, and that no role can have: what they would give is never given.
fn never(name: &str) -> Option<&'static str> {
    const NEVER: [&str; 18] = [
        "privileged",
        "host_path",
        "hostPath",
        "host_network",
        "hostNetwork",
        "host_pid",
        "hostPID",
        "user",
        "run_as_user",
        "runAsUser",
        "run_as_root",
        "security_context",
        "securityContext",
        "capabilities",
        "service_account",
        "serviceAccountName",
        "volumes",
        "env",
    ];
    NEVER.contains(&name).then_some(
        "Remove it: agents never run privileged, as root, with the host's files or network, or with a service \
         account's rights.",
    )
}

pub(super) fn read<'n>(reader: &mut Reader<'n>, at: &At<'n>) -> Option<Runtime> {
    let fields = reader.fields(at, &FIELDS, never)?;
    let at = reader.need(&fields, "launcher", "Write `launcher: process`, `kubernetes` or `external`.")?;
    let launcher = reader.line(&at, limit::WORD_CHARS)?;
    let used: &[&str] = match launcher {
        "process" => &["launcher", "command"],
        "kubernetes" => &FIELDS,
        "external" => &["launcher"],
        other => {
            let why = format!("There is no launcher “{}”.", shown(other));
            reader.refuse(FaultKind::Form, &at, why, "Write process, kubernetes or external.");
            return None;
        }
    };
    for name in FIELDS.iter().filter(|name| !used.contains(name)) {
        if let Some(at) = fields.get(name) {
            let why = format!("The launcher {launcher} has no use for “{name}”.");
            reader.refuse(FaultKind::Conflict, at, why, "Remove it, or choose the launcher that it belongs to.");
        }
    }
    match launcher {
        "process" => {
            let at = reader.need(&fields, "command", "Write `command: [program, argument]`.")?;
            Some(Runtime::Process { command: command(reader, &at)? })
        }
        "kubernetes" => kubernetes(reader, &fields),
        _ => Some(Runtime::External),
    }
}

/// The program and its arguments, each a text of its own: no shell takes them apart.
fn command<'n>(reader: &mut Reader<'n>, at: &At<'n>) -> Option<Vec<String>> {
    let items = reader.items(at)?;
    if items.is_empty() {
        reader.refuse(FaultKind::Missing, at, "The command is empty.", "Write the program to start.");
        return None;
    }
    let read: Vec<Option<&str>> = items.iter().map(|item| reader.text(item, limit::WORD_CHARS)).collect();
    if let (Some(Some("")), Some(item)) = (read.first(), items.first()) {
        reader.refuse(FaultKind::Missing, item, "The program has no name.", "Write the program to start.");
        return None;
    }
    read.into_iter().map(|word| word.map(str::to_owned)).collect()
}

fn kubernetes<'n>(reader: &mut Reader<'n>, fields: &Fields<'n>) -> Option<Runtime> {
    let cpu = fields.get("cpu").map(|at| cpu(reader, at));
    let memory = fields.get("memory").map(|at| size(reader, at, &limit::MEMORY));
    let command = fields.get("command").map(|at| command(reader, at));
    let at = reader.need(fields, "image", "Write the image, pinned: registry.example/agent@sha256:…")?;
    let fix = "Write a name such as registry.example/team/agent@sha256:…";
    let image = reader.formed(&at, limit::IMAGE_CHARS, Image::parse, fix)?;
    Some(Runtime::Kubernetes {
        image,
        command: command.unwrap_or(Some(Vec::new()))?,
        cpu: cpu.unwrap_or(Some(USUAL_CPU))?,
        memory: memory.unwrap_or(Some(USUAL_MEMORY))?,
    })
}

/// Cores as a number (`2`, `1.5`) or in thousandths (`500m`), as Kubernetes takes both.
fn cpu<'n>(reader: &mut Reader<'n>, at: &At<'n>) -> Option<MilliCpu> {
    let fix = "Write cores such as 2 or 0.5, or thousandths such as 500m.";
    let cpu = match &at.node.value {
        super::Value::Number(number) => {
            let parsed = MilliCpu::parse(number);
            if parsed.is_none() {
                reader.refuse(FaultKind::Form, at, format!("“{}” is no number of cores.", shown(number)), fix);
            }
            parsed
        }
        _ => reader.formed(at, limit::WORD_CHARS, MilliCpu::parse, fix),
    }?;
    reader.within(at, cpu, &limit::CPU)
}
