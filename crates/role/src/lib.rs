//! Role files: what an agent is for, may do, and must not do. Pure: bytes in, values out.
//!
//! [`read()`] makes a [`RoleFile`] of bytes, or says everything that is wrong with them.

pub mod diff;
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
pub mod quantity;
pub mod read;
pub mod role;
mod subject;
mod visible;

pub use fault::{Fault, FaultKind, Faults};
pub use file::{RoleFile, RoleHash};
pub use place::Place;
pub use powers::{Powers, compile};
pub use read::read;
pub use role::Role;
