//! Several briefs decided in one sitting: signed by one touch, or plainly unsigned. A brief that changed since it was
//! chosen about, or that somebody else decided, drops out and holds up none of the others. Security reviews are never
//! among them: each is approved by itself.

use crate::{Error, Service, brief_row::Thawed, decide_brief::BriefWord, passkey_ceremony::Question, policy::Action};
use countersign_domain::{Actor, BriefId, DecisionId, brief::BriefState, reading::DecisionHeld};
use serde::Serialize;
use webauthn_rs::prelude::RequestChallengeResponse;

/// Decisions in one sitting: as many as one touch signs.
const AT_ONCE: usize = 50;
/// Of those behind one at which the batch ended.
const NOT_REACHED: &str = "The batch ended before this one. It was not decided.";

/// What a passkey is asked to sign, and what is not among it.
#[derive(Debug, Serialize)]
pub struct BatchAsked {
    /// `None` where nothing is left to be signed.
    pub question: Option<Question<RequestChallengeResponse>>,
    /// In the order in which outcomes will be told.
    pub asked: Vec<BatchPart>,
    pub dropped: Vec<BatchDropped>,
}

/// One answer of a batch: the brief, and the hash of the version that was chosen about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchPart {
    pub brief: BriefId,
    pub sha256: String,
}

/// An answer that dropped out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BatchDropped {
    #[serde(flatten)]
    pub part: BatchPart,
    /// In a sentence, with the difference where the brief changed.
    pub why: String,
}

impl Service {
    /// As [`Service::ask_for_signature`], of those answers that can be taken now.
    pub async fn ask_for_batch(&self, actor: &Actor, words: Vec<BriefWord>) -> Result<BatchAsked, Error> {
        self.allow(actor, Action::SignDecision)?;
        few(words.len())?;
        let (mut sound, mut asked, mut dropped) = (Vec::new(), Vec::new(), Vec::new());
        for word in words {
            let part = part_of(&word);
            match lacking(self.can_be_taken(actor, &word).await)? {
                None => {
                    asked.push(part);
                    sound.push(word);
                }
                Some(why) => dropped.push(BatchDropped { part, why }),
            }
        }
        let question = if sound.is_empty() { None } else { Some(self.ask_for_signature(actor, sound).await?) };
        Ok(BatchAsked { question, asked, dropped })
    }

    async fn can_be_taken(&self, actor: &Actor, word: &BriefWord) -> Result<(), Error> {
        let thawed = Thawed::of(self.ports.briefs.find(actor.tenant, word.brief).await?)?;
        if matches!(thawed.state(self.ports.clock.now()), BriefState::Decided | BriefState::Held) {
            let decided = thawed.record.decision.as_ref();
            let who = decided.and_then(|one| one.by.as_ref()).map_or("Silence", |(_, name)| name.as_str());
            let when = decided.map(|one| format!(" on {}", one.at.to_words())).unwrap_or_default();
            return Err(Error::Conflict(format!("{who} decided this brief{when}. Nothing was changed.")));
        }
        self.prepare_decision(actor, word.clone(), true, None).await.map(drop)
    }

    /// Holds each answer, unsigned: an outcome for each, in their order. Errors as of [`Service::decide_brief`] about
    /// the whole: who may not decide decides none. Once one is held there is an outcome for each: what is held is taken
    /// back from where it is told.
    pub async fn decide_batch(
        &self,
        actor: &Actor,
        words: Vec<BriefWord>,
    ) -> Result<Vec<(BatchPart, Result<DecisionHeld, Error>)>, Error> {
        self.allow(actor, Action::DecideBrief)?;
        few(words.len())?;
        let mut outcomes: Vec<(BatchPart, Result<DecisionHeld, Error>)> = Vec::new();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let part = part_of(&word);
            match self.decide_brief(actor, word).await {
                Err(error @ (Error::Unavailable { .. } | Error::StepUp)) => {
                    if !outcomes.iter().any(|(_, outcome)| outcome.is_ok()) {
                        return Err(error);
                    }
                    outcomes.push((part, Err(error)));
                    let rest =
                        words.by_ref().map(|word| (part_of(&word), Err(Error::Conflict(NOT_REACHED.to_owned()))));
                    outcomes.extend(rest);
                }
                outcome => outcomes.push((part, outcome)),
            }
        }
        Ok(outcomes)
    }

    /// Takes back all of these that are the actor's and held still. [`Error::Conflict`] where one counts already; those
    /// that could be are taken back all the same.
    pub async fn undo_batch(&self, actor: &Actor, decisions: &[DecisionId]) -> Result<(), Error> {
        self.allow(actor, Action::UndoDecision)?;
        few(decisions.len())?;
        let (mut done, mut refusal) = (0, None);
        for decision in decisions {
            match lacking(self.undo_decision(actor, *decision).await.map(drop))? {
                None => done += 1,
                Some(why) => refusal = refusal.or(Some(why)),
            }
        }
        match refusal {
            None => Ok(()),
            Some(why) => Err(Error::Conflict(format!("{done} of {} were taken back. {why}", decisions.len()))),
        }
    }
}

fn part_of(word: &BriefWord) -> BatchPart {
    BatchPart { brief: word.brief, sha256: word.sha256.clone() }
}

fn few(count: usize) -> Result<(), Error> {
    let words = || format!("Decide from one to {AT_ONCE} briefs at once.");
    if (1..=AT_ONCE).contains(&count) { Ok(()) } else { Err(Error::invalid("words", words())) }
}

/// Why this one cannot be had; what would stop all of them is an error.
fn lacking(result: Result<(), Error>) -> Result<Option<String>, Error> {
    match result {
        Ok(()) => Ok(None),
        Err(error @ (Error::Conflict(_) | Error::Invalid { .. } | Error::NotFound)) => Ok(Some(error.to_string())),
        Err(error) => Err(error),
    }
}
