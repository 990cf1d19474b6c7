//! A founder's passkey signs a decision, or several with one touch: the challenge is the SHA-256 of the canonical
//! decision, or the root over several (`domain::merkle`). So neither the server nor whoever steals its database can
//! make or change one. `docs/receipts.md` says how it is checked.

use crate::{
    Error, Service,
    brief_row::Thawed,
    decide_brief::{BriefWord, Prepared, SaidKey, refused as no_decision, words_of},
    decision_check::receipt,
    passkey_ceremony::{Question, refused},
    policy::Action,
};
use countersign_domain::{
    Actor, ArtifactHash, BriefId, DecisionId, TenantId,
    canonical_json::CanonicalJson,
    decision::Sealed,
    journal::Hash,
    merkle::{Batch, Place},
    reading::DecisionHeld,
};
use countersign_receipt::{Assertion, PublicKey, Receipt, Seal, Trusted, verify};
use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use webauthn_rs::prelude::{
    COSEKeyType, Passkey, PasskeyAuthentication, PublicKeyCredential, RequestChallengeResponse,
};

const SIGN: &str = "passkey:decision";
/// Decisions under one touch: what somebody has really read in one sitting.
const AT_ONCE: usize = 50;

/// What is signed, until it is.
#[derive(Serialize, Deserialize)]
struct Signing {
    state: PasskeyAuthentication,
    tenant: TenantId,
    /// The canonical decisions, each with the key of its form.
    decisions: Vec<(String, SaidKey)>,
}

impl Service {
    /// Whether the actor has a passkey that can sign here.
    pub(crate) async fn may_sign(&self, actor: &Actor) -> Result<bool, Error> {
        Ok(self.passkeys.is_some() && !self.ports.factors.passkeys(actor.person).await?.is_empty())
    }

    /// What the browser must know to have these answers signed by one of the actor's passkeys. Errors as of
    /// [`Service::decide_brief`]; [`Error::Conflict`] without a passkey.
    pub async fn ask_for_signature(
        &self,
        actor: &Actor,
        words: Vec<BriefWord>,
    ) -> Result<Question<RequestChallengeResponse>, Error> {
        let briefs: Vec<BriefId> = words.iter().map(|word| word.brief).collect();
        self.allow_deciding(actor, Action::SignDecision, Action::SignDelegated, &briefs).await?;
        if words.is_empty() || words.len() > AT_ONCE {
            return Err(Error::invalid("briefs", format!("Sign from one to {AT_ONCE} decisions at once.")));
        }
        let mut briefs = briefs;
        briefs.sort_unstable();
        if briefs.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Error::invalid("briefs", "A brief has one decision."));
        }
        let (mut decisions, mut hashes) = (Vec::new(), Vec::new());
        for word in words {
            // Each comes after the one before it: all of them, in this order, are one chain.
            let before = hashes.last().copied().map(ArtifactHash);
            let Prepared { sealed, key, .. } = self.prepare_decision(actor, word, true, before).await?;
            hashes.push(sealed.sha256());
            decisions.push((String::from_utf8(sealed.canonical().to_vec()).map_err(refused)?, key));
        }
        let lacking = "You have no passkey to sign with. Add one under “Your security”, or decide without a signature.";
        let (options, state) = self.challenge(actor, &challenge_of(&hashes)?, lacking).await?;
        let signing = Signing { state, tenant: actor.tenant, decisions };
        self.ask_passkey(SIGN, Some(actor.person), &signing, options).await
    }

    /// What asks the actor's passkeys to sign this hash. [`Error::Conflict`] in the words of `lacking` without one.
    pub(crate) async fn challenge(
        &self,
        actor: &Actor,
        hash: &Hash,
        lacking: &str,
    ) -> Result<(RequestChallengeResponse, PasskeyAuthentication), Error> {
        let records = self.ports.factors.passkeys(actor.person).await?;
        let keys: Vec<Passkey> =
            records.iter().filter_map(|record| serde_json::from_str(&record.credential).ok()).collect();
        if keys.is_empty() {
            return Err(Error::Conflict(lacking.to_owned()));
        }
        let (options, state) = self.passkeys()?.start_passkey_authentication(&keys).map_err(refused)?;
        let challenge = BASE64URL_NOPAD.encode(hash);
        Ok((with(&options, "/publicKey/challenge", &challenge)?, with(&state, "/ast/challenge", &challenge)?))
    }

    /// What the actor's passkey said to that.
    pub(crate) async fn assertion_of(
        &self,
        actor: &Actor,
        shown: &PublicKeyCredential,
        state: &PasskeyAuthentication,
    ) -> Result<Assertion, Error> {
        let (record, passkey) = self.known_passkey(shown.get_credential_id()).await?;
        let result = self.passkeys()?.finish_passkey_authentication(shown, state);
        if record.person != actor.person {
            return Err(refused("another person's"));
        }
        let key = key_of(&passkey)?;
        self.used_passkey(&record, passkey, &result.map_err(refused)?).await?;
        self.assertion(key, shown)
    }

    /// Holds what the passkey signed: an outcome for each, in the order in which they were asked for. One that was
    /// decided meanwhile, or changed, does not hold up the others. [`Error::Invalid`] about `passkey` where nothing was
    /// signed.
    pub async fn sign_decisions(
        &self,
        actor: &Actor,
        ceremony: &str,
        answer: &str,
    ) -> Result<Vec<Result<DecisionHeld, Error>>, Error> {
        self.allow_signing(actor).await?;
        let (signing, shown): (Signing, PublicKeyCredential) =
            self.answered((ceremony, SIGN), Some(actor.person), answer).await?;
        if signing.tenant != actor.tenant {
            return Err(refused("another organization's"));
        }
        let assertion = self.assertion_of(actor, &shown, &signing.state).await?;
        let mut sealed = Vec::new();
        for (canonical, key) in signing.decisions {
            let json = CanonicalJson::parse_canonical(canonical.as_bytes()).map_err(refused)?;
            sealed.push((Sealed::read(&json).map_err(no_decision)?, key));
        }
        let hashes: Vec<Hash> = sealed.iter().map(|(sealed, _)| sealed.sha256()).collect();
        let batch = Batch::of(&hashes);
        let mut held = Vec::new();
        for (index, (sealed, key)) in sealed.into_iter().enumerate() {
            let place = batch.as_ref().and_then(|batch| batch.place(index));
            held.push(self.hold_signed(actor, sealed, key, &assertion, place).await);
        }
        Ok(held)
    }

    async fn hold_signed(
        &self,
        actor: &Actor,
        sealed: Sealed,
        key: SaidKey,
        assertion: &Assertion,
        place: Option<Place>,
    ) -> Result<DecisionHeld, Error> {
        let receipt = Receipt { decision: sealed.clone(), seal: Seal::Passkey(Box::new(assertion.clone()), place) };
        let bytes = receipt.to_bytes().map_err(refused)?;
        // What others will check is checked here first.
        verify(&bytes, &Trusted::default()).map_err(refused)?;
        let written: Value = serde_json::from_slice(&bytes).map_err(refused)?;
        let id = BriefId(sealed.decision().subject.id);
        self.allow_deciding(actor, Action::SignDecision, Action::SignDelegated, &[id]).await?;
        let thawed = Thawed::of(self.ports.briefs.find(actor.tenant, id).await?)?;
        let words = words_of(sealed.decision(), &thawed.brief)?;
        self.hold_decision(actor, Prepared { sealed, key, words }, Some(written["seal"].to_string())).await
    }

    fn assertion(&self, key: PublicKey, shown: &PublicKeyCredential) -> Result<Assertion, Error> {
        let party = self.passkeys()?;
        let client_data: Value = serde_json::from_slice(shown.response.client_data_json.as_ref()).map_err(refused)?;
        let origin = client_data["origin"].as_str().unwrap_or_default().to_owned();
        let name = party.get_allowed_origins().first().and_then(|origin| origin.domain()).unwrap_or_default();
        Ok(Assertion {
            key,
            rp_id: name.to_owned(),
            origin,
            authenticator_data: Vec::from(shown.response.authenticator_data.as_slice()),
            client_data_json: Vec::from(shown.response.client_data_json.as_slice()),
            signature: Vec::from(shown.response.signature.as_slice()),
        })
    }

    /// The receipt of a decision that counts, for its founder to keep; canonical JSON. [`Error::NotFound`] where silence
    /// decided: nobody said anything.
    pub async fn decision_receipt(&self, actor: &Actor, decision: DecisionId) -> Result<Vec<u8>, Error> {
        self.allow(actor, Action::Read)?;
        let (canonical, seal) = self.ports.decisions.sealed(actor.tenant, decision).await?;
        if !self.ports.decisions.counts(actor.tenant, decision).await? {
            return Err(Error::NotFound);
        }
        receipt_of(&canonical, seal.as_deref())
    }
}

/// The receipt of a canonical decision as it is kept, with its seal.
pub(crate) fn receipt_of(canonical: &[u8], seal: Option<&str>) -> Result<Vec<u8>, Error> {
    let json = CanonicalJson::parse_canonical(canonical).map_err(refused)?;
    receipt(Sealed::read(&json).map_err(no_decision)?.canonical(), seal)
}

/// What one touch signs.
fn challenge_of(hashes: &[Hash]) -> Result<Hash, Error> {
    match hashes {
        [one] => Ok(*one),
        many => Ok(Batch::of(many).ok_or_else(|| refused("a batch of none"))?.challenge()),
    }
}

/// The same with another text at `pointer`. The library draws its challenges itself, and takes none; what it keeps of
/// one, it reads back.
fn with<T: Serialize + for<'de> Deserialize<'de>>(value: &T, pointer: &str, text: &str) -> Result<T, Error> {
    let mut json = serde_json::to_value(value).map_err(refused)?;
    let place = json.pointer_mut(pointer).ok_or_else(|| refused("the library keeps its challenge elsewhere"))?;
    *place = text.into();
    serde_json::from_value(json).map_err(refused)
}

/// The passkey's public key, as receipts have it.
pub(crate) fn key_of(passkey: &Passkey) -> Result<PublicKey, Error> {
    let bytes = |part: &[u8]| <[u8; 32]>::try_from(part).ok();
    let key = match &passkey.get_public_key().key {
        COSEKeyType::EC_EC2(key) => bytes(&key.x).zip(bytes(&key.y)).and_then(|(x, y)| PublicKey::es256(&x, &y)),
        COSEKeyType::EC_OKP(key) => bytes(&key.x).and_then(|x| PublicKey::ed25519(&x)),
        COSEKeyType::RSA(key) => PublicKey::rs256(&key.n),
    };
    key.ok_or_else(|| {
        Error::Conflict("This passkey's kind of signature cannot be checked by others. Use another one.".to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_decision_is_signed_itself_and_several_by_their_root() {
        let (a, b) = ([1; 32], [2; 32]);
        assert_eq!(challenge_of(&[a]).unwrap(), a);
        assert_eq!(challenge_of(&[a, b]).unwrap(), Batch::of(&[a, b]).unwrap().challenge());
        assert!(challenge_of(&[]).is_err());
    }

    #[test]
    fn a_challenge_of_ours_takes_the_place_of_the_librarys() {
        let value = serde_json::json!({"publicKey": {"challenge": "x", "timeout": 1}});
        let changed: Value = with(&value, "/publicKey/challenge", "y").unwrap();
        assert_eq!(changed["publicKey"]["challenge"], "y");
        assert!(with(&value, "/elsewhere", "y").is_err());
    }
}
