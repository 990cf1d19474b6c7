//! The rules that hold between the parts of a brief, and between a brief and what is around it.

use super::{Background, EvidenceState};
use crate::{
    fault::{Fault, Rule},
    limit,
    read::{AtDeadline, Draft},
    word::OptionKey,
};
use countersign_domain::{
    Millis,
    allocation::{CATEGORIES, WHOLE},
};
use std::collections::BTreeSet;

/// Notes every rule that the draft breaks. A part that could not be read has its fault already, and breaks no other.
pub(super) fn all(draft: &Draft, background: &Background<'_>, faults: &mut Vec<Fault>) {
    let mut fault = |rule, pointer: String, why: String, fix: &str| {
        faults.push(Fault { rule, pointer, why, fix: fix.to_owned() });
    };
    if let Some(question) = &draft.question
        && let Some(why) = not_one_question(question)
    {
        let fix = "Ask in one sentence that ends with a question mark; what leads to it belongs into the context.";
        fault(Rule::OneQuestion, "/question".into(), why.into(), fix);
    }
    options(draft, &mut fault);
    evidence(draft, background, &mut fault);
    deadline(draft, background, &mut fault);
    allocations(draft, background, &mut fault);
    facts(draft, background, &mut fault);
}

/// What an option says about the agents' shares is the whole, about agents that there are, in a brief about that.
fn allocations(draft: &Draft, background: &Background<'_>, fault: &mut impl FnMut(Rule, String, String, &str)) {
    for (number, (_, option)) in draft.options.iter().enumerate() {
        let Some(shares) = option.as_ref().and_then(|option| option.allocation.as_ref()) else { continue };
        let pointer = format!("/options/{number}/allocation");
        if let Some(category) = draft.category.as_ref().filter(|category| !CATEGORIES.contains(&category.as_str())) {
            let why = format!("A brief about “{category}” shares nothing out.");
            let fix = "Ask in the category `resource_allocation` or `budget`, or leave it out.";
            fault(Rule::Allocation, pointer.clone(), why, fix);
        }
        for agent in shares.keys().filter(|agent| !background.agents.contains(*agent)) {
            let why = format!("The organization has no agent “{agent}”.");
            fault(Rule::NoSuchAgent, format!("{pointer}/{agent}"), why, "Name the agents that there are.");
        }
        let sum: u64 = shares.values().map(|share| u64::from(share.weight)).sum();
        if sum != u64::from(WHOLE) {
            let why = format!("The weights come to {sum}, and not to {WHOLE}.");
            let fix = "Share out all of it, in whole per mille; an agent that is not named gets nothing.";
            fault(Rule::Allocation, pointer, why, fix);
        }
    }
}

fn facts(draft: &Draft, background: &Background<'_>, fault: &mut impl FnMut(Rule, String, String, &str)) {
    let mut seen = BTreeSet::new();
    for (number, fact) in draft.facts.iter().enumerate() {
        let Some(fact) = fact else { continue };
        let pointer = format!("/facts/{number}");
        if !seen.insert(fact) {
            fault(Rule::Duplicate, pointer, "The same fact is named twice.".into(), "Name it once.");
        } else if !background.facts.contains(fact) {
            let why = format!("There is no fact {fact} that holds.");
            fault(Rule::NoSuchFact, pointer, why, "Name facts by the ids that `GET /api/v1/context` has.");
        }
    }
}

fn not_one_question(text: &str) -> Option<&'static str> {
    const MARKS: [char; 4] = ['?', '？', '؟', '⸮'];
    let Some(inner) = text.strip_suffix(MARKS) else { return Some("The question does not end with a question mark.") };
    // A full stop within is one of an abbreviation or a number, unless a new sentence begins behind it.
    let ends = |at: usize, c: char| {
        let mut rest = inner[at + c.len_utf8()..].chars();
        match c {
            '!' | '！' | '。' => true,
            '.' => rest.next().is_some_and(char::is_whitespace) && rest.next().is_some_and(char::is_uppercase),
            c => MARKS.contains(&c),
        }
    };
    inner.char_indices().any(|(at, c)| ends(at, c)).then_some("The question is more than one sentence.")
}

fn options(draft: &Draft, fault: &mut impl FnMut(Rule, String, String, &str)) {
    let Some(count) = draft.option_count else { return };
    if !limit::OPTIONS.contains(&count) {
        let fix = "Offer 2 to 4: those that one would really choose from.";
        fault(Rule::OptionCount, "/options".into(), format!("There are {count} options."), fix);
    }
    let mut seen = BTreeSet::new();
    let mut titles = BTreeSet::new();
    for (number, (key, option)) in draft.options.iter().enumerate() {
        if let Some(key) = key
            && !seen.insert(key.as_str().to_ascii_lowercase())
        {
            let why = format!("Another option has the key “{key}”, or one that differs by capitals alone.");
            fault(Rule::OptionTwice, format!("/options/{number}/key"), why, "Give each option a key of its own.");
        }
        if let Some(option) = option
            && !titles.insert(option.title.to_lowercase())
        {
            let why = "Another option has the same title.".into();
            fault(Rule::OptionTwice, format!("/options/{number}/title"), why, "Say what tells them apart.");
        }
    }
    // An option whose key could not be read may be the one that is meant.
    let all_read = count == draft.options.len() && draft.options.iter().all(|(key, _)| key.is_some());
    let is_there = |key: &OptionKey| !all_read || draft.options.iter().any(|(known, _)| known.as_ref() == Some(key));
    let named = [
        ("/recommendation/key", draft.recommended.as_ref()),
        ("/at_deadline", draft.at_deadline.as_ref().and_then(AtDeadline::key)),
    ];
    for (pointer, key) in named {
        if let Some(key) = key.filter(|key| !is_there(key)) {
            let why = format!("There is no option “{key}”.");
            fault(Rule::NoSuchOption, pointer.into(), why, "Name one of the options by its key.");
        }
    }
}

fn evidence(draft: &Draft, background: &Background<'_>, fault: &mut impl FnMut(Rule, String, String, &str)) {
    let Some(count) = draft.evidence_count else { return };
    if count == 0 {
        let why = "No artifact shows what the brief says.".into();
        fault(Rule::EvidenceLacking, "/evidence".into(), why, "Publish what you know as an artifact, and name it.");
    }
    if count > *limit::EVIDENCE.end() {
        let why = format!("There are {count} artifacts; {} are the most.", limit::EVIDENCE.end());
        fault(Rule::TooLarge, "/evidence".into(), why, "Name those that the decision rests on.");
    }
    let mut seen = BTreeSet::new();
    for (number, evidence) in draft.evidence.iter().enumerate() {
        let Some(evidence) = evidence else { continue };
        let pointer = format!("/evidence/{number}/sha256");
        if !seen.insert(evidence.sha256) {
            let why = "The same artifact is named twice.".into();
            fault(Rule::EvidenceTwice, pointer, why, "Name it once.");
            continue;
        }
        match (background.evidence)(&evidence.sha256) {
            EvidenceState::Sound => {}
            EvidenceState::Absent | EvidenceState::Unreadable => {
                let why = format!("There is no artifact {} that you may read.", evidence.sha256);
                let fix = "Put the artifact first, then send the brief; check its hash.";
                fault(Rule::EvidenceUnsound, pointer, why, fix);
            }
            EvidenceState::Damaged => {
                let why = format!("The bytes of the artifact {} are not what its name says.", evidence.sha256);
                fault(Rule::EvidenceUnsound, pointer, why, "Put the artifact again, then send the brief.");
            }
        }
    }
}

fn deadline(draft: &Draft, background: &Background<'_>, fault: &mut impl FnMut(Rule, String, String, &str)) {
    let pointer = || "/deadline".to_owned();
    let left = draft.deadline.map(|Millis(deadline)| deadline.saturating_sub(background.now.0));
    match left {
        Some(left) if left <= 0 => {
            let why = "The deadline has passed.".into();
            fault(Rule::DeadlinePassed, pointer(), why, "Name a moment by which a person can decide.");
        }
        Some(left) if left > limit::FARTHEST_MS => {
            let why = "The deadline is more than 90 days away.".into();
            fault(Rule::DeadlineFar, pointer(), why, "Ask when it is time, or name a nearer moment.");
        }
        _ => {}
    }
    let Some(key) = draft.at_deadline.as_ref().and_then(AtDeadline::key) else { return };
    if left.is_some_and(|left| (1..limit::NOTICE_MS).contains(&left)) {
        let why = format!("The option “{key}” would take effect in less than an hour: nobody has the time to object.");
        fault(Rule::DecidesItself, pointer(), why, "Leave at least an hour, or write `at_deadline`: `none`.");
    }
    if let Some(category) = draft.category.as_ref().filter(|category| background.is_reserved(category)) {
        let why = format!("Only a founder settles “{category}”; silence cannot.");
        fault(Rule::SilenceReserved, "/at_deadline".into(), why, "Write `none`.");
    }
    let option =
        draft.options.iter().find_map(|(known, option)| (known.as_ref() == Some(key)).then_some(option.as_ref()));
    if option.flatten().is_some_and(|option| !option.reversible) {
        let why = format!("The option “{key}” cannot be undone.");
        fault(Rule::SilenceIrreversible, "/at_deadline".into(), why, "Name a reversible option, or write `none`.");
    }
}
