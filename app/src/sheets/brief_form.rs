//! The form for a brief that a person writes. The linter reads what it comes to as it reads an agent's, and what it says
//! stands beside the fields.

use super::form::{Entry, Form, Shape};
use crate::{
    api::{brief::write::WriteBrief, refusal::Refusal},
    components::{eager::Erase, icon::Icon},
};
use countersign_domain::{Millis, reading::BriefCheck};
use leptos::{prelude::*, server_fn::ServerFn};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Keys of the options, in the order of the form; the first two are always offered.
const KEYS: [&str; 4] = ["a", "b", "c", "d"];
/// Places for evidence.
const PROOFS: [&str; 4] = ["e1", "e2", "e3", "e4"];
const REVERSIBLE: &[(&str, &str)] = &[("true", "Yes, it can be undone"), ("false", "No, it is for good")];
const RISKS: &[(&str, &str)] = &[("", "Not said"), ("low", "Low"), ("medium", "Medium"), ("high", "High")];
const CHOSEN: &[(&str, &str)] = &[("A", "Option A"), ("B", "Option B"), ("C", "Option C"), ("D", "Option D")];
const SILENCE: &[(&str, &str)] = &[
    ("none", "Nothing: the brief keeps waiting"),
    ("A", "Option A takes effect"),
    ("B", "Option B takes effect"),
    ("C", "Option C takes effect"),
    ("D", "Option D takes effect"),
];

/// What stands in the fields, by their names.
#[derive(Debug, Default)]
pub struct Entered(pub BTreeMap<String, String>);

/// What the form knows before anybody writes.
pub struct Known {
    /// The brief's own name.
    pub name: String,
    pub category: String,
    pub categories: Vec<String>,
    /// What each agent gets now, a line each, where the brief is about that.
    pub shares: Option<String>,
    /// Artifacts, as `agent:label`.
    pub artifacts: Vec<String>,
    pub now: Millis,
}

/// The fields of one option or proof: `(as the form names it, as [`Entered`] does)`.
macro_rules! fields {
    ($($part:literal),*) => { [$(concat!("f[", $part, "]")),*] };
}

const TITLES: [&str; 4] = fields!("a_title", "b_title", "c_title", "d_title");
const CONSEQUENCES: [&str; 4] = fields!("a_consequence", "b_consequence", "c_consequence", "d_consequence");
const COSTS: [&str; 4] = fields!("a_cost_usd", "b_cost_usd", "c_cost_usd", "d_cost_usd");
const EFFORTS: [&str; 4] = fields!("a_effort", "b_effort", "c_effort", "d_effort");
const UNDONE: [&str; 4] = fields!("a_reversible", "b_reversible", "c_reversible", "d_reversible");
const RISKED: [&str; 4] = fields!("a_risk", "b_risk", "c_risk", "d_risk");
const SHARES: [&str; 4] = fields!("a_allocation", "b_allocation", "c_allocation", "d_allocation");
const ARTIFACTS: [&str; 4] = fields!("e1_artifact", "e2_artifact", "e3_artifact", "e4_artifact");
const SHOWS: [&str; 4] = fields!("e1_shows", "e2_shows", "e3_shows", "e4_shows");

impl Entered {
    pub fn of(refusal: &Refusal) -> Self {
        let inner = |name: &str| Some(name.strip_prefix("f[")?.strip_suffix(']')?.to_owned());
        Self(refusal.all().filter_map(|(name, value)| Some((inner(name)?, value.to_owned()))).collect())
    }

    /// Without what surrounds it; lines end as mail ends them nowhere (HTML, section 4.10.22.4).
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map(|text| text.trim()).unwrap_or_default()
    }

    /// What the fields for evidence name, in their order.
    pub fn artifacts(&self) -> impl Iterator<Item = &str> {
        self.proofs().map(|proof| self.get(&format!("{proof}_artifact")))
    }

    fn proofs(&self) -> impl Iterator<Item = &'static str> {
        let is_used =
            |proof: &&str| ["artifact", "shows"].iter().any(|part| !self.get(&format!("{proof}_{part}")).is_empty());
        PROOFS.into_iter().filter(is_used)
    }

    /// Options that are offered: the first two, and what somebody wrote into the others.
    fn options(&self) -> impl Iterator<Item = &'static str> {
        let parts = ["title", "consequence", "cost_usd", "effort", "allocation"];
        let is_used = move |key: &&str| {
            matches!(*key, "a" | "b") || parts.iter().any(|part| !self.get(&format!("{key}_{part}")).is_empty())
        };
        KEYS.into_iter().filter(is_used)
    }
}

/// A number where the text is one; else the text itself, for the linter to say so.
fn number(text: &str) -> Value {
    serde_json::from_str::<serde_json::Number>(text).map_or_else(|_| json!(text), Value::Number)
}

/// What the form comes to: the payload of a brief. `artifacts` are those of [`Entered::artifacts`] by their hashes. A
/// field that is empty is left out, so that the linter says that it is missing.
pub fn payload(entered: &Entered, name: &str, artifacts: &[String]) -> String {
    let text = |name: &str| entered.get(name).replace("\r\n", "\n");
    let mut brief = Map::new();
    let mut put = |name: &str, value: Value| {
        if value != json!("") {
            brief.insert(name.to_owned(), value);
        }
    };
    put("brief", json!(name));
    for name in ["title", "question", "category", "input_needed", "correlation_id", "at_deadline"] {
        put(name, json!(text(name)));
    }
    put("deadline", json!(moment(entered.get("deadline"))));
    let option = |key: &str| {
        let mut option = Map::new();
        option.insert("key".to_owned(), json!(key.to_uppercase()));
        for part in ["title", "consequence", "effort", "risk"] {
            option.insert(part.to_owned(), json!(text(&format!("{key}_{part}"))));
        }
        option.insert("cost_usd".to_owned(), number(entered.get(&format!("{key}_cost_usd"))));
        option.insert("reversible".to_owned(), json!(entered.get(&format!("{key}_reversible")) == "true"));
        if let Some(shares) = shares(entered.get(&format!("{key}_allocation"))) {
            option.insert("allocation".to_owned(), shares);
        }
        option.retain(|_, value| *value != json!(""));
        Value::Object(option)
    };
    put("options", entered.options().map(option).collect());
    let sure = number(entered.get("confidence"));
    let sure = match sure.as_u64() {
        // Written out: a tenth that is computed has more places than are counted.
        Some(percent) if percent < 100 => number(&format!("0.{percent:02}")),
        Some(100) => json!(1),
        _ => sure,
    };
    let mut recommendation = json!({ "key": entered.get("recommended"), "why": text("why"), "confidence": sure });
    if let Some(fields) = recommendation.as_object_mut() {
        fields.retain(|_, value| *value != json!(""));
    }
    put("recommendation", recommendation);
    let evidence = entered.proofs().zip(artifacts).map(|(proof, sha256)| {
        let shows = text(&format!("{proof}_shows"));
        let shows = if shows.is_empty() { entered.get(&format!("{proof}_artifact")).to_owned() } else { shows };
        json!({ "sha256": sha256, "title": shows })
    });
    put("evidence", evidence.collect());
    let facts: Vec<&str> = entered.get("facts").split_whitespace().collect();
    if !facts.is_empty() {
        brief.insert("facts".to_owned(), json!(facts));
    }
    brief.insert("context_md".to_owned(), json!(text("context_md")));
    Value::Object(brief).to_string()
}

/// Lines such as `backend 400 20`: the agent, its weight, its dollars a day. One of another form stays as it is, for the
/// linter to say so.
fn shares(text: &str) -> Option<Value> {
    let line = |line: &str| match line.split_whitespace().collect::<Vec<_>>()[..] {
        [agent, weight, usd] => (agent.to_owned(), json!({ "weight": number(weight), "usd_per_day": number(usd) })),
        _ => (line.trim().to_owned(), json!({})),
    };
    let lines: Map<String, Value> = text.lines().filter(|text| !text.trim().is_empty()).map(line).collect();
    (!lines.is_empty()).then_some(Value::Object(lines))
}

/// A browser's field for date and time, in UTC, as RFC 3339 writes it; anything else as it is.
fn moment(text: &str) -> String {
    match text.len() {
        16 if text.contains('T') => format!("{text}:00Z"),
        19 if text.contains('T') => format!("{text}Z"),
        _ => text.to_owned(),
    }
}

/// The name of the field that a JSON pointer into [`payload`] leads to; empty for the whole.
fn field_at(entered: &Entered, pointer: &str) -> String {
    let parts: Vec<&str> = pointer.split('/').skip(1).collect();
    let nth = |number: &str, all: Vec<&'static str>| number.parse::<usize>().ok().and_then(|at| all.get(at).copied());
    match parts.as_slice() {
        ["options"] => "a_title".to_owned(),
        ["options", number, rest @ ..] => {
            let part = rest.first().filter(|part| **part != "key").unwrap_or(&"title");
            nth(number, entered.options().collect()).map_or_else(String::new, |key| format!("{key}_{part}"))
        }
        ["evidence"] => "e1_artifact".to_owned(),
        ["evidence", number, rest @ ..] => {
            let part = if rest.first() == Some(&"title") { "shows" } else { "artifact" };
            nth(number, entered.proofs().collect()).map_or_else(String::new, |proof| format!("{proof}_{part}"))
        }
        ["recommendation", "why"] => "why".to_owned(),
        ["recommendation", "confidence"] => "confidence".to_owned(),
        ["recommendation", ..] => "recommended".to_owned(),
        [name, ..] if *name != "brief" => (*name).to_owned(),
        _ => String::new(),
    }
}

/// What the linter says, by the names of fields.
struct Said(BTreeMap<String, String>);

impl Said {
    fn new(entered: Option<&Entered>, check: Option<BriefCheck>) -> Self {
        let mut said: BTreeMap<String, String> = BTreeMap::new();
        let (Some(entered), Some(check)) = (entered, check) else { return Self(said) };
        for fault in check.faults {
            let place = said.entry(field_at(entered, &fault.pointer)).or_default();
            if !place.is_empty() {
                place.push(' ');
            }
            place.push_str(&fault.words);
        }
        Self(said)
    }

    /// Of the field that a form calls `f[name]`.
    fn of(&self, name: &str) -> Option<String> {
        let inner = name.strip_prefix("f[").and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
        self.0.get(inner).cloned()
    }
}

pub fn brief_form(tenant: &str, known: Known, entered: Option<&Entered>, check: Option<BriefCheck>) -> AnyView {
    let said = Said::new(entered, check);
    let name = entered.map(|entered| entered.get("name").to_owned()).filter(|name| !name.is_empty());
    let hidden = vec![("tenant", tenant.to_owned()), ("f[name]", name.unwrap_or(known.name))];
    let form = Form::new("write-brief", WriteBrief::url(), hidden);
    let field = |entry: Entry| {
        let fault = said.of(entry.name);
        // The linter says what is missing, beside all else that is wrong: the browser is not to stop at the first.
        form.field(Entry { fault, optional: true, ..entry })
    };
    let whole = said.of("").map(|words| view! { <p class="field-error" data-testid="field-error">{words}</p> });
    let options = KEYS
        .iter()
        .enumerate()
        .map(|(at, key)| option(at, &key.to_uppercase(), known.shares.as_deref(), &field))
        .collect_view();
    let proofs = (0..PROOFS.len()).map(|at| proof(at, &known.artifacts, &field)).collect_view();
    let utc = known.now.to_words();
    let lines = |label, name, hint| Entry { label, name, hint, ..Entry::default() };
    let inside = view! {
        {whole}
        <section class="panel form-panel">
            <h2>"The question"</h2>
            {field(lines("Title", "f[title]", "A few words, for lists"))}
            {field(lines("Question", "f[question]", "One sentence that ends with a question mark, at most 140 characters"))}
            {field(Entry {
                label: "Category",
                name: "f[category]",
                hint: "Small letters, digits and _. Founders alone settle resource_allocation, strategy, budget and priorities",
                value: known.category,
                shape: Shape::Suggested(known.categories),
                ..Entry::default()
            })}
            {field(Entry {
                label: "Context",
                name: "f[context_md]",
                hint: "What one must know to decide, in markdown; may stay empty",
                shape: Shape::Text(6),
                ..Entry::default()
            })}
            {field(lines("What only the decider can add", "f[input_needed]", "The one thing, at most 200 characters"))}
        </section>
        <section class="panel form-panel brief-options-form">
            <h2>"Options"</h2>
            <p class="hint">"Two to four. Leave the last ones empty where there are fewer."</p>
            {options}
        </section>
        <section class="panel form-panel">
            <h2>"Recommendation"</h2>
            {field(Entry {
                label: "You would choose",
                name: "f[recommended]",
                value: "A".to_owned(),
                shape: Shape::Choice(CHOSEN),
                ..Entry::default()
            })}
            {field(Entry { label: "Why", name: "f[why]", shape: Shape::Text(3), ..Entry::default() })}
            {field(Entry {
                label: "How sure, in percent",
                name: "f[confidence]",
                shape: Shape::Number(0, 100),
                ..Entry::default()
            })}
        </section>
        <section class="panel form-panel">
            <h2>"Evidence"</h2>
            <p class="hint">"At least one artifact that shows what you say: by its SHA-256, or as agent:label. Its bytes are frozen with the brief."</p>
            {proofs}
            {field(Entry {
                label: "Facts of the founders",
                name: "f[facts]",
                hint: "Ids of those on which it rests, as the page of what agents cannot see has them; may stay empty",
                shape: Shape::Text(2),
                ..Entry::default()
            })}
        </section>
        <section class="panel form-panel">
            <h2>"Deadline"</h2>
            {field(Entry {
                label: "Decide by, in UTC",
                name: "f[deadline]",
                hint: "Within 90 days; at least an hour ahead where silence takes an option",
                shape: Shape::Moment,
                ..Entry::default()
            })}
            {field(Entry {
                label: "If nobody decides",
                name: "f[at_deadline]",
                hint: "Only where a founder let silence answer for the category, and only what can be undone",
                value: "none".to_owned(),
                shape: Shape::Choice(SILENCE),
                ..Entry::default()
            })}
            {field(lines("Trace", "f[correlation_id]", "The correlation id of the work it belongs to; may stay empty"))}
            <button class="button primary" data-testid="send-brief"><Icon name="send"/>"Put it before the founders"</button>
            <p class="hint">{format!("It is read by the same rules as an agent's, frozen by its hash, and waits in the inbox. It is {utc} now.")}</p>
        </section>
    };
    view! { <div class="brief-form">{form.draw(inside.erased())}</div> }.erased()
}

fn option(at: usize, key: &str, shares: Option<&str>, field: &impl Fn(Entry) -> AnyView) -> AnyView {
    let fields = [
        Entry { label: "What is done", name: TITLES[at], ..Entry::default() },
        Entry { label: "What comes of it", name: CONSEQUENCES[at], shape: Shape::Text(2), ..Entry::default() },
        Entry {
            label: "Cost in dollars",
            name: COSTS[at],
            hint: "0 where it costs nothing; less than nothing is saved",
            ..Entry::default()
        },
        Entry { label: "Effort", name: EFFORTS[at], hint: "May stay empty", ..Entry::default() },
        Entry {
            label: "Can it be undone?",
            name: UNDONE[at],
            value: "true".to_owned(),
            shape: Shape::Choice(REVERSIBLE),
            ..Entry::default()
        },
        Entry { label: "Risk", name: RISKED[at], shape: Shape::Choice(RISKS), ..Entry::default() },
    ];
    let fields = fields.into_iter().map(field).collect_view();
    let shares = shares.map(|shares| {
        field(Entry {
            label: "What each agent gets",
            name: SHARES[at],
            hint: "A line each: agent, per mille of all capacity, dollars a day. The per mille come to 1000; empty, nothing changes",
            // One option begins with what is, to be changed.
            value: if at == 0 { shares.to_owned() } else { String::new() },
            shape: Shape::Text(5),
            ..Entry::default()
        })
    });
    let fields = view! { {fields}{shares} };
    view! { <fieldset class="brief-option-form"><legend>{format!("Option {key}")}</legend>{fields}</fieldset> }.erased()
}

fn proof(at: usize, artifacts: &[String], field: &impl Fn(Entry) -> AnyView) -> AnyView {
    let label = ["Artifact", "Second artifact", "Third artifact", "Fourth artifact"][at];
    let shows = ["What it shows", "What the second shows", "What the third shows", "What the fourth shows"][at];
    let suggested = Shape::Suggested(artifacts.to_vec());
    view! {
        {field(Entry { label, name: ARTIFACTS[at], shape: suggested, ..Entry::default() })}
        {field(Entry { label: shows, name: SHOWS[at], ..Entry::default() })}
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::reading::FaultView;

    fn entered(list: &[(&str, &str)]) -> Entered {
        Entered(list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_form_comes_to_the_payload_that_an_agent_would_send() {
        let form = entered(&[
            ("title", " Friday "),
            ("context_md", "One\r\ntwo"),
            ("a_title", "Go"),
            ("a_cost_usd", "5.48"),
            ("a_reversible", "true"),
            ("d_title", "Stop"),
            ("d_cost_usd", "much"),
            ("recommended", "D"),
            ("confidence", "7"),
            ("e2_artifact", "ceo:report"),
            ("deadline", "2026-11-27T17:00"),
            ("facts", "f1\r\nf2"),
        ]);
        let payload = payload(&form, "by-hand-1", &["ab".to_owned()]);
        let brief: Value = serde_json::from_str(&payload).unwrap();
        assert_eq!(brief["options"].as_array().unwrap().len(), 3, "the first two, and what was written: {brief}");
        assert_eq!(
            (&brief["options"][0]["cost_usd"], &brief["options"][2]["cost_usd"]),
            (&json!(5.48), &json!("much"))
        );
        assert_eq!((&brief["context_md"], &brief["deadline"]), (&json!("One\ntwo"), &json!("2026-11-27T17:00:00Z")));
        assert_eq!(brief["evidence"], json!([{ "sha256": "ab", "title": "ceo:report" }]));
        assert_eq!(
            shares("ceo 400 5.5\n\nas the cto likes"),
            Some(json!({"ceo": {"weight": 400, "usd_per_day": 5.5}, "as the cto likes": {}}))
        );
        assert!(payload.contains(r#""confidence":0.07"#) && brief.get("question").is_none(), "{payload}");
        assert_eq!(brief["facts"], json!(["f1", "f2"]));
        assert_eq!(field_at(&form, "/options/2/cost_usd"), "d_cost_usd");
        assert_eq!(field_at(&form, "/evidence/0/sha256"), "e2_artifact");
        assert_eq!(
            (field_at(&form, "/recommendation/key").as_str(), field_at(&form, "").as_str()),
            ("recommended", "")
        );
    }

    #[test]
    fn what_is_wrong_stands_beside_its_field_and_what_was_written_stays_text() {
        Owner::new().with(|| {
            let known = Known {
                name: "by-hand-1".to_owned(),
                category: "budget".to_owned(),
                categories: Vec::new(),
                artifacts: vec!["ceo:<b>".to_owned()],
                shares: Some("ceo 1000 5.00".to_owned()),
                now: Millis(0),
            };
            let fault =
                |pointer: &str, why: &str| FaultView { pointer: pointer.to_owned(), words: format!("{why} Mend it.") };
            let faults = vec![fault("/options/1/title", "There is <i>."), fault("", "Too many wait.")];
            let check = BriefCheck { faults };
            let html = brief_form("acme", known, Some(&Entered::default()), Some(check)).to_html();
            let place = r#"id="write-brief-f[b_title]-fault""#;
            for part in [place, "There is &lt;i&gt;. Mend it.", "Too many wait. Mend it.", "ceo:&lt;b&gt;"] {
                assert!(html.contains(part), "{part}: {html}");
            }
            assert_eq!(html.matches(r#"aria-invalid="true""#).count(), 1, "{html}");
        });
    }
}
