//! Reading what agents send: task payloads and event payloads. Unknown fields are kept, not refused.

use countersign_domain::bus_fact::Headers;
use serde_json::Value;

/// Why a payload goes to quarantine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    #[error("The payload is empty; a task or event carries a JSON object.")]
    Empty,
    #[error("The payload is not text (invalid UTF-8 at byte {0}).")]
    NotText(usize),
    #[error("The payload is not JSON: {0}.")]
    NotJson(String),
    #[error("The payload is JSON but not an object.")]
    NotObject,
    #[error("The payload has the character U+0000, which cannot be stored as text.")]
    Nul,
}

/// The fields of a payload that the product itself reads.
#[derive(Debug, Clone, PartialEq)]
pub struct Payload {
    pub text: String,
    pub json: Value,
}

/// Reads a payload as a JSON object.
pub fn parse(bytes: &[u8]) -> Result<Payload, PayloadError> {
    if bytes.is_empty() {
        return Err(PayloadError::Empty);
    }
    let text = std::str::from_utf8(bytes).map_err(|e| PayloadError::NotText(e.valid_up_to()))?;
    let json: Value = serde_json::from_str(text).map_err(|e| PayloadError::NotJson(e.to_string()))?;
    if !json.is_object() {
        return Err(PayloadError::NotObject);
    }
    // Postgres refuses U+0000 in text; inside JSON it can only stand as an escape, in any depth.
    if text.contains('\0') || has_nul(&json) {
        return Err(PayloadError::Nul);
    }
    Ok(Payload { text: text.to_owned(), json })
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

impl Payload {
    /// A field that is text (or a number, as text), cut at 200 characters.
    pub fn text_field(&self, name: &str) -> Option<String> {
        let text = match self.json.get(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!text.is_empty()).then(|| text.chars().take(200).collect())
    }

    pub fn correlation_id(&self, headers: &Headers) -> Option<String> {
        self.text_field("correlation_id").or_else(|| {
            let header = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(crate::header::CORRELATION_ID))?;
            Some(header.1.chars().take(200).collect())
        })
    }

    /// One line that says what is asked.
    pub fn title(&self) -> Option<String> {
        ["title", "task", "summary", "description"].into_iter().find_map(|name| self.text_field(name))
    }

    /// A whole number that is not negative.
    pub fn count_field(&self, name: &str) -> Option<u64> {
        self.json.get(name)?.as_u64()
    }

    /// Reported dollars in millionths; `None` where absent, negative, or not a number.
    pub fn micro_usd(&self) -> Option<i64> {
        let usd = self.json.get("usd")?.as_f64()?;
        // Above a million dollars a report is taken for a slip of the unit, not for a cost.
        #[expect(clippy::cast_possible_truncation, reason = "bounded on the line above the cast")]
        (0.0..=1e6).contains(&usd).then(|| (usd * 1e6).round() as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_object_says_why() {
        assert_eq!(parse(b""), Err(PayloadError::Empty));
        assert_eq!(parse(&[b'{', 0xff]), Err(PayloadError::NotText(1)));
        assert!(matches!(parse(b"{\"a\":"), Err(PayloadError::NotJson(_))));
        assert_eq!(parse(b"[1]"), Err(PayloadError::NotObject));
        assert_eq!(parse(br#"{"a":{"b":["x\u0000"]}}"#), Err(PayloadError::Nul));
    }

    #[test]
    fn nesting_beyond_the_parsers_depth_is_refused_and_does_not_crash() {
        let deep = format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000));
        assert!(matches!(parse(deep.as_bytes()), Err(PayloadError::NotJson(_))));
    }

    #[test]
    fn the_trace_comes_from_the_payload_before_the_header() {
        let headers = vec![("correlation-id".to_owned(), "h".to_owned())];
        let with = parse(br#"{"correlation_id":"p","task":" Scan "}"#).unwrap();
        assert_eq!(with.correlation_id(&headers).as_deref(), Some("p"));
        assert_eq!(with.title().as_deref(), Some("Scan"));
        assert_eq!(parse(b"{}").unwrap().correlation_id(&headers).as_deref(), Some("h"));
    }

    #[test]
    fn cost_is_kept_in_millionths_and_nonsense_is_not_cost() {
        assert_eq!(parse(br#"{"usd":0.0123}"#).unwrap().micro_usd(), Some(12_300));
        assert_eq!(parse(br#"{"usd":-1}"#).unwrap().micro_usd(), None);
        assert_eq!(parse(br#"{"usd":1e300}"#).unwrap().micro_usd(), None);
    }
}
