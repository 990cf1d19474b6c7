//! What a role allows, compiled: role → [`Powers`]. Nothing is allowed that is not in here.
//!
//! Two rules hold for every part: a permission comes from a line of the file or is what every agent needs to
//! work at all; and a forbidden action only takes away.

mod bus;
mod kubernetes;
mod workspace;

pub use bus::{BusPowers, Consumer, EVERY_AGENTS_TOPICS, Subjects};
pub use kubernetes::Manifests;
pub use workspace::WorkspacePowers;

use crate::{
    host::Host,
    role::{Budget, Role},
};
use countersign_domain::{AgentName, TaskKind};
use serde::Serialize;

/// All that an agent with a role may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Powers {
    pub agent: AgentName,
    pub bus: BusPowers,
    /// Kinds of tasks that it says it handles; `None`: any.
    pub kinds: Option<Vec<TaskKind>>,
    pub workspace: WorkspacePowers,
    /// Hosts outside that it may reach.
    pub hosts: Vec<Host>,
    /// `None`: the tenant's default holds.
    pub budget: Option<Budget>,
    /// What the launcher `kubernetes` applies; `None` for other launchers.
    pub kubernetes: Option<Manifests>,
}

/// Compiles a role. The same role gives the same powers, down to the order of lists.
pub fn compile(role: &Role) -> Powers {
    Powers {
        agent: role.name.clone(),
        bus: bus::compile(role),
        kinds: role.consumes.kinds.clone(),
        workspace: workspace::compile(role),
        hosts: role.hosts.clone(),
        budget: role.budget,
        kubernetes: kubernetes::compile(role),
    }
}

impl Powers {
    /// Whether it takes tasks of this kind.
    pub fn takes(&self, kind: &str) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|own| own.as_str() == kind))
    }
}
