//! The append-only, hash-chained record of all that happened in a tenant.

use crate::{
    Act, AgentName, BriefAuthor, BriefId, Millis, PersonId, QuarantineId, ReplayId, ReviewId, TaskId, TaskKind, Via,
    WebhookId,
    account::AccountAct,
    artifact::{ArtifactContent, ArtifactHash, Label, PinKind},
    audit::Broken,
    autonomy::AutonomyAct,
    breaker::BreakerState,
    brief::BriefAct,
    bus_fact::{FactBody, Position, TaskSignal},
    context::ContextFact,
    letter::LetterCause,
    review::{Finding, ReviewDecision},
    sso::{RoleRules, SsoRefusal},
    task::Priority,
    webhook::WebhookAct,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// SHA-256 of an entry and of all entries before it.
pub type Hash = [u8; 32];

/// What the first entry of a tenant is chained to.
pub const GENESIS: Hash = [0; 32];

/// One entry, before it is chained. Its JSON text, as [`Entry::canonical`] writes it, is what is
/// hashed and kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The version of this form.
    pub v: u8,
    /// When it happened.
    pub at: Millis,
    #[serde(flatten)]
    pub what: What,
    /// By which way a person did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Via>,
}

/// All that can happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// A message came from the bus.
    Received {
        position: Position,
        #[serde(flatten)]
        body: FactBody,
    },
    /// Retention overtook the bridge: messages `from` to `to` were never read.
    GapFound {
        stream: String,
        epoch: i64,
        from: u64,
        to: u64,
    },
    /// A stream was made anew: what it held before is gone from the bus.
    StreamRecreated {
        stream: String,
        before: i64,
        epoch: i64,
    },
    /// A founder made a task, or the server did where nobody is named; it goes to the bus when it is due.
    TaskCreated {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
        task: TaskId,
        agent: AgentName,
        kind: TaskKind,
        title: Option<String>,
        correlation_id: Option<String>,
        payload: String,
        /// Not before this moment.
        not_before: Option<Millis>,
        priority: Priority,
        /// The dead letter that this does again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replay_of: Option<TaskId>,
    },
    /// A task is to be put on the bus, as message `issue` of it.
    TaskIssued {
        task: TaskId,
        issue: u32,
        /// Attempts made before.
        base: u32,
        why: IssueReason,
    },
    TaskReprioritised {
        by: PersonId,
        task: TaskId,
        priority: Priority,
    },
    TaskCancelled {
        by: PersonId,
        task: TaskId,
        reason: Option<String>,
    },
    /// A worker said through the Workspace API what became of its attempt; or, for
    /// [`SignalKind::LeaseEnded`](crate::bus_fact::SignalKind) and `Vanished`, the server found out.
    AttemptReported {
        task: TaskId,
        signal: TaskSignal,
        /// What the worker made, as JSON text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<String>,
        /// SHA-256 names of what it made.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        artifacts: Vec<String>,
        /// Reported cost in millionths of a dollar.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        micro_usd: Option<i64>,
    },
    /// A task ended badly and waits for a founder.
    DeadLettered {
        task: TaskId,
        cause: LetterCause,
        fingerprint: String,
    },
    LetterReplayed {
        by: PersonId,
        letter: TaskId,
        /// The task that does it again.
        task: TaskId,
        /// Whether the payload was changed.
        edited: bool,
        /// The order that this belongs to, if several were replayed at once.
        run: Option<ReplayId>,
    },
    /// The replay was stopped before its task reached the bus: the letter waits again.
    ReplayStopped {
        by: PersonId,
        letter: TaskId,
        task: TaskId,
    },
    LetterDismissed {
        by: PersonId,
        letter: TaskId,
        reason: String,
    },
    /// A founder mended a message in quarantine and had it done as a task.
    QuarantineRequeued {
        by: PersonId,
        id: QuarantineId,
        task: TaskId,
    },
    QuarantineDismissed {
        by: PersonId,
        id: QuarantineId,
        reason: String,
    },
    BreakerMoved {
        agent: AgentName,
        state: BreakerState,
        /// Why, in a sentence.
        cause: String,
        /// When an open one lets a task through.
        until: Option<Millis>,
        /// Who moved it, where it did not move by itself.
        by: Option<PersonId>,
    },
    AgentPaused {
        /// Nobody where the server did, since it runs what was not approved.
        by: Option<PersonId>,
        agent: AgentName,
        reason: String,
    },
    AgentResumed {
        by: PersonId,
        agent: AgentName,
    },
    TenantCreated {
        name: String,
    },
    FounderCreated {
        person: PersonId,
        name: String,
        email: String,
    },
    AgentCreated {
        by: PersonId,
        agent: String,
        delegates_to: Vec<String>,
    },
    CredentialIssued {
        by: PersonId,
        agent: String,
        public_key: String,
        expires_at: Millis,
        /// The approved role file that it is compiled from; those of before have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        role: Option<ArtifactHash>,
    },
    CredentialRevoked {
        by: PersonId,
        agent: String,
        public_key: String,
    },
    /// An agent had its own credential's life prolonged: what was approved stands.
    CredentialRenewed {
        agent: String,
        public_key: String,
        expires_at: Millis,
        role: ArtifactHash,
    },
    /// Somebody wants an agent to run with this file. It waits for a review.
    RoleProposed {
        by: PersonId,
        review: ReviewId,
        agent: AgentName,
        sha256: ArtifactHash,
        /// The file, byte for byte.
        text: String,
        /// What the built-in rules found.
        findings: Vec<Finding>,
    },
    /// A throw-away credential of the file tried on the bus what it must not be able to do.
    ReviewProbed {
        by: PersonId,
        review: ReviewId,
        agent: AgentName,
        /// Attempts that went as they must, and those that did not.
        right: u32,
        wrong: u32,
    },
    ReviewDecided {
        by: PersonId,
        review: ReviewId,
        agent: AgentName,
        sha256: ArtifactHash,
        decision: ReviewDecision,
        reason: String,
        /// By its author, who is the only one who may.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        self_approved: bool,
        /// So many founders have to approve it still before it may run.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lacking: Option<u32>,
    },
    /// How many founders have to approve a role file, as one of them asks for it.
    ApprovalsAsked {
        by: PersonId,
        approvals: u32,
        reason: String,
    },
    /// All credentials of the agent ended and its queue is paused; of all agents, where none is named.
    FleetStopped {
        by: PersonId,
        agent: Option<AgentName>,
        reason: String,
        /// How many credentials ended.
        ended: u64,
    },
    StopLifted {
        by: PersonId,
        agent: Option<AgentName>,
        /// For how long clocks stood; tasks that were to come after it began come by so much later.
        frozen_ms: i64,
        /// When clocks stopped. Entries from before this was kept moved what was to come after they were lifted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since_ms: Option<i64>,
        /// Agents that were stopped by themselves before all were, and stay so.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        except: Vec<AgentName>,
    },
    /// Somebody checked the chain.
    JournalChecked {
        by: PersonId,
        /// The last entry when the check began,
        head: i64,
        /// and the last one that is known to be in order, with its hash in hexadecimal digits.
        through: i64,
        hash: String,
        took_ms: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fault: Option<Broken>,
    },
    /// Somebody took entries along.
    JournalExported {
        by: PersonId,
        form: String,
        /// Which ones, as the page's address says it; empty for all.
        query: String,
    },
    /// What is agreed with the identity provider.
    SsoChanged {
        by: PersonId,
        issuer: String,
        client_id: String,
        domains: Vec<String>,
        rules: RoleRules,
    },
    SsoEnforced {
        by: PersonId,
        enforced: bool,
        /// How many sessions ended.
        ended: u64,
    },
    SsoRemoved {
        by: PersonId,
    },
    /// Somebody changed where what waits is sent, or had something sent again; nobody is named where the server switched
    /// it off.
    Webhook {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
        id: WebhookId,
        name: String,
        /// The host of its address alone: the rest of it may be a secret.
        host: String,
        act: WebhookAct,
    },
    /// Somebody came back from the identity provider, or was to go there, and was not let in: who, cannot be believed.
    SsoRefused {
        why: SsoRefusal,
    },
    /// Somebody put content, or content that was there already, as their own.
    ArtifactPut {
        sha256: ArtifactHash,
        size: u64,
        content: ArtifactContent,
        /// The agent, or the person, whose it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<AgentName>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
        /// The task that it was made for, and the trace of that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        task: Option<TaskId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        trace: Option<String>,
    },
    /// From now on this label of the agent names that artifact.
    ArtifactLabelled {
        agent: AgentName,
        label: Label,
        version: u32,
        sha256: ArtifactHash,
    },
    /// Something names the artifact: it must stay.
    ArtifactPinned {
        sha256: ArtifactHash,
        kind: PinKind,
        /// The id of what names it.
        name: String,
    },
    /// Nothing names it, and its time was over.
    ArtifactRemoved {
        sha256: ArtifactHash,
        size: u64,
    },
    /// A brief that an agent sent cannot be decided as it is: it went back.
    BriefRefused {
        author: BriefAuthor,
        /// What its author calls it, where that could be read.
        name: Option<String>,
        /// The rules that it breaks.
        rules: Vec<String>,
        /// The task that tells its author; none where it had been told too often.
        task: Option<TaskId>,
    },
    /// What silence means in a category from now on, and whether only founders settle it.
    BriefPolicySet {
        by: PersonId,
        category: String,
        reserved: bool,
        silence: String,
        /// Who decides then, where silence hands it to a person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delegate: Option<PersonId>,
        reason: String,
    },
    /// What happens while founders are away, and what an agent may do by itself.
    Autonomy {
        /// Who did it; nobody where a grant fell.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
        #[serde(flatten)]
        act: AutonomyAct,
    },
    /// Something that agents cannot see was said, said otherwise, or taken back.
    ContextFact {
        by: PersonId,
        #[serde(flatten)]
        fact: ContextFact,
    },
    Brief {
        /// Who did it; nobody where an agent asked, or the server kept the time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<PersonId>,
        brief: BriefId,
        #[serde(flatten)]
        act: BriefAct,
    },
    Account {
        /// Who did it. For what was tried in vain: whose account it was tried on.
        by: PersonId,
        /// Whose account it is.
        person: PersonId,
        #[serde(flatten)]
        act: AccountAct,
    },
}

/// Why a task is put on the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueReason {
    /// For the first time.
    First,
    /// A worker handed it back.
    Retry,
    /// The message that carried it is gone, and the task is not done.
    Lost,
}

impl Entry {
    pub fn new(at: Millis, what: What) -> Self {
        Self { v: 1, at, what, via: None }
    }

    /// What a person did.
    pub fn by(act: &Act, what: What) -> Self {
        Self { v: 1, at: act.at, what, via: Some(act.via.clone()) }
    }

    /// The word that the journal's list shows and filters by.
    pub fn kind(&self) -> &'static str {
        match &self.what {
            What::Received { body, .. } => match body {
                FactBody::TaskReceived(_) => "task.received",
                FactBody::TaskSignalled(_) => "task.signalled",
                FactBody::EventReceived(_) => "event.received",
                FactBody::Quarantined(_) => "message.quarantined",
            },
            What::GapFound { .. } => "gap.found",
            What::StreamRecreated { .. } => "stream.recreated",
            What::TaskCreated { .. } => "task.created",
            What::TaskIssued { .. } => "task.issued",
            What::TaskReprioritised { .. } => "task.reprioritised",
            What::TaskCancelled { .. } => "task.cancelled",
            What::AttemptReported { .. } => "attempt.reported",
            What::DeadLettered { .. } => "task.dead_lettered",
            What::LetterReplayed { .. } => "letter.replayed",
            What::ReplayStopped { .. } => "replay.stopped",
            What::LetterDismissed { .. } => "letter.dismissed",
            What::QuarantineRequeued { .. } => "quarantine.requeued",
            What::QuarantineDismissed { .. } => "quarantine.dismissed",
            What::BreakerMoved { .. } => "breaker.moved",
            What::AgentPaused { .. } => "agent.paused",
            What::AgentResumed { .. } => "agent.resumed",
            What::TenantCreated { .. } => "tenant.created",
            What::FounderCreated { .. } => "founder.created",
            What::AgentCreated { .. } => "agent.created",
            What::CredentialIssued { .. } => "credential.issued",
            What::CredentialRevoked { .. } => "credential.revoked",
            What::CredentialRenewed { .. } => "credential.renewed",
            What::RoleProposed { .. } => "role.proposed",
            What::ReviewProbed { .. } => "review.probed",
            What::ReviewDecided { decision, lacking, .. } => match decision {
                ReviewDecision::Approved if lacking.is_some() => "review.approved_in_part",
                ReviewDecision::Approved => "review.approved",
                ReviewDecision::Rejected => "review.rejected",
                ReviewDecision::Revoked => "review.revoked",
            },
            What::ApprovalsAsked { .. } => "review.approvals_asked",
            What::FleetStopped { .. } => "fleet.stopped",
            What::StopLifted { .. } => "fleet.stop_lifted",
            What::JournalChecked { .. } => "journal.checked",
            What::JournalExported { .. } => "journal.exported",
            What::SsoChanged { .. } => "sso.changed",
            What::SsoEnforced { .. } => "sso.enforced",
            What::SsoRemoved { .. } => "sso.removed",
            What::SsoRefused { .. } => "sso.refused",
            What::Webhook { act, .. } => act.kind(),
            What::ArtifactPut { .. } => "artifact.put",
            What::ArtifactLabelled { .. } => "artifact.labelled",
            What::ArtifactPinned { .. } => "artifact.pinned",
            What::ArtifactRemoved { .. } => "artifact.removed",
            What::BriefRefused { .. } => "brief.refused",
            What::BriefPolicySet { .. } => "brief.policy_set",
            What::ContextFact { fact, .. } if fact.withdrawn => "context.withdrawn",
            What::ContextFact { fact, .. } if fact.version > 1 => "context.changed",
            What::ContextFact { .. } => "context.added",
            What::Brief { act, .. } => act.kind(),
            What::Autonomy { act, .. } => act.kind(),
            What::Account { act, .. } => act.kind(),
        }
    }

    /// The bytes that are hashed and kept: JSON with the fields in the order of their declaration.
    pub fn canonical(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("an entry has string keys only")
    }
}

/// The hash of an entry whose canonical bytes follow the entry hashed as `previous`.
pub fn chain(previous: &Hash, canonical: &[u8]) -> Hash {
    Sha256::new().chain_update(previous).chain_update(canonical).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_survives_its_canonical_form() {
        let entry = Entry::new(Millis(5), What::TenantCreated { name: "Acme".into() });
        let bytes = entry.canonical();
        assert_eq!(bytes, br#"{"v":1,"at":5,"what":"tenant_created","name":"Acme"}"#);
        assert_eq!(serde_json::from_slice::<Entry>(&bytes).unwrap(), entry);
    }

    #[test]
    fn a_signal_and_the_event_in_it_survive_too() {
        let event = crate::bus_fact::EventReceived {
            agent: "cso".into(),
            topic: "task.failed".into(),
            correlation_id: Some("t".into()),
            payload: "{}".into(),
            micro_usd: None,
            task_sequence: Some(4),
            tasks_epoch: Some(1),
        };
        let signal = TaskSignal {
            tasks_epoch: 1,
            sequence: 4,
            agent: "cso".parse().unwrap(),
            attempt: 2,
            kind: crate::bus_fact::SignalKind::Complained,
            at: Millis(6),
            worked_ms: None,
            reason: Some("why".into()),
            event: Some(Box::new(event)),
        };
        let position = Position { stream: "EVENTS".into(), epoch: 1, sequence: 9 };
        let received = What::Received { position, body: FactBody::TaskSignalled(signal.clone()) };
        let task = TaskId(uuid::Uuid::from_u128(1));
        let reported = What::AttemptReported { task, signal, result: None, artifacts: vec![], micro_usd: None };
        for what in [received, reported] {
            let entry = Entry::new(Millis(5), what);
            assert_eq!(serde_json::from_slice::<Entry>(&entry.canonical()).unwrap(), entry);
        }
    }

    #[test]
    fn a_changed_byte_or_another_past_gives_another_hash() {
        let head = chain(&GENESIS, b"a");
        assert_ne!(head, chain(&GENESIS, b"b"));
        assert_ne!(chain(&head, b"a"), head);
    }
}
