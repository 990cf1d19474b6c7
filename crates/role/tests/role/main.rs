//! What the crate promises, one file a promise. One program, so that it is linked once.

mod diff;
mod examine;
mod powers;
mod probe;
mod read;
mod sample;
