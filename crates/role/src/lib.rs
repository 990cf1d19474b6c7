//! Role files: what an agent is for, may do, and must not do. Pure: bytes in, values out.
//!
//! [`read()`] makes a [`RoleFile`] of bytes, or says everything that is wrong with them.

pub mod fault;
pub mod file;
pub mod forbidden;
pub mod host;
pub mod image;
pub mod limit;
pub mod pattern;
pub mod place;
pub mod quantity;
pub mod read;
pub mod role;
mod visible;

pub use fault::{Fault, FaultKind, Faults};
pub use file::{RoleFile, RoleHash};
pub use place::Place;
pub use read::read;
pub use role::Role;
