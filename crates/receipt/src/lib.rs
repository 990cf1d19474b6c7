//! Receipts: a decision, and the proof that a passkey signed it, in one file that anybody can check.
//!
//! Pure: no network, no clock, no database. `docs/receipts.md` specifies the format; `examples/verify_receipt.py` and
//! `app/src/door/verify_receipt.js` are two more verifiers, tested on the same receipts as this one.
//!
//! What a receipt proves: the holder of *this key* signed *these bytes*, with their finger or code on the device, on a
//! page of this origin. Whose key it is, a receipt cannot say: the verifier names the keys that it trusts
//! ([`Trusted`]).

mod assertion;
mod base64url;
mod chain;
mod origin;
mod public_key;
mod receipt;
mod refusal;
mod signed;
mod trusted;
mod verify;

pub use assertion::Assertion;
pub use chain::verify_chain;
pub use public_key::{Algorithm, Fingerprint, PublicKey};
pub use receipt::{MOST_BYTES, Receipt, Seal};
pub use refusal::Refusal;
pub use signed::{seal_text, signed};
pub use trusted::{NotTrusted, Trusted};
pub use verify::{Countersigned, Unsigned, Verdict, verify};
