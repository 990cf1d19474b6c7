//! A decision as markdown, to keep beside other documents. What people and agents wrote is text in it, and stays text in
//! every reader of markdown.

use crate::visible_text::{shown, visible_line};
use countersign_brief::money::dollars;
use countersign_domain::reading::{EvidenceCheck, OptionView, WholeDecision};
use std::fmt::Write;

/// The whole record as it stands. `address` is where it is kept.
pub fn decision_markdown(whole: &WholeDecision, address: &str) -> String {
    let mut text = String::new();
    for part in [head(whole, address), said(whole), known(whole), options(whole), evidence(whole), after(whole)] {
        text.push_str(&part);
    }
    text
}

fn head(whole: &WholeDecision, address: &str) -> String {
    let mut text = format!("# {}\n\n", line(&whole.brief.question));
    if !whole.faults.is_empty() {
        let faults: Vec<String> = whole.faults.iter().map(|fault| line(fault)).collect();
        let _ = writeln!(text, "> **What is kept of this decision was changed.** {}\n", faults.join(" "));
    }
    let brief = &whole.brief;
    let mut fact = |name: &str, value: String| {
        let _ = writeln!(text, "- **{name}:** {value}");
    };
    fact("Decision", code(&whole.decision.id));
    fact("Kept at", code(address));
    fact(
        "Brief",
        format!(
            "{}, version {} of {} by {}",
            line(&brief.title),
            brief.version,
            code(&brief.name),
            code(&brief.author)
        ),
    );
    fact("SHA-256 of the brief", code(&brief.sha256));
    fact("Category", code(&brief.category));
    fact("Asked", brief.asked_at.to_rfc3339());
    fact("Deadline", brief.deadline.to_rfc3339());
    text.push('\n');
    text
}

fn said(whole: &WholeDecision) -> String {
    let decision = &whole.decision;
    let mut text = format!("## Decided: {}\n\n", line(&decision.words));
    let mut fact = |name: &str, value: String| {
        let _ = writeln!(text, "- **{name}:** {value}");
    };
    fact("State", code(decision.state.as_str()));
    fact("By", decision.by.as_deref().map_or_else(|| "nobody: silence decided".to_owned(), line));
    fact("Proven by", line(&decision.how));
    if let Some(from) = &whole.from {
        fact("From", code(from));
    }
    fact("Said", decision.at.to_rfc3339());
    if let Some(ended) = decision.ended_at {
        fact("Counts since", ended.to_rfc3339());
    }
    match (&whole.key, &whole.unsigned) {
        (Some(key), _) => fact("Signed", format!("by the key {}", code(&key.fingerprint))),
        (None, Some(why)) => fact("Unsigned", line(why)),
        (None, None) => fact("Signed", "cannot be shown".to_owned()),
    }
    if let Some(sha256) = &decision.decision_sha256 {
        fact("SHA-256 of the decision", code(sha256));
    }
    if let Some(entry) = whole.entry {
        fact("Entry of the journal", entry.to_string());
    }
    fact("As recommended", if whole.follows { "yes" } else { "no" }.to_owned());
    text.push('\n');
    for (name, words) in [("Why", &decision.rationale), ("Expected", &decision.prediction)] {
        if !words.is_empty() {
            let _ = writeln!(text, "**{name}:**\n\n{}\n", quoted(words));
        }
    }
    text
}

fn known(whole: &WholeDecision) -> String {
    let brief = &whole.brief;
    let sure = f64::from(brief.recommendation.confidence_micro) / 1_000_000.0;
    let mut text =
        format!("## What was known\n\n**Recommended:** {}, confidence {sure:.2}\n\n", code(&brief.recommendation.key));
    let _ = writeln!(text, "{}\n", quoted(&brief.recommendation.why));
    let _ = writeln!(text, "**What only a founder could add:** {}\n", line(&brief.input_needed));
    if !brief.context_source.is_empty() {
        let _ = writeln!(text, "**Context, as it is written:**\n\n{}\n", fenced(&brief.context_source));
    }
    text
}

fn options(whole: &WholeDecision) -> String {
    let mut text =
        "## Options\n\n| Option | What comes of it | Cost | Can be undone | Risk |\n|---|---|---|---|---|\n".to_owned();
    for option in &whole.brief.options {
        text.push_str(&row(option));
    }
    text.push('\n');
    text
}

fn row(option: &OptionView) -> String {
    let risk = option.risk.as_deref().unwrap_or("not said");
    let undone = if option.is_reversible { "yes" } else { "no" };
    let marked = if option.is_recommended { " (recommended)" } else { "" };
    format!(
        "| {}: {}{marked} | {} | {} | {undone} | {} |\n",
        code(&option.key),
        line(&option.title),
        line(&option.consequence),
        line(&option.cost),
        line(risk),
    )
}

fn evidence(whole: &WholeDecision) -> String {
    let mut text = "## Evidence\n\n".to_owned();
    for one in &whole.evidence {
        let check = match one.check {
            EvidenceCheck::Verified => "its bytes have this hash",
            EvidenceCheck::CheckedOnReading => "there, and checked when it is read",
            EvidenceCheck::Missing => "not there any more",
            EvidenceCheck::Damaged => "its bytes have another hash",
            EvidenceCheck::Unknown => "could not be looked at",
        };
        let _ = writeln!(text, "- {}: {} ({check})", line(&one.title), code(&one.sha256));
    }
    text.push('\n');
    text
}

fn after(whole: &WholeDecision) -> String {
    let followed = &whole.followed;
    let cost = followed.micro_usd.map_or_else(|| "no cost reported".to_owned(), dollars);
    let mut text = format!(
        "## What followed\n\nTasks of the trace {} since: {}, of which {} succeeded, {} failed and {} are open. Cost: {}.\n\n",
        code(&whole.trace),
        followed.count,
        followed.done,
        followed.failed,
        followed.open,
        line(&cost),
    );
    for task in &followed.tasks {
        let name = task.title.as_deref().unwrap_or(&task.kind);
        let _ = writeln!(
            text,
            "- {}: {}, {} ({})",
            code(&task.id),
            line(name),
            code(task.state.as_str()),
            code(&task.agent)
        );
    }
    if !whole.look_back.rows.is_empty() {
        text.push_str("\n## Looked back\n\n");
    }
    for row in &whole.look_back.rows {
        let what = match (row.outcome, row.until) {
            (Some(outcome), _) => outcome.words().to_owned(),
            (None, Some(until)) => format!("put off until {}", until.to_rfc3339()),
            (None, None) => continue,
        };
        let note = if row.note.is_empty() { String::new() } else { format!(": {}", line(&row.note)) };
        let _ = writeln!(text, "- {} by {}, {what}{note}", row.at.to_rfc3339(), line(&row.by));
    }
    text
}

/// On one line, with nothing in it that markdown, or what is drawn of it, gives a meaning: each such character is escaped
/// (`CommonMark` 0.31, section 2.4), and what would make a link of bare words is broken.
fn line(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for c in visible_line(words).chars() {
        if "\\`*_{}[]()<>#|~&!$:@^=\"".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    // Bare addresses become links in GitHub's markdown.
    for www in ["www.", "WWW.", "Www."] {
        out = out.replace(www, &www.replace('.', "\\."));
    }
    out
}

/// Several lines, as a quotation.
fn quoted(words: &str) -> String {
    let (words, _) = shown(words);
    let one = |text: &str| {
        let text = line(text.trim_start());
        // A line that begins so would begin a list, or underline the one before.
        let starts =
            text.starts_with(['-', '+']) || text.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with('.');
        if starts && text.starts_with(|c: char| c.is_ascii_digit()) {
            format!("> {}", text.replacen('.', "\\.", 1))
        } else if starts {
            format!("> \\{text}")
        } else {
            format!("> {text}")
        }
    };
    words.lines().map(one).collect::<Vec<_>>().join("\n")
}

/// Ids, hashes and names in type of one width; they have no back quote.
fn code(words: &str) -> String {
    let words = visible_line(words).replace('`', "'").replace('|', "/");
    if words.is_empty() { "–".to_owned() } else { format!("`{words}`") }
}

/// Word for word, in a fence that is longer than any in it.
fn fenced(words: &str) -> String {
    let longest = words.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{words}\n{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_wrote_stays_text() {
        for (written, kept) in [
            ("a *b* _c_", r"a \*b\* \_c\_"),
            ("<script>", r"\<script\>"),
            ("[x](javascript:1)", r"\[x\]\(javascript\:1\)"),
            ("![x](https://e.com/p.png)", r"\!\[x\]\(https\://e.com/p.png\)"),
            ("a | b", r"a \| b"),
            ("# no\nheading", r"\# no heading"),
            ("www.example.com", r"www\.example.com"),
            ("&lt;b&gt;", r"\&lt;b\&gt;"),
            ("back\\slash", r"back\\slash"),
        ] {
            assert_eq!(line(written), kept);
        }
    }

    #[test]
    fn a_quotation_begins_no_list_and_underlines_nothing() {
        assert_eq!(
            quoted("- one\n+ two\n3. three\n---\n===\n    code"),
            "> \\- one\n> \\+ two\n> 3\\. three\n> \\---\n> \\=\\=\\=\n> code"
        );
    }

    #[test]
    fn a_fence_is_longer_than_what_is_in_it() {
        assert_eq!(fenced("a"), "```text\na\n```");
        let hostile = fenced("````\n# out");
        assert!(hostile.starts_with("`````text\n") && hostile.ends_with("\n`````"), "{hostile}");
    }

    #[test]
    fn a_name_in_type_of_one_width_does_not_end_it() {
        assert_eq!(code("a`b|c"), "`a'b/c`");
        assert_eq!(code(""), "–");
    }
}
