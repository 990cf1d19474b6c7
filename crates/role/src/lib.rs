//! Role files: what an agent is for, may do, and must not do. Pure: bytes in, values out; no clock, no I/O.
//!
//! A file's way through a review:
//!
//! 1. [`read()`] makes a [`RoleFile`] of bytes, or says everything that is wrong with them ([`Faults`]). What it
//!    takes, [`schema`] describes.
//! 2. [`examine()`] says what a reviewer should see, against the role that is approved now ([`Background`]).
//! 3. [`diff()`] says what changes in meaning, [`text_diff()`] in text.
//! 4. [`compile()`] makes of the role all that it allows ([`Powers`]): on the bus, in the Workspace, in Kubernetes.
//! 5. [`what_if()`] says what of the past would have gone otherwise under these powers.
//! 6. [`probe_plan()`] says what a probe has to try on the real bus before the role is believed.
//!
//! `docs/role-files.md` tells the same to those who write role files.

pub mod diff;
pub mod examine;
pub mod fault;
pub mod file;
pub mod forbidden;
pub mod host;
pub mod image;
pub mod limit;
mod ordered;
pub mod pattern;
pub mod place;
pub mod powers;
pub mod probe;
pub mod quantity;
pub mod read;
pub mod role;
pub mod schema;
mod subject;
mod visible;
pub mod what_if;

pub use diff::{diff, text_diff};
pub use examine::{Background, examine, examine_manifest};
pub use fault::{Fault, FaultKind, Faults};
pub use file::{RoleFile, RoleHash};
pub use place::Place;
pub use powers::{Powers, compile};
pub use probe::probe_plan;
pub use read::read;
pub use role::Role;
pub use what_if::what_if;
