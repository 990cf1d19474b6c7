//! The words that tasks are found by, and what a search asks of them, in the forms that Postgres keeps and
//! compares. Both sides part words here: Postgres' own parser takes `acme/console` for the name of a file, which
//! neither “acme” nor “console” finds, and the words of a task cost as much as all else that is recorded of it
//! (docs/decisions/0007).

use std::{collections::BTreeMap, fmt::Write};
use unicode_segmentation::UnicodeSegmentation;

/// Which rules these are: kept with the words. Whoever changes how words are parted counts it up, with a migration for
/// the index of what is stale.
pub(crate) const RULES: i16 = 1;

/// Characters of a text whose words are kept, so that no payload can exceed what a `tsvector` holds.
pub(crate) const TEXT: usize = 20_000;
/// Characters of a word. The rest of a longer one (a key, a picture in base64) is not looked at.
const WORD: usize = 100;
/// Characters of what is typed. Postgres takes a query apart by recursion.
const TYPED: usize = 2_000;
/// What UAX #29 holds together with, beside ASCII's punctuation: apostrophes, points and low lines of other forms.
const JOINTS: &str = "’‘·․‧‿⁀⁔\u{202f}︐︓︔︳︴﹍﹎﹏﹐﹒﹔﹕＇，．：；＿";
/// Postgres counts positions no further (chapter “Text Search Types” of its manual).
const LAST_POSITION: usize = 16_383;

/// What a task is found by, as the text of a `tsvector`.
pub(crate) fn of_task(agent: &str, kind: &str, trace: Option<&str>, payload: &str) -> String {
    vector(&[agent, kind, trace.unwrap_or_default(), payload])
}

/// The words of the texts, one after the other, as the text of a `tsvector`: each word with its positions.
fn vector(texts: &[&str]) -> String {
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, word) in texts.iter().flat_map(|text| words(cut(text, TEXT))).enumerate() {
        places.entry(word).or_default().push((place + 1).min(LAST_POSITION));
    }
    let mut vector = String::new();
    for (word, places) in places {
        // A word has neither quotes nor backslashes.
        let _ = write!(vector, "'{word}'");
        for (n, place) in places.iter().enumerate() {
            let _ = write!(vector, "{}{place}", if n == 0 { ':' } else { ',' });
        }
        vector.push(' ');
    }
    vector
}

/// What somebody typed, as the text of a `tsquery`: all words, `"words in this order"`, `-without`, this `or` that.
/// Empty, and then found nowhere, where it has no word.
pub(crate) fn query(typed: &str) -> String {
    let mut alternatives: Vec<Vec<String>> = vec![Vec::new()];
    for term in terms(typed) {
        if term == Term::Or {
            alternatives.push(Vec::new());
        } else if let (Some(term), Some(all)) = (term.query(), alternatives.last_mut()) {
            all.push(term);
        }
    }
    // Of the operators, “and” binds closer than “or”.
    let alternatives = alternatives.into_iter().filter(|all| !all.is_empty()).map(|all| all.join(" & "));
    alternatives.collect::<Vec<_>>().join(" | ")
}

/// A part of what was typed.
#[derive(Debug, PartialEq, Eq)]
enum Term<'a> {
    Or,
    With(&'a str),
    Without(&'a str),
}

impl Term<'_> {
    /// A term of several words, as `acme/console` is, asks for them in this order.
    fn query(&self) -> Option<String> {
        let phrase = |text: &str| {
            let words: Vec<String> = words(text).map(|word| format!("'{word}'")).collect();
            (!words.is_empty()).then(|| words.join(" <-> "))
        };
        match self {
            Self::Or => None,
            Self::With(text) => phrase(text),
            Self::Without(text) => phrase(text).map(|phrase| format!("!({phrase})")),
        }
    }
}

/// Parts at spaces, except within quotes; a quote that is not closed goes to the end.
fn terms(typed: &str) -> impl Iterator<Item = Term<'_>> {
    let mut rest = cut(typed, TYPED);
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        if rest.is_empty() {
            return None;
        }
        let (without, text) = rest.strip_prefix('-').map_or((false, rest), |text| (true, text));
        let quoted = text.strip_prefix('"');
        let (text, after) = match quoted {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => text.split_at(text.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(text.len())),
        };
        rest = after;
        Some(match text {
            _ if without => Term::Without(text),
            "or" | "OR" | "Or" if quoted.is_none() => Term::Or,
            _ => Term::With(text),
        })
    })
}

/// Words as Unicode parts them (UAX #29), further parted where it holds names together (`correlation_id`,
/// `example.com`), in lower case.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.unicode_words()
        .flat_map(|word| word.split(|c: char| c.is_ascii_punctuation() || JOINTS.contains(c)))
        .filter(|word| !word.is_empty())
        .map(|word| cut(word, WORD).to_lowercase())
}

/// The first `most` characters.
fn cut(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(at, _)| &text[..at])
}

#[cfg(test)]
mod tests {
    use super::{WORD, query, vector};

    #[test]
    fn words_are_kept_in_lower_case_with_all_their_positions() {
        assert_eq!(vector(&["Scan the repo", "again: SCAN"]), "'again':4 'repo':3 'scan':1,5 'the':2 ");
    }

    #[test]
    fn a_path_a_name_and_a_number_are_found_by_their_parts() {
        assert_eq!(vector(&[r#"{"repo":"acme/console"}"#]), "'acme':2 'console':3 'repo':1 ");
        assert_eq!(vector(&["correlation_id: a-7"]), "'7':4 'a':3 'correlation':1 'id':2 ");
        assert_eq!(vector(&["ops@example.com, 3.14"]), "'14':5 '3':4 'com':3 'example':2 'ops':1 ");
    }

    #[test]
    fn other_scripts_have_words_too() {
        assert_eq!(vector(&["Größe ÄNDERN"]), "'größe':1 'ändern':2 ");
        assert_eq!(vector(&["東京"]), "'京':2 '東':1 ");
        assert_eq!(vector(&["l’accès, it’s"]), "'accès':2 'it':3 'l':1 's':4 ");
        assert_eq!(query("it's l'accès"), "'it' <-> 's' & 'l' <-> 'accès'");
    }

    #[test]
    fn neither_quotes_nor_backslashes_nor_a_huge_word_break_the_form() {
        assert_eq!(vector(&[r"it's \'a\' '' \\"]), "'a':3 'it':1 's':2 ");
        assert_eq!(vector(&[&"x".repeat(5_000)]), format!("'{}':1 ", "x".repeat(WORD)));
        assert_eq!(query(&"x".repeat(5_000)), format!("'{}'", "x".repeat(WORD)));
    }

    #[test]
    fn a_search_asks_for_all_words_phrases_exclusions_and_alternatives() {
        assert_eq!(query("leaked Secrets"), "'leaked' & 'secrets'");
        assert_eq!(query(r#""leaked secrets" acme/console"#), "'leaked' <-> 'secrets' & 'acme' <-> 'console'");
        assert_eq!(query("zebra -draft or 'horse'"), "'zebra' & !('draft') | 'horse'");
        assert_eq!(query(r#"trick "or" treat"#), "'trick' & 'or' & 'treat'");
        assert_eq!(query(r#"-"two words" "never closed"#), "!('two' <-> 'words') & 'never' <-> 'closed'");
    }

    #[test]
    fn a_search_without_words_asks_for_nothing() {
        for typed in ["", "  ", "?!", "or", r#""""#, "- -", "or or \" "] {
            assert_eq!(query(typed), "", "{typed:?}");
        }
    }
}
