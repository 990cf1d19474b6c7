//! JSON Schemas (2020-12) of what authors of briefs, and everybody, are told: for editors, and for whoever writes an
//! agent with types. Fields are only added, so a reader ignores what it does not know.

use serde_json::{Value, json};

/// A message and its schema: the file in `docs/schemas`, and what `countersign schema` calls it.
pub const MESSAGES: [(&str, fn() -> Value); 3] =
    [("brief_rejected", brief_rejected), ("brief_question", brief_question), ("decision_made", decision_made)];

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn maybe(description: &str) -> Value {
    json!({ "type": ["string", "null"], "description": description })
}

fn hash(description: &str) -> Value {
    json!({ "type": "string", "pattern": "^[0-9a-f]{64}$", "description": description })
}

fn message(name: &str, title: &str, fields: &Value) -> Value {
    let mut properties = json!({
        "v": { "const": 1, "description": "The version of the message." },
        "task": text("One line, for lists of tasks."),
        "correlation_id": text("The trace."),
    });
    if let (Some(all), Some(own)) = (properties.as_object_mut(), fields.as_object()) {
        all.extend(own.clone());
    }
    let required: Vec<String> = properties.as_object().map(|all| all.keys().cloned().collect()).unwrap_or_default();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("urn:countersign:schema:{name}:v1"),
        "title": title,
        "type": "object",
        "properties": properties,
        "required": required,
    })
}

/// `tasks.<agent>.brief_rejected`.
pub fn brief_rejected() -> Value {
    let fault = json!({
        "type": "object",
        "properties": {
            "rule": text("The rule's word, as docs/briefs.md lists them."),
            "pointer": text("Where: a JSON pointer (RFC 6901); empty for the whole."),
            "why": text("One sentence: what is wrong."),
            "fix": text("One sentence: how to mend it."),
        },
        "required": ["rule", "pointer", "why", "fix"],
    });
    message(
        "brief_rejected",
        "The task by which an author hears that its brief cannot be decided as it is",
        &json!({
            "brief": maybe("What the author calls the brief; null where that could not be read."),
            "faults": { "type": "array", "items": fault, "minItems": 1, "description": "All that is wrong with it." },
            "more": { "type": "integer", "minimum": 0, "description": "How many more faults there were." },
        }),
    )
}

/// `tasks.<agent>.brief_question`.
pub fn brief_question() -> Value {
    message(
        "brief_question",
        "The task by which a founder asks a brief's author something",
        &json!({
            "brief": text("What the author calls the brief."),
            "sha256": hash("Of the frozen brief."),
            "question": text("What the founder wants to know."),
            "answer_with": text("How to answer, in a sentence."),
        }),
    )
}

/// `tasks.<agent>.decision_made`, and `events.countersign.decision.made`.
pub fn decision_made() -> Value {
    let kind = |word: &str, fields: &[&str]| {
        let mut properties = json!({ "kind": { "const": word } });
        for field in fields {
            properties[field] = json!({ "type": "string" });
        }
        let required: Vec<&str> = std::iter::once("kind").chain(fields.iter().copied()).collect();
        json!({ "type": "object", "properties": properties, "required": required })
    };
    message(
        "decision_made",
        "What was decided: the author's task, and the event decision.made",
        &json!({
            "author": text("Who asked: an agent, or founder for the organization's people."),
            "brief": text("What the author calls the brief."),
            "brief_id": text("What the console calls it."),
            "version": { "type": "integer", "minimum": 1, "description": "The version that was decided." },
            "brief_sha256": hash("Of the frozen brief."),
            "decision": text("The decision's id."),
            "title": text("Of the brief."),
            "question": text("Of the brief."),
            "category": text("Of the brief."),
            "choice": {
                "description": "An option, an answer that no option has, or nothing of it.",
                "oneOf": [kind("option", &["key", "title"]), kind("own", &["answer"]), kind("rejected", &[])],
            },
            "rationale": text("Why, in the decider's words; may be empty."),
            "prediction": text("What they expect of it; may be empty."),
            "check_at": maybe("When they will look back on it (RFC 3339)."),
            "decided_by": maybe("Who decided; null where silence did."),
            "decided_for": maybe("In which founder's place a delegate decided."),
            "grant": maybe("By which grant its author acted on its own recommendation."),
            "policy": maybe("By which policy silence decided; null where a person did."),
            "decided_at": text("When it began to count (RFC 3339)."),
            "signed": { "type": "boolean", "description": "Whether a passkey signed it." },
            "decision_sha256": maybe("SHA-256 of what was, or would have been, signed."),
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_committed_schemas_are_current() {
        #[expect(clippy::disallowed_methods, reason = "a switch of the test, not of the product")]
        let bless = std::env::var_os("BLESS").is_some();
        for (name, schema) in MESSAGES {
            let schema = schema();
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/schemas/{name}.json"));
            if bless {
                std::fs::write(&path, serde_json::to_string_pretty(&schema).unwrap() + "\n").unwrap();
            }
            let kept: Value =
                serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_default()).unwrap_or_default();
            assert!(kept == schema, "docs/schemas/{name}.json is stale: run this test with BLESS=1");
        }
    }

    #[test]
    fn a_message_has_the_fields_of_its_schema() {
        use crate::brief::{BriefRejectedV1, ChoiceV1, DecisionMadeV1};
        let made = DecisionMadeV1 {
            v: 1,
            task: String::new(),
            author: "",
            brief: "",
            brief_id: String::new(),
            version: 1,
            brief_sha256: String::new(),
            decision: String::new(),
            title: "",
            question: "",
            category: "",
            choice: ChoiceV1::Rejected,
            rationale: "",
            prediction: "",
            check_at: None,
            decided_by: None,
            decided_for: None,
            grant: None,
            policy: None,
            decided_at: String::new(),
            signed: false,
            decision_sha256: None,
            correlation_id: "",
        };
        let rejected =
            BriefRejectedV1 { v: 1, task: String::new(), brief: None, faults: &[], more: 0, correlation_id: "" };
        let fields = |value: &Value| {
            let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
            names.sort();
            names
        };
        let of = |schema: Value| fields(&schema["properties"]);
        assert_eq!(fields(&serde_json::to_value(made).unwrap()), of(decision_made()));
        assert_eq!(fields(&serde_json::to_value(rejected).unwrap()), of(brief_rejected()));
    }
}
