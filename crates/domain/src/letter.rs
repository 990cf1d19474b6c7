//! Dead letters: tasks that ended badly and wait for a founder's word.

use crate::{AgentName, TaskKind, task::words};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

words!(
    /// Why a task became a dead letter.
    LetterCause {
        /// All attempts were used up.
        Exhausted = "exhausted",
        /// Its worker gave it up for good.
        GivenUp = "given_up",
        /// There was no agent of that name.
        Undeliverable = "undeliverable",
    }
);

words!(
    /// What became of a dead letter.
    LetterState {
        /// A founder has not decided.
        Waiting = "waiting",
        /// It is being done again as another task, which has not ended well yet.
        Replaying = "replaying",
        /// The other task succeeded.
        Replayed = "replayed",
        /// A founder decided that nothing is to be done.
        Dismissed = "dismissed",
        /// Its worker answered well after all, late.
        Answered = "answered",
    }
);

/// What letters of the same error have in common: 16 hexadecimal digits over agent, kind, cause and the
/// reason without what differs from case to case (numbers, ids, quoted words, paths' last parts).
pub fn fingerprint(agent: &AgentName, kind: &TaskKind, cause: LetterCause, reason: Option<&str>) -> String {
    let shape = reason.map(shape).unwrap_or_default();
    let digest = Sha256::new()
        .chain_update(agent.as_str())
        .chain_update([0])
        .chain_update(kind.as_str())
        .chain_update([0])
        .chain_update(cause.as_str())
        .chain_update([0])
        .chain_update(shape)
        .finalize();
    let first = digest[..8].try_into().map(u64::from_be_bytes).unwrap_or_default();
    format!("{first:016x}")
}

/// A reason with its particulars replaced: words with a digit become `#`, quoted text becomes `“”`.
fn shape(reason: &str) -> String {
    let mut out = String::with_capacity(reason.len());
    let mut rest = reason;
    while let Some(start) = rest.find(['"', '“', '\'', '`']) {
        let open = rest[start..].chars().next().unwrap_or('"');
        let close = if open == '“' { '”' } else { open };
        let after = &rest[start + open.len_utf8()..];
        // An apostrophe inside a word opens nothing.
        let inside_a_word = open == '\'' && rest[..start].ends_with(char::is_alphanumeric);
        match after.find(close) {
            Some(end) if !inside_a_word => {
                words_of(&rest[..start], &mut out);
                out.push_str("“” ");
                rest = &after[end + close.len_utf8()..];
            }
            _ => {
                words_of(&rest[..start], &mut out);
                rest = after;
            }
        }
    }
    words_of(rest, &mut out);
    out.truncate(out.trim_end().len());
    out
}

fn words_of(text: &str, out: &mut String) {
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | ',' | ';')) {
        if word.is_empty() {
            continue;
        }
        let differs = word.bytes().any(|byte| byte.is_ascii_digit());
        out.push_str(if differs { "#" } else { word });
        out.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(reason: &str) -> String {
        fingerprint(&"cso".parse().unwrap(), &"scan".parse().unwrap(), LetterCause::Exhausted, Some(reason))
    }

    #[test]
    fn the_same_error_with_other_particulars_has_the_same_fingerprint() {
        let first = of("Cannot read “id” of the manifest (line 41), request 8f3a-1");
        assert_eq!(first, of("Cannot read “name” of the manifest (line 7), request 0b77-9"));
        assert_ne!(first, of("Cannot write the manifest (line 41)"));
        assert_eq!(first.len(), 16);
    }

    #[test]
    fn an_apostrophe_inside_a_word_quotes_nothing() {
        assert_eq!(shape("the scanner doesn't know the provider's key"), "the scanner doesn t know the provider s key");
        assert_ne!(of("can't read"), of("can't write"));
    }
}
