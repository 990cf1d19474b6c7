//! A token for a program of the organization.

use crate::{
    Error, Service,
    policy::{Action, rank},
    ports::NewToken,
    sign_in::digest,
    visible_line,
};
use countersign_domain::{
    Actor, ApiTokenId, Millis, TenantId,
    api_token::{PREFIX, Scope},
};
use data_encoding::BASE64URL_NOPAD;
use secrecy::SecretString;

/// Days that a token may live.
const DAYS: std::ops::RangeInclusive<i64> = 1..=365;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Characters of a token that are kept in the clear, to find it by.
const TAIL: usize = 4;

/// What a founder enters.
#[derive(Debug, Clone, Default)]
pub struct TokenForm {
    /// Names the form: sent twice, it makes one token.
    pub once: String,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub days: i64,
}

impl Service {
    /// Names a form that makes a token.
    pub fn new_token_form(&self) -> ApiTokenId {
        ApiTokenId(self.ports.entropy.uuid(self.ports.clock.now()))
    }

    /// Makes the token. Its text is in the answer and is kept nowhere.
    pub async fn make_token(&self, actor: &Actor, form: TokenForm) -> Result<SecretString, Error> {
        self.allow(actor, Action::MakeToken)?;
        let id = form.once.parse().map_err(|_| Error::Conflict("Reload the page, then make the token.".to_owned()))?;
        let name = name(&form.name)?;
        let scopes = scopes(actor, &form.scopes)?;
        if !DAYS.contains(&form.days) {
            return Err(Error::invalid("days", "Choose from 1 day to 365 days."));
        }
        let act = self.act(actor);
        let text = text(actor.tenant, &self.ports.entropy.bytes32());
        let token = NewToken {
            id,
            digest: digest(&text),
            tail: text[text.len() - TAIL..].to_owned(),
            name,
            scopes,
            expires_at: Millis(act.at.0 + form.days * DAY_MS),
            act,
        };
        self.ports.api_tokens.make(actor.tenant, token).await?;
        Ok(text.into())
    }
}

fn name(text: &str) -> Result<String, Error> {
    let name = visible_line(text.trim());
    if name.is_empty() {
        return Err(Error::invalid("name", "Name it after the program that will use it."));
    }
    if name.chars().count() > 60 {
        return Err(Error::invalid("name", "Keep the name to 60 characters."));
    }
    Ok(name)
}

/// Each once, in their order, and none that the maker's own role does not cover.
fn scopes(actor: &Actor, chosen: &[Scope]) -> Result<Vec<Scope>, Error> {
    let chosen: Vec<Scope> = Scope::ALL.iter().copied().filter(|scope| chosen.contains(scope)).collect();
    if chosen.is_empty() {
        return Err(Error::invalid("scopes", "Choose what the token is for."));
    }
    let covers = |scope: &Scope| {
        let mut actions = Action::ALL.into_iter().filter(|action| action.scope() == Some(*scope));
        actions.all(|action| rank(actor.role) >= rank(action.needs()))
    };
    match chosen.iter().find(|scope| !covers(scope)) {
        Some(scope) => Err(Error::invalid("scopes", format!("Your role may not {}.", scope.words()))),
        None => Ok(chosen),
    }
}

/// The token names its organization, so that it is looked for among that one's alone.
fn text(tenant: TenantId, secret: &[u8; 32]) -> String {
    format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&[tenant.0.as_bytes().as_slice(), secret].concat()))
}

/// Whose token a text says to be; `None` where it is no token's.
pub(crate) fn tenant_of(text: &str) -> Option<TenantId> {
    let bytes = BASE64URL_NOPAD.decode(text.strip_prefix(PREFIX)?.as_bytes()).ok()?;
    let (tenant, secret) = bytes.split_at_checked(16)?;
    (secret.len() == 32).then_some(TenantId(uuid::Uuid::from_slice(tenant).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_token_says_whose_it_is_and_what_is_none_says_nothing() {
        let tenant = TenantId(Uuid::from_u128(7));
        let token = text(tenant, &[9; 32]);
        assert_eq!(token.len(), PREFIX.len() + 64);
        assert_eq!(tenant_of(&token), Some(tenant));
        for none in
            ["", "csk_", &token[1..], &token[..token.len() - 1], &format!("{token}AAAA"), &token.replace('_', "-")]
        {
            assert_eq!(tenant_of(none), None, "{none}");
        }
    }

    #[test]
    fn a_name_is_one_line_that_shows_all_of_itself() {
        assert_eq!(name("  nightly import ").unwrap(), "nightly import");
        assert!(name("\u{202e}").unwrap().chars().all(|c| c != '\u{202e}'));
        assert!(name(" ").is_err() && name(&"x".repeat(61)).is_err());
    }
}
