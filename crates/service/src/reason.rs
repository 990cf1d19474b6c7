//! Reasons that people give.

use crate::Error;

const MOST: usize = 500;

/// A reason that must be given.
pub(crate) fn required(text: &str, missing: &str) -> Result<String, Error> {
    optional(text)?.ok_or_else(|| Error::invalid("reason", missing))
}

/// A reason that may be given.
pub(crate) fn optional(text: &str) -> Result<Option<String>, Error> {
    let text = text.trim();
    if text.chars().count() > MOST {
        return Err(Error::invalid("reason", "Keep the reason to 500 characters."));
    }
    if text.contains('\0') {
        return Err(Error::invalid("reason", "The reason has a character that cannot be kept."));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}
