//! Decision briefs: where they stand, and what was said of them. How one is read and judged is in the crate `brief`.

use crate::{
    ArtifactHash, AwayId, BriefAuthor, DecisionId, GrantId, Millis, PersonId, TaskId,
    allocation::{Allocation, Share, percent},
    task::words,
};
use serde::{Deserialize, Serialize};

words!(
    /// Where a brief stands.
    BriefState {
        /// It waits for a founder.
        Open = "open",
        /// It waits, and is out of sight until a founder's moment for it comes.
        Snoozed = "snoozed",
        /// A founder decided; for some seconds they may take it back.
        Held = "held",
        /// It is decided, by a founder or by what the founders let silence mean.
        Decided = "decided",
    }
);

words!(
    /// Where a decision stands.
    DecisionState {
        /// It may be taken back still; nobody was told.
        Held = "held",
        /// It counts.
        Made = "made",
        /// Whoever made it took it back in time.
        TakenBack = "taken_back",
        /// It never counted: a newer version came before, or whoever made it was no founder any more.
        Voided = "voided",
    }
);

words!(
    /// Why a decision never counted that nobody took back.
    VoidReason {
        /// A newer version of the brief came before it counted.
        NewerVersion = "newer_version",
        /// Whoever made it was no founder any more when its time was up.
        NoFounder = "no_founder",
    }
);

words!(
    /// Where the inbox shows a brief.
    InboxSplit {
        /// Its deadline is near, or over.
        DueSoon = "due_soon",
        Decisions = "decisions",
        Snoozed = "snoozed",
        /// Decided lately.
        Decided = "decided",
    }
);

words!(
    /// What a founder found when they looked back on a decision.
    Outcome {
        Right = "right",
        Partly = "partly",
        Wrong = "wrong",
        /// It cannot be said.
        Unknown = "unknown",
    }
);

impl Outcome {
    /// As it is answered to “Was it right?”.
    pub fn words(self) -> &'static str {
        match self {
            Self::Right => "Right",
            Self::Partly => "Partly right",
            Self::Wrong => "Wrong",
            Self::Unknown => "Cannot say",
        }
    }
}

/// For so long a decision may be taken back. Milliseconds.
pub const HELD_MS: i64 = 10_000;
/// Versions of one brief that are taken within an hour.
pub const MOST_VERSIONS: u32 = 5;
/// A deadline is near from here on. Milliseconds.
pub const DUE_SOON_MS: i64 = 24 * 60 * 60 * 1000;
/// Characters of a rationale, and of an answer of one's own.
pub const MOST_RATIONALE: usize = 2_000;
/// Characters of a prediction.
pub const MOST_PREDICTION: usize = 500;
/// Characters of what is noted when a decision is looked back on.
pub const MOST_NOTE: usize = 1_000;
/// Characters of a question to a brief's author.
pub const MOST_QUESTION: usize = 1_000;

/// What a founder chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum BriefChoice {
    /// An option, by its key.
    Option(String),
    /// An answer that no option has.
    Own(String),
    /// Nothing of it is to be done.
    Rejected,
}

impl BriefChoice {
    /// The word of its kind, as it is kept.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Option(_) => "option",
            Self::Own(_) => "own",
            Self::Rejected => "rejected",
        }
    }

    /// The option's key or the answer's text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Option(text) | Self::Own(text) => Some(text),
            Self::Rejected => None,
        }
    }

    /// The reverse of [`Self::kind`] and [`Self::text`].
    pub fn of(kind: &str, text: Option<String>) -> Option<Self> {
        match (kind, text) {
            ("option", Some(key)) => Some(Self::Option(key)),
            ("own", Some(answer)) => Some(Self::Own(answer)),
            ("rejected", None) => Some(Self::Rejected),
            _ => None,
        }
    }
}

/// Something that happened to a brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum BriefAct {
    /// An agent or a person asked, or asked anew: the version before counts no longer.
    Taken {
        author: BriefAuthor,
        name: String,
        title: String,
        version: u32,
        sha256: ArtifactHash,
        /// The frozen brief: canonical JSON, of which `sha256` is.
        text: String,
    },
    /// A founder asked its author something.
    Asked { question: String, task: TaskId },
    /// Out of sight until then; without a moment, in sight again.
    Snoozed { until: Option<Millis> },
    /// It was decided, and what follows was sent.
    Decided(Box<BriefDecided>),
    /// Whoever decided took it back in time.
    TakenBack { decision: DecisionId },
    /// What it said about the agents' shares counts from now on.
    Allocated { decision: DecisionId, shares: Allocation },
    /// The decision never counted. Entries that do not say why tell of a newer version.
    Voided {
        decision: DecisionId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<VoidReason>,
    },
    /// Nobody had decided it, and a founder wants it decided anew: its author got a task.
    Reversed { decision: DecisionId, task: TaskId, reason: String },
    /// Its deadline passed, and nothing happened by it.
    Lapsed {
        /// In a sentence.
        why: String,
    },
    /// A founder said whether what was decided proved right. The decision stays as it is.
    LookedBack { decision: DecisionId, outcome: Outcome, note: String },
    /// A founder will look back on it later.
    LookBackPostponed { decision: DecisionId, until: Millis },
}

/// A decision as it is journaled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BriefDecided {
    pub decision: DecisionId,
    pub version: u32,
    /// Of the frozen brief.
    pub sha256: ArtifactHash,
    pub choice: BriefChoice,
    pub rationale: String,
    pub prediction: String,
    pub check_at: Option<Millis>,
    /// When it was said; it counts from the entry's own time on.
    pub said_at: Millis,
    /// By which policy silence decided; nobody did then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// In whose place a delegate decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_person: Option<PersonId>,
    /// In which absence silence decided, and by which grant its author did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub away: Option<AwayId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<GrantId>,
    /// SHA-256 of the canonical decision, and whether a passkey signed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision_sha256: Option<ArtifactHash>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed: bool,
    /// SHA-256 of the receipt's seal, as canonical JSON, where a passkey signed. Entries of before have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal_sha256: Option<ArtifactHash>,
}

impl BriefAct {
    /// The word that the journal's list shows and filters by.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Taken { .. } => "brief.taken",
            Self::Asked { .. } => "brief.asked",
            Self::Snoozed { until: Some(_) } => "brief.snoozed",
            Self::Snoozed { until: None } => "brief.woken",
            Self::Decided(decided) if decided.grant.is_some() => "brief.decided_by_grant",
            Self::Decided(decided) if decided.policy.is_some() => "brief.decided_by_policy",
            Self::Decided(_) => "brief.decided",
            Self::TakenBack { .. } => "brief.taken_back",
            Self::Allocated { .. } => "allocation.changed",
            Self::Voided { .. } => "brief.voided",
            Self::Lapsed { .. } => "brief.lapsed",
            Self::LookedBack { .. } => "brief.looked_back",
            Self::LookBackPostponed { .. } => "brief.look_back_postponed",
            Self::Reversed { .. } => "brief.reversed",
        }
    }

    /// What was done, as a sentence begins that says who did it.
    pub fn words(&self) -> String {
        match self {
            Self::Taken { author, title, version: 1, .. } if author.is_founder() => format!("Wrote a brief: {title}"),
            Self::Taken { author, title, version, .. } if author.is_founder() => {
                format!("Wrote a brief anew (version {version}): {title}")
            }
            Self::Taken { author, title, version: 1, .. } => format!("{author} asks: {title}"),
            Self::Taken { author, title, version, .. } => format!("{author} asks anew (version {version}): {title}"),
            Self::Asked { question, .. } => format!("Asked its author: {question}"),
            Self::Snoozed { until: Some(until) } => format!("Snoozed a brief until {}", until.to_words()),
            Self::Snoozed { until: None } => "Took a brief up again".to_owned(),
            Self::Decided(decided) => {
                let what = match &decided.choice {
                    BriefChoice::Option(key) => format!("option {key}"),
                    BriefChoice::Own(_) => "an answer of their own".to_owned(),
                    BriefChoice::Rejected => "nothing of it is to be done".to_owned(),
                };
                match &decided.policy {
                    Some(_) if decided.grant.is_some() => format!("By a founder's grant: {what}"),
                    Some(_) => format!("Nobody decided a brief in time; by policy: {what}"),
                    None if decided.for_person.is_some() => format!("Decided a brief in a founder's place: {what}"),
                    None => format!("Decided a brief: {what}"),
                }
            }
            Self::TakenBack { .. } => "Took a decision back".to_owned(),
            Self::Voided { why: Some(VoidReason::NoFounder), .. } => {
                "A decision did not count: who made it was no founder any more".to_owned()
            }
            Self::Allocated { shares, .. } => {
                let one = |(agent, share): (_, &Share)| format!("{agent} {}", percent(share.weight));
                format!("Shared out anew: {}", shares.iter().map(one).collect::<Vec<_>>().join(", "))
            }
            Self::Voided { .. } => "A newer version came before a decision counted".to_owned(),
            Self::Reversed { .. } => "Asked for another decision of what nobody had decided".to_owned(),
            Self::Lapsed { why } => format!("A brief's deadline passed. {why}"),
            Self::LookedBack { outcome, .. } => {
                format!("Looked back on a decision: {}", outcome.words().to_lowercase())
            }
            Self::LookBackPostponed { until, .. } => {
                format!("Put off looking back on a decision until {}", until.to_words())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_kept_in_two_words() {
        for choice in [BriefChoice::Option("A".into()), BriefChoice::Own("Neither.".into()), BriefChoice::Rejected] {
            assert_eq!(BriefChoice::of(choice.kind(), choice.text().map(str::to_owned)), Some(choice));
        }
        assert_eq!(BriefChoice::of("option", None), None);
        assert_eq!(BriefChoice::of("rejected", Some(String::new())), None);
    }

    #[test]
    fn what_happens_to_a_brief_survives_the_journal() {
        use crate::{
            BriefId, PersonId,
            journal::{Entry, What},
        };
        use uuid::Uuid;
        let decided = BriefDecided {
            decision: DecisionId(Uuid::from_u128(3)),
            version: 2,
            sha256: ArtifactHash([1; 32]),
            choice: BriefChoice::Own("Neither.".into()),
            rationale: String::new(),
            prediction: String::new(),
            check_at: Some(Millis(9)),
            said_at: Millis(4),
            policy: None,
            for_person: None,
            away: None,
            grant: None,
            decision_sha256: Some(ArtifactHash([2; 32])),
            signed: true,
            seal_sha256: Some(ArtifactHash([3; 32])),
        };
        let voided = |why| (BriefAct::Voided { decision: DecisionId(Uuid::from_u128(3)), why }, "brief.voided");
        let text = r#"{"v":1}"#.to_owned();
        let (author, sha256) = ("ceo".parse().unwrap(), ArtifactHash([1; 32]));
        for (act, kind) in [
            (BriefAct::Taken { author, name: "n".into(), title: "t".into(), version: 1, sha256, text }, "brief.taken"),
            (BriefAct::Asked { question: "Why?".into(), task: TaskId(Uuid::from_u128(5)) }, "brief.asked"),
            (BriefAct::Snoozed { until: Some(Millis(7)) }, "brief.snoozed"),
            (BriefAct::Snoozed { until: None }, "brief.woken"),
            (BriefAct::Decided(Box::new(decided)), "brief.decided"),
            (BriefAct::TakenBack { decision: DecisionId(Uuid::from_u128(3)) }, "brief.taken_back"),
            (
                BriefAct::Allocated {
                    decision: DecisionId(Uuid::from_u128(3)),
                    shares: Allocation::from([("cto".parse().unwrap(), Share { budget_micro_usd: 5, weight: 1_000 })]),
                },
                "allocation.changed",
            ),
            (BriefAct::Lapsed { why: "It waits.".into() }, "brief.lapsed"),
            voided(None),
            voided(Some(VoidReason::NoFounder)),
            (
                BriefAct::Reversed {
                    decision: DecisionId(Uuid::from_u128(3)),
                    task: TaskId(Uuid::from_u128(5)),
                    reason: "No.".into(),
                },
                "brief.reversed",
            ),
        ] {
            let what = What::Brief { by: Some(PersonId(Uuid::from_u128(1))), brief: BriefId(Uuid::from_u128(2)), act };
            let entry = Entry::new(Millis(5), what);
            assert_eq!(entry.kind(), kind);
            assert_eq!(serde_json::from_slice::<Entry>(&entry.canonical()).unwrap(), entry, "{kind}");
        }
    }
}
