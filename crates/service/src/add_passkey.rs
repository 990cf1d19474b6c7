//! A person's passkeys: added, shown, removed.

use crate::{
    Error, Service,
    passkey_ceremony::{Question, refused},
    policy::Action,
    ports::{PasskeyRecord, StoreError},
    set_up::line,
};
use countersign_domain::{Actor, reading::PasskeyRow};
use data_encoding::HEXLOWER;
use serde_json::Value;
use webauthn_rs::prelude::{CredentialID, Passkey, PasskeyRegistration, RegisterPublicKeyCredential};

const ADD: &str = "passkey:add";
/// Passkeys that a person may have.
const MOST: usize = 20;

/// The passkey among the person's others.
pub(crate) fn name_of(id: &[u8]) -> String {
    HEXLOWER.encode(&id[..id.len().min(16)])
}

impl Service {
    /// What the browser must know to make a passkey for the actor.
    pub async fn begin_passkey(&self, actor: &Actor) -> Result<Question<Value>, Error> {
        self.allow(actor, Action::ChangeOwnFactors)?;
        let known = self.ports.factors.passkeys(actor.person).await?;
        if known.len() >= MOST {
            return Err(Error::Conflict(format!("You have {MOST} passkeys. Remove one that you do not use.")));
        }
        let known = known.into_iter().map(|passkey| CredentialID::from(passkey.id)).collect();
        let (options, state) = self
            .passkeys()?
            .start_passkey_registration(actor.person.0, &actor.email, &actor.name, Some(known))
            .map_err(refused)?;
        let mut options = serde_json::to_value(options).map_err(refused)?;
        // It signs in by itself: so the device must keep who it is for.
        let selection = &mut options["publicKey"]["authenticatorSelection"];
        selection["residentKey"] = "required".into();
        selection["requireResidentKey"] = true.into();
        self.ask_passkey(ADD, Some(actor.person), &state, options).await
    }

    /// Keeps the passkey that the browser has made. [`Error::Invalid`] about `name` or `passkey`.
    pub async fn add_passkey(&self, actor: &Actor, name: &str, ceremony: &str, answer: &str) -> Result<(), Error> {
        self.allow(actor, Action::ChangeOwnFactors)?;
        let name = line("name", name, "Name the passkey, such as “Laptop”.")?;
        let (state, made): (PasskeyRegistration, RegisterPublicKeyCredential) =
            self.answered((ceremony, ADD), Some(actor.person), answer).await?;
        let passkey = self.passkeys()?.finish_passkey_registration(&made, &state).map_err(refused)?;
        let record = PasskeyRecord {
            id: passkey.cred_id().as_slice().to_vec(),
            person: actor.person,
            name,
            credential: serde_json::to_string::<Passkey>(&passkey).map_err(refused)?,
            created_at: self.ports.clock.now(),
            used_at: None,
        };
        Ok(self.ports.factors.add_passkey(record, self.act(actor)).await?)
    }

    pub async fn list_passkeys(&self, actor: &Actor) -> Result<Vec<PasskeyRow>, Error> {
        self.allow(actor, Action::EndOwnSession)?;
        let row = |passkey: PasskeyRecord| PasskeyRow {
            id: name_of(&passkey.id),
            name: passkey.name,
            added_at: passkey.created_at,
            used_at: passkey.used_at,
        };
        Ok(self.ports.factors.passkeys(actor.person).await?.into_iter().map(row).collect())
    }

    /// Forgets a passkey: it signs in no more. [`Error::Conflict`] where it is the only way in.
    pub async fn remove_passkey(&self, actor: &Actor, named: &str) -> Result<(), Error> {
        self.allow(actor, Action::ChangeOwnFactors)?;
        let known = self.ports.factors.passkeys(actor.person).await?;
        let gone = || Error::Conflict("This passkey was removed already.".to_owned());
        let passkey = known.into_iter().find(|passkey| name_of(&passkey.id) == named).ok_or_else(gone)?;
        match self.ports.factors.remove_passkey(actor.person, &passkey.id, self.act(actor)).await {
            Err(StoreError::NotFound) => Err(gone()),
            answer => Ok(answer?),
        }
    }
}
