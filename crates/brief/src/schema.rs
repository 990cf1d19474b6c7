//! The JSON Schema (2020-12) of `events.<agent>.brief.prepared`. It says all that a schema can; what holds between the
//! parts, and between a brief and what is around it, only [`crate::lint()`] says.

use crate::{
    brief::Risk,
    limit,
    word::{NONE, RESERVED},
};
use serde_json::{Value, json};

/// What `countersign schema` and the file in `docs/schemas` call it.
pub const NAME: &str = "brief_prepared";

fn text(most: usize, description: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "maxLength": most, "description": description })
}

fn key(description: &str) -> Value {
    json!({
        "type": "string",
        "pattern": format!("^[A-Za-z0-9_-]{{1,{}}}$", limit::KEY_CHARS),
        "description": description,
    })
}

fn object(properties: &Value, optional: &[&str], description: &str) -> Value {
    let names = properties.as_object().map(|all| all.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let required: Vec<String> = names.into_iter().filter(|name| !optional.contains(&name.as_str())).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
        "description": description,
    })
}

pub fn prepared() -> Value {
    let risks: Vec<&str> = Risk::ALL.into_iter().map(Risk::as_str).collect();
    let cost = limit::COST_MICRO_USD / 1_000_000;
    let share = object(
        &json!({
            "weight": { "type": "integer", "minimum": 0, "maximum": 1000, "description": "Per mille of all capacity." },
            "usd_per_day": { "type": "number", "minimum": 0, "maximum": limit::BUDGET_MICRO_USD / 1_000_000,
                             "description": "What the agent may spend in a day." },
        }),
        &[],
        "What one agent gets.",
    );
    let option = object(
        &json!({
            "key": key("Short, as in A; not none or own."),
            "title": text(limit::OPTION_TITLE_CHARS, "What would be done."),
            "consequence": text(limit::CONSEQUENCE_CHARS, "What would come of it."),
            "cost_usd": { "type": "number", "minimum": -cost, "maximum": cost,
                          "description": "In dollars, with at most six decimal places; less than nothing is saved." },
            "effort": text(limit::EFFORT_CHARS, "How much work, in the author's words."),
            "reversible": { "type": "boolean", "description": "Whether it can be undone." },
            "allocation": {
                "type": "object",
                "maxProperties": limit::AGENTS,
                "propertyNames": { "pattern": "^[a-z][a-z0-9_-]{0,31}$" },
                "additionalProperties": share,
                "description": "What each agent gets where this option is decided; the weights come to 1000. Only in the categories resource_allocation and budget.",
            },
            "risk": { "enum": risks, "description": "How much may go wrong." },
        }),
        &["effort", "risk", "allocation"],
        "What a founder may choose.",
    );
    let recommendation = object(
        &json!({
            "key": key("The option that the author would choose."),
            "why": text(limit::WHY_CHARS, "Why."),
            "confidence": { "type": "number", "minimum": 0, "maximum": 1, "description": "How sure the author is." },
        }),
        &[],
        "What the author would choose.",
    );
    let evidence = object(
        &json!({
            "sha256": { "type": "string", "pattern": "^[0-9a-f]{64}$", "description": "The artifact." },
            "title": text(limit::EVIDENCE_TITLE_CHARS, "What it shows."),
        }),
        &[],
        "An artifact that shows what the brief says.",
    );
    let list = |items: Value, counts: &std::ops::RangeInclusive<usize>, description: &str| {
        json!({ "type": "array", "items": items, "minItems": counts.start(), "maxItems": counts.end(),
                "description": description })
    };
    let mut schema = object(
        &json!({
            "v": { "const": 1, "description": "The version of the message." },
            "brief": { "type": "string", "pattern": format!("^[A-Za-z0-9._-]{{1,{}}}$", limit::NAME_CHARS),
                       "description": "The author's own name for it; a newer version has the same one." },
            "title": text(limit::TITLE_CHARS, "One line."),
            "question": text(limit::QUESTION_CHARS, "One sentence that ends with a question mark."),
            "category": { "type": "string", "pattern": format!("^[a-z0-9_]{{1,{}}}$", limit::CATEGORY_CHARS),
                          "description": format!("What kind of decision it is. Founders alone settle {}.", RESERVED.join(", ")) },
            "context_md": { "type": "string", "maxLength": limit::CONTEXT_CHARS,
                            "description": "Markdown without HTML and pictures; may be empty." },
            "options": list(option, &limit::OPTIONS, "What a founder may choose from."),
            "recommendation": recommendation,
            "evidence": list(evidence, &limit::EVIDENCE, "Artifacts that show what the brief says."),
            "deadline": { "type": "string", "format": "date-time", "description": "RFC 3339; within 90 days." },
            "at_deadline": key(&format!("{NONE}, or the key of an option that can be undone.")),
            "input_needed": text(limit::INPUT_CHARS, "What only the founder can add."),
            "correlation_id": text(limit::TRACE_CHARS, "The trace."),
            "facts": {
                "type": "array",
                "items": { "type": "string", "format": "uuid" },
                "maxItems": limit::FACTS,
                "uniqueItems": true,
                "description": "Facts of the founders on which it rests, by the ids of GET /api/v1/context.",
            },
        }),
        &["v", "correlation_id", "facts"],
        "The payload of events.<agent>.brief.prepared.",
    );
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["$id"] = json!(format!("urn:countersign:schema:{NAME}:v1"));
    schema["title"] = json!("A question that an agent puts before a founder");
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_committed_schemas_are_current() {
        #[expect(clippy::disallowed_methods, reason = "a switch of the test, not of the product")]
        let bless = std::env::var_os("BLESS").is_some();
        let schema = prepared();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/schemas/{NAME}.json"));
        if bless {
            std::fs::write(&path, serde_json::to_string_pretty(&schema).unwrap() + "\n").unwrap();
        }
        let kept: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_default()).unwrap_or_default();
        assert!(kept == schema, "docs/schemas/{NAME}.json is stale: run this test with BLESS=1");
    }

    #[test]
    fn the_schema_has_the_fields_that_the_reader_knows() {
        let names = |value: &Value| {
            let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
            names.sort();
            names
        };
        let sorted = |list: &[&str]| {
            let mut list: Vec<String> = list.iter().map(|name| (*name).to_owned()).collect();
            list.sort();
            list
        };
        let schema = prepared();
        assert_eq!(names(&schema["properties"]), sorted(&crate::read::FIELDS));
        let option = &schema["properties"]["options"]["items"]["properties"];
        assert_eq!(names(option), sorted(&crate::read::OPTION_FIELDS));
    }
}
