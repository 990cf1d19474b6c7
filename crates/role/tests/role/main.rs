//! What the crate promises, one file a promise. One program, so that it is linked once.

mod diff;
mod documents;
mod examine;
mod powers;
mod probe;
mod read;
mod sample;
mod schema;
mod what_if;
