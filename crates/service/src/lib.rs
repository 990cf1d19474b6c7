//! What Countersign does, one use case a file. Each takes the actor, asks [`policy`], works through
//! [`ports`], and answers with a plain value of `domain` or an [`Error`].

mod accept_invitation;
mod add_passkey;
mod admit_agent;
mod agent_error;
mod answer_once;
mod artifact_bytes;
mod ask_author;
mod authenticate;
mod authenticate_agent;
mod authenticate_token;
mod brief_evidence;
mod brief_facts;
mod brief_row;
mod cancel_task;
mod challenge_agent;
mod change_address;
mod change_context;
mod change_members;
mod change_password;
mod check_journal;
mod claim_task;
mod client;
mod codes;
mod compare;
mod complete_task;
mod control_agent;
mod create_agent;
mod create_task;
mod decide_batch;
mod decide_brief;
mod decide_review;
mod decider;
mod decision_check;
mod decision_markdown;
mod declare_away;
mod dismiss_letter;
mod end_away;
mod error;
mod export_journal;
mod fail_task;
pub mod failpoint;
mod find_brief;
mod finish_sso;
mod grant_autonomy;
mod grant_check;
mod invite_member;
mod issue_credential;
mod keep_notices;
mod kept_decision;
mod label_artifact;
mod list_quarantine;
mod look_back;
mod mail;
mod make_token;
mod manage_sso;
mod manage_webhooks;
mod markdown;
mod mend_quarantine;
mod own_notices;
mod own_sessions;
mod own_tokens;
mod passkey_ceremony;
mod password;
pub mod policy;
pub mod ports;
mod probe_role;
mod propose_role;
mod prove_again;
mod put_artifact;
mod raise_brief;
mod read_acts;
mod read_agent;
mod read_allocation;
mod read_artifact;
mod read_autonomy;
mod read_away;
mod read_brief;
mod read_dead_letters;
mod read_decision;
mod read_decisions;
mod read_desk;
mod read_entry;
mod read_fleet;
mod read_inbox;
mod read_journal;
mod read_overview;
mod read_reviews;
mod read_task;
mod read_trace;
mod reason;
mod recover;
mod renew_lease;
mod replay_letters;
mod reprioritise_task;
mod reset_password;
mod retire_artifacts;
mod reverse_decision;
mod revoke_credential;
mod revoke_grant;
mod role_view;
mod search_tasks;
mod seen_evidence;
mod send_mail;
mod send_webhooks;
mod set_brief_policy;
mod set_up;
mod settle_briefs;
mod show_artifact;
mod sign_decision;
mod sign_in;
mod sign_in_code;
mod sign_in_passkey;
mod sign_out;
mod snooze_brief;
mod start_sso;
mod stop_agents;
mod take_briefs;
mod task_payload;
mod tries;
mod turns;
mod undo_decision;
mod visible_text;
mod webhook_body;

pub use admit_agent::{Admitted, TOKEN_MS};
pub use agent_error::AgentError;
pub use challenge_agent::CHALLENGE_MS;
pub use change_context::FactForm;
pub use claim_task::{LEASE_SECONDS, USUAL_LEASE_SECONDS};
pub use client::Client;
pub use complete_task::{MAX_RESULT_BYTES, Work};
pub use create_task::TaskForm;
pub use decide_batch::{BatchAsked, BatchDropped, BatchPart};
pub use decide_brief::BriefWord;
pub use decide_review::Decided;
pub use decision_markdown::decision_markdown;
pub use declare_away::AwayForm;
pub use error::Error;
pub use export_journal::{Export, ExportForm};
pub use fail_task::Next;
pub use find_brief::BriefHome;
pub use finish_sso::{SsoAnswer, SsoSignedIn};
pub use grant_autonomy::GrantForm;
pub use label_artifact::LABELS_AT_A_TIME;
pub use make_token::TokenForm;
pub use manage_sso::SsoForm;
pub use manage_webhooks::WebhookForm;
pub use own_notices::NoticeForm;
pub use passkey_ceremony::Question;
pub use password::PasswordHasher;
pub use prove_again::Proof;
pub use put_artifact::Receiving;
pub use raise_brief::Raised;
pub use retire_artifacts::RetireError;
pub use set_up::SetUp;
pub use show_artifact::DRAWN_BYTES;
pub use sign_in::{Proven, SignInStep, SignedIn};
pub use start_sso::{SsoLink, SsoOffer, SsoStarted, SsoWanted};
pub use take_briefs::Kept;
pub use visible_text::{payload_text, visible_line};

pub use secrecy::ExposeSecret;

use ports::Ports;
use seen_evidence::SeenEvidence;
use settle_briefs::Damaged;
use std::sync::Arc;
use turns::Turns;

/// The use cases over their ports. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    ports: Ports,
    passwords: PasswordHasher,
    /// None where the console is reached by no name.
    passkeys: Option<Arc<webauthn_rs::Webauthn>>,
    /// Whose turn it is to try the past under another role file.
    what_ifs: Turns,
    seen_evidence: SeenEvidence,
    /// Briefs and decisions of which it was said once that they cannot be read.
    damaged: Damaged,
}

impl Service {
    pub fn new(ports: Ports) -> Self {
        let passkeys = passkey_ceremony::relying_party(&ports.connect.console_url);
        Self {
            ports,
            passwords: PasswordHasher::new(),
            passkeys,
            what_ifs: Turns::default(),
            seen_evidence: SeenEvidence::default(),
            damaged: Damaged::default(),
        }
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Service")
    }
}
