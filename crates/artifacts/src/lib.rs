//! The bytes of artifacts: in a folder of this machine, or in a store that speaks S3. The only user of `object_store`.
//!
//! An artifact is kept as `<tenant>/<first two digits>/<SHA-256>`; what is still coming in, as `incoming/<id>`.

mod files;
mod incoming;
mod place;
mod s3_client;

pub use files::ObjectFiles;
pub use place::{Place, PlaceError, S3Place};
