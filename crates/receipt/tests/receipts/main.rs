//! Receipts, good and bad, before three verifiers that know nothing of each other: this crate,
//! `examples/verify_receipt.py` and `app/src/door/verify_receipt.js`.

mod agreement;
mod changed;
mod device;
mod document;
mod maker;
mod others;
mod vectors;
