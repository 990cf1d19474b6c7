//! Forms of the API, as its document describes them (JSON Schema 2020-12, as far as ours goes).

use crate::components::eager::Erase;
use leptos::prelude::*;
use serde_json::Value;

/// Name, kind and meaning of each field.
pub type Rows = Vec<(String, Kind, String)>;

/// What a value is, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kind {
    /// The word before its name.
    list: bool,
    word: String,
    /// Whether it is a form of its own, with a place on the page.
    linked: bool,
    optional: bool,
}

impl Kind {
    pub fn of(schema: &Value) -> Self {
        let plain = |word: String| Self { list: false, word, linked: false, optional: false };
        if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            return Self { linked: true, ..plain(name.to_owned()) };
        }
        if let Some(either) = schema["oneOf"].as_array() {
            let inner =
                either.iter().find(|one| one["type"] != "null").map_or_else(|| plain("any".to_owned()), Self::of);
            return Self { optional: either.iter().any(|one| one["type"] == "null"), ..inner };
        }
        let (word, optional) = match &schema["type"] {
            Value::String(word) => (word.clone(), false),
            Value::Array(words) => {
                let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
                let word = words.iter().find(|word| **word != "null").copied().unwrap_or("any");
                (word.to_owned(), words.contains(&"null"))
            }
            _ => ("any".to_owned(), false),
        };
        if word == "array" {
            return Self { list: true, optional, ..Self::of(&schema["items"]) };
        }
        let word = match schema["format"].as_str() {
            Some("date-time") => "moment".to_owned(),
            Some("uuid") => "id".to_owned(),
            _ => word,
        };
        Self { optional, ..plain(word) }
    }

    pub fn draw(self) -> AnyView {
        let Self { list, word, linked, optional } = self;
        let target = format!("#{word}");
        let word = if linked { view! { <a href=target>{word}</a> }.erased() } else { view! { {word} }.erased() };
        view! {
            <span class="docs-kind">{list.then_some("list of ")}{word}{optional.then_some(", or none")}</span>
        }
        .erased()
    }
}

/// The forms that a form has all of, and its own fields.
pub fn fields(schema: &Value) -> (Vec<Kind>, Rows) {
    if let Some(parts) = schema["allOf"].as_array() {
        let (mut bases, mut rows) = (Vec::new(), Rows::new());
        for part in parts {
            if part.get("$ref").is_some() {
                bases.push(Kind::of(part));
            } else {
                rows.extend(fields(part).1);
            }
        }
        return (bases, rows);
    }
    let row = |(name, field): (&String, &Value)| {
        (name.clone(), Kind::of(field), field["description"].as_str().unwrap_or_default().to_owned())
    };
    (Vec::new(), schema["properties"].as_object().map(|own| own.iter().map(row).collect()).unwrap_or_default())
}

/// A table of fields.
pub struct Fields {
    /// What they are, for those who hear the page.
    pub caption: &'static str,
    pub rows: Rows,
}

impl Fields {
    pub fn draw(self) -> AnyView {
        let rows = self.rows.into_iter().map(|(name, kind, meaning)| {
            view! { <tr><th scope="row"><code>{name}</code></th><td>{kind.draw()}</td><td>{meaning}</td></tr> }
        });
        let rows = rows.collect_view();
        view! {
            <div class="docs-table">
                <table>
                    <caption class="sr">{self.caption}</caption>
                    <thead><tr><th scope="col">"Name"</th><th scope="col">"Kind"</th><th scope="col">"Meaning"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .erased()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn words(schema: &Value) -> String {
        // Texts side by side are parted by an empty comment.
        Owner::new().with(|| Kind::of(schema).draw().to_html()).replace("<!>", "")
    }

    #[test]
    fn a_kind_is_said_in_words() {
        assert!(words(&json!({ "type": ["string", "null"], "format": "date-time" })).contains("moment, or none"));
        assert!(words(&json!({ "type": "array", "items": { "type": "string" } })).contains("list of string"));
        let linked = words(&json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Closed" }] }));
        assert!(linked.contains(r##"href="#Closed""##) && linked.contains(", or none"), "{linked}");
    }

    #[test]
    fn a_form_that_builds_on_another_says_so() {
        let schema = json!({ "allOf": [{ "$ref": "#/components/schemas/Task" }, { "properties": { "priority": { "type": "integer" } } }] });
        let (bases, rows) = fields(&schema);
        assert_eq!((bases.len(), rows.len(), rows[0].0.as_str()), (1, 1, "priority"));
    }
}
