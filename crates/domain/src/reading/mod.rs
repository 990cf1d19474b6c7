//! What the console shows: the answers of the read models, plain enough for the browser. Never a
//! database row, never a secret.

mod account;
mod allocation;
mod artifact;
mod audit;
mod autonomy;
mod brief;
mod context;
mod desk;
mod fleet;
mod journal;
mod letter;
mod member;
mod notice;
mod overview;
mod record;
mod review;
mod sso;
mod task;
mod token;
mod trace;

pub use account::{CodesView, PasskeyRow, Provable, SessionRow};
pub use allocation::{AllocationChange, AllocationView, ShareRow};
pub use artifact::{
    ArtifactDetail, ArtifactLabel, ArtifactList, ArtifactQuery, ArtifactRow, ArtifactSource, ArtifactText,
};
pub use audit::{ActPage, ActPlace, ActQuery, ActRow, Named, Turn, Who};
pub use autonomy::{Autonomy, AwayFigures, AwayNotice, AwayOutcome, AwayReport, AwayRow, AwayWait, GrantRow, Stand};
pub use brief::{
    BriefAnswer, BriefAuthorRow, BriefChange, BriefCheck, BriefEvent, BriefPolicyRow, BriefRow, BriefVersion,
    BriefView, DecisionHeld, DecisionView, EvidenceCheck, EvidenceView, FaultView, Inbox, InboxCounts, OptionView,
    RecommendationView,
};
pub use context::{BriefFact, ContextView, FactBefore, FactRow};
pub use desk::{DeskDecided, DeskDone, DeskDropped, DeskItem, DeskView};
pub use fleet::{
    AgentDetail, AgentRow, BreakerView, Connection, CredentialRow, CredentialState, Fleet, IssuedCredential, Uptime,
};
pub use journal::{JournalHead, JournalLine, JournalPage};
pub use letter::{
    DeadLetterDetail, DeadLetters, DiffLine, LastGood, LetterGroup, LetterQuery, LetterRow, LineChange, QuarantineRow,
    ReplayPreview, ReplayRun,
};
pub use member::{Address, InvitationOffer, InvitationRow, MailRow, MemberRow, Members};
pub use notice::NoticeSettings;
pub use overview::{EntryDetail, GapRow, HourRow, OutboxHealth, Overview};
pub use record::{
    DecidedBrief, DecisionCounts, DecisionLog, DecisionLogRow, DecisionPage, DecisionPlace, DecisionQuery,
    DecisionTurn, Followed, LookBackDue, LookBackRow, LookBackView, OutcomeFilter, SigningKey, TrackRecord,
    WholeDecision,
};
pub use review::{
    ApprovalsAsked, BanRow, BanTurn, CheckRow, Examination, FleetStop, Newcomer, Quorum, ReviewBase, ReviewDecisionRow,
    ReviewDetail, ReviewRow, Reviews, RoleChange, RoleCheck, RoleFault, RolePowers, RoleTurn, RoleWhatIf, SoundRole,
    WhatIfRow,
};
pub use sso::{SsoSettings, SsoView};
pub use task::{AttemptRow, Closed, EventRow, PayloadText, TaskDetail, TaskPage, TaskQuery, TaskRow};
pub use token::{TokenRow, TokenState, Tokens};
pub use trace::{Decision, DecisionRow, TaskName, Trace, TraceTask};

use crate::Role;
use serde::{Deserialize, Serialize};

/// Who is signed in, for the shell of every page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    pub name: String,
    pub email: String,
    pub role: Role,
    pub tenant_name: String,
    pub tenant_slug: String,
    /// The way to their other organizations, as HTML; empty where they have none.
    pub switch: String,
}

/// How the bus and its bridge are doing, as known to this server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusHealth {
    pub connected: bool,
    /// The sentence to show while something is wrong.
    pub problem: Option<String>,
    /// Version of the nats-server, where known.
    pub version: Option<String>,
    /// A weakness that was waived by configuration.
    pub warning: Option<String>,
}

/// Addresses for the exact commands that an empty console shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connect {
    /// The address of the console, `https://…`, without a slash at the end.
    pub console_url: String,
    /// The address of the bus as agents reach it, `nats://host:port`.
    pub bus_url: String,
}
