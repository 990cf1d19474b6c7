//! What authors of decision briefs are told, and what everybody is. Fields are only added.

use serde::Serialize;
use std::collections::BTreeMap;

/// The topic of the event by which an agent asks: `events.<agent>.brief.prepared`.
pub const PREPARED: &str = "brief.prepared";
/// The kind of the task by which an author hears that its brief cannot be decided as it is.
pub const REJECTED_KIND: &str = "brief_rejected";
/// The kind of the task by which an author is asked something; its result has the answer.
pub const QUESTION_KIND: &str = "brief_question";
/// The kind of the task by which an author hears what was decided.
pub const DECISION_KIND: &str = "decision_made";

/// The kind of the task by which an author hears that what nobody had decided is to be decided anew.
pub const REVERSED_KIND: &str = "decision_reversed";
/// The kinds of the tasks by which an agent hears that a founder lets it act on its own recommendations, and that this
/// is over.
pub const GRANT_GIVEN_KIND: &str = "grant_given";
pub const GRANT_ENDED_KIND: &str = "grant_ended";

/// The payload of `tasks.<agent>.decision_reversed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionReversedV1<'a> {
    pub v: u8,
    /// For lists of tasks.
    pub task: String,
    /// What the author calls the brief, and what the console does.
    pub brief: &'a str,
    pub brief_id: String,
    pub decision: String,
    /// The option that had taken effect.
    pub option: &'a str,
    pub reason: &'a str,
    /// What to do, in a sentence.
    pub do_this: &'static str,
    pub correlation_id: &'a str,
}

/// The payload of `tasks.<agent>.grant_given`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GrantGivenV1<'a> {
    pub v: u8,
    /// For lists of tasks.
    pub task: String,
    pub grant: String,
    pub category: &'a str,
    /// In millionths.
    pub least_confidence_micro: u32,
    pub most_cost_micro_usd: i64,
    pub most_a_day: u32,
    /// RFC 3339.
    pub until: String,
    pub granted_by: &'a str,
    pub correlation_id: String,
}

/// The payload of `tasks.<agent>.grant_ended`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GrantEndedV1<'a> {
    pub v: u8,
    /// For lists of tasks.
    pub task: String,
    pub grant: String,
    pub category: &'a str,
    pub why: &'a str,
    pub correlation_id: String,
}

/// The payload of `tasks.<agent>.brief_rejected`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BriefRejectedV1<'a> {
    pub v: u8,
    /// For lists of tasks.
    pub task: String,
    /// What the author calls the brief; null where that could not be read.
    pub brief: Option<&'a str>,
    pub faults: &'a [BriefFaultV1],
    /// How many more there were.
    pub more: usize,
    pub correlation_id: &'a str,
}

/// One thing that is wrong with a brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BriefFaultV1 {
    /// The rule's word, as `docs/briefs.md` lists them.
    pub rule: String,
    /// Where: a JSON pointer (RFC 6901); empty for the whole.
    pub pointer: String,
    pub why: String,
    pub fix: String,
}

/// The payload of `tasks.<agent>.brief_question`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BriefQuestionV1<'a> {
    pub v: u8,
    /// For lists of tasks.
    pub task: String,
    /// What the author calls the brief.
    pub brief: &'a str,
    pub sha256: String,
    pub question: &'a str,
    /// How to answer, in a sentence.
    pub answer_with: &'static str,
    pub correlation_id: &'a str,
}

/// The payload of `tasks.<agent>.decision_made`, and of `events.countersign.decision.made`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionMadeV1<'a> {
    pub v: u8,
    /// For lists of tasks.
    pub task: String,
    pub author: &'a str,
    /// What the author calls the brief, and what the console does.
    pub brief: &'a str,
    pub brief_id: String,
    pub version: u32,
    /// Of the frozen brief.
    pub brief_sha256: String,
    pub decision: String,
    pub title: &'a str,
    pub question: &'a str,
    pub category: &'a str,
    pub choice: ChoiceV1<'a>,
    pub rationale: &'a str,
    pub prediction: &'a str,
    /// RFC 3339.
    pub check_at: Option<String>,
    /// Who decided; null where silence did, by this policy.
    pub decided_by: Option<&'a str>,
    pub policy: Option<&'a str>,
    /// In whose place a delegate decided, and by which grant its author did.
    pub decided_for: Option<&'a str>,
    pub grant: Option<String>,
    /// RFC 3339.
    pub decided_at: String,
    /// Whether a passkey signed it, and the SHA-256 of what it signed.
    pub signed: bool,
    pub decision_sha256: Option<String>,
    pub correlation_id: &'a str,
}

/// The payload of `events.countersign.allocation.changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AllocationChangedV1<'a> {
    pub v: u8,
    /// The decision that says so, and its brief.
    pub decision: String,
    pub brief_id: String,
    pub decided_by: Option<&'a str>,
    /// RFC 3339.
    pub changed_at: String,
    /// By the agents' names; whoever is not named gets no share.
    pub shares: BTreeMap<&'a str, ShareV1>,
}

/// What one agent gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ShareV1 {
    /// Per mille of all capacity.
    pub weight: u32,
    /// In millionths of a dollar, a day.
    pub budget_micro_usd: i64,
}

/// The payload of `events.countersign.context.changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContextChangedV1<'a> {
    pub v: u8,
    pub fact: String,
    /// From 1.
    pub version: u32,
    /// `commitment`, `freeze` or `seasonality`.
    pub kind: &'a str,
    pub text: &'a str,
    /// RFC 3339; without an end, until further notice.
    pub from: String,
    pub until: Option<String>,
    /// It holds no longer.
    pub withdrawn: bool,
    /// RFC 3339.
    pub changed_at: String,
}

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ChoiceV1<'a> {
    Option {
        key: &'a str,
        title: &'a str,
    },
    /// An answer that no option has.
    Own {
        answer: &'a str,
    },
    /// Nothing of it is to be done.
    Rejected,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_told_in_this_form() {
        let made = DecisionMadeV1 {
            v: 1,
            task: "Decided: Friday's deployment".into(),
            author: "ceo",
            brief: "deploy-2026-11",
            brief_id: "b".into(),
            version: 2,
            brief_sha256: "aa".into(),
            decision: "d".into(),
            title: "Friday's deployment",
            question: "Do we?",
            category: "deploy",
            choice: ChoiceV1::Option { key: "B", title: "Wait" },
            rationale: "",
            prediction: "",
            check_at: None,
            decided_by: Some("Ada"),
            policy: None,
            decided_for: None,
            grant: None,
            decided_at: "2026-11-27T10:00:00Z".into(),
            signed: false,
            decision_sha256: Some("bb".into()),
            correlation_id: "t",
        };
        assert_eq!(
            serde_json::to_string(&made).unwrap(),
            r#"{"v":1,"task":"Decided: Friday's deployment","author":"ceo","brief":"deploy-2026-11","brief_id":"b","version":2,"brief_sha256":"aa","decision":"d","title":"Friday's deployment","question":"Do we?","category":"deploy","choice":{"kind":"option","key":"B","title":"Wait"},"rationale":"","prediction":"","check_at":null,"decided_by":"Ada","policy":null,"decided_for":null,"grant":null,"decided_at":"2026-11-27T10:00:00Z","signed":false,"decision_sha256":"bb","correlation_id":"t"}"#
        );
        let choice = |choice: ChoiceV1<'_>| serde_json::to_string(&choice).unwrap();
        assert_eq!(choice(ChoiceV1::Own { answer: "Neither." }), r#"{"kind":"own","answer":"Neither."}"#);
        assert_eq!(choice(ChoiceV1::Rejected), r#"{"kind":"rejected"}"#);
    }

    #[test]
    fn what_is_wrong_with_a_brief_is_told_in_this_form() {
        let faults = [BriefFaultV1 {
            rule: "missing_field".into(),
            pointer: "/title".into(),
            why: "Why.".into(),
            fix: "Fix.".into(),
        }];
        let task = "Your brief cannot be decided as it is".to_owned();
        let told = BriefRejectedV1 { v: 1, task, brief: None, faults: &faults, more: 0, correlation_id: "t" };
        assert_eq!(
            serde_json::to_string(&told).unwrap(),
            r#"{"v":1,"task":"Your brief cannot be decided as it is","brief":null,"faults":[{"rule":"missing_field","pointer":"/title","why":"Why.","fix":"Fix."}],"more":0,"correlation_id":"t"}"#
        );
    }
}
