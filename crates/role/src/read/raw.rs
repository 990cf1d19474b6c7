//! The bytes of a file, before they are read as YAML.

use crate::{
    fault::{Fault, FaultKind},
    limit,
    place::Place,
    visible::{escaped, is_hidden},
};

fn fault(kind: FaultKind, place: Place, why: String, fix: &str) -> Fault {
    Fault { kind, place, path: String::new(), why, fix: fix.to_owned() }
}

/// The bytes as text, and what stands in it that must not: there may be faults and a text. Without a text
/// there is exactly one fault.
pub(super) fn text(bytes: &[u8]) -> (Option<&str>, Vec<Fault>) {
    if bytes.len() > limit::FILE_BYTES {
        let why = format!("The file has {} bytes; {} are the most.", bytes.len(), limit::FILE_BYTES);
        return (None, vec![fault(FaultKind::TooLarge, Place::START, why, "Keep what explains at length elsewhere.")]);
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let good = std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
            let place = Place::of_offset(good, good.len());
            let why = "The file is not text in UTF-8.".to_owned();
            return (None, vec![fault(FaultKind::NotText, place, why, "Save it as UTF-8.")]);
        }
    };
    let lines = text.lines().count();
    if lines > limit::FILE_LINES {
        let why = format!("The file has {lines} lines; {} are the most.", limit::FILE_LINES);
        return (None, vec![fault(FaultKind::TooLarge, Place::START, why, "Keep what explains at length elsewhere.")]);
    }
    (Some(text), characters(text))
}

/// Every character that must not stand in a role file, wherever it stands: comments are read by people too.
fn characters(text: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut place = Place::START;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        // The lines of Windows end in two characters.
        let ends_line = c == '\r' && chars.peek() == Some(&'\n');
        if c == '\t' {
            let why = "There is a tab.".to_owned();
            faults.push(fault(FaultKind::Tab, place, why, "Use spaces."));
        } else if is_hidden(c) && !ends_line {
            let why = format!("There is a character that cannot be seen: {}.", escaped(c));
            faults.push(fault(FaultKind::Hidden, place, why, "Remove it."));
        }
        if c == '\n' {
            place = Place { line: place.line + 1, column: 1 };
        } else {
            place.column += 1;
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(bytes: &[u8]) -> Vec<(FaultKind, u32, u32)> {
        text(bytes).1.iter().map(|f| (f.kind, f.place.line, f.place.column)).collect()
    }

    #[test]
    fn characters_that_deceive_are_found_where_they_stand() {
        assert_eq!(
            kinds("a: é\u{202e}b\n\tc: \0".as_bytes()),
            [(FaultKind::Hidden, 1, 5), (FaultKind::Tab, 2, 1), (FaultKind::Hidden, 2, 5)]
        );
        assert_eq!(kinds("\u{feff}a: 1\n".as_bytes()), [(FaultKind::Hidden, 1, 1)]);
    }

    #[test]
    fn lines_may_end_as_on_windows_and_a_lone_return_may_not_hide_a_line() {
        assert_eq!(kinds(b"a: 1\r\nb: 2\r\n"), []);
        assert_eq!(kinds(b"a: 1\rb: 2\n"), [(FaultKind::Hidden, 1, 5)]);
    }

    #[test]
    fn what_is_no_text_or_too_long_has_no_text_at_all() {
        assert_eq!(text(b"ab\n\xff").0, None);
        assert_eq!(kinds(b"ab\n\xff"), [(FaultKind::NotText, 2, 1)]);
        assert_eq!(kinds(&vec![b'a'; limit::FILE_BYTES + 1]), [(FaultKind::TooLarge, 1, 1)]);
        assert_eq!(kinds(&vec![b'\n'; limit::FILE_LINES + 1]), [(FaultKind::TooLarge, 1, 1)]);
        assert_eq!(kinds(&vec![b'\n'; limit::FILE_LINES]), []);
    }
}
