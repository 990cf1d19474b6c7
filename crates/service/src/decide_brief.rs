//! A founder's answer to a brief. It is held for some seconds, in which its founder may take it back; then it counts
//! (`settle_briefs`). The database checks it once more: no code leads around it.

use crate::{
    Error, Service,
    ask_author::written,
    brief_row::{Thawed, choice_words, chosen},
    decider::rule_of,
    policy::Action,
    ports::{NewDecision, Said},
    read_brief::unsound,
};
use countersign_brief::Brief;
use countersign_domain::{
    Actor, ArtifactHash, BriefId, DecisionId, Millis,
    brief::{BriefChoice, MOST_PREDICTION, MOST_RATIONALE},
    canonical_json::CanonicalJson,
    decision::{Choice, Decision, DecisionFault, Nonce, Sealed, Subject, VERSION},
    reading::{BriefChange, DecisionHeld},
};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A prediction is looked back on within two years. Milliseconds.
const FARTHEST_CHECK_MS: i64 = 2 * 365 * 86_400_000;
/// Characters of a form's key.
const MOST_KEY: usize = 100;

/// What somebody answers, as a form has it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BriefWord {
    pub brief: BriefId,
    /// Of the version that they saw.
    pub sha256: String,
    /// An option's key; `own` for an answer that no option has; `none` where nothing of it is to be done. No option
    /// may be called so.
    pub choice: String,
    /// With `own`.
    #[serde(default)]
    pub answer: String,
    #[serde(default)]
    pub rationale: String,
    #[serde(default)]
    pub prediction: String,
    #[serde(default)]
    pub check_at: Option<Millis>,
    /// The same form sent twice has the same; empty: the same words are.
    #[serde(default)]
    pub key: String,
}

/// An answer that can be held, or signed first.
pub(crate) struct Prepared {
    pub sealed: Sealed,
    pub key: SaidKey,
    /// The choice in a few words.
    pub words: String,
}

/// By which the same word is known when it is sent again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SaidKey {
    text: String,
    /// A form brought it along; otherwise it is made of the words.
    is_form_key: bool,
}

impl Service {
    /// Holds the actor's answer, unsigned. [`Error::Conflict`] where the brief changed since it was shown (with the
    /// difference), is decided, or rests on evidence that is gone; [`Error::Invalid`] about `choice`, `rationale`,
    /// `prediction`, `check_at` or `sha256`.
    pub async fn decide_brief(&self, actor: &Actor, word: BriefWord) -> Result<DecisionHeld, Error> {
        self.allow_deciding(actor, Action::DecideBrief, Action::DecideDelegated, &[word.brief]).await?;
        let prepared = self.prepare_decision(actor, word, false, None).await?;
        self.hold_decision(actor, prepared, None).await
    }

    /// The canonical decision, as it would be signed or is kept unsigned. `after` is the one before it under the same
    /// touch.
    pub(crate) async fn prepare_decision(
        &self,
        actor: &Actor,
        word: BriefWord,
        signed: bool,
        after: Option<ArtifactHash>,
    ) -> Result<Prepared, Error> {
        let now = self.ports.clock.now();
        let sha256: ArtifactHash = word.sha256.parse().map_err(|error| Error::invalid("sha256", error))?;
        let (rationale, prediction, check_at) = checked(&word, now)?;
        let choice = checked_choice(&word.choice, &word.answer)?;
        let thawed = Thawed::of(self.ports.briefs.find(actor.tenant, word.brief).await?)?;
        if thawed.record.sha256 != sha256 {
            return Err(self.newer(actor, word.brief, sha256).await);
        }
        if matches!(choice, BriefChoice::Option(_)) && chosen(&choice, &thawed.brief).is_none() {
            return Err(Error::invalid("choice", "Choose one of the options."));
        }
        // Whoever says that nothing of it is to be done needs no evidence for it; and of what is said already, it is
        // only told who was first.
        if choice != BriefChoice::Rejected
            && thawed.record.decision.is_none()
            && let Some(why) = unsound(&self.evidence_read(actor.tenant, &thawed.brief).await?)
        {
            return Err(Error::Conflict(why));
        }
        let words = choice_words(&choice, &thawed.brief);
        let basis = self.ports.decisions.basis(actor.tenant).await?;
        let text: CanonicalJson = thawed.frozen.json().clone();
        let key = key_of(actor, &word.key, &[&sha256.to_string(), choice.kind(), choice.text().unwrap_or_default()]);
        let decision = Decision {
            v: VERSION,
            tenant: actor.tenant,
            decider: actor.person,
            at_ms: now,
            subject: Subject::brief(word.brief.0, thawed.record.version, text).map_err(refused)?,
            choice: signable(choice),
            rationale,
            prediction,
            check_at_ms: check_at,
            evidence: thawed.brief.evidence.iter().map(|evidence| evidence.sha256).collect(),
            policy: rule_of(actor).to_owned(),
            previous: after.or(basis.previous),
            journal: basis.journal,
            signed,
            nonce: nonce(&self.ports.entropy.bytes32()),
        };
        Ok(Prepared { sealed: decision.seal().map_err(refused)?, key, words })
    }

    /// Holds what was prepared; `assertion` is the seal of its receipt, where a passkey signed it just now.
    pub(crate) async fn hold_decision(
        &self,
        actor: &Actor,
        prepared: Prepared,
        assertion: Option<String>,
    ) -> Result<DecisionHeld, Error> {
        let mut act = self.act(actor);
        let mut proven_at = actor.proven_at;
        if assertion.is_some() {
            // To sign is to prove who one is.
            act.via.how = countersign_domain::How::Passkey;
            proven_at = act.at;
        }
        let decision = prepared.sealed.decision();
        let (brief, sha256) = (BriefId(decision.subject.id), decision.subject.sha256);
        let new = NewDecision {
            id: DecisionId(self.ports.entropy.uuid(act.at)),
            brief,
            sha256,
            choice: kept(&decision.choice)?,
            rationale: decision.rationale.clone(),
            prediction: decision.prediction.clone(),
            check_at: decision.check_at_ms,
            key: prepared.key.text,
            is_form_key: prepared.key.is_form_key,
            canonical: prepared.sealed.canonical().to_vec(),
            assertion,
            proven_at,
            act,
        };
        match self.ports.decisions.decide(actor.tenant, new).await? {
            Said::Held(record) => Ok(DecisionHeld {
                decision: record.id.to_string(),
                words: prepared.words,
                held_until: record.held_until,
                is_signed: record.is_signed,
            }),
            Said::Newer => Err(self.newer(actor, brief, sha256).await),
        }
    }

    /// That the brief changed, and how.
    async fn newer(&self, actor: &Actor, id: BriefId, shown: ArtifactHash) -> Error {
        let told = async {
            let newest = Thawed::of(self.ports.briefs.find(actor.tenant, id).await?)?;
            self.difference_from(actor, id, shown, &newest.brief).await
        };
        match told.await {
            Ok(changes) => Error::Conflict(difference_words(&changes)),
            Err(error) => error,
        }
    }
}

/// What a person reads who decided on an older version.
fn difference_words(changes: &[BriefChange]) -> String {
    /// More of them are on the page.
    const TOLD: usize = 5;
    let quoted = |text: &Option<String>| text.as_deref().map(countersign_domain::hidden::shown);
    let one = |change: &BriefChange| match (quoted(&change.before), quoted(&change.after)) {
        (Some(before), Some(after)) => format!("{} was “{before}”, is “{after}”", change.what),
        (Some(before), None) => format!("{} was removed: “{before}”", change.what),
        (None, Some(after)) => format!("{} is new: “{after}”", change.what),
        (None, None) => change.what.clone(),
    };
    let mut told: Vec<String> = changes.iter().take(TOLD).map(one).collect();
    if changes.len() > TOLD {
        told.push(format!("{} more", changes.len() - TOLD));
    }
    let what = if told.is_empty() { String::new() } else { format!(": {}", told.join("; ")) };
    format!("The brief changed since you opened it{what}. Nothing was decided; look at it again.")
}

fn checked(word: &BriefWord, now: Millis) -> Result<(String, String, Option<Millis>), Error> {
    let rationale = written("rationale", &word.rationale, MOST_RATIONALE)?;
    let prediction = written("prediction", &word.prediction, MOST_PREDICTION)?;
    let in_reach = |at: &Millis| at.0 > now.0 && at.0 - now.0 <= FARTHEST_CHECK_MS;
    if word.check_at.as_ref().is_some_and(|at| !in_reach(at)) {
        return Err(Error::invalid("check_at", "Choose a day that lies ahead, within two years."));
    }
    if word.check_at.is_some() && prediction.is_empty() {
        return Err(Error::invalid("prediction", "Say what you expect, so that it can be looked back on."));
    }
    Ok((rationale, prediction, word.check_at))
}

fn checked_choice(choice: &str, answer: &str) -> Result<BriefChoice, Error> {
    match choice.trim() {
        "" => Err(Error::invalid("choice", "Choose one of the options.")),
        "none" => Ok(BriefChoice::Rejected),
        "own" => match written("answer", answer, MOST_RATIONALE)? {
            answer if answer.is_empty() => Err(Error::invalid("answer", "Write your answer.")),
            answer => Ok(BriefChoice::Own(answer)),
        },
        key => Ok(BriefChoice::Option(key.to_owned())),
    }
}

/// Whoever sends a form twice says one thing; so does who sends the same words without a key.
fn key_of(actor: &Actor, key: &str, words: &[&str]) -> SaidKey {
    let key: String = key.trim().chars().take(MOST_KEY).collect();
    let said = if key.is_empty() { HEXLOWER.encode(&Sha256::digest(words.join("\n"))) } else { key.clone() };
    SaidKey { text: format!("{}:{said}", actor.person), is_form_key: !key.is_empty() }
}

pub(crate) fn nonce(random: &[u8; 32]) -> Nonce {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&random[..16]);
    Nonce(bytes)
}

fn signable(choice: BriefChoice) -> Choice {
    match choice {
        BriefChoice::Option(key) => Choice::Option(key),
        BriefChoice::Own(answer) => Choice::Own(answer),
        BriefChoice::Rejected => Choice::Rejected(()),
    }
}

pub(crate) fn kept(choice: &Choice) -> Result<BriefChoice, Error> {
    match choice {
        Choice::Option(key) => Ok(BriefChoice::Option(key.clone())),
        Choice::Own(answer) => Ok(BriefChoice::Own(answer.clone())),
        Choice::Rejected(()) => Ok(BriefChoice::Rejected),
        Choice::Approved(()) | Choice::Revoked(()) => Err(refused(DecisionFault::Choice)),
    }
}

pub(crate) fn refused(fault: DecisionFault) -> Error {
    match fault {
        DecisionFault::NoSuchOption(_) => Error::invalid("choice", "Choose one of the options."),
        fault => Error::Conflict(fault.to_string()),
    }
}

/// The choice of a canonical decision in a few words.
pub(crate) fn words_of(decision: &Decision, brief: &Brief) -> Result<String, Error> {
    Ok(choice_words(&kept(&decision.choice)?, brief))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(what: &str, before: Option<&str>, after: Option<&str>) -> BriefChange {
        BriefChange { what: what.into(), before: before.map(str::to_owned), after: after.map(str::to_owned) }
    }

    #[test]
    fn whoever_decided_on_an_older_version_hears_what_changed() {
        let changes = [
            change("option B: cost", Some("$40.00"), Some("$80.00")),
            change("option D", None, Some("Ask\u{202e}")),
            change("option C", Some("Drop it"), None),
        ];
        assert_eq!(
            difference_words(&changes),
            "The brief changed since you opened it: option B: cost was “$40.00”, is “$80.00”; option D is new: “AskU+202E”; option C was removed: “Drop it”. Nothing was decided; look at it again."
        );
        let many: Vec<BriefChange> = (0..9).map(|n| change(&n.to_string(), None, None)).collect();
        assert!(difference_words(&many).contains("; 4 more. "));
    }

    #[test]
    fn a_choice_is_an_options_key_or_one_of_two_words() {
        assert_eq!(checked_choice("B", "ignored").unwrap(), BriefChoice::Option("B".into()));
        assert_eq!(checked_choice("none", "").unwrap(), BriefChoice::Rejected);
        assert_eq!(checked_choice("own", " Neither. ").unwrap(), BriefChoice::Own("Neither.".into()));
        assert!(checked_choice("own", " ").is_err() && checked_choice("", "").is_err());
    }

    #[test]
    fn a_date_to_look_back_lies_ahead_and_has_something_to_look_at() {
        let word = |check_at, prediction: &str| BriefWord {
            brief: BriefId(uuid::Uuid::nil()),
            sha256: String::new(),
            choice: "none".to_owned(),
            answer: String::new(),
            rationale: String::new(),
            prediction: prediction.to_owned(),
            check_at,
            key: String::new(),
        };
        let now = Millis(1_000_000);
        assert!(checked(&word(None, ""), now).is_ok());
        assert!(checked(&word(Some(Millis(2_000_000)), "Fewer calls."), now).is_ok());
        for (check_at, prediction) in [(2_000_000, ""), (1_000_000, "x"), (1, "x"), (i64::MAX, "x")] {
            assert!(checked(&word(Some(Millis(check_at)), prediction), now).is_err(), "{check_at} {prediction}");
        }
    }
}
