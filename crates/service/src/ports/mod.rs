//! The seams: what the use cases need from the outside, as traits.
//!
//! To add a port: write the trait in a file of its own here, with the meaning, units and errors of
//! each method; add a field to [`Ports`]; implement it in `store` (if it is about rows) or `bus` (if
//! it is about messages), one file a noun; wire it in `server/src/compose.rs`. Implementations take
//! the tenant as their first argument and reach nothing outside it.

mod addresses;
mod agents;
mod allocations;
mod api_tokens;
mod approvals;
mod artifact_files;
mod artifacts;
mod audit;
mod autonomy;
mod briefs;
mod bus_control;
mod claims;
mod context_facts;
mod controls;
mod dead_letters;
mod decisions;
mod duties;
mod factors;
mod history;
mod identity_provider;
mod kept_answers;
mod ledger;
mod members;
mod notices;
mod outbox;
mod people;
mod post;
mod quarantine;
mod record;
mod reviews;
mod seal;
mod sessions;
mod sso;
mod stops;
mod surroundings;
mod tasks;
mod tries;
mod vault;
mod watch;
mod webhooks;

pub use addresses::{Addresses, PersonLink, RecoveryRequest};
pub use agents::{Agents, CredentialRecord, NewCredential};
pub use allocations::{AllocationRecord, Allocations};
pub use api_tokens::{ApiTokens, NewToken};
pub use approvals::{Approvals, RunningRole};
pub use artifact_files::{ArtifactFiles, FileError, FileStream, Incoming};
pub use artifacts::{ArtifactError, ArtifactFact, ArtifactRules, Artifacts, HeldName, LabelFact, PutAs};
pub use audit::{Audit, ChainLine, Noted};
pub use autonomy::{
    Autonomy, AwayEvent, AwayRecord, AwayRecords, GrantRecord, NewAway, NewGrant, NewGranted, NewReversal,
};
pub use briefs::{
    AskedEvent, BESIDE_THE_BUS, BlockedAgent, BriefFault, BriefMark, BriefRecord, BriefRefusal, Briefs, CategoryRule,
    NewBrief, NewBriefPolicy, NewQuestion, Taken, VersionRecord, Waits,
};
pub use bus_control::{BusControl, BusError, MintedCredential, ProofError, ProvenAgent};
pub use claims::{AgentActor, Claim, ClaimError, Claims, Ending};
pub use context_facts::{ContextFacts, FactRecord};
pub use controls::Controls;
pub use dead_letters::{DeadLetters, LetterText};
pub use decisions::{DecisionBasis, DecisionRecord, Decisions, NewDecision, NewSilence, Said, Settled, Telling};
pub use duties::{Duties, Duty};
pub use factors::{Ceremony, CodeSecret, Factors, PasskeyRecord};
pub use history::History;
pub use identity_provider::{IdentityProvider, SsoClient, SsoSecrets, Vouched};
pub use kept_answers::{KeptAnswer, KeptAnswers, Once, RequestKey};
pub use ledger::{Batch, Begun, Ledger, LiveAgent, Recorded, StreamStart};
pub use members::{Fate, Invitation, Joiner, Members, NewInvitation};
pub use notices::{NoticeDesk, Notices};
pub use outbox::{Errand, ErrandKind, Outbox};
pub use people::{Digest, NewFounder, PasswordChange, People, PersonRecord};
pub use post::{DueMail, MailError, Mailer, NewLink, NewMail, Outgoing, Post, Tried, seal_name};
pub use quarantine::Quarantine;
pub use record::{
    DecisionFacets, DecisionHistory, JournaledDecision, JudgedDecisions, KeptDecision, LookBackSaid, NewLookBack,
};
pub use reviews::{
    ExaminedEvent, LiveCredentials, NewApprovalsAsked, NewReviewDecision, PastTaskRow, Proposal, ReviewRecord, Reviews,
};
pub use seal::Seal;
pub use sessions::{LiveSession, SessionQuery, SessionRecord, SessionTenant, Sessions};
pub use sso::{Sso, SsoArrival, SsoCeremony, SsoConnection, SsoTaken, SsoTenant};
pub use stops::Stops;
pub use surroundings::{Clock, Entropy};
pub use tasks::{NewTask, Tasks};
pub use tries::Tries;
pub use vault::Vault;
pub use watch::{Suspect, Verdict, WantedControl, Watch};
pub use webhooks::{
    DueDelivery, NewWebhook, PostFault, WebhookOutcome, WebhookPost, WebhookTried, Webhooks, secret_name, url_name,
};

use std::sync::Arc;

/// Why a row could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("no such row")]
    NotFound,
    /// A unique constraint said no; the text is for the person who asked.
    #[error("{0}")]
    Taken(String),
    /// The state of what is there does not allow it; the text is for the person who asked.
    #[error("{0}")]
    Refused(String),
    #[error("the database is not answering")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// All ports of the use cases.
#[derive(Clone)]
pub struct Ports {
    pub people: Arc<dyn People>,
    pub sessions: Arc<dyn Sessions>,
    pub tries: Arc<dyn Tries>,
    pub factors: Arc<dyn Factors>,
    pub seal: Arc<dyn Seal>,
    pub members: Arc<dyn Members>,
    pub addresses: Arc<dyn Addresses>,
    pub post: Arc<dyn Post>,
    /// None without a mail server: then no mail leaves.
    pub mailer: Option<Arc<dyn Mailer>>,
    pub notices: Arc<dyn Notices>,
    pub webhooks: Arc<dyn Webhooks>,
    pub webhook_post: Arc<dyn WebhookPost>,
    pub sso: Arc<dyn Sso>,
    pub identity_provider: Arc<dyn IdentityProvider>,
    pub agents: Arc<dyn Agents>,
    pub reviews: Arc<dyn Reviews>,
    pub briefs: Arc<dyn Briefs>,
    pub decisions: Arc<dyn Decisions>,
    pub decision_history: Arc<dyn DecisionHistory>,
    pub autonomy: Arc<dyn Autonomy>,
    pub allocations: Arc<dyn Allocations>,
    pub context_facts: Arc<dyn ContextFacts>,
    pub stops: Arc<dyn Stops>,
    pub audit: Arc<dyn Audit>,
    pub history: Arc<dyn History>,
    pub tasks: Arc<dyn Tasks>,
    pub dead_letters: Arc<dyn DeadLetters>,
    pub quarantine: Arc<dyn Quarantine>,
    pub controls: Arc<dyn Controls>,
    pub claims: Arc<dyn Claims>,
    pub api_tokens: Arc<dyn ApiTokens>,
    pub artifacts: Arc<dyn Artifacts>,
    pub artifact_files: Arc<dyn ArtifactFiles>,
    pub artifact_rules: ArtifactRules,
    pub approvals: Arc<dyn Approvals>,
    pub kept_answers: Arc<dyn KeptAnswers>,
    pub bus: Arc<dyn BusControl>,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    /// What pages tell a newcomer to connect to.
    pub connect: countersign_domain::reading::Connect,
}
