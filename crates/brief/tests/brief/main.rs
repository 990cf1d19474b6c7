//! What the crate promises, one file a promise. One program, so that it is linked once.

mod allocation;
mod difference;
mod freeze;
mod hostile;
mod lint;
mod sample;
mod silence;
