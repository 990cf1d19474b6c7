//! What a role file says, as types. Only [`crate::read()`] makes them from a file.

use crate::{
    forbidden::Ban,
    host::Host,
    image::Image,
    pattern::{PathPattern, Topic},
    quantity::{Bytes, MicroUsd, MilliCpu, Seconds},
};
use countersign_domain::{AgentName, TaskKind};
use serde::Serialize;

/// What an agent is for, may do and must not do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Role {
    pub name: AgentName,
    pub title: Option<String>,
    /// May be empty; the examination then says so.
    pub mission: String,
    pub consumes: Consumes,
    /// Agents that it may give tasks to.
    pub delegates_to: Vec<AgentName>,
    /// Topics under `events.<agent>.`; `None` where the file names none, which leaves all of its own open.
    pub broadcasts: Option<Vec<Topic>>,
    pub reads: Vec<Read>,
    /// The size of its own volume.
    pub volume: Bytes,
    pub runtime: Runtime,
    /// `None`: the tenant's default holds. No agent is without a budget.
    pub budget: Option<Budget>,
    /// Hosts outside that it needs.
    pub hosts: Vec<Host>,
    pub forbidden_actions: Vec<Ban>,
}

/// How tasks are handed to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Consumes {
    /// Kinds that it says it handles; `None` where the file names none: any kind.
    pub kinds: Option<Vec<TaskKind>>,
    pub ack_wait: Seconds,
    pub max_deliver: u16,
    pub max_ack_pending: u16,
}

impl Default for Consumes {
    fn default() -> Self {
        Self { kinds: None, ack_wait: Seconds(120), max_deliver: 5, max_ack_pending: 3 }
    }
}

/// Something that it may read through the Workspace API.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Read {
    /// The live figures of the organization.
    Metrics,
    Documents(PathPattern),
}

impl Read {
    pub fn as_str(&self) -> &str {
        match self {
            Self::Metrics => "metrics",
            Self::Documents(pattern) => pattern.as_str(),
        }
    }
}

impl Serialize for Read {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Who starts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "launcher", rename_all = "snake_case")]
pub enum Runtime {
    /// A child process of the server.
    Process {
        command: Vec<String>,
    },
    Kubernetes {
        image: Image,
        command: Vec<String>,
        cpu: MilliCpu,
        memory: Bytes,
    },
    /// Somebody else.
    External,
}

impl Runtime {
    /// What starts in it; empty where the image or somebody else decides.
    pub fn command(&self) -> &[String] {
        match self {
            Self::Process { command } | Self::Kubernetes { command, .. } => command,
            Self::External => &[],
        }
    }

    /// As the file names it.
    pub fn launcher(&self) -> &'static str {
        match self {
            Self::Process { .. } => "process",
            Self::Kubernetes { .. } => "kubernetes",
            Self::External => "external",
        }
    }
}

/// The size of a volume where the file names none.
pub const USUAL_VOLUME: Bytes = Bytes(1 << 30);
/// Processor time of a pod where the file names none.
pub const USUAL_CPU: MilliCpu = MilliCpu(500);
/// Memory of a pod where the file names none.
pub const USUAL_MEMORY: Bytes = Bytes(512 << 20);

/// What it may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Budget {
    pub usd_per_day: MicroUsd,
    pub on_exceed: OnExceed,
}

/// What happens when the day's budget is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnExceed {
    Pause,
    Alert,
}
