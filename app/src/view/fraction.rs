//! Shares of a width in thousandths: fine enough for any screen, and exact.

/// The whole width.
pub const WHOLE: i64 = 1_000;

/// `781` as `78.1%`.
pub fn percent(thousandths: i64) -> String {
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}
