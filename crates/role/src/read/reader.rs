//! Walks the tree of a file, field by field: collects faults instead of stopping at the first, and notes where
//! everything stands.

use super::tree::{Node, Value};
use crate::{
    fault::{Fault, FaultKind},
    limit,
    place::{Place, Places},
    visible::{escaped, is_hidden, shown},
};
use std::collections::BTreeMap;

/// What has been found so far.
pub(super) struct Reader<'n> {
    source: &'n str,
    pub faults: Vec<Fault>,
    pub places: Places,
}

/// A value and the path to it.
#[derive(Clone)]
pub(super) struct At<'n> {
    pub path: String,
    pub node: &'n Node,
}

/// The fields of a mapping.
pub(super) struct Fields<'n> {
    pub path: String,
    pub place: Place,
    found: BTreeMap<&'n str, At<'n>>,
}

impl<'n> Fields<'n> {
    pub fn get(&self, name: &str) -> Option<&At<'n>> {
        self.found.get(name)
    }

    /// The path that a field of this name has or would have.
    pub fn path_of(&self, name: &str) -> String {
        joined(&self.path, name)
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

impl<'n> Reader<'n> {
    pub fn new(source: &'n str) -> Self {
        Self { source, faults: Vec::new(), places: Places::default() }
    }

    pub fn fault(&mut self, kind: FaultKind, place: Place, path: &str, why: impl Into<String>, fix: impl Into<String>) {
        self.faults.push(Fault { kind, place, path: path.to_owned(), why: why.into(), fix: fix.into() });
    }

    /// A fault of the value itself.
    pub fn refuse(&mut self, kind: FaultKind, at: &At<'n>, why: impl Into<String>, fix: impl Into<String>) {
        self.fault(kind, at.node.place, &at.path, why, fix);
    }

    /// A mapping that has these fields and no others. `unknown` says how to mend a field that it does not have;
    /// `None` leaves the list of the known ones to say it.
    pub fn fields(
        &mut self,
        at: &At<'n>,
        known: &[&str],
        unknown: fn(&str) -> Option<&'static str>,
    ) -> Option<Fields<'n>> {
        let Value::Map(map) = &at.node.value else {
            let fix = format!("Write its fields below it: {}.", known.join(", "));
            self.wrong_type(at, "a mapping", fix);
            return None;
        };
        let mut fields: BTreeMap<&str, At<'n>> = BTreeMap::new();
        for (key, node) in map {
            let path = joined(&at.path, &shown(&key.name));
            if !known.contains(&key.name.as_str()) {
                let why = format!("There is no field “{}” here.", shown(&key.name));
                let fix = match unknown(&key.name) {
                    Some(fix) => fix.to_owned(),
                    None => format!("Remove it, or use one of: {}.", known.join(", ")),
                };
                self.fault(FaultKind::Unknown, key.place, &path, why, fix);
            } else if fields.contains_key(key.name.as_str()) {
                let why = format!("The field “{}” is there twice.", key.name);
                self.fault(FaultKind::Duplicate, key.place, &path, why, "Keep one of them.");
            } else {
                // A field's place is its name's: that is where one looks for it, and where an empty one stands.
                self.places.note(path.clone(), key.place);
                fields.insert(key.name.as_str(), At { path, node });
            }
        }
        Some(Fields { path: at.path.clone(), place: at.node.place, found: fields })
    }

    /// A field that must be there.
    pub fn need(&mut self, fields: &Fields<'n>, name: &str, fix: &str) -> Option<At<'n>> {
        let found = fields.get(name).cloned();
        if found.is_none() {
            let why = format!("The field “{name}” is missing.");
            self.fault(FaultKind::Missing, fields.place, &fields.path_of(name), why, fix);
        }
        found
    }

    /// The items of a list, of which there may be [`limit::LIST_ITEMS`].
    pub fn items(&mut self, at: &At<'n>) -> Option<Vec<At<'n>>> {
        let Value::List(list) = &at.node.value else {
            self.wrong_type(at, "a list", "Write it as [one, two] or as lines that begin with “- ”.");
            return None;
        };
        if list.len() > limit::LIST_ITEMS {
            let why = format!("The list has {} items; {} are the most.", list.len(), limit::LIST_ITEMS);
            self.refuse(FaultKind::TooLarge, at, why, "Shorten it.");
            return None;
        }
        let item = |(number, node): (usize, &'n Node)| At { path: format!("{}[{number}]", at.path), node };
        let items: Vec<At<'n>> = list.iter().enumerate().map(item).collect();
        for item in &items {
            self.places.note(item.path.clone(), item.node.place);
        }
        Some(items)
    }

    /// A text of at most `chars` characters, without any that cannot be seen. An escape in quotes can make one
    /// that does not stand in the file.
    pub fn text(&mut self, at: &At<'n>, chars: usize) -> Option<&'n str> {
        let Value::Text(text) = &at.node.value else {
            self.wrong_type(at, "a text", "Put it in quotes.");
            return None;
        };
        let length = text.chars().count();
        if length > chars {
            let why = format!("The text has {length} characters; {chars} are the most.");
            self.refuse(FaultKind::TooLarge, at, why, "Shorten it.");
            return None;
        }
        let source = self.source;
        if let Some(c) = text.chars().find(|c| (is_hidden(*c) || *c == '\t') && !source.contains(*c)) {
            let why = format!("The text has a character that cannot be seen: {}.", escaped(c));
            self.refuse(FaultKind::Hidden, at, why, "Remove its escape.");
            return None;
        }
        Some(text)
    }

    /// As [`Self::text`], on one line.
    pub fn line(&mut self, at: &At<'n>, chars: usize) -> Option<&'n str> {
        let text = self.text(at, chars)?;
        if text.contains('\n') {
            self.refuse(FaultKind::Form, at, "The text has more than one line.", "Write it on one line.");
            return None;
        }
        Some(text)
    }

    /// A text that `parse` understands; otherwise `fix` says which form is meant.
    pub fn formed<T>(
        &mut self,
        at: &At<'n>,
        chars: usize,
        parse: impl FnOnce(&str) -> Option<T>,
        fix: &str,
    ) -> Option<T> {
        let text = self.line(at, chars)?;
        let parsed = parse(text);
        if parsed.is_none() {
            self.refuse(FaultKind::Form, at, format!("“{}” cannot be used here.", shown(text)), fix);
        }
        parsed
    }

    /// The spelling of a number.
    pub fn number(&mut self, at: &At<'n>, fix: &str) -> Option<&'n str> {
        let Value::Number(number) = &at.node.value else {
            self.wrong_type(at, "a number", fix);
            return None;
        };
        Some(number)
    }

    pub fn wrong_type(&mut self, at: &At<'n>, wanted: &str, fix: impl Into<String>) {
        let why = format!("Here belongs {wanted}, but there is {}.", at.node.value.is_called());
        self.refuse(FaultKind::Type, at, why, fix);
    }

    /// Says what is wrong where `value` is beyond its limits.
    pub fn within<T: PartialOrd + std::fmt::Display>(
        &mut self,
        at: &At<'n>,
        value: T,
        limits: &std::ops::RangeInclusive<T>,
    ) -> Option<T> {
        if limits.contains(&value) {
            return Some(value);
        }
        let why = format!("{value} is beyond the limits.");
        let fix = format!("Choose from {} to {}.", limits.start(), limits.end());
        self.refuse(FaultKind::Range, at, why, fix);
        None
    }
}
