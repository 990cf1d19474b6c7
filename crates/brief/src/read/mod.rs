//! From a payload to a draft: what it says, and everything that is wrong with its form.

mod option;
mod reader;
mod tree;

use crate::{
    brief::{BriefOption, Evidence},
    fault::{Fault, Rule},
    limit,
    word::{BriefName, Category, NONE, OptionKey},
};
use countersign_domain::{ArtifactHash, BriefAuthor, ContextFactId, Millis, hidden::shown, moment::rfc3339};
use reader::{At, Fields, Kind, Reader};
use tree::Node;

pub use option::FIELDS as OPTION_FIELDS;

/// All fields of a payload.
pub const FIELDS: [&str; 14] = [
    "brief",
    "title",
    "question",
    "category",
    "context_md",
    "options",
    "recommendation",
    "evidence",
    "deadline",
    "at_deadline",
    "input_needed",
    "correlation_id",
    "facts",
    "v",
];

/// What the author would have silence mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AtDeadline {
    Nothing,
    Takes(OptionKey),
}

impl AtDeadline {
    pub fn key(&self) -> Option<&OptionKey> {
        match self {
            Self::Nothing => None,
            Self::Takes(key) => Some(key),
        }
    }
}

/// What a payload says, as far as it can be read. What is missing or cannot be read has its fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub(crate) author: BriefAuthor,
    pub(crate) name: Option<BriefName>,
    pub(crate) title: Option<String>,
    pub(crate) question: Option<String>,
    pub(crate) category: Option<Category>,
    pub(crate) context_md: Option<String>,
    /// `None` at the place of one that cannot be read, of which the key may be known all the same.
    pub(crate) options: Vec<(Option<OptionKey>, Option<BriefOption>)>,
    /// How many there are, looked at or not.
    pub(crate) option_count: Option<usize>,
    pub(crate) recommended: Option<OptionKey>,
    pub(crate) why: Option<String>,
    pub(crate) confidence_micro: Option<u32>,
    pub(crate) evidence: Vec<Option<Evidence>>,
    pub(crate) evidence_count: Option<usize>,
    pub(crate) deadline: Option<Millis>,
    pub(crate) at_deadline: Option<AtDeadline>,
    pub(crate) input_needed: Option<String>,
    pub(crate) correlation_id: Option<String>,
    /// `None` at the place of one that cannot be read.
    pub(crate) facts: Vec<Option<ContextFactId>>,
    pub(crate) faults: Vec<Fault>,
}

impl Draft {
    /// What the author calls the brief, where that can be read.
    pub fn name(&self) -> Option<&BriefName> {
        self.name.as_ref()
    }

    /// The title, where it can be shown.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// Whether it names facts, of which somebody has to find out whether they hold.
    pub fn has_facts(&self) -> bool {
        !self.facts.is_empty()
    }

    /// The artifacts of which somebody has to find out whether they are what the brief says.
    pub fn artifacts(&self) -> Vec<ArtifactHash> {
        self.evidence.iter().flatten().map(|evidence| evidence.sha256).collect()
    }
}

/// Takes a payload of `events.<author>.brief.prepared` apart. Never fails: [`crate::lint()`] says what came of it.
pub fn read(author: BriefAuthor, payload: &[u8]) -> Draft {
    let mut draft = empty(author);
    match tree::parse(payload) {
        Ok(node) => {
            let mut reader = Reader::default();
            let at = At { pointer: String::new(), node: &node };
            if let Some(fields) = reader.fields(&at, &FIELDS) {
                fill(&mut reader, &fields, &mut draft);
            }
            draft.faults = reader.faults;
        }
        Err(fault) => draft.faults.push(fault),
    }
    draft
}

fn empty(author: BriefAuthor) -> Draft {
    Draft {
        author,
        name: None,
        title: None,
        question: None,
        category: None,
        context_md: None,
        options: Vec::new(),
        option_count: None,
        recommended: None,
        why: None,
        confidence_micro: None,
        evidence: Vec::new(),
        evidence_count: None,
        deadline: None,
        at_deadline: None,
        input_needed: None,
        correlation_id: None,
        facts: Vec::new(),
        faults: Vec::new(),
    }
}

fn fill(reader: &mut Reader, fields: &Fields<'_>, draft: &mut Draft) {
    let needed = |reader: &mut Reader, name: &str, fix: &str| reader.need(fields, name, fix);
    if let Some(at) = fields.get("v")
        && !matches!(at.node, Node::Number(text) if text == "1")
    {
        reader.fault(Rule::Form, &at.pointer, "Only the version 1 can be read.", "Write 1, or leave it out.");
    }
    let name = needed(reader, "brief", "Give the brief a name of your own; a newer version has the same one.");
    draft.name = name.and_then(|at| reader.word(&at));
    let title = needed(reader, "title", "Say in a few words what it is about.");
    draft.title = title.and_then(|at| reader.text(&at, limit::TITLE_CHARS, Kind::Line));
    let question = needed(reader, "question", "Ask in one sentence of at most 140 characters.");
    draft.question = question.and_then(|at| reader.text(&at, limit::QUESTION_CHARS, Kind::Line));
    let category = needed(reader, "category", "Name what kind of decision it is, as in `deploy` or `budget`.");
    draft.category = category.and_then(|at| reader.word(&at));
    let context = needed(reader, "context_md", "Say what one must know to decide; an empty text says: nothing more.");
    draft.context_md = context.and_then(|at| reader.text(&at, limit::CONTEXT_CHARS, Kind::Markdown));
    if let Some(at) = needed(reader, "options", "Offer 2 to 4 options.") {
        // More are counted, and two more looked at: who sends 40 hears that first.
        if let Some((count, items)) = reader.items(&at, limit::OPTIONS.end() + 2) {
            draft.option_count = Some(count);
            draft.options = items.iter().map(|item| option::read(reader, item)).collect();
        }
    }
    if let Some(at) = needed(reader, "recommendation", "Say which option you would choose, why, and how sure you are.")
    {
        recommendation(reader, &at, draft);
    }
    if let Some(at) = needed(reader, "evidence", "Name at least one artifact that shows what you say.")
        && let Some((count, items)) = reader.items(&at, *limit::EVIDENCE.end())
    {
        draft.evidence_count = Some(count);
        draft.evidence = items.iter().map(|item| evidence(reader, item)).collect();
    }
    let deadline = needed(reader, "deadline", MOMENT);
    draft.deadline = deadline.and_then(|at| moment(reader, &at));
    let silence = needed(reader, "at_deadline", "Write `none`, or the key of a reversible option.");
    draft.at_deadline = silence.and_then(|at| match at.node {
        Node::Text(text) if text == NONE => Some(AtDeadline::Nothing),
        _ => reader.word(&at).map(AtDeadline::Takes),
    });
    let input = needed(reader, "input_needed", "Name the one thing that only the founder can add.");
    draft.input_needed = input.and_then(|at| reader.text(&at, limit::INPUT_CHARS, Kind::Line));
    let trace = fields.get("correlation_id");
    draft.correlation_id = trace.and_then(|at| reader.text(at, limit::TRACE_CHARS, Kind::Line));
    if let Some(at) = fields.get("facts")
        && let Some((count, items)) = reader.items(at, limit::FACTS)
    {
        if count > limit::FACTS {
            let why = format!("There are {count} facts; {} are the most.", limit::FACTS);
            reader.fault(Rule::TooLarge, &at.pointer, why, "Name those that the question rests on.");
        }
        draft.facts = items.iter().map(|item| fact(reader, item)).collect();
    }
}

/// The id of a fact, as `GET /api/v1/context` has it.
fn fact(reader: &mut Reader, at: &At<'_>) -> Option<ContextFactId> {
    let text = match at.node {
        Node::Text(text) => text.as_str(),
        _ => "",
    };
    let id = text.parse().ok();
    if id.is_none() {
        let why = format!("“{}” is no fact's id.", shown(text));
        reader.fault(Rule::Form, &at.pointer, why, "Name facts by the ids that `GET /api/v1/context` has.");
    }
    id
}

const MOMENT: &str = "Write a moment as in `2026-11-27T17:00:00Z` (RFC 3339).";

fn moment(reader: &mut Reader, at: &At<'_>) -> Option<Millis> {
    let text = match at.node {
        Node::Text(text) => text.as_str(),
        _ => "",
    };
    let moment = rfc3339(text);
    if moment.is_none() {
        let why = format!("“{}” is no moment that can be read.", shown(text));
        let rule = if matches!(at.node, Node::Text(_)) { Rule::Form } else { Rule::Type };
        reader.fault(rule, &at.pointer, why, MOMENT);
    }
    moment
}

fn recommendation(reader: &mut Reader, at: &At<'_>, draft: &mut Draft) {
    let Some(fields) = reader.fields(at, &["key", "why", "confidence"]) else { return };
    let key = reader.need(&fields, "key", "Name the option that you would choose.");
    draft.recommended = key.and_then(|at| reader.word(&at));
    let why = reader.need(&fields, "why", "Say why you would choose it.");
    draft.why = why.and_then(|at| reader.text(&at, limit::WHY_CHARS, Kind::Lines));
    let fix = "Say how sure you are: from 0 to 1, as in 0.82.";
    let confidence = reader.need(&fields, "confidence", fix);
    let micro = confidence.and_then(|at| reader.millionths(&at, &limit::CONFIDENCE, fix));
    draft.confidence_micro = micro.and_then(|micro| u32::try_from(micro).ok());
}

fn evidence(reader: &mut Reader, at: &At<'_>) -> Option<Evidence> {
    let fields = reader.fields(at, &["sha256", "title"])?;
    let sha256 = reader.need(&fields, "sha256", "Name the artifact by its SHA-256.").and_then(|at| reader.word(&at));
    let title = reader.need(&fields, "title", "Say what the artifact shows.");
    let title = title.and_then(|at| reader.text(&at, limit::EVIDENCE_TITLE_CHARS, Kind::Line));
    Some(Evidence { sha256: sha256?, title: title? })
}
