//! What a passkey signed that is no decision: a hash, and the same seal as a receipt has.

use crate::{Assertion, Fingerprint, Refusal, Seal, receipt::WrittenSeal};
use countersign_domain::journal::Hash;

/// The seal of one assertion, as JSON.
pub fn seal_text(assertion: &Assertion) -> Result<String, Refusal> {
    let seal = WrittenSeal::of(&Seal::Passkey(Box::new(assertion.clone()), None));
    serde_json::to_string(&seal).map_err(|error| Refusal::Form(error.to_string()))
}

/// Whose key signed this hash, by itself and in no batch. `seal` is as [`seal_text`] writes it.
pub fn signed(seal: &str, hash: &Hash) -> Result<Fingerprint, Refusal> {
    let written: WrittenSeal = serde_json::from_str(seal).map_err(|error| Refusal::Form(error.to_string()))?;
    match written.read()? {
        Seal::Passkey(assertion, None) => {
            assertion.check(hash)?;
            Ok(assertion.key.fingerprint())
        }
        Seal::Passkey(_, Some(_)) => Err(Refusal::Place),
        Seal::Unsigned(_) => Err(Refusal::SignatureMissing),
    }
}
