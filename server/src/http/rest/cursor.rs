//! Places in lists, as clients carry them from page to page.

use crate::http::problem::Problem;
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

/// Bytes of the check.
const CHECK: usize = 8;

/// Ties a place to the list and the question that it belongs to: with another it would leave things out.
fn check(question: &str, place: &[u8]) -> [u8; CHECK] {
    let digest = Sha256::new().chain_update(question).chain_update([0xff]).chain_update(place).finalize();
    digest[..CHECK].try_into().unwrap_or_default()
}

/// The cursor of `place` in the answer to `question`.
pub fn wrap(question: &str, place: &str) -> String {
    BASE64URL_NOPAD.encode(&[check(question, place.as_bytes()).as_slice(), place.as_bytes()].concat())
}

/// The place that a cursor names, if there is a cursor.
pub fn open(question: &str, cursor: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok();
    let place = bytes.as_deref().and_then(|bytes| {
        let (sum, place) = bytes.split_at_checked(CHECK)?;
        (sum == check(question, place)).then(|| String::from_utf8(place.to_vec()).ok())?
    });
    let unknown = || {
        let message =
            "This cursor is broken, or belongs to another question. Ask for the first page, without a cursor.";
        Problem::invalid("cursor", message)
    };
    place.map(Some).ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_place_in_its_own_list_alone() {
        let cursor = wrap("tasks of cso", "17.a");
        assert_eq!(open("tasks of cso", Some(&cursor)).unwrap().as_deref(), Some("17.a"));
        assert_eq!(open("tasks of cso", None).unwrap(), None);
        for broken in [cursor.to_uppercase().as_str(), &cursor[1..], &format!("{cursor}AA"), "", "17.a", "AAAA"] {
            assert!(open("tasks of cso", Some(broken)).is_err(), "{broken}");
        }
        assert!(open("tasks of cto", Some(&cursor)).is_err());
    }
}
