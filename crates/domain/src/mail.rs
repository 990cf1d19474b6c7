//! Mails that the server sends to people, and what becomes of them.

use crate::Millis;

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// Asks somebody to join a tenant.
    Invitation,
    /// Asks whether an address is its person's.
    Verification,
    /// Tells the old address that a new one is to take its place.
    AddressNotice,
    /// Lets somebody set a new password.
    Recovery,
    /// Tells that somebody did.
    PasswordNotice,
    /// Says what waits.
    Notice,
    /// Says what waits, once a day.
    Digest,
}

impl MailKind {
    pub const ALL: [Self; 7] = [
        Self::Invitation,
        Self::Verification,
        Self::AddressNotice,
        Self::Recovery,
        Self::PasswordNotice,
        Self::Notice,
        Self::Digest,
    ];

    /// As it is kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Verification => "verification",
            Self::AddressNotice => "address_notice",
            Self::Recovery => "recovery",
            Self::PasswordNotice => "password_notice",
            Self::Notice => "notice",
            Self::Digest => "digest",
        }
    }

    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Invitation => "Invitation",
            Self::Verification => "Confirmation of an address",
            Self::AddressNotice => "Notice of a new address",
            Self::Recovery => "Link to a new password",
            Self::PasswordNotice => "Notice of a new password",
            Self::Notice => "What waits",
            Self::Digest => "What waits, once a day",
        }
    }
}

impl std::str::FromStr for MailKind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// How far a mail is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailState {
    /// It was not tried yet.
    Waiting,
    /// There is no mail server to give it to.
    Held,
    /// So many tries failed; the next is due.
    Retrying {
        tries: u32,
        why: String,
        next_at: Millis,
    },
    Sent(Millis),
    /// No try follows.
    GivenUp {
        at: Millis,
        why: String,
    },
}
