//! Single sign-on by OpenID Connect: what a tenant has agreed with its provider, and why a sign-in was refused.

use crate::{Role, email::Email};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// The part of addresses behind the `@`, lower case, as far as one organization can own it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MailDomain(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailDomainError {
    #[error("Enter domains like example.com, without @ and without a path.")]
    Malformed,
    #[error("Addresses of this domain belong to everybody, not to one organization.")]
    Public,
}

/// Where anybody gets an address. `*` stands for the country.
const PUBLIC: [&str; 41] = [
    "aol.com",
    "duck.com",
    "fastmail.com",
    "free.fr",
    "gmail.com",
    "gmx.*",
    "googlemail.com",
    "hey.com",
    "hotmail.*",
    "icloud.com",
    "inbox.com",
    "laposte.net",
    "libero.it",
    "live.*",
    "mac.com",
    "mail.com",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "naver.com",
    "orange.fr",
    "outlook.*",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rocketmail.com",
    "seznam.cz",
    "sina.com",
    "t-online.de",
    "tuta.com",
    "tutanota.com",
    "web.de",
    "wp.pl",
    "yahoo.*",
    "yandex.*",
    "ymail.com",
    "zoho.com",
    "163.com",
];

impl MailDomain {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain of an address, whether somebody may own it or not: nobody is found by one that cannot be claimed.
    pub fn of(email: &Email) -> Option<Self> {
        email.as_str().rsplit_once('@').and_then(|(_, host)| host.parse().ok())
    }
}

impl FromStr for MailDomain {
    type Err = MailDomainError;

    fn from_str(text: &str) -> Result<Self, MailDomainError> {
        let text = text.trim().trim_start_matches('@').to_ascii_lowercase();
        let labels: Vec<&str> = text.split('.').collect();
        let is_label = |label: &&str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        let ends_in_digits = labels.last().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        if labels.len() < 2 || text.len() > 253 || ends_in_digits || !labels.iter().all(is_label) {
            return Err(MailDomainError::Malformed);
        }
        let is_public = |known: &&str| match known.strip_suffix(".*") {
            Some(name) => labels[0] == name,
            None => **known == text,
        };
        if PUBLIC.iter().any(is_public) { Err(MailDomainError::Public) } else { Ok(Self(text)) }
    }
}

impl TryFrom<String> for MailDomain {
    type Error = MailDomainError;
    fn try_from(text: String) -> Result<Self, MailDomainError> {
        text.parse()
    }
}

impl From<MailDomain> for String {
    fn from(domain: MailDomain) -> Self {
        domain.0
    }
}

/// The members of a group of the provider's have this role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRole {
    pub group: String,
    pub role: Role,
}

/// Which role the provider's word gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleRules {
    pub groups: Vec<GroupRole>,
    /// For whoever is in none of the groups; without it they are refused.
    pub otherwise: Option<Role>,
}

impl RoleRules {
    /// The highest role that the groups give; what [`RoleRules::otherwise`] says is for whoever gets none by them.
    pub fn role_of(&self, groups: &[String]) -> Option<Role> {
        let given = self.groups.iter().filter(|rule| groups.contains(&rule.group)).map(|rule| rule.role);
        given.max_by_key(|role| height(*role))
    }

    /// Whether groups decide at all: where they do not, a role that a founder gave stays.
    pub fn decide(&self) -> bool {
        !self.groups.is_empty()
    }
}

fn height(role: Role) -> u8 {
    match role {
        Role::Observer => 0,
        Role::Reviewer => 1,
        Role::Founder => 2,
    }
}

/// Why a single sign-on was refused. People are told one sentence; the journal has this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SsoRefusal {
    // The provider
    Unreachable,
    Slow,
    TooLarge,
    Redirected,
    Forbidden,
    NoDiscovery,
    OtherIssuer,
    // Its answer to the browser
    Denied,
    NoState,
    Replayed,
    OtherBrowser,
    Late,
    NoCode,
    // Its answer to us
    CodeRefused,
    NoIdToken,
    Algorithm,
    UnknownKey,
    Signature,
    Audience,
    Nonce,
    Expired,
    NotYetValid,
    // Whom it speaks of
    NoAddress,
    AddressUnverified,
    AddressOutside,
    NoRole,
    Unconfirmed,
    Disabled,
}

impl SsoRefusal {
    /// What was wrong, for founders.
    pub fn words(self) -> &'static str {
        match self {
            Self::Unreachable => "the provider did not answer",
            Self::Slow => "the provider did not answer within 10 seconds",
            Self::TooLarge => "the provider answered with more than 1 MiB",
            Self::Redirected => "the provider answered with a redirect, which is not followed",
            Self::Forbidden => "the provider is at an address that this server may not reach",
            Self::NoDiscovery => "the provider's discovery document cannot be used",
            Self::OtherIssuer => "the answer came from another issuer",
            Self::Denied => "the provider refused to sign the person in",
            Self::NoState => "the answer belonged to no sign-in that was begun",
            Self::Replayed => "the answer was used a second time",
            Self::OtherBrowser => "the answer came through another browser than the one that asked",
            Self::Late => "the answer came more than 10 minutes after the question",
            Self::NoCode => "the answer had no code",
            Self::CodeRefused => "the provider did not accept the code or the client secret",
            Self::NoIdToken => "the provider sent no ID token",
            Self::Algorithm => "the ID token was signed by an algorithm that is not allowed",
            Self::UnknownKey => "the ID token was signed with a key that the provider does not publish",
            Self::Signature => "the ID token's signature was wrong",
            Self::Audience => "the ID token was made for another client",
            Self::Nonce => "the ID token was made for another sign-in",
            Self::Expired => "the ID token had expired",
            Self::NotYetValid => "the ID token was not valid yet",
            Self::NoAddress => "the provider sent no e-mail address",
            Self::AddressUnverified => "the provider has not verified the e-mail address",
            Self::AddressOutside => "the e-mail address is in none of the organization's domains",
            Self::NoRole => "no group of the person's has a role here",
            Self::Unconfirmed => "the person belongs to another organization too and has not confirmed the link",
            Self::Disabled => "single sign-on was switched off meanwhile",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_one_that_an_organization_can_own() {
        for good in ["example.com", " @Example.COM ", "xn--bcher-kva.example", "a.b.c.example"] {
            assert!(good.parse::<MailDomain>().is_ok(), "{good}");
        }
        for bad in ["", "localhost", "exаmple.com", "example.com/x", "-a.com", "127.0.0.1", "a..b", "a_b.com"] {
            assert_eq!(bad.parse::<MailDomain>(), Err(MailDomainError::Malformed), "{bad}");
        }
        for public in ["gmail.com", "GMX.net", "yahoo.co.uk", "web.de"] {
            assert_eq!(public.parse::<MailDomain>(), Err(MailDomainError::Public), "{public}");
        }
    }

    #[test]
    fn of_several_groups_the_highest_role_counts() {
        let rule = |group: &str, role| GroupRole { group: group.to_owned(), role };
        let rules = RoleRules {
            groups: vec![rule("all", Role::Observer), rule("board", Role::Founder), rule("risk", Role::Reviewer)],
            otherwise: None,
        };
        let of = |groups: &[&str]| rules.role_of(&groups.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(of(&["risk", "all"]), Some(Role::Reviewer));
        assert_eq!(of(&["board", "all"]), Some(Role::Founder));
        assert_eq!(of(&["Board"]), None);
    }
}
