//! Decision briefs: questions that agents put before a founder. Pure: bytes in, values out; no clock, no I/O.
//!
//! A brief's way to a founder:
//!
//! 1. [`read()`] takes the payload apart and notes everything that is wrong with its form ([`Draft`]). It names the
//!    artifacts whose existence somebody has to find out.
//! 2. [`lint()`] holds the draft against the contract and what is known around it ([`Background`]): a [`Brief`], or
//!    all [`Faults`] at once, for its author; and how well it reads ([`Lint`]).
//! 3. [`Brief::freeze`] gives the version its one spelling and its SHA-256: what a founder decides, and signs.
//! 4. [`silence()`] says, before it happens, what will be if nobody decides.
//! 5. [`difference()`] says what a newer version changed, to whoever decided on the older one.
//!
//! `docs/briefs.md` tells the same to those who write briefs.

pub mod brief;
pub mod difference;
pub mod fault;
pub mod freeze;
pub mod limit;
pub mod lint;
mod markup;
pub mod money;
mod number;
pub mod read;
pub mod schema;
pub mod silence;
pub mod word;

pub use brief::{Brief, BriefOption, Evidence, Recommendation, Risk};
pub use difference::{Change, difference, shares};
pub use fault::{Fault, Faults, Rule};
pub use freeze::{BriefHash, Frozen};
pub use lint::{Advice, Background, EvidenceState, Lint, lint};
pub use read::{Draft, read};
pub use silence::{CategoryPolicy, Hold, Silence, silence};
pub use word::{BriefName, Category, OptionKey};
