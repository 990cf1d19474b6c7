//! What a passkey signed, checked as a relying party checks it (WebAuthn level 3, section 7.2).

use crate::{PublicKey, Refusal, origin::belongs_to};
use countersign_domain::{canonical_json::CanonicalJson, journal::Hash};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

/// Flags of the authenticator data (WebAuthn level 3, section 6.1).
const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const ATTESTED_OR_EXTENDED: u8 = 0xc0;
/// Hash of the name, flags, and the counter of signatures.
const SHORTEST: usize = 32 + 1 + 4;

/// An assertion, and what it is to be checked against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    pub key: PublicKey,
    /// The name that the passkey is bound to.
    pub rp_id: String,
    /// Of the page on which it was signed.
    pub origin: String,
    pub authenticator_data: Vec<u8>,
    /// JSON, as the browser wrote it.
    pub client_data_json: Vec<u8>,
    pub signature: Vec<u8>,
}

impl Assertion {
    /// Whether the key signed this challenge. The counter of signatures is not looked at: to know whether it went back,
    /// one must have seen it before.
    pub(crate) fn check(&self, challenge: &Hash) -> Result<(), Refusal> {
        self.check_client_data(challenge)?;
        if !belongs_to(&self.origin, &self.rp_id) {
            return Err(Refusal::Domain);
        }
        self.check_authenticator_data()?;
        let signed = [self.authenticator_data.as_slice(), &Sha256::digest(&self.client_data_json)].concat();
        if self.key.has_signed(&signed, &self.signature) { Ok(()) } else { Err(Refusal::Signature) }
    }

    fn check_client_data(&self, challenge: &Hash) -> Result<(), Refusal> {
        let read = CanonicalJson::parse(&self.client_data_json).map_err(|_| Refusal::ClientData)?;
        // In whatever spelling, but nothing that another reader would read in another way.
        read.to_bytes().map_err(|_| Refusal::ClientData)?;
        let CanonicalJson::Object(fields) = &read else { return Err(Refusal::ClientData) };
        let says = |field: &str, wanted: &str| read.get(field).and_then(CanonicalJson::as_text) == Some(wanted);
        if !says("type", "webauthn.get") {
            return Err(Refusal::Type);
        }
        if !says("challenge", &BASE64URL_NOPAD.encode(challenge)) {
            return Err(Refusal::Challenge);
        }
        if !says("origin", &self.origin) {
            return Err(Refusal::Origin);
        }
        // Old browsers do not say it, and no page of ours may be framed.
        let is_framed = fields.get("crossOrigin").is_some_and(|cross| *cross != CanonicalJson::Bool(false));
        if is_framed || fields.contains_key("topOrigin") { Err(Refusal::CrossOrigin) } else { Ok(()) }
    }

    fn check_authenticator_data(&self) -> Result<(), Refusal> {
        let data = &self.authenticator_data;
        let (Some(name), Some(flags)) = (data.get(..32), data.get(32)) else { return Err(Refusal::AuthenticatorData) };
        let may_be_longer = flags & ATTESTED_OR_EXTENDED != 0;
        if data.len() < SHORTEST || (data.len() > SHORTEST) != may_be_longer {
            return Err(Refusal::AuthenticatorData);
        }
        if name != Sha256::digest(self.rp_id.as_bytes()).as_slice() {
            return Err(Refusal::RelyingParty);
        }
        if flags & USER_PRESENT == 0 {
            return Err(Refusal::NobodyPresent);
        }
        if flags & USER_VERIFIED == 0 {
            return Err(Refusal::NobodyVerified);
        }
        if flags & (BACKUP_ELIGIBLE | BACKED_UP) == BACKED_UP { Err(Refusal::Backup) } else { Ok(()) }
    }
}
