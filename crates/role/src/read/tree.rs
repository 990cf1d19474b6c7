//! YAML as a tree in which every value knows where it stands. Numbers keep their spelling, and mappings keep
//! fields that are there twice, so that all of this can be judged by the reader with the rest.

use crate::{
    fault::{Fault, FaultKind},
    limit,
    place::Place,
    visible::shown,
};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::{DuplicateKeyPolicy, Error, Location, MergeKeyPolicy, Spanned, budget::BudgetBreach};
use std::fmt;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub place: Place,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// The name of a field and its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key {
    pub place: Place,
    pub name: String,
}

impl Value {
    /// For messages.
    pub fn is_called(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

/// As the library hands it out: numbers without their spelling.
enum Loose {
    Null,
    Bool(bool),
    Number,
    Text(String),
    List(Vec<Spanned<Loose>>),
    Map(Vec<(Spanned<String>, Spanned<Loose>)>),
}

struct LooseVisitor;

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor)
    }
}

impl<'de> Visitor<'de> for LooseVisitor {
    type Value = Loose;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Loose, E> {
        Ok(Loose::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Loose, E> {
        Ok(Loose::Bool(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Loose, E> {
        Ok(Loose::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Loose, E> {
        Ok(Loose::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Loose, E> {
        Ok(Loose::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Loose, E> {
        Ok(Loose::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Loose, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Loose::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Loose, A::Error> {
        let mut map = Vec::new();
        while let Some(field) = fields.next_entry()? {
            map.push(field);
        }
        Ok(Loose::Map(map))
    }
}

fn place(location: Location) -> Place {
    let fit = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).max(1);
    Place { line: fit(location.line()), column: fit(location.column()) }
}

/// Puts the spelling of numbers in. The depth of the tree is bounded by the budget.
fn spelled(source: &str, loose: Spanned<Loose>) -> Node {
    let value = match loose.value {
        Loose::Null => Value::Null,
        Loose::Bool(value) => Value::Bool(value),
        Loose::Number => Value::Number(slice(source, loose.defined).to_owned()),
        Loose::Text(text) => Value::Text(text),
        Loose::List(list) => Value::List(list.into_iter().map(|item| spelled(source, item)).collect()),
        Loose::Map(map) => {
            let field = |(key, value): (Spanned<String>, Spanned<Loose>)| {
                (Key { place: place(key.defined), name: key.value }, spelled(source, value))
            };
            Value::Map(map.into_iter().map(field).collect())
        }
    };
    Node { place: place(loose.defined), value }
}

/// What stands at `location`; nothing where the library does not say. A number that is spelled by nothing is
/// refused later on.
fn slice(source: &str, location: Location) -> &str {
    let span = location.span();
    let range = || {
        let start = usize::try_from(span.byte_offset()?).ok()?;
        source.get(start..start.checked_add(usize::try_from(span.byte_len()?).ok()?)?)
    };
    range().unwrap_or_default().trim()
}

/// Reads one document.
pub(super) fn parse(source: &str) -> Result<Node, Fault> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: limit::DEPTH,
            flow_nesting_limit: limit::DEPTH,
            max_nodes: limit::NODES,
            max_events: 4 * limit::NODES,
            max_documents: 1,
            max_total_scalar_bytes: limit::FILE_BYTES,
            max_anchors: 0,
            max_aliases: 0,
            max_merge_keys: 0,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        // Base64 would hide from the reviewer what it says.
        ignore_binary_tag_for_string: true,
        reject_unsupported_tags: true,
        strict_booleans: true,
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options::<Spanned<Loose>>(source, options) {
        Ok(loose) => Ok(spelled(source, loose)),
        Err(error) => Err(fault(&error)),
    }
}

fn fault(error: &Error) -> Fault {
    let place = error.location().map_or(Place::START, place);
    let (kind, why, fix) = match error.without_snippet() {
        Error::Budget { breach, .. } => breached(breach),
        Error::UnknownAnchor { .. } | Error::MergeKeyNotAllowed { .. } => shared(),
        Error::MultipleDocuments { .. } => (
            FaultKind::Documents,
            "There is a second document in the file.".to_owned(),
            "Keep one role to a file, without further `---` lines.",
        ),
        Error::Eof { .. } => (FaultKind::Syntax, "The file is empty.".to_owned(), "Write the role into it."),
        Error::UnsupportedTag { tag, .. } => {
            (FaultKind::Syntax, format!("There is a tag, “{}”.", shown(tag)), "Write the plain value without a tag.")
        }
        Error::ExternalMessage { msg, .. } if msg.contains("nesting") || msg.contains("recursion") => nested(),
        Error::ExternalMessage { msg, .. } => (
            FaultKind::Syntax,
            format!("From here on this is no YAML: {}.", shown(msg.trim_end_matches('.'))),
            "Check the indentation, brackets and quotes at this place.",
        ),
        other => (
            FaultKind::Syntax,
            format!("This cannot be read: {}.", shown(other.to_string().trim_end_matches('.'))),
            "Use plain names as fields, and plain texts, numbers, lists and mappings as values.",
        ),
    };
    Fault { kind, place, path: String::new(), why, fix: fix.to_owned() }
}

fn nested() -> (FaultKind, String, &'static str) {
    let why = format!("Lists and mappings are inside one another more than {} deep.", limit::DEPTH);
    (FaultKind::Nesting, why, "A role file needs four levels: check the brackets.")
}

fn shared() -> (FaultKind, String, &'static str) {
    let why = "There is an anchor or alias (`&name`, `*name`).".to_owned();
    (FaultKind::Shared, why, "Write the value out where it counts; quote a text that begins with `&` or `*`.")
}

fn breached(breach: &BudgetBreach) -> (FaultKind, String, &'static str) {
    match breach {
        BudgetBreach::Depth { .. } => nested(),
        BudgetBreach::Anchors { .. } | BudgetBreach::Aliases { .. } => shared(),
        BudgetBreach::Documents { .. } => (
            FaultKind::Documents,
            "There is a second document in the file.".to_owned(),
            "Keep one role to a file, without further `---` lines.",
        ),
        _ => {
            let why = format!("There are more than {} values in the file.", limit::NODES);
            (FaultKind::TooLarge, why, "Shorten the lists.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(source: &str) -> FaultKind {
        parse(source).unwrap_err().kind
    }

    #[test]
    fn every_value_knows_its_place_and_numbers_their_spelling() {
        let Value::Map(map) = parse("a: 5.480\nb:\n  - x\n  - {c: null, d: 0x10}\n").unwrap().value else {
            panic!("no mapping");
        };
        assert_eq!(map[0].1, Node { place: Place { line: 1, column: 4 }, value: Value::Number("5.480".into()) });
        assert_eq!(map[1].0, Key { place: Place { line: 2, column: 1 }, name: "b".into() });
        let Value::List(list) = &map[1].1.value else { panic!("no list") };
        assert_eq!(list[0], Node { place: Place { line: 3, column: 5 }, value: Value::Text("x".into()) });
        let Value::Map(inner) = &list[1].value else { panic!("no mapping") };
        assert_eq!(inner[0].1.value, Value::Null);
        assert_eq!(inner[1].1.value, Value::Number("0x10".into()));
    }

    #[test]
    fn a_text_in_quotes_is_no_number_and_yes_is_no_truth() {
        for text in ["\"5\"", "yes", "on", "5s"] {
            assert!(matches!(parse(text).unwrap().value, Value::Text(_)), "{text}");
        }
    }

    #[test]
    fn a_field_that_is_there_twice_is_kept_twice() {
        let Value::Map(map) = parse("a: 1\na: 2\n").unwrap().value else { panic!("no mapping") };
        assert_eq!(map.len(), 2);
    }

    #[test]
    fn what_blows_up_is_refused_before_it_does() {
        for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", "")] {
            let deep = format!("{}x{}", open.repeat(10_000), close.repeat(10_000));
            assert_eq!(kind(&deep), FaultKind::Nesting, "{open}");
        }
        let steps = (0..40).fold(String::new(), |text, depth| format!("{text}{}a:\n", " ".repeat(depth)));
        assert_eq!(kind(&steps), FaultKind::Nesting);
        assert_eq!(kind(&format!("[{}]", "1,".repeat(limit::NODES))), FaultKind::TooLarge);
        assert_eq!(kind("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"), FaultKind::Shared);
        assert_eq!(kind("a: *unknown\n"), FaultKind::Shared);
    }

    #[test]
    fn other_yaml_than_one_plain_document_is_refused() {
        assert_eq!(kind("a: 1\n---\nb: 2\n"), FaultKind::Documents);
        assert_eq!(kind("a: [1\n"), FaultKind::Syntax);
        assert_eq!(kind("a: !secret x\n"), FaultKind::Syntax);
        assert_eq!(kind("? [a, b]\n: 1\n"), FaultKind::Syntax);
        assert_eq!(kind("null: 1\n"), FaultKind::Syntax);
        assert_eq!(kind("a: .nan\n"), FaultKind::Syntax);
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let Value::Map(map) = parse("a: !!binary aGVsbG8=\n").unwrap().value else { panic!("no mapping") };
        assert_eq!(map[0].1.value, Value::Text("aGVsbG8=".into()));
    }
}
