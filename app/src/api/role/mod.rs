//! Role files: what an agent is for, may do, and must not do.

pub mod check;
pub mod draw;
pub mod propose;

/// A form sends each line break as two characters (HTML, section 4.10.22.4). What was written has one, and the
/// hash of a file is that of what was written.
#[cfg(feature = "ssr")]
fn as_written(text: &str) -> String {
    text.replace("\r\n", "\n")
}
