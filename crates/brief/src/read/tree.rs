//! JSON as it stands in the payload: fields that are there twice are seen, and numbers keep their spelling.

use crate::{
    fault::{Fault, Rule},
    limit,
};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, fmt};

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Null,
    Bool(bool),
    /// As it is spelled.
    Number(String),
    Text(String),
    List(Vec<Self>),
    /// In the order of the payload, with fields that are there twice.
    Object(Vec<(String, Self)>),
}

impl Node {
    pub fn is_called(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

/// Reads a payload. What is too large, too deep or no JSON has exactly one fault: nothing in it can be judged.
pub(super) fn parse(payload: &[u8]) -> Result<Node, Fault> {
    let fault = |rule, why: String, fix: &str| Fault { rule, pointer: String::new(), why, fix: fix.to_owned() };
    if payload.len() > limit::PAYLOAD_BYTES {
        let why = format!("It has {} bytes; {} are the most.", payload.len(), limit::PAYLOAD_BYTES);
        return Err(fault(
            Rule::TooLarge,
            why,
            "Publish what explains at length as an artifact, and name it as evidence.",
        ));
    }
    let text = std::str::from_utf8(payload).map_err(|error| {
        let why = format!("It is not text in UTF-8, from byte {} on.", error.valid_up_to());
        fault(Rule::NotJson, why, "Send JSON in UTF-8.")
    })?;
    if is_deeper_than(text, limit::DEPTH) {
        let why = format!("More than {} lists or objects lie in one another.", limit::DEPTH);
        return Err(fault(Rule::Nesting, why, "Leave out what a brief does not have."));
    }
    let not_json =
        |error: serde_json::Error| fault(Rule::NotJson, format!("It is not JSON: {error}."), "Mend it there.");
    let raw: &RawValue = serde_json::from_str(text).map_err(not_json)?;
    let mut left = limit::NODES;
    node(raw, &mut left).map_err(|stop| match stop {
        Stop::Json(error) => not_json(error),
        Stop::Many => {
            let why = format!("It has more than {} values.", limit::NODES);
            fault(Rule::TooLarge, why, "Leave out what a brief does not have.")
        }
    })
}

/// Looked at before anything is read: what comes after goes one step down for every level.
fn is_deeper_than(text: &str, most: usize) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                if depth > most {
                    return true;
                }
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

enum Stop {
    Json(serde_json::Error),
    Many,
}

fn node(raw: &RawValue, left: &mut usize) -> Result<Node, Stop> {
    *left = left.checked_sub(1).ok_or(Stop::Many)?;
    let text = raw.get();
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let fields: Fields<'_> = serde_json::from_str(text).map_err(Stop::Json)?;
            let field = |(name, value): (Cow<'_, str>, &RawValue)| Ok((name.into_owned(), node(value, left)?));
            Node::Object(fields.0.into_iter().map(field).collect::<Result<_, _>>()?)
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(Stop::Json)?;
            Node::List(items.into_iter().map(|item| node(item, left)).collect::<Result<_, _>>()?)
        }
        Some(b'"') => Node::Text(serde_json::from_str(text).map_err(Stop::Json)?),
        Some(b't' | b'f') => Node::Bool(serde_json::from_str(text).map_err(Stop::Json)?),
        Some(b'n') => Node::Null,
        _ => Node::Number(text.to_owned()),
    })
}

/// An object's fields, all of them.
struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Fields<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(All)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_twice_is_seen_and_numbers_keep_their_spelling() {
        let Node::Object(fields) = parse(br#" {"a":1.50,"a":[null,true],"\u0062":"\n"} "#).unwrap() else {
            panic!("no object");
        };
        assert_eq!(fields[0], ("a".into(), Node::Number("1.50".into())));
        assert_eq!(fields[1], ("a".into(), Node::List(vec![Node::Null, Node::Bool(true)])));
        assert_eq!(fields[2], ("b".into(), Node::Text("\n".into())));
    }

    #[test]
    fn what_cannot_be_judged_has_one_fault() {
        let rule = |payload: &[u8]| parse(payload).unwrap_err().rule;
        assert_eq!(rule(&vec![b' '; limit::PAYLOAD_BYTES + 1]), Rule::TooLarge);
        assert_eq!(rule(format!("[{}1]", "1,".repeat(limit::NODES)).as_bytes()), Rule::TooLarge);
        assert_eq!(rule("[".repeat(50_000).as_bytes()), Rule::Nesting);
        assert_eq!(rule(format!("{}{}", "{\"a\":".repeat(9), "}".repeat(9)).as_bytes()), Rule::Nesting);
        for bad in
            [&b""[..], b"{", b"{\"a\":}", b"nul", b"{} {}", b"\xff", b"{\"a\":\"\\ud800\"}", b"'x'", b"{\"a\":01}"]
        {
            assert_eq!(rule(bad), Rule::NotJson, "{}", String::from_utf8_lossy(bad));
        }
        assert!(parse(br#"{"a":"[[[[[[[[[[[[\"[["}"#).is_ok(), "brackets in a text are text");
    }
}
