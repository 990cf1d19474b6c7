//! What happens to people's accounts.

use crate::{
    ApiTokenId, Millis,
    api_token::Scope,
    person::{How, Role},
};
use serde::{Deserialize, Serialize};

/// Something that happened to an account. It is journaled in every tenant that the person belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum AccountAct {
    SignedIn {
        device: String,
    },
    /// Somebody tried, and did not prove to be the person.
    SignInRefused {
        /// What they tried it with.
        with: How,
    },
    /// A session was ended from another one, or by its own person.
    SignedOut {
        sessions: u64,
    },
    PasswordChanged,
    /// By an operator, or by a link.
    PasswordReset,
    PasskeyAdded {
        name: String,
    },
    PasskeyRemoved {
        name: String,
    },
    /// From now on a code of an authenticator app is asked for, too.
    CodesSwitchedOn,
    CodesSwitchedOff,
    RecoveryCodesMade,
    RecoveryCodeUsed {
        left: u32,
    },
    /// A token of the API, in the name of the person whose account it is.
    TokenMade {
        token: ApiTokenId,
        name: String,
        scopes: Vec<Scope>,
        expires_at: Millis,
    },
    TokenRevoked {
        token: ApiTokenId,
        name: String,
    },
    /// Somebody was asked to join.
    Invited {
        email: String,
        role: Role,
    },
    /// Another link was sent in the place of the one before.
    InvitationRenewed {
        email: String,
        role: Role,
    },
    InvitationRevoked {
        email: String,
    },
    /// Somebody read an invitation, with its link, in the outbox.
    InvitationShown {
        email: String,
    },
    /// Somebody tried an invitation in vain. The account is its inviter's.
    InvitationRefused {
        email: String,
        /// In a word.
        why: String,
    },
    /// The account's person became a member by an invitation.
    Joined {
        email: String,
        role: Role,
    },
    RoleChanged {
        from: Role,
        to: Role,
    },
    /// The account's person is no member any more.
    Removed {
        role: Role,
    },
    /// A link was sent to this address, to confirm that it is the person's.
    AddressAsked {
        email: String,
    },
    AddressConfirmed {
        email: String,
    },
    /// Somebody asked for a link to a new password.
    RecoveryAsked,
    /// From now on the identity provider's subject is this person.
    LinkedToProvider {
        issuer: String,
        subject: String,
    },
    /// The provider's groups gave this role; without one before, the person joined.
    RoleByProvider {
        before: Option<Role>,
        role: Role,
    },
}

impl AccountAct {
    /// The word that the journal's list shows and filters by.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SignedIn { .. } => "account.signed_in",
            Self::SignInRefused { .. } => "account.sign_in_refused",
            Self::SignedOut { .. } => "account.signed_out",
            Self::PasswordChanged => "account.password_changed",
            Self::PasswordReset => "account.password_reset",
            Self::PasskeyAdded { .. } => "account.passkey_added",
            Self::PasskeyRemoved { .. } => "account.passkey_removed",
            Self::CodesSwitchedOn => "account.codes_switched_on",
            Self::CodesSwitchedOff => "account.codes_switched_off",
            Self::RecoveryCodesMade => "account.recovery_codes_made",
            Self::RecoveryCodeUsed { .. } => "account.recovery_code_used",
            Self::TokenMade { .. } => "account.token_made",
            Self::TokenRevoked { .. } => "account.token_revoked",
            Self::Invited { .. } => "account.invited",
            Self::InvitationRenewed { .. } => "account.invitation_renewed",
            Self::InvitationRevoked { .. } => "account.invitation_revoked",
            Self::InvitationShown { .. } => "account.invitation_shown",
            Self::InvitationRefused { .. } => "account.invitation_refused",
            Self::Joined { .. } => "account.joined",
            Self::RoleChanged { .. } => "account.role_changed",
            Self::Removed { .. } => "account.removed",
            Self::AddressAsked { .. } => "account.address_asked",
            Self::AddressConfirmed { .. } => "account.address_confirmed",
            Self::RecoveryAsked => "account.recovery_asked",
            Self::LinkedToProvider { .. } => "account.linked_to_provider",
            Self::RoleByProvider { .. } => "account.role_by_provider",
        }
    }
}
