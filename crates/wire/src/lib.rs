//! What crosses the bus: subjects, streams, consumers, headers and message forms. No I/O, and the
//! only place that spells a subject.

pub mod brief;
pub mod event_id;
pub mod header;
pub mod message;
pub mod permission;
pub mod schema;
pub mod signal;
pub mod signature;
pub mod stream;
pub mod subject;
