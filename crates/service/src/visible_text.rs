//! Payloads as text that cannot mislead the reader.

use countersign_domain::reading::PayloadText;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// More than this is not sent to a page.
const SHOWN_BYTES: usize = 64 * 1024;

/// A payload for reading: JSON is indented; bytes that are no text become `\xNN`; characters that
/// change what one sees without being seen (control, bidirectional, zero-width: Unicode TR 36)
/// become `\u{…}`.
pub fn payload_text(payload: &[u8]) -> PayloadText {
    let pretty = serde_json::from_slice::<serde_json::Value>(payload)
        .ok()
        .and_then(|value| serde_json::to_string_pretty(&value).ok());
    let mut text = String::new();
    let mut cut = false;
    match pretty {
        Some(json) => cut = push_visible(&mut text, &json),
        None => {
            for chunk in payload.utf8_chunks() {
                cut |= push_visible(&mut text, chunk.valid());
                for byte in chunk.invalid() {
                    let _ = write!(text, "\\x{byte:02x}");
                }
                if cut || text.len() > SHOWN_BYTES {
                    cut = true;
                    break;
                }
            }
        }
    }
    PayloadText { text, bytes: payload.len() as u64, sha256: HEXLOWER.encode(&Sha256::digest(payload)), cut }
}

/// A short text on one line, with nothing invisible in it.
pub fn visible_line(source: &str) -> String {
    let mut text = String::new();
    push_visible(&mut text, &source.replace(['\n', '\t'], " "));
    text
}

/// As much of a text as a page shows, with nothing invisible in it, and whether it had to be cut.
pub(crate) fn shown(source: &str) -> (String, bool) {
    let mut text = String::new();
    let cut = push_visible(&mut text, source);
    (text, cut)
}

/// A payload for mending: what [`payload_text`] makes visible is written as JSON writes it, so that in a JSON
/// text it still means the same.
pub(crate) fn for_mending(source: &str) -> String {
    let mut text = String::with_capacity(source.len());
    for c in source.chars() {
        if is_deceptive(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        } else {
            text.push(c);
        }
    }
    text
}

/// Appends `source`, made visible; answers whether it had to be cut.
fn push_visible(text: &mut String, source: &str) -> bool {
    for c in source.chars() {
        if text.len() >= SHOWN_BYTES {
            return true;
        }
        if is_deceptive(c) {
            let _ = write!(text, "{}", c.escape_unicode());
        } else {
            text.push(c);
        }
    }
    false
}

fn is_deceptive(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{3164}' | '\u{ffa0}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_indented_and_named_by_the_hash_of_its_own_bytes() {
        let shown = payload_text(br#"{"a":1}"#);
        assert_eq!(shown.text, "{\n  \"a\": 1\n}");
        assert_eq!(shown.bytes, 7);
        assert_eq!(shown.sha256, "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862");
    }

    #[test]
    fn invisible_and_reversing_characters_become_visible() {
        let shown = payload_text("pay\u{202e}lave\u{200b}".as_bytes());
        assert_eq!(shown.text, "pay\\u{202e}lave\\u{200b}");
    }

    #[test]
    fn a_text_for_mending_hides_nothing_and_means_the_same() {
        let hostile = "{\"a\":\"pay\u{202e}lave\u{e0041}\"}";
        let shown = for_mending(hostile);
        assert_eq!(shown, r#"{"a":"pay\u202elave\udb40\udc41"}"#);
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&shown), value(hostile));
    }

    #[test]
    fn binary_is_escaped_and_a_long_text_is_cut() {
        assert_eq!(payload_text(&[0xff, b'a', 0]).text, "\\xffa\\u{0}");
        let long = payload_text("x".repeat(70_000).as_bytes());
        assert!(long.cut && long.text.len() == SHOWN_BYTES && long.bytes == 70_000);
    }
}
