//! JSON that has one spelling only, so that its bytes can be hashed and signed: RFC 8785 (JSON Canonicalization
//! Scheme), less what two languages would spell in two ways. There are no fractions, integers stay where every reader
//! of JSON counts exactly (RFC 7493, section 2.2), and keys are ASCII, for which the orders by byte, by character and
//! by UTF-16 unit (RFC 8785, section 3.2.3) are one.

mod reading;

use serde::{Deserialize, Serialize, Serializer};
use std::{collections::BTreeMap, fmt::Write};

/// The largest distance from zero at which every integer has a double of its own (2^53 - 1).
pub const MOST_INTEGER: i64 = 9_007_199_254_740_991;
/// So many lists and objects may lie in one another.
pub const MOST_DEPTH: usize = 32;

/// Why something has no canonical form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotCanonical {
    #[error("The text is no JSON that can be signed: {0}.")]
    Json(String),
    #[error("The text is JSON in another spelling than the canonical one.")]
    Spelling,
    #[error("The number {0} is beyond what every program counts exactly.")]
    Integer(i64),
    #[error("The key {0:?} has characters that are not ASCII.")]
    Key(String),
    #[error("More than {MOST_DEPTH} lists or objects lie in one another.")]
    Depth,
}

/// A value that has a canonical form once [`CanonicalJson::to_bytes`] has gone well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CanonicalJson {
    Null,
    Bool(bool),
    Integer(i64),
    Text(String),
    List(Vec<Self>),
    Object(BTreeMap<String, Self>),
}

impl CanonicalJson {
    /// What `value` serialises to. Fractions are refused: as `Json`, like all that is no JSON.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, NotCanonical> {
        let value = serde_json::to_value(value).map_err(|error| NotCanonical::Json(error.to_string()))?;
        Self::deserialize(value).map_err(|error| NotCanonical::Json(error.to_string()))
    }

    /// Reads JSON in whatever spelling. A key that comes twice is refused, since readers differ on which one counts.
    pub fn parse(text: &[u8]) -> Result<Self, NotCanonical> {
        serde_json::from_slice(text).map_err(|error| NotCanonical::Json(error.to_string()))
    }

    /// Reads JSON in its canonical spelling; `Spelling` for any other.
    pub fn parse_canonical(text: &[u8]) -> Result<Self, NotCanonical> {
        let value = Self::parse(text)?;
        if value.to_bytes()? == text { Ok(value) } else { Err(NotCanonical::Spelling) }
    }

    /// The canonical bytes: no blanks, keys in order, UTF-8.
    pub fn to_bytes(&self) -> Result<Vec<u8>, NotCanonical> {
        let mut text = String::new();
        self.write(&mut text, 0)?;
        Ok(text.into_bytes())
    }

    /// What lies under `key`, if this is an object that has one.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => fields.get(key),
            _ => None,
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    fn write(&self, out: &mut String, depth: usize) -> Result<(), NotCanonical> {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Integer(number) if number.abs_diff(0) > MOST_INTEGER.unsigned_abs() => {
                return Err(NotCanonical::Integer(*number));
            }
            Self::Integer(number) => out.push_str(&number.to_string()),
            Self::Text(text) => write_text(text, out),
            Self::List(_) | Self::Object(_) if depth == MOST_DEPTH => return Err(NotCanonical::Depth),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    item.write(out, depth + 1)?;
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                for (at, (key, value)) in fields.iter().enumerate() {
                    if !key.is_ascii() {
                        return Err(NotCanonical::Key(key.clone()));
                    }
                    if at > 0 {
                        out.push(',');
                    }
                    write_text(key, out);
                    out.push(':');
                    value.write(out, depth + 1)?;
                }
                out.push('}');
            }
        }
        Ok(())
    }
}

/// RFC 8785, section 3.2.2.2: only what JSON cannot hold is escaped, the usual five by their letters.
fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for one in text.chars() {
        match one {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            // Writing to a string cannot fail.
            '\0'..='\u{1f}' => drop(write!(out, "\\u{:04x}", u32::from(one))),
            _ => out.push(one),
        }
    }
    out.push('"');
}

impl Serialize for CanonicalJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => items.serialize(serializer),
            Self::Object(fields) => fields.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(text: &str) -> Result<String, NotCanonical> {
        Ok(String::from_utf8(CanonicalJson::parse(text.as_bytes())?.to_bytes()?).unwrap())
    }

    #[test]
    fn every_spelling_becomes_the_one() {
        assert_eq!(spelled(" { \"b\" : [ 1 , null ] , \"a\" : true } ").unwrap(), r#"{"a":true,"b":[1,null]}"#);
        let escaped = "\"\\u0041\\u001F\\u0008\\/\\u20ac\\ud83d\\ude00\\u007f\\u2028\"";
        assert_eq!(spelled(escaped).unwrap(), "\"A\\u001f\\b/€😀\u{7f}\u{2028}\"");
        for edge in [MOST_INTEGER, -MOST_INTEGER] {
            assert_eq!(spelled(&edge.to_string()).unwrap(), edge.to_string());
        }
    }

    #[test]
    fn what_two_readers_would_read_in_two_ways_is_refused() {
        for bad in [
            "1.0",
            "1e2",
            "-0",
            "9007199254740992",
            "-9007199254740992",
            "9223372036854775808",
            r#"{"a":1,"a":1}"#,
            r#"{"é":1}"#,
            r#""\ud800""#,
            "NaN",
            "1 2",
            "",
            "{",
            &("[".repeat(MOST_DEPTH + 1) + &"]".repeat(MOST_DEPTH + 1)),
        ] {
            assert!(spelled(bad).is_err(), "{bad}");
        }
        assert!(spelled(&("[".repeat(MOST_DEPTH) + &"]".repeat(MOST_DEPTH))).is_ok());
        assert!(CanonicalJson::of(&0.5_f64).is_err());
    }

    #[test]
    fn another_spelling_is_told_from_the_canonical_one() {
        assert!(CanonicalJson::parse_canonical(br#"{"a":1,"b":"x"}"#).is_ok());
        for other in [r#"{"b":"x","a":1}"#, r#"{"a": 1,"b":"x"}"#, r#"{"a":1,"b":"\u0078"}"#, "{\"a\":1,\"b\":\"x\"}\n"]
        {
            assert_eq!(CanonicalJson::parse_canonical(other.as_bytes()), Err(NotCanonical::Spelling), "{other}");
        }
    }

    #[test]
    fn what_was_read_is_what_a_program_wrote() {
        #[derive(Serialize)]
        struct Written {
            z: Option<u8>,
            a: Vec<&'static str>,
        }
        let value = CanonicalJson::of(&Written { z: None, a: vec!["x", "\""] }).unwrap();
        assert_eq!(value.to_bytes().unwrap(), br#"{"a":["x","\""],"z":null}"#);
        assert_eq!(serde_json::to_vec(&value).unwrap(), value.to_bytes().unwrap());
    }
}
