//! Payloads that a person wrote: checked before they become a task.

use crate::{Error, visible_line};
use serde_json::{Map, Value};

/// The most bytes of a task's payload, as the bus has it.
const MAX_BYTES: usize = 256 * 1024;

/// A payload that is a JSON object, and what the product itself reads of it.
#[derive(Debug, Clone)]
pub(crate) struct TaskPayload {
    pub text: String,
    pub title: Option<String>,
    pub correlation_id: Option<String>,
}

/// Checks the text. `trace` is put into it where it names none; where there is none either, `fresh` is.
pub(crate) fn check(text: &str, trace: Option<&str>, fresh: impl FnOnce() -> String) -> Result<TaskPayload, Error> {
    let invalid = |message: String| Error::invalid("payload", message);
    if text.len() > MAX_BYTES {
        return Err(invalid("The payload is larger than 256 KiB.".to_owned()));
    }
    let mut fields: Map<String, Value> = if text.trim().is_empty() {
        Map::new()
    } else {
        match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => fields,
            Ok(_) => return Err(invalid("Write a JSON object: { … }.".to_owned())),
            Err(error) => {
                let (line, column) = (error.line(), error.column());
                let what = error.to_string();
                let what = what.split(" at line ").next().unwrap_or_default();
                return Err(invalid(format!("This is not JSON: {what} in line {line}, column {column}.")));
            }
        }
    };
    let named = fields.get("correlation_id").and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let correlation_id = match (trace, named) {
        (Some(trace), _) => trace.to_owned(),
        (None, Some(named)) => named.to_owned(),
        (None, None) => fresh(),
    };
    if correlation_id.chars().count() > 200 || correlation_id.chars().any(char::is_control) {
        return Err(Error::invalid("correlation_id", "Keep the trace to one line of at most 200 characters."));
    }
    fields.insert("correlation_id".to_owned(), Value::String(correlation_id.clone()));
    let title = ["title", "task", "summary", "description"]
        .into_iter()
        .find_map(|name| fields.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty()))
        .map(|text| text.chars().take(200).collect());
    let text = Value::Object(fields).to_string();
    // In JSON it can only stand as an escape; Postgres cannot keep it as text.
    if text.contains("\\u0000") {
        return Err(invalid("The payload has the character U+0000, which cannot be kept. Take it out.".to_owned()));
    }
    // As the bus's own messages are read: nothing in it is invisible.
    Ok(TaskPayload { text, title, correlation_id: Some(visible_line(&correlation_id)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        check(text, None, String::new).unwrap_err().to_string()
    }

    #[test]
    fn broken_json_is_refused_with_the_place() {
        assert!(refused("{\n  \"a\": ,\n}").contains("line 2"));
        assert!(refused("[1]").contains("JSON object"));
        assert!(refused(r#"{"a":"\u0000"}"#).contains("U+0000"));
        assert!(refused(&format!("{{\"a\":\"{}\"}}", "x".repeat(300_000))).contains("256 KiB"));
    }

    #[test]
    fn a_task_without_a_trace_begins_one() {
        let payload = check("", None, || "founder-1".to_owned()).unwrap();
        assert_eq!(payload.text, r#"{"correlation_id":"founder-1"}"#);
        let payload = check(r#"{"task":" Scan ","correlation_id":"t"}"#, None, String::new).unwrap();
        assert_eq!((payload.title.as_deref(), payload.correlation_id.as_deref()), (Some("Scan"), Some("t")));
    }
}
