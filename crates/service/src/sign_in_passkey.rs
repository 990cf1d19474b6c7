//! From a passkey to a session. It is the only factor that is needed: the device has checked who holds it.

use crate::{
    Client, Error, Proven, Service, SignedIn,
    passkey_ceremony::{Question, refused},
    ports::{PasskeyRecord, StoreError},
};
use countersign_domain::{How, PersonId};
use webauthn_rs::prelude::{DiscoverableAuthentication, Passkey, PublicKeyCredential, RequestChallengeResponse};

const SIGN_IN: &str = "passkey:sign-in";

impl Service {
    /// What the browser must know to ask for any passkey of this console. Says nothing of whether there is one.
    pub async fn ask_for_passkey(&self) -> Result<Question<RequestChallengeResponse>, Error> {
        let (options, state) = self.passkeys()?.start_discoverable_authentication().map_err(refused)?;
        self.ask_passkey(SIGN_IN, None, &state, options).await
    }

    /// Signs in whoever the passkey belongs to. [`Error::Invalid`] about `passkey` where it is not accepted.
    pub async fn sign_in_with_passkey(&self, ceremony: &str, answer: &str, client: &Client) -> Result<SignedIn, Error> {
        let (state, shown): (DiscoverableAuthentication, PublicKeyCredential) =
            self.answered((ceremony, SIGN_IN), None, answer).await?;
        let party = self.passkeys()?;
        let (user, id) = party.identify_discoverable_authentication(&shown).map_err(refused)?;
        let (record, passkey) = self.known_passkey(id).await?;
        // The passkey says whose it is; the console knows it itself.
        if record.person != PersonId(user) {
            self.refuse(record.person, How::Passkey, client).await?;
            return Err(refused("another person's"));
        }
        match party.finish_discoverable_authentication_v2(&shown, state, &passkey) {
            Ok(result) => {
                self.used_passkey(&record, passkey, &result).await?;
                self.open_session(Proven::by(record.person, How::Passkey), client).await
            }
            Err(error) => {
                self.refuse(record.person, How::Passkey, client).await?;
                Err(refused(error))
            }
        }
    }

    pub(crate) async fn known_passkey(&self, id: &[u8]) -> Result<(PasskeyRecord, Passkey), Error> {
        let record = match self.ports.factors.passkey(id).await {
            Err(StoreError::NotFound) => return Err(refused("unknown")),
            record => record?,
        };
        let passkey = serde_json::from_str(&record.credential).map_err(refused)?;
        Ok((record, passkey))
    }
}
