//! Walks a payload field by field: collects faults instead of stopping at the first.

use super::tree::Node;
use crate::{
    fault::{Fault, Rule, step},
    markup::{self, Found},
    number,
};
use countersign_domain::hidden::{escaped, is_hidden, shown};
use std::collections::BTreeMap;

/// A value and its JSON pointer.
#[derive(Debug, Clone)]
pub(super) struct At<'n> {
    pub pointer: String,
    pub node: &'n Node,
}

/// The fields of an object.
#[derive(Debug)]
pub(super) struct Fields<'n> {
    pub pointer: String,
    found: BTreeMap<&'n str, At<'n>>,
}

impl<'n> Fields<'n> {
    /// A field that is there and not null.
    pub fn get(&self, name: &str) -> Option<&At<'n>> {
        self.found.get(name).filter(|at| *at.node != Node::Null)
    }
}

/// How a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One line.
    Line,
    /// Several lines, in which nothing means more than it says.
    Lines,
    Markdown,
}

/// Words by which something says that it has been decided already.
const OF_DECISIONS: [&str; 14] = [
    "answer",
    "approved",
    "approved_by",
    "choice",
    "chosen",
    "decided",
    "decided_at",
    "decided_by",
    "decision",
    "rationale",
    "selected",
    "signature",
    "state",
    "status",
];

/// What has been found so far.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub faults: Vec<Fault>,
}

impl Reader {
    pub fn fault(&mut self, rule: Rule, pointer: &str, why: impl Into<String>, fix: impl Into<String>) {
        self.faults.push(Fault { rule, pointer: pointer.to_owned(), why: why.into(), fix: fix.into() });
    }

    /// An object that has these fields and no others.
    pub fn fields<'n>(&mut self, at: &At<'n>, known: &[&str]) -> Option<Fields<'n>> {
        let Node::Object(list) = at.node else {
            self.wrong_type(at, "an object", format!("Give it the fields {}.", known.join(", ")));
            return None;
        };
        let mut found: BTreeMap<&str, At<'n>> = BTreeMap::new();
        for (name, node) in list {
            let pointer = step(&at.pointer, name);
            if OF_DECISIONS.contains(&name.as_str()) {
                let why = format!("A brief has no field “{name}”: only a founder decides.");
                self.fault(
                    Rule::DecidesItself,
                    &pointer,
                    why,
                    "Remove it; say what you would choose in `recommendation`.",
                );
            } else if !known.contains(&name.as_str()) {
                let why = format!("There is no field “{}” here.", shown(name));
                let fix = format!("Remove it, or use one of: {}.", known.join(", "));
                self.fault(Rule::Unknown, &pointer, why, fix);
            } else if found.contains_key(name.as_str()) {
                let why = format!("The field “{name}” is there twice.");
                self.fault(Rule::Duplicate, &pointer, why, "Keep one of them.");
            } else {
                found.insert(name, At { pointer, node });
            }
        }
        Some(Fields { pointer: at.pointer.clone(), found })
    }

    /// An object whose fields are named by its author, at most `most` of them.
    pub fn entries<'n>(&mut self, at: &At<'n>, most: usize) -> Option<Vec<(&'n str, At<'n>)>> {
        let Node::Object(list) = at.node else {
            self.wrong_type(at, "an object", "Write it as { … }.");
            return None;
        };
        if list.len() > most {
            let why = format!("There are {} entries; {most} are the most.", list.len());
            self.fault(Rule::TooLarge, &at.pointer, why, "Leave out those that say nothing.");
        }
        let entry = |(name, node): &'n (String, Node)| (name.as_str(), At { pointer: step(&at.pointer, name), node });
        Some(list.iter().take(most).map(entry).collect())
    }

    /// A field that must be there.
    pub fn need<'n>(&mut self, fields: &Fields<'n>, name: &str, fix: &str) -> Option<At<'n>> {
        let found = fields.get(name).cloned();
        if found.is_none() {
            let why = format!("The field “{name}” is missing.");
            self.fault(Rule::Missing, &step(&fields.pointer, name), why, fix);
        }
        found
    }

    /// The items of a list, at most `most` of them: the others count, and are not looked at.
    pub fn items<'n>(&mut self, at: &At<'n>, most: usize) -> Option<(usize, Vec<At<'n>>)> {
        let Node::List(list) = at.node else {
            self.wrong_type(at, "a list", "Write it as [ … ].");
            return None;
        };
        let item = |(number, node)| At { pointer: format!("{}/{number}", at.pointer), node };
        Some((list.len(), list.iter().take(most).enumerate().map(item).collect()))
    }

    /// A text of at most `chars` characters that says something, hides nothing, and is text.
    pub fn text(&mut self, at: &At<'_>, chars: usize, kind: Kind) -> Option<String> {
        let Node::Text(text) = at.node else {
            self.wrong_type(at, "a text", "Put it in quotes.");
            return None;
        };
        let before = self.faults.len();
        let length = text.chars().count();
        if length > chars {
            let why = format!("The text has {length} characters; {chars} are the most.");
            self.fault(Rule::TooLarge, &at.pointer, why, "Shorten it.");
        }
        if let Some(c) = text.chars().find(|c| is_hidden(*c)) {
            let why = format!("The text has a character that cannot be seen: {}.", escaped(c));
            self.fault(Rule::Hidden, &at.pointer, why, "Remove it; end lines with a line feed alone.");
        }
        if kind == Kind::Line && text.contains(['\n', '\t']) {
            self.fault(Rule::Form, &at.pointer, "The text has more than one line, or a tab.", "Write it on one line.");
        }
        let found = if kind == Kind::Markdown { markup::in_markdown(text) } else { markup::in_text(text) };
        match found {
            Some(Found::Html(part)) => {
                let why = format!("There is HTML in the text: “{}”.", shown(&part));
                let fix = "Write text; in `context_md`, markdown, with code between backticks.";
                self.fault(Rule::Html, &at.pointer, why, fix);
            }
            Some(Found::Picture(part)) => {
                let why = format!("There is a picture in the text: “{}”.", shown(&part));
                let fix = "Publish the picture as an artifact, and name it as evidence.";
                self.fault(Rule::Picture, &at.pointer, why, fix);
            }
            None => {}
        }
        let text = text.trim();
        if text.is_empty() && kind != Kind::Markdown {
            self.fault(Rule::Empty, &at.pointer, "The text says nothing.", "Say it in words.");
        }
        (self.faults.len() == before).then(|| text.to_owned())
    }

    /// A text that is parsed; the parser's error says which form is meant.
    pub fn word<T>(&mut self, at: &At<'_>) -> Option<T>
    where
        T: std::str::FromStr,
        T::Err: ToString,
    {
        let Node::Text(text) = at.node else {
            self.wrong_type(at, "a text", "Put it in quotes.");
            return None;
        };
        match text.parse() {
            Ok(word) => Some(word),
            Err(error) => {
                let why = format!("“{}” cannot be used here.", shown(text));
                self.fault(Rule::Form, &at.pointer, why, error.to_string());
                None
            }
        }
    }

    /// A number, in millionths.
    pub fn millionths(&mut self, at: &At<'_>, limits: &std::ops::RangeInclusive<i64>, fix: &str) -> Option<i64> {
        let Node::Number(text) = at.node else {
            self.wrong_type(at, "a number", fix);
            return None;
        };
        let Some(value) = number::millionths(text) else {
            let why = format!("{} has more than six decimal places, or more digits than are counted.", shown(text));
            self.fault(Rule::Form, &at.pointer, why, fix);
            return None;
        };
        if limits.contains(&value) {
            return Some(value);
        }
        self.fault(Rule::Range, &at.pointer, format!("{} is beyond the limits.", shown(text)), fix);
        None
    }

    pub fn yes_or_no(&mut self, at: &At<'_>) -> Option<bool> {
        let Node::Bool(value) = at.node else {
            self.wrong_type(at, "true or false", "Write true or false, without quotes.");
            return None;
        };
        Some(*value)
    }

    fn wrong_type(&mut self, at: &At<'_>, wanted: &str, fix: impl Into<String>) {
        let why = format!("Here belongs {wanted}, but there is {}.", at.node.is_called());
        self.fault(Rule::Type, &at.pointer, why, fix);
    }
}
