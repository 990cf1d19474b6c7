//! Decision briefs: what an agent must not decide it puts before a founder, and hears what was decided.

use crate::{Agent, Error, Task, workspace::WorkspaceError};
use countersign_wire::brief::{DECISION_KIND, PREPARED, QUESTION_KIND, REJECTED_KIND};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A question for a founder. `docs/briefs.md` says what each field must be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Brief {
    /// The agent's own name for it. A newer version has the same one.
    pub brief: String,
    pub title: String,
    /// One sentence that ends with a question mark.
    pub question: String,
    pub category: String,
    /// Markdown; may be empty.
    pub context_md: String,
    /// Two to four.
    pub options: Vec<BriefOption>,
    pub recommendation: Recommendation,
    pub evidence: Vec<Evidence>,
    /// RFC 3339.
    pub deadline: String,
    /// `none`, or the key of an option that can be undone.
    pub at_deadline: String,
    /// What only the founder can add.
    pub input_needed: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
}

/// What a founder may choose.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BriefOption {
    pub key: String,
    pub title: String,
    /// What comes of it.
    pub consequence: String,
    /// In dollars, with at most six decimal places.
    pub cost_usd: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effort: Option<String>,
    pub reversible: bool,
    /// `low`, `medium` or `high`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
}

/// What the agent would choose.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recommendation {
    pub key: String,
    pub why: String,
    /// From 0 to 1.
    pub confidence: f64,
}

/// An artifact that shows what the brief says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    pub sha256: String,
    pub title: String,
}

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raised {
    /// It waits for a founder. The decision comes as a task: [`Task::decision`].
    Taken(TakenBrief),
    /// Nobody could decide it: all that is wrong with it.
    Refused(RefusedBrief),
    /// It is on the bus. Where it cannot be decided, a task says why: [`Task::refused_brief`].
    Sent,
}

/// A brief that waits for a founder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TakenBrief {
    /// `new`, `newer` or `same`.
    pub outcome: String,
    pub brief_id: String,
    pub version: u32,
    /// Of the frozen brief.
    pub sha256: String,
    /// How well it reads, from 0 to 100.
    pub score: u8,
    /// In seconds.
    pub reading_s: u32,
}

/// A brief that went back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RefusedBrief {
    /// The agent's own name for it, where a task says it and it could be read.
    #[serde(default)]
    pub brief: Option<String>,
    pub faults: Vec<Fault>,
    /// How many more there were.
    #[serde(default)]
    pub more: usize,
}

/// One thing that is wrong with a brief.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Fault {
    /// The rule's word.
    pub rule: String,
    /// Where: a JSON pointer (RFC 6901); empty for the whole.
    pub pointer: String,
    pub why: String,
    pub fix: String,
}

/// What was decided: the payload of `decision_made`, and of `events.countersign.decision.made`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DecisionMade {
    pub author: String,
    /// The author's own name for the brief.
    pub brief: String,
    pub brief_id: String,
    pub version: u32,
    pub brief_sha256: String,
    pub decision: String,
    pub title: String,
    pub question: String,
    pub category: String,
    pub choice: Choice,
    pub rationale: String,
    pub prediction: String,
    pub check_at: Option<String>,
    /// Who decided; nobody where silence did, by `policy`.
    pub decided_by: Option<String>,
    pub policy: Option<String>,
    pub decided_at: String,
    /// Whether a passkey signed it, and the SHA-256 of what it signed.
    pub signed: bool,
    pub decision_sha256: Option<String>,
    pub correlation_id: String,
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Choice {
    Option {
        key: String,
        title: String,
    },
    /// An answer that no option has.
    Own {
        answer: String,
    },
    /// Nothing of it is to be done.
    Rejected,
}

/// A question about a brief. Succeed with the result `{"answer": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct BriefQuestion {
    /// The agent's own name for the brief.
    pub brief: String,
    pub sha256: String,
    pub question: String,
}

impl Agent {
    /// Puts a brief before the founders. With a workspace it is answered at once; sent again, it is one brief. By the
    /// bus alone it is [`Raised::Sent`].
    pub async fn raise_brief(&self, brief: &Brief) -> Result<Raised, Error> {
        let payload = json!(brief);
        let Some(workspace) = self.claims() else {
            self.broadcast(PREPARED, &payload).await?;
            return Ok(Raised::Sent);
        };
        match workspace.raise_brief(&payload).await {
            Ok(taken) => Ok(Raised::Taken(taken)),
            Err(WorkspaceError::Refused(refused)) => Ok(Raised::Refused(refused)),
            Err(error) => Err(error.into()),
        }
    }
}

impl Task {
    /// What was decided on a brief of this agent, where the task says so.
    pub fn decision(&self) -> Option<DecisionMade> {
        self.told(DECISION_KIND)
    }

    /// Why a brief of this agent went back, where the task says so.
    pub fn refused_brief(&self) -> Option<RefusedBrief> {
        self.told(REJECTED_KIND)
    }

    /// What a founder asks about a brief of this agent, where the task does.
    pub fn brief_question(&self) -> Option<BriefQuestion> {
        self.told(QUESTION_KIND)
    }

    fn told<T: serde::de::DeserializeOwned>(&self, kind: &str) -> Option<T> {
        told(self.subject(), self.payload(), kind)
    }
}

/// Only the console may send tasks of these kinds: the bus refuses them to every agent.
fn told<T: serde::de::DeserializeOwned>(subject: &str, payload: &serde_json::Value, kind: &str) -> Option<T> {
    let is_it = subject.rsplit_once('.').is_some_and(|(_, last)| last == kind);
    if is_it { T::deserialize(payload).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_wire::brief::{BriefFaultV1, BriefRejectedV1, ChoiceV1, DecisionMadeV1};

    #[test]
    fn what_the_console_tells_is_read_by_its_kind() {
        let made = DecisionMadeV1 {
            v: 1,
            task: "Decided".into(),
            author: "ceo",
            brief: "q",
            brief_id: "b".into(),
            version: 2,
            brief_sha256: "aa".into(),
            decision: "d".into(),
            title: "t",
            question: "Do we?",
            category: "deploy",
            choice: ChoiceV1::Option { key: "B", title: "Wait" },
            rationale: "",
            prediction: "",
            check_at: None,
            decided_by: None,
            decided_for: None,
            grant: None,
            policy: Some("as_declared"),
            decided_at: "2026-11-27T10:00:00Z".into(),
            signed: false,
            decision_sha256: None,
            correlation_id: "t",
        };
        let made = serde_json::to_value(made).unwrap();
        let read: DecisionMade = told("tasks.ceo.decision_made", &made, DECISION_KIND).unwrap();
        assert_eq!(read.choice, Choice::Option { key: "B".into(), title: "Wait".into() });
        assert_eq!((read.policy.as_deref(), read.decided_by), (Some("as_declared"), None));
        assert!(told::<DecisionMade>("tasks.ceo.scan", &made, DECISION_KIND).is_none());

        let word = || "w".to_owned();
        let faults = [BriefFaultV1 { rule: "html".into(), pointer: "/title".into(), why: word(), fix: word() }];
        let rejected =
            BriefRejectedV1 { v: 1, task: word(), brief: Some("q"), faults: &faults, more: 3, correlation_id: "t" };
        let rejected = serde_json::to_value(rejected).unwrap();
        let read: RefusedBrief = told("tasks.ceo.brief_rejected", &rejected, REJECTED_KIND).unwrap();
        assert_eq!((read.faults[0].rule.as_str(), read.more, read.brief.as_deref()), ("html", 3, Some("q")));
    }
}
