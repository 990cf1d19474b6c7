//! The words of Countersign as types: pure, without I/O, and small enough for the browser.
//!
//! Nothing here reads a clock, a random number or the environment; all three come in as arguments.

pub mod account;
pub mod allocation;
pub mod api_token;
pub mod artifact;
pub mod audit;
pub mod autonomy;
pub mod breaker;
pub mod brief;
pub mod bus_fact;
pub mod canonical_json;
pub mod context;
pub mod decision;
pub mod email;
pub mod hidden;
pub mod id;
pub mod journal;
pub mod letter;
pub mod mail;
pub mod merkle;
pub mod moment;
pub mod name;
pub mod notice;
pub mod person;
pub mod reading;
pub mod review;
pub mod sso;
pub mod standing;
pub mod task;
pub mod time;
pub mod track_record;
pub mod waiting;
pub mod webhook;

pub use artifact::ArtifactHash;
pub use id::{
    AgentId, ApiTokenId, AwayId, BriefId, ContextFactId, CredentialId, DecisionId, GrantId, InvitationId, MailId,
    PersonId, QuarantineId, ReplayId, ReviewId, TaskId, TenantId, WebhookId,
};
pub use name::{AgentName, BriefAuthor, TaskKind};
pub use person::{Act, Actor, How, Role, Via};
pub use time::Millis;
