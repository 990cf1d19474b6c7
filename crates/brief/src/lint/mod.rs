//! Holds a draft against the contract: a brief that a founder may see, or everything that its author must mend.

mod advice;
mod check;

use crate::{
    brief::{Brief, Recommendation},
    fault::Faults,
    read::Draft,
    word::Category,
};
use countersign_domain::{AgentName, ArtifactHash, ContextFactId, Millis};
use std::collections::BTreeSet;

pub use advice::Advice;

/// What is known of an artifact that a brief names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceState {
    /// It is there, its bytes are what its name says, and the author may read it.
    Sound,
    /// The organization has none of that name, or none any more.
    Absent,
    /// It is there, and not for the author to read. Its author hears the same as for [`Self::Absent`]: what one may
    /// not see does not exist.
    Unreadable,
    /// Its bytes are no longer what its name says.
    Damaged,
}

/// What a draft is judged against.
pub struct Background<'a> {
    pub now: Millis,
    /// Categories that the organization leaves to its founders, besides [`crate::word::RESERVED`].
    pub reserved: &'a BTreeSet<Category>,
    /// The organization's agents; of one that is not among them nobody can decide anything.
    pub agents: &'a BTreeSet<AgentName>,
    /// Facts that founders told and that were not taken back.
    pub facts: &'a BTreeSet<ContextFactId>,
    /// Finds out about an artifact.
    pub evidence: &'a (dyn Fn(&ArtifactHash) -> EvidenceState + Sync),
}

impl Background<'_> {
    /// Whether only a founder settles briefs of this category here.
    pub fn is_reserved(&self, category: &Category) -> bool {
        category.is_reserved() || self.reserved.contains(category)
    }
}

/// What came of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lint {
    pub outcome: Result<Brief, Faults>,
    /// What would read better; no reason to refuse it.
    pub advice: Vec<Advice>,
    /// From 0 to 100: of an author's briefs, the mean says how well it asks.
    pub score: u8,
    /// How long it takes to read all of it but the evidence, in seconds.
    pub reading_s: u32,
}

/// What a fault takes from the score.
const PER_FAULT: usize = 20;

/// Judges a draft.
pub fn lint(draft: Draft, background: &Background<'_>) -> Lint {
    let reading_s = advice::reading_s(&draft);
    let advice = advice::of(&draft, background.now, reading_s);
    let mut faults = draft.faults.clone();
    check::all(&draft, background, &mut faults);
    let faults = Faults::of(faults);
    let lost = faults.as_ref().map_or(0, |faults| faults.count() * PER_FAULT)
        + advice.iter().map(|advice| usize::from(advice.points)).sum::<usize>();
    let score = u8::try_from(100_usize.saturating_sub(lost)).unwrap_or_default();
    let outcome = match (faults, brief(draft)) {
        (None, Some(brief)) => Ok(brief),
        (Some(faults), _) => Err(faults),
        (None, None) => unreachable!("whatever a draft lacks has its fault"),
    };
    Lint { outcome, advice, score, reading_s }
}

/// `None` only where a fault says why.
fn brief(draft: Draft) -> Option<Brief> {
    Some(Brief {
        author: draft.author,
        name: draft.name?,
        title: draft.title?,
        question: draft.question?,
        category: draft.category?,
        context_md: draft.context_md?,
        options: draft.options.into_iter().map(|(_, option)| option).collect::<Option<_>>()?,
        recommendation: Recommendation {
            key: draft.recommended?,
            why: draft.why?,
            confidence_micro: draft.confidence_micro?,
        },
        evidence: draft.evidence.into_iter().collect::<Option<_>>()?,
        deadline: draft.deadline?,
        at_deadline: draft.at_deadline?.key().cloned(),
        input_needed: draft.input_needed?,
        correlation_id: draft.correlation_id,
        facts: draft.facts.into_iter().collect::<Option<_>>()?,
    })
}
