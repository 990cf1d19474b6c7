use super::task::Task;
use countersign_domain::{
    Millis,
    reading::{self, DecisionLogRow, Followed, LookBackRow, OptionView},
};
use serde::Serialize;
use utoipa::ToSchema;

fn moment(at: Millis) -> String {
    at.to_rfc3339()
}

/// One decision in a list.
#[derive(Serialize, ToSchema)]
pub struct Decision {
    id: String,
    /// The id of the brief.
    brief: String,
    /// Since when it counts.
    #[schema(format = DateTime)]
    decided_at: String,
    title: String,
    question: String,
    category: String,
    /// Who asked.
    agent: String,
    /// What was chosen, in words.
    choice: String,
    rationale: String,
    /// Who decided; null where silence did.
    decided_by: Option<String>,
    signed: bool,
    /// Whether it is what its author recommended.
    as_recommended: bool,
    /// How sure the author was, in millionths.
    confidence_micro: u32,
    /// When it is to be looked back on.
    #[schema(format = DateTime)]
    check_at: Option<String>,
    /// `right`, `partly`, `wrong` or `unknown`, once somebody looked back.
    outcome: Option<String>,
    /// What is kept of its brief was changed: what that said is left empty.
    damaged: bool,
}

impl From<DecisionLogRow> for Decision {
    fn from(row: DecisionLogRow) -> Self {
        Self {
            id: row.id,
            brief: row.brief,
            decided_at: moment(row.at),
            title: row.title,
            question: row.question,
            category: row.category,
            agent: row.agent,
            choice: row.words,
            rationale: row.rationale,
            decided_by: row.by,
            signed: row.is_signed,
            as_recommended: row.followed,
            confidence_micro: row.confidence_micro,
            check_at: row.check_at.map(moment),
            outcome: row.outcome.map(|outcome| outcome.as_str().to_owned()),
            damaged: row.is_damaged,
        }
    }
}

/// A page of decisions, newest first.
#[derive(Serialize, ToSchema)]
pub struct DecisionList {
    pub decisions: Vec<Decision>,
    /// Of all that match.
    pub count: u64,
    /// The cursor of the next page, where there is one.
    pub next: Option<String>,
}

/// What could be chosen.
#[derive(Serialize, ToSchema)]
pub struct DecisionOption {
    key: String,
    title: String,
    consequence: String,
    /// In millionths of a dollar; less than nothing is saved.
    cost_micro_usd: i64,
    effort: Option<String>,
    reversible: bool,
    /// `low`, `medium` or `high`.
    risk: Option<String>,
}

impl From<OptionView> for DecisionOption {
    fn from(option: OptionView) -> Self {
        Self {
            key: option.key,
            title: option.title,
            consequence: option.consequence,
            cost_micro_usd: option.cost_micro_usd,
            effort: option.effort,
            reversible: option.is_reversible,
            risk: option.risk,
        }
    }
}

/// What it rested on.
#[derive(Serialize, ToSchema)]
pub struct DecisionEvidence {
    sha256: String,
    title: String,
    /// Whether it is there and has this hash, just now: `verified`, `checked_on_reading`, `missing`, `damaged`, `unknown`.
    check: String,
}

/// What its author recommended.
#[derive(Serialize, ToSchema)]
pub struct DecisionRecommendation {
    key: String,
    why: String,
    /// In millionths.
    confidence_micro: u32,
}

/// The brief as it was when it was decided.
#[derive(Serialize, ToSchema)]
pub struct DecisionBrief {
    id: String,
    name: String,
    agent: String,
    version: u32,
    sha256: String,
    title: String,
    question: String,
    category: String,
    /// Markdown, as its author wrote it, with nothing hidden in it.
    context_md: String,
    options: Vec<DecisionOption>,
    recommendation: DecisionRecommendation,
    evidence: Vec<DecisionEvidence>,
    input_needed: String,
    #[schema(format = DateTime)]
    asked_at: String,
    #[schema(format = DateTime)]
    deadline: String,
    /// The option that its author would have had take effect by silence.
    at_deadline: Option<String>,
    correlation_id: Option<String>,
}

/// The passkey that signed it.
#[derive(Serialize, ToSchema)]
pub struct DecisionKey {
    /// SHA-256 of the key.
    fingerprint: String,
    /// The page on which it signed.
    origin: String,
    /// So many decisions are under the same signature.
    covers: u64,
}

/// Tasks of the same trace since.
#[derive(Serialize, ToSchema)]
pub struct DecisionFollowed {
    correlation_id: String,
    count: u64,
    succeeded: u64,
    failed: u64,
    open: u64,
    /// In millionths of a dollar; null where no agent reported any.
    micro_usd: Option<i64>,
    /// The first 50, oldest first.
    tasks: Vec<Task>,
}

/// What somebody said who looked back.
#[derive(Serialize, ToSchema)]
pub struct DecisionLookBack {
    /// `right`, `partly`, `wrong` or `unknown`; null where they put it off.
    outcome: Option<String>,
    /// Until when they put it off.
    #[schema(format = DateTime)]
    until: Option<String>,
    note: String,
    by: String,
    #[schema(format = DateTime)]
    at: String,
}

impl From<LookBackRow> for DecisionLookBack {
    fn from(row: LookBackRow) -> Self {
        Self {
            outcome: row.outcome.map(|outcome| outcome.as_str().to_owned()),
            until: row.until.map(moment),
            note: row.note,
            by: row.by,
            at: moment(row.at),
        }
    }
}

/// A decision with what was known when it was made, and what followed.
#[derive(Serialize, ToSchema)]
pub struct WholeDecision {
    id: String,
    /// `made`; or `held`, `taken_back`, `voided`, which do not count.
    state: String,
    /// Why what is kept of it cannot be trusted; empty where it can.
    faults: Vec<String>,
    /// `option`, `own` or `rejected`, and the option's key or the answer.
    choice: String,
    answer: Option<String>,
    /// The choice in words.
    words: String,
    as_recommended: bool,
    rationale: String,
    prediction: String,
    /// When it is to be looked back on.
    #[schema(format = DateTime)]
    check_at: Option<String>,
    /// Who decided; null where silence did.
    decided_by: Option<String>,
    /// How they proved who they are, or by which policy silence decided.
    proven_by: String,
    /// The network address from which it came.
    from: Option<String>,
    #[schema(format = DateTime)]
    said_at: String,
    /// Since when it counts.
    #[schema(format = DateTime)]
    decided_at: Option<String>,
    signed: bool,
    key: Option<DecisionKey>,
    /// Why nobody signed it.
    unsigned_because: Option<String>,
    /// SHA-256 of the canonical decision; null where silence decided.
    sha256: Option<String>,
    /// The number of its entry in the journal.
    journal_entry: Option<u64>,
    brief: DecisionBrief,
    followed: DecisionFollowed,
    /// The newest answer to whether it was right.
    outcome: Option<String>,
    look_backs: Vec<DecisionLookBack>,
}

impl From<reading::WholeDecision> for WholeDecision {
    fn from(whole: reading::WholeDecision) -> Self {
        let reading::WholeDecision { decision, brief, evidence, look_back, .. } = whole;
        let check = |check| serde_json::to_value(check).ok().and_then(|word| word.as_str().map(str::to_owned));
        let evidence = evidence.into_iter().map(|one| DecisionEvidence {
            sha256: one.sha256,
            title: one.title,
            check: check(one.check).unwrap_or_default(),
        });
        Self {
            id: decision.id,
            state: decision.state.as_str().to_owned(),
            faults: whole.faults,
            choice: decision.choice.kind().to_owned(),
            answer: decision.choice.text().map(str::to_owned),
            words: decision.words,
            as_recommended: whole.follows,
            rationale: decision.rationale,
            prediction: decision.prediction,
            check_at: look_back.check_at.map(moment),
            decided_by: decision.by,
            proven_by: decision.how,
            from: whole.from,
            said_at: moment(decision.at),
            decided_at: decision.ended_at.map(moment),
            signed: decision.is_signed,
            key: whole.key.map(|key| DecisionKey {
                fingerprint: key.fingerprint,
                origin: key.origin,
                covers: key.covers,
            }),
            unsigned_because: whole.unsigned,
            sha256: decision.decision_sha256,
            journal_entry: whole.entry,
            followed: followed(whole.trace, whole.followed),
            outcome: look_back.outcome.map(|outcome| outcome.as_str().to_owned()),
            look_backs: look_back.rows.into_iter().map(Into::into).collect(),
            brief: DecisionBrief {
                id: brief.id,
                name: brief.name,
                agent: brief.author,
                version: brief.version,
                sha256: brief.sha256,
                title: brief.title,
                question: brief.question,
                category: brief.category,
                context_md: brief.context_source,
                options: brief.options.into_iter().map(Into::into).collect(),
                recommendation: DecisionRecommendation {
                    key: brief.recommendation.key,
                    why: brief.recommendation.why,
                    confidence_micro: brief.recommendation.confidence_micro,
                },
                evidence: evidence.collect(),
                input_needed: brief.input_needed,
                asked_at: moment(brief.asked_at),
                deadline: moment(brief.deadline),
                at_deadline: brief.at_deadline,
                correlation_id: brief.correlation_id,
            },
        }
    }
}

fn followed(correlation_id: String, followed: Followed) -> DecisionFollowed {
    DecisionFollowed {
        correlation_id,
        count: followed.count,
        succeeded: followed.done,
        failed: followed.failed,
        open: followed.open,
        micro_usd: followed.micro_usd,
        tasks: followed.tasks.into_iter().map(Into::into).collect(),
    }
}
