//! Two texts, line by line.

use crate::components::eager::Erase;
use countersign_domain::reading::{DiffLine, LineChange};
use leptos::prelude::*;

/// What is said of the two.
pub struct Words {
    /// Where nothing differs.
    pub same: &'static str,
    /// What − and + stand for.
    pub signs: &'static str,
}

/// Each line with its sign, so that colour is not needed.
pub fn diff(words: &Words, lines: Vec<DiffLine>) -> AnyView {
    if lines.iter().all(|line| line.change == LineChange::Same) {
        return view! { <p class="muted">{words.same}</p> }.erased();
    }
    let drawn = lines.into_iter().map(|DiffLine { change, text }| match change {
        LineChange::Same => view! { <span class="diff-line">{format!("  {text}\n")}</span> }.erased(),
        LineChange::Removed => view! { <del class="diff-line">{format!("− {text}\n")}</del> }.erased(),
        LineChange::Added => view! { <ins class="diff-line">{format!("+ {text}\n")}</ins> }.erased(),
    });
    view! {
        <pre class="payload diff" tabindex="0" aria-label="Differences" data-testid="diff">{drawn.collect_view()}</pre>
        <p class="hint">{words.signs}" Lines far from a change are left out."</p>
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: Words = Words { same: "They are the same.", signs: "− before, + after." };

    fn line(change: LineChange, text: &str) -> DiffLine {
        DiffLine { change, text: text.to_owned() }
    }

    #[test]
    fn a_changed_line_carries_a_sign_and_stays_text() {
        let html = diff(&WORDS, vec![line(LineChange::Removed, "<b>1</b>"), line(LineChange::Added, "2")]).to_html();
        assert!(html.contains("− &lt;b&gt;1&lt;/b&gt;") && html.contains("+ 2"), "{html}");
    }

    #[test]
    fn nothing_that_differs_is_said_in_words() {
        assert!(diff(&WORDS, vec![line(LineChange::Same, "1")]).to_html().contains("are the same"));
        assert!(diff(&WORDS, Vec::new()).to_html().contains("are the same"));
    }
}
