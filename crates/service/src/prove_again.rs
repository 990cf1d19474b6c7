//! Step-up: somebody who is signed in proves again who they are, for what must not be done by whoever finds an
//! open browser.

use crate::{
    Client, Error, Service,
    passkey_ceremony::{Question, refused},
    policy::FRESH_MS,
    ports::StoreError,
    sign_in::digest,
};
use countersign_domain::{Actor, How, email::Email, reading::Provable};
use webauthn_rs::prelude::{Passkey, PasskeyAuthentication, PublicKeyCredential, RequestChallengeResponse};

const PROOF: &str = "passkey:proof";

/// What somebody proves with.
#[derive(Debug, Clone)]
pub enum Proof {
    Password(String),
    /// Of the authenticator app, or a recovery code.
    Code(String),
    Passkey {
        ceremony: String,
        answer: String,
    },
}

impl Service {
    /// With what the actor can prove who they are.
    pub async fn provable(&self, actor: &Actor) -> Result<Provable, Error> {
        let known = self.ports.people.by_email(&actor.email).await?;
        let passkeys = self.passkeys.is_some() && !self.ports.factors.passkeys(actor.person).await?.is_empty();
        Ok(Provable {
            password: known.password_hash.is_some() && !known.has_codes,
            code: known.has_codes,
            passkey: passkeys,
            provider: actor.via.how == How::Sso,
        })
    }

    /// Whether the actor has proven who they are just now. [`Error::StepUp`] where not.
    pub fn is_fresh(&self, actor: &Actor) -> Result<(), Error> {
        if self.ports.clock.now().since(actor.proven_at) > FRESH_MS { Err(Error::StepUp) } else { Ok(()) }
    }

    /// What the browser must know to ask for one of the actor's passkeys.
    pub async fn ask_for_proof(&self, actor: &Actor) -> Result<Question<RequestChallengeResponse>, Error> {
        let records = self.ports.factors.passkeys(actor.person).await?;
        let keys: Vec<Passkey> =
            records.iter().filter_map(|record| serde_json::from_str(&record.credential).ok()).collect();
        if keys.is_empty() {
            return Err(Error::Conflict("You have no passkey. Use another way.".to_owned()));
        }
        let (options, state) = self.passkeys()?.start_passkey_authentication(&keys).map_err(refused)?;
        self.ask_passkey(PROOF, Some(actor.person), &state, options).await
    }

    /// Notes that the actor has proven who they are; answers the token that the session goes on with.
    /// [`Error::Invalid`] about `proof_password`, `proof_code` or `proof_passkey`.
    pub async fn prove_again(
        &self,
        actor: &Actor,
        token: &str,
        proof: Proof,
        client: &Client,
    ) -> Result<String, Error> {
        let how = match proof {
            Proof::Password(password) => {
                let email: Email = actor.email.parse().map_err(|error| Error::invalid("proof_password", error))?;
                let right = self.check_password_of(&email, &password, client).await?;
                let known = right.ok_or_else(|| Error::invalid("proof_password", "This is not your password."))?;
                // What asks twice at sign-in must not be content with less in the middle.
                if known.has_codes {
                    return Err(Error::invalid("proof_code", "Enter a code of your app."));
                }
                How::Password
            }
            Proof::Code(code) => self.check_code(actor.person, &code, client).await.map_err(about("proof_code"))?,
            Proof::Passkey { ceremony, answer } => {
                self.check_passkey(actor, &ceremony, &answer, client).await.map_err(about("proof_passkey"))?;
                How::Passkey
            }
        };
        let renewed = self.new_token();
        let at = self.ports.clock.now();
        match self.ports.sessions.renew(digest(token), digest(&renewed), how, at).await {
            Err(StoreError::NotFound) => Err(Error::SignedOut),
            answer => Ok(answer.map(|()| renewed)?),
        }
    }

    async fn check_passkey(&self, actor: &Actor, ceremony: &str, answer: &str, client: &Client) -> Result<(), Error> {
        let (state, shown): (PasskeyAuthentication, PublicKeyCredential) =
            self.answered((ceremony, PROOF), Some(actor.person), answer).await?;
        let (record, passkey) = self.known_passkey(shown.get_credential_id()).await?;
        match self.passkeys()?.finish_passkey_authentication(&shown, &state) {
            Ok(result) if record.person == actor.person => self.used_passkey(&record, passkey, &result).await,
            other => {
                self.refuse(actor.person, How::Passkey, client).await?;
                Err(refused(other.err()))
            }
        }
    }
}

/// The same error about the field of a form that asks for proof.
fn about(field: &'static str) -> impl Fn(Error) -> Error {
    move |error| match error {
        Error::Invalid { message, .. } => Error::Invalid { field, message },
        other => other,
    }
}
