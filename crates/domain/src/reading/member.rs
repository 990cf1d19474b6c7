use crate::{InvitationId, MailId, Millis, PersonId, Role, mail::MailKind, mail::MailState};

/// The people of a tenant, and those who were asked to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// Founders first, then by name.
    pub members: Vec<MemberRow>,
    /// Those that wait, newest first.
    pub invitations: Vec<InvitationRow>,
    /// Whether the one who looks may change any of it.
    pub may_change: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "facts of a person that hold beside each other")]
pub struct MemberRow {
    pub person: PersonId,
    pub name: String,
    pub email: String,
    pub role: Role,
    /// Whether the address is known to be theirs.
    pub verified: bool,
    /// When they last used a page of this tenant, to the minute.
    pub seen_at: Option<Millis>,
    pub has_password: bool,
    pub passkeys: u32,
    /// Whether a code is asked for after the password.
    pub has_codes: bool,
    /// The one who looks.
    pub is_you: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRow {
    pub id: InvitationId,
    pub email: String,
    pub role: Role,
    /// By name.
    pub invited_by: String,
    pub sent_at: Millis,
    pub expires_at: Millis,
    pub mail: MailState,
}

/// What somebody who opens an invitation's link is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationOffer {
    pub tenant_name: String,
    pub role: Role,
    /// The address that it was sent to, and is for.
    pub email: String,
    pub invited_by: String,
    pub expires_at: Millis,
    /// Whether somebody with that address has an account.
    pub has_account: bool,
    /// Where the tenant is entered through its own sign-in alone: its name in addresses.
    pub sso: Option<String>,
}

/// A mail in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRow {
    pub id: MailId,
    pub kind: MailKind,
    pub to: String,
    pub subject: String,
    pub at: Millis,
    pub state: MailState,
    /// Whether the one who looks may read it, while it is kept: it is about this tenant and nobody's account.
    pub may_show: bool,
    /// When somebody read it here.
    pub shown_at: Option<Millis>,
    /// Its words, for a while after the one who looks asked for them.
    pub text: Option<String>,
}

/// A person's address, as far as it is known to be theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub email: String,
    pub verified_at: Option<Millis>,
    /// One that is to take its place once it is confirmed, and until when it may be; or the same, where a link to
    /// confirm it was sent.
    pub asked: Option<(String, Millis)>,
    /// Whether that link waits, since there is no mail server.
    pub held: bool,
}
