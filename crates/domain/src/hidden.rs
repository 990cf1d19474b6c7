//! Characters that deceive a reader, and texts shown without them.

/// Whether `c` changes what one sees without being seen (Unicode TR 36 and 55: bidirectional controls,
/// zero-width and filler characters, tags, variation selectors), or is a control character. A line feed is
/// none; a tab is looked for by itself.
pub fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// The most characters of a text that a message quotes.
const QUOTED_CHARS: usize = 60;

/// A piece of somebody's text for a message: short, on one line, and with nothing hidden in it.
pub fn shown(text: &str) -> String {
    let mut out = String::new();
    for (number, c) in text.chars().enumerate() {
        if number == QUOTED_CHARS {
            out.push('…');
            break;
        }
        match c {
            '\n' | '\t' => out.push(' '),
            c if is_hidden(c) => out.push_str(&escaped(c)),
            c => out.push(c),
        }
    }
    out
}

/// `U+202E` and the like.
pub fn escaped(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_hides_nothing_and_is_short() {
        assert_eq!(shown("a\u{202e}b\nc"), "aU+202Eb c");
        assert_eq!(shown(&"x".repeat(61)).chars().count(), QUOTED_CHARS + 1);
    }

    #[test]
    fn letters_and_emoji_are_not_hidden() {
        assert!("Zoë, 東京, naïve 🚀 «ok» – …\n\t".chars().all(|c| !is_hidden(c)));
    }
}
