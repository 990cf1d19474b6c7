//! From the bytes of a role file to a [`Role`], or to everything that is wrong with them.

mod forbidden_actions;
mod raw;
mod reader;
mod runtime;
mod spec;
mod tree;

use crate::{
    fault::{FaultKind, Faults},
    file::{RoleFile, RoleHash},
    limit,
    role::{Role, Runtime},
};
use countersign_domain::AgentName;
use reader::{At, Fields, Reader};
use tree::Value;

/// What stands under `apiVersion`.
pub const API_VERSION: &str = "countersign/v1";
/// What stands under `kind`.
pub const KIND: &str = "AgentRole";

/// Reads a role file. Its identity is the SHA-256 of `bytes`, whatever they say.
///
/// Faults of the bytes, of the YAML and of its meaning are told together as far as one can be seen past the
/// other: text that is no YAML has no fields to judge.
pub fn read(bytes: &[u8]) -> Result<RoleFile, Faults> {
    let (text, mut faults) = raw::text(bytes);
    let read = text.and_then(|text| match tree::parse(text) {
        Ok(node) => {
            let mut reader = Reader::new(text);
            let role = document(&mut reader, &At { path: String::new(), node: &node });
            faults.append(&mut reader.faults);
            Some((text, role?, reader.places))
        }
        Err(fault) => {
            faults.push(fault);
            None
        }
    });
    match (Faults::of(faults), read) {
        (None, Some((text, role, places))) => {
            Ok(RoleFile { hash: RoleHash::of(bytes), text: text.to_owned(), role, places })
        }
        (Some(faults), _) => Err(faults),
        (None, None) => unreachable!("whatever withholds a role says why"),
    }
}

/// `None` only where a fault says why.
fn document<'n>(reader: &mut Reader<'n>, at: &At<'n>) -> Option<Role> {
    let file = reader.fields(at, &["apiVersion", "kind", "metadata", "spec"], |_| None)?;
    constant(reader, &file, "apiVersion", API_VERSION);
    constant(reader, &file, "kind", KIND);
    let metadata = reader.need(&file, "metadata", "Write `metadata: { name: … }`.");
    let metadata = metadata.and_then(|at| self::metadata(reader, &at));
    let spec = reader.need(&file, "spec", "Write what the agent may do and must not do below `spec:`.")?;
    // The rest is judged without the name too: one round less for whoever mends the file.
    let (name, title) = metadata.unzip();
    let role = spec::read(reader, &spec, name.as_ref());
    let (name, title, mut role) = (name?, title?, role?);
    role.name = name;
    role.title = title;
    kubernetes_name(reader, &role);
    Some(role)
}

/// Kubernetes names its objects after the agent, and takes no name that ends in a dash.
fn kubernetes_name(reader: &mut Reader<'_>, role: &Role) {
    if matches!(role.runtime, Runtime::Kubernetes { .. }) && role.name.as_str().ends_with(['-', '_']) {
        let place = reader.places.nearest("metadata.name");
        let why = "With the launcher kubernetes a name cannot end in - or _.";
        reader.fault(FaultKind::Conflict, place, "metadata.name", why, "Let it end in a letter or a digit.");
    }
}

fn constant<'n>(reader: &mut Reader<'n>, file: &Fields<'n>, name: &str, value: &str) {
    let fix = format!("Write `{name}: {value}`.");
    let Some(at) = reader.need(file, name, &fix) else { return };
    if !matches!(&at.node.value, Value::Text(text) if text == value) {
        reader.refuse(FaultKind::Form, &at, format!("Only {value} can be read here."), fix);
    }
}

fn metadata<'n>(reader: &mut Reader<'n>, at: &At<'n>) -> Option<(AgentName, Option<String>)> {
    let fields = reader.fields(at, &["name", "title"], |_| None)?;
    let title = fields.get("title").and_then(|at| reader.line(at, limit::TITLE_CHARS)).map(str::to_owned);
    let name = reader.need(&fields, "name", "Write `name:` and the agent's name.")?;
    Some((agent_name(reader, &name)?, title))
}

fn agent_name<'n>(reader: &mut Reader<'n>, at: &At<'n>) -> Option<AgentName> {
    let text = reader.line(at, limit::WORD_CHARS)?;
    match text.parse() {
        Ok(name) => Some(name),
        Err(error) => {
            let why = format!("“{}” cannot be an agent's name.", crate::visible::shown(text));
            reader.refuse(FaultKind::Form, at, why, error.to_string());
            None
        }
    }
}
