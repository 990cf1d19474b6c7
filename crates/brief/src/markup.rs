//! HTML and pictures in text. Pages draw text as text whatever is in it; a brief that tries is refused all the same,
//! since a founder would read the attempt.

/// The first thing in a text that is more than text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// What begins like a tag (HTML, section 13.2.5.6), a comment, or a link in angle brackets.
    Html(String),
    /// A picture of markdown.
    Picture(String),
}

/// Looks at a text on one line, or a text that is no markdown.
pub(crate) fn in_text(text: &str) -> Option<Found> {
    find(text)
}

/// Looks at markdown: in code, tags are examples.
pub(crate) fn in_markdown(text: &str) -> Option<Found> {
    let mut fence: Option<&str> = None;
    for line in text.split('\n') {
        match (fence, fence_of(line)) {
            (Some(open), Some(mark)) if mark.starts_with(open) && line.trim() == mark => fence = None,
            (None, Some(mark)) => fence = Some(mark),
            (None, None) => {
                if let Some(found) = find(&without_code(line)) {
                    return Some(found);
                }
            }
            (Some(_), _) => {}
        }
    }
    None
}

/// The mark that begins or ends a block of code on this line (`CommonMark`, section 4.5): at most three blanks before
/// it, and no backtick behind one of backticks.
fn fence_of(line: &str) -> Option<&str> {
    let text = line.trim_start_matches(' ');
    if line.len() - text.len() > 3 {
        return None;
    }
    let mark = text.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = text.len() - text.trim_start_matches(mark).len();
    let (fence, rest) = text.split_at(length);
    (length >= 3 && !(mark == '`' && rest.contains('`'))).then_some(fence)
}

/// The line without its code (`CommonMark`, section 6.1): between two runs of as many backticks. Code that goes on in
/// the next line is not seen as such, and so looked at.
fn without_code(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if let Some(escaped) = rest.strip_prefix('\\') {
            // A backtick behind a backslash begins no code, and a bracket no tag.
            kept.push(' ');
            rest = escaped.strip_prefix(|c: char| c.is_ascii_punctuation()).unwrap_or(escaped);
        } else if c == '`' {
            let run = rest.len() - rest.trim_start_matches('`').len();
            let (ticks, behind) = rest.split_at(run);
            kept.push(' ');
            rest = end_of_code(behind, ticks).map_or(behind, |end| &behind[end..]);
        } else {
            kept.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    kept
}

/// Where the code ends that `ticks` began.
fn end_of_code(text: &str, ticks: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(start) = text[from..].find('`').map(|at| from + at) {
        let run = text[start..].len() - text[start..].trim_start_matches('`').len();
        if run == ticks.len() {
            return Some(start + run);
        }
        from = start + run;
    }
    None
}

fn find(text: &str) -> Option<Found> {
    text.char_indices().find_map(|(at, c)| {
        let rest = &text[at + c.len_utf8()..];
        match c {
            '<' if begins_tag(rest) => Some(Found::Html(text[at..].chars().take(20).collect())),
            '!' if rest.starts_with('[') => Some(Found::Picture(text[at..].chars().take(20).collect())),
            _ => None,
        }
    })
}

/// Whether a browser would take a `<` with this behind it for more than a character.
fn begins_tag(rest: &str) -> bool {
    let name = rest.strip_prefix('/').unwrap_or(rest);
    name.starts_with(|c: char| c.is_ascii_alphabetic()) || rest.starts_with(['!', '?', '/'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_pictures_are_found_wherever_they_are_no_code() {
        for text in [
            "<b>bold</b>",
            "see </p>",
            "<!-- hidden -->",
            "<?xml?>",
            "<https://evil.example>",
            "a `b` <script>alert(1)</script>",
            "\\`<img src=x>\\`",
            "`` ` <i>",
            "    ```\n<b>",
            "```\ncode\n```\n<b>",
            "~~~\n```\n~~~\n<b>",
        ] {
            assert!(matches!(in_markdown(text), Some(Found::Html(_))), "{text}");
        }
        assert!(matches!(in_markdown("![x](https://evil.example/p.gif)"), Some(Found::Picture(_))));
    }

    #[test]
    fn comparisons_and_examples_in_code_are_text() {
        for text in [
            "p99 < 500 ms and 3 <4",
            "Use `Vec<T>` here",
            "`` a ` <b> ``",
            "```html\n<b>x</b>\n```\nfine",
            "~~~~\n<b>\n~~~\n<i>\n~~~~",
            "wow! [link](https://a.example)",
            "\\<b> is shown as it is",
        ] {
            assert_eq!(in_markdown(text), None, "{text}");
        }
        assert!(in_text("Use `Vec<T>` here").is_some(), "outside of markdown there is no code");
    }
}
