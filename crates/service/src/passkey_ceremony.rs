//! What the ceremonies of passkeys (W3C Web Authentication, level 3) have in common.

use crate::{
    Error, Service,
    ports::{Ceremony, PasskeyRecord, StoreError},
    sign_in::digest,
};
use countersign_domain::{Millis, PersonId};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;
use webauthn_rs::prelude::{AuthenticationResult, Passkey, Url, Webauthn, WebauthnBuilder};

/// A browser has so long to answer.
const CEREMONY_MS: i64 = 2 * 60 * 1000;
/// The most characters of what a browser answers: some 3 kB, unless somebody plays with us.
const MOST_ANSWER: usize = 32 * 1024;

/// What goes to the browser: the question, and the name under which the answer comes back.
#[derive(Debug, Serialize)]
pub struct Question<T> {
    pub ceremony: String,
    #[serde(flatten)]
    pub options: T,
}

/// The console as passkeys know it. None where it is reached by no name: passkeys are bound to one.
pub(crate) fn relying_party(console_url: &str) -> Option<Arc<Webauthn>> {
    let mut origin = Url::parse(console_url).ok()?;
    // Browsers take `localhost` for a name, and 127.0.0.1 for none.
    if matches!(origin.host_str(), Some("127.0.0.1" | "[::1]" | "0.0.0.0" | "[::]")) {
        origin.set_host(Some("localhost")).ok()?;
    }
    let name = origin.domain()?.to_owned();
    let party = WebauthnBuilder::new(&name, &origin).ok()?.rp_name("Countersign").build().ok()?;
    Some(Arc::new(party))
}

/// The library's error is for programmers.
pub(crate) fn refused<E: std::fmt::Debug>(error: E) -> Error {
    tracing::debug!(?error, "a passkey was refused");
    Error::invalid("passkey", "This passkey was not accepted. Try again, or use another way.")
}

impl Service {
    pub(crate) fn passkeys(&self) -> Result<&Webauthn, Error> {
        self.passkeys.as_deref().ok_or_else(|| {
            Error::Conflict("Passkeys need a console with a name. Open it by its name, not by a number.".to_owned())
        })
    }

    /// Begins a ceremony; answers its name.
    pub(crate) async fn begin_ceremony(
        &self,
        purpose: &'static str,
        person: Option<PersonId>,
        state: String,
        lasts_ms: i64,
    ) -> Result<String, Error> {
        let token = self.new_token();
        let expires_at = Millis(self.ports.clock.now().0 + lasts_ms);
        self.ports.factors.put_ceremony(digest(&token), Ceremony { purpose, person, state, expires_at }).await?;
        Ok(token)
    }

    /// Begins a ceremony of passkeys.
    pub(crate) async fn ask_passkey<T>(
        &self,
        purpose: &'static str,
        person: Option<PersonId>,
        state: &impl Serialize,
        options: T,
    ) -> Result<Question<T>, Error> {
        let state = serde_json::to_string(state).map_err(refused)?;
        let ceremony = self.begin_ceremony(purpose, person, state, CEREMONY_MS).await?;
        Ok(Question { ceremony, options })
    }

    /// Ends a ceremony: its state and the browser's answer. Only whom it was begun for may end it.
    pub(crate) async fn answered<S: DeserializeOwned, A: DeserializeOwned>(
        &self,
        (ceremony, purpose): (&str, &'static str),
        person: Option<PersonId>,
        answer: &str,
    ) -> Result<(S, A), Error> {
        if answer.len() > MOST_ANSWER {
            return Err(refused("too long"));
        }
        let now = self.ports.clock.now();
        let late = || Error::invalid("passkey", "That took too long, or was answered before. Try again.");
        let (asked, state) = match self.ports.factors.take_ceremony(digest(ceremony), purpose, now).await {
            Err(StoreError::NotFound) => return Err(late()),
            ceremony => ceremony?,
        };
        if asked != person {
            return Err(late());
        }
        let state = serde_json::from_str(&state).map_err(refused)?;
        Ok((state, serde_json::from_str(answer).map_err(refused)?))
    }

    /// Notes that the passkey was used.
    pub(crate) async fn used_passkey(
        &self,
        record: &PasskeyRecord,
        mut passkey: Passkey,
        result: &AuthenticationResult,
    ) -> Result<(), Error> {
        let changed = passkey.update_credential(result) == Some(true);
        let credential = changed.then(|| serde_json::to_string(&passkey)).transpose().map_err(refused)?;
        Ok(self.ports.factors.use_passkey(&record.id, credential, self.ports.clock.now()).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::relying_party;

    #[test]
    fn passkeys_are_bound_to_a_name() {
        for (url, origin) in [
            ("https://console.example.com", Some("https://console.example.com/")),
            ("http://127.0.0.1:8020", Some("http://localhost:8020/")),
            ("http://[::1]:8020", Some("http://localhost:8020/")),
            ("https://203.0.113.9", None),
            ("", None),
        ] {
            let party = relying_party(url);
            assert_eq!(party.as_ref().map(|party| party.get_allowed_origins()[0].as_str()), origin, "{url}");
        }
    }
}
