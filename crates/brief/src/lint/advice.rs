//! What would make a brief easier to decide. Nothing here refuses one.

use crate::{limit, read::Draft};
use countersign_domain::Millis;

/// One thing that would read better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// As of a [`crate::Fault`].
    pub pointer: String,
    /// A sentence for the author.
    pub words: &'static str,
    /// What it takes from the score.
    pub points: u8,
}

/// Characters that a person reads in a minute: some 200 words.
const CHARS_A_MINUTE: usize = 1_000;
/// To weigh one option against the others takes longer than to read it. Seconds.
const PER_OPTION_S: usize = 4;

/// How long it takes to read what the draft says, in seconds.
pub(super) fn reading_s(draft: &Draft) -> u32 {
    let length = |text: &Option<String>| text.as_ref().map_or(0, |text| text.chars().count());
    let options: usize = draft
        .options
        .iter()
        .filter_map(|(_, option)| option.as_ref())
        .map(|option| option.title.chars().count() + option.consequence.chars().count())
        .sum();
    let evidence: usize = draft.evidence.iter().flatten().map(|evidence| evidence.title.chars().count()).sum();
    let chars = [&draft.title, &draft.question, &draft.context_md, &draft.why, &draft.input_needed]
        .into_iter()
        .map(length)
        .sum::<usize>()
        + options
        + evidence;
    let seconds = (chars * 60).div_ceil(CHARS_A_MINUTE) + draft.options.len() * PER_OPTION_S;
    u32::try_from(seconds).unwrap_or(u32::MAX)
}

pub(super) fn of(draft: &Draft, now: Millis, reading_s: u32) -> Vec<Advice> {
    let mut list = Vec::new();
    let mut note = |applies: bool, pointer: &str, words, points| {
        if applies {
            list.push(Advice { pointer: pointer.to_owned(), words, points });
        }
    };
    let shorter = |text: &Option<String>, chars| text.as_ref().is_some_and(|text| text.chars().count() < chars);
    note(shorter(&draft.context_md, 1), "/context_md", "Say what one must know to decide.", 10);
    note(reading_s > 360, "", "It takes more than six minutes to read; move what is not needed into evidence.", 20);
    note((181..=360).contains(&reading_s), "", "It takes more than three minutes to read.", 10);
    note(shorter(&draft.why, 30), "/recommendation/why", "Give the reason in a sentence or two.", 10);
    let certain = draft.confidence_micro.is_some_and(|micro| i64::from(micro) == *limit::CONFIDENCE.end());
    note(certain, "/recommendation/confidence", "Nothing is certain that has to be asked.", 5);
    note(draft.title.is_some() && draft.title == draft.question, "/title", "The title repeats the question.", 5);
    note(draft.evidence_count == Some(1), "/evidence", "A second source would make it surer.", 2);
    let soon = draft.deadline.is_some_and(|at| (1..=4 * 3_600_000).contains(&at.0.saturating_sub(now.0)));
    note(soon, "/deadline", "The deadline is less than four hours away.", 5);
    let read: Vec<_> =
        draft.options.iter().enumerate().filter_map(|(n, (_, option))| Some((n, option.as_ref()?))).collect();
    let all_final = !read.is_empty() && read.iter().all(|(_, option)| !option.reversible);
    note(all_final, "/options", "No option can be undone; is there a smaller step?", 5);
    for (number, option) in read {
        let pointer = |field| format!("/options/{number}/{field}");
        let short = option.consequence.chars().count() < 20;
        note(short, &pointer("consequence"), "Say what would come of it in a sentence.", 5);
        note(option.effort.is_none(), &pointer("effort"), "Say how much work it is.", 3);
        note(option.risk.is_none(), &pointer("risk"), "Say how much may go wrong.", 3);
    }
    list
}
