//! One brief: what a founder reads, and where they decide.

use super::{
    brief_decide::{bar, decide},
    brief_decision::decision,
    brief_evidence::{evidence, heading},
    brief_facts::facts,
    brief_lead::lead,
    brief_past::{difference, history},
    brief_thread::thread,
    deadline::{deadline, due},
};
use crate::{
    components::{badge::Badge, eager::Erase, hash_tag::HashTag, time_ago::TimeAgo},
    view::{brief as words, path},
};
use countersign_domain::{
    Millis,
    reading::{BriefRow, BriefView},
};
use leptos::prelude::*;

/// What is known around a brief.
pub struct Around {
    /// The address and the title of the brief that comes after this one.
    pub next: Option<(String, String)>,
    /// The receipt of what was decided.
    pub receipt: Option<String>,
    pub now: Millis,
}

pub fn brief(tenant: &str, brief: BriefView, around: &Around) -> AnyView {
    let now = around.now;
    let (head, lead, decide, bar) =
        (head(tenant, &brief, now), lead(tenant, &brief), decide(tenant, &brief), bar(tenant, &brief));
    let (decision, difference) = (decision(tenant, &brief, around), difference(tenant, &brief));
    let (thread, history) = (thread(tenant, &brief), history(tenant, &brief));
    let (deadline, facts) = (deadline(tenant, &brief, now), facts(tenant, &brief));
    let context = (!brief.context_html.is_empty()).then(|| {
        // Written element by element by the service: nothing of the author's is in it but text.
        view! {
            <section class="panel" data-testid="context">
                <h2>"Context"</h2>
                <div class="prose" inner_html=brief.context_html.clone()></div>
                <details data-testid="context-source">
                    <summary>"As it is written, word for word"</summary>
                    <pre class="payload" tabindex="0" aria-label="The context as it is written">{brief.context_source.clone()}</pre>
                </details>
            </section>
        }
    });
    // What is read, and what is decided on, belongs to this version: of a newer one, the page that is open has no such
    // part, so nothing is exchanged under the reader's eyes or finger. That there is one, it says in the open.
    let part = |name: &str| format!("{name} {}", brief.row.sha256);
    view! {
        <article class="brief" data-testid="brief" data-brief=brief.row.id.clone()>
            <div class="drawn" data-live=part("head")>{head}</div>
            <div class="drawn" data-live="decision">{decision}</div>
            <div class="drawn" data-live="difference">{difference}</div>
            <div class="drawn" data-live=part("lead")>{lead}</div>
            <div class="drawn" data-live="facts">{facts}</div>
            <div class="drawn" data-live=part("decide")>{decide}</div>
            <section class="panel" id="evidence" tabindex="-1" aria-labelledby="evidence-title" data-testid="evidence">
                <div class="drawn" data-live=part("evidence")>
                    <h2 id="evidence-title">{heading(&brief.evidence)}</h2>
                    {evidence(tenant, &brief.evidence)}
                </div>
            </section>
            <div class="drawn" data-live=part("context")>{context}</div>
            <section class="panel acts" aria-labelledby="deadline-title">
                <h2 id="deadline-title">"Deadline"</h2>
                <div data-live=part("deadline")>{deadline}</div>
            </section>
            <section class="panel" aria-labelledby="thread-title">
                <h2 id="thread-title">"Questions"</h2>
                {thread}
            </section>
            <section class="panel" aria-labelledby="history-title">
                <h2 id="history-title">"What happened to it"</h2>
                <div data-live="history">{history}</div>
            </section>
            <div class="drawn" data-live=part("bar")>{bar}</div>
        </article>
    }
    .erased()
}

pub fn head(tenant: &str, brief: &BriefView, now: Millis) -> AnyView {
    let row = &brief.row;
    let reserved = row.is_reserved.then(|| {
        view! { <span class="reserved" title="Whatever the policies say, silence never settles it">"founders alone"</span> }
    });
    view! {
        <header class="brief-head" data-testid="brief-head" data-state=row.state.as_str() data-version=row.version.to_string()>
            <p class="brief-when">
                <Badge face=words::state(row)/>
                {due(row, now)}
                <span class="brief-category">{words::category(&row.category)}</span>
                {reserved}
            </p>
            <p class="brief-title">{row.title.clone()}</p>
            <h1>{row.question.clone()}</h1>
            <p class="head-note">
                {asked_by(tenant, row)}" "<TimeAgo at=row.opened_at/>
                {format!(" · version {} · {} to read", row.version, words::reading_time(row.reading_s))}
            </p>
            <p class="head-note" data-testid="brief-hash"><span class="sr">"SHA-256 "</span><HashTag hex=row.sha256.clone()/></p>
            <a class="sr" href="#evidence" rel="external" data-key="b">"Evidence"</a>
        </header>
    }
    .erased()
}

/// An agent has a page; a person has a name.
fn asked_by(tenant: &str, row: &BriefRow) -> AnyView {
    match &row.written_by {
        Some(name) => view! { "Written by "<span data-testid="written-by">{name.clone()}</span> }.erased(),
        None => view! {
            "Asked by "<a class="agent" href=path::agent(tenant, &row.author)>{row.author.clone()}</a>
        }
        .erased(),
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use countersign_domain::{
        brief::{BriefChoice, BriefState, DecisionState, InboxSplit},
        reading::{
            BriefChange, BriefRow, BriefVersion, DecisionView, EvidenceCheck, EvidenceView, OptionView,
            RecommendationView,
        },
    };

    pub const NOW: Millis = Millis(1_795_390_193_999);
    const HOUR: i64 = 3_600_000;

    pub fn row(id: &str, state: BriefState) -> BriefRow {
        BriefRow {
            id: id.to_owned(),
            written_by: None,
            author: "ceo".to_owned(),
            name: "rollout".to_owned(),
            title: "<b>Friday</b>".to_owned(),
            question: "Do we roll out <script>now</script>?".to_owned(),
            category: "feature_priority".to_owned(),
            is_reserved: false,
            options: 2,
            risk: Some("high".to_owned()),
            at_stake_micro_usd: 40_000_000,
            recommended: "B: Wait & see".to_owned(),
            confidence_micro: 820_000,
            deadline: Millis(NOW.0 + 2 * HOUR),
            opened_at: Millis(NOW.0 - HOUR),
            state,
            split: if state == BriefState::Decided { InboxSplit::Decided } else { InboxSplit::DueSoon },
            is_overdue: false,
            snoozed_until: None,
            held_until: None,
            outcome: None,
            decided_by: None,
            decided_at: None,
            version: 2,
            sha256: "ab12cd34".repeat(8),
            lint_score: 90,
            reading_s: 90,
            unanswered: 0,
            undo: None,
            delegate: None,
            is_delegated: false,
            is_yours: false,
            acts_at: None,
        }
    }

    fn option(key: &str, title: &str, cost_micro_usd: i64, cost: &str) -> OptionView {
        OptionView {
            key: key.to_owned(),
            title: title.to_owned(),
            consequence: "<i>Customers</i> get it.".to_owned(),
            cost_micro_usd,
            cost: cost.to_owned(),
            effort: Some("1 agent-day".to_owned()),
            is_reversible: key == "B",
            risk: Some("high".to_owned()),
            allocation: None,
            is_recommended: key == "B",
            is_of_silence: false,
        }
    }

    pub fn view(state: BriefState) -> BriefView {
        let evidence = EvidenceView {
            sha256: "0f".repeat(32),
            title: "<img src=x>".to_owned(),
            content: "text/plain".to_owned(),
            size: 12,
            check: EvidenceCheck::Verified,
        };
        let version = |version, is_shown| BriefVersion { version, sha256: "ab".repeat(32), at: Millis(0), is_shown };
        let waits = matches!(state, BriefState::Open | BriefState::Snoozed);
        BriefView {
            row: row("7", state),
            context_html: "<p>Written <em>anew</em>.</p>".to_owned(),
            context_source: "Written *anew*.".to_owned(),
            options: vec![
                option("A", "Roll out", 40_000_000, "$40.00"),
                option("B", "Wait & see", -200_000_000, "-$200.00"),
            ],
            recommendation: RecommendationView {
                key: "B".to_owned(),
                why: "Nobody is <awake>.".to_owned(),
                confidence_micro: 820_000,
            },
            evidence: vec![evidence],
            facts: Vec::new(),
            input_needed: "Whether <Oslo> was promised a date".to_owned(),
            correlation_id: None,
            silence: "If nobody decides by then, nothing happens.".to_owned(),
            silence_option: None,
            by_grant: None,
            is_frozen: false,
            thread: Vec::new(),
            decision: None,
            past_decisions: Vec::new(),
            versions: vec![version(2, true), version(1, false)],
            difference: vec![BriefChange {
                what: "option B: cost".to_owned(),
                before: Some("<$40>".to_owned()),
                after: None,
            }],
            strip: Vec::new(),
            blocked: None,
            may_decide: waits,
            may_sign: false,
        }
    }

    pub fn decided(state: DecisionState, is_signed: bool) -> BriefView {
        let held = state == DecisionState::Held;
        let mut brief = view(if held { BriefState::Held } else { BriefState::Decided });
        brief.decision = Some(DecisionView {
            id: "d1".to_owned(),
            choice: BriefChoice::Own("Neither.".to_owned()),
            words: "Own answer: <u>Neither</u>".to_owned(),
            rationale: "Because <x>".to_owned(),
            prediction: String::new(),
            check_at: None,
            by: Some("Ada".to_owned()),
            for_person: None,
            how: "password".to_owned(),
            at: NOW,
            state,
            void_reason: None,
            held_until: Millis(NOW.0 + 8_200),
            ended_at: None,
            version: 2,
            sha256: "ab".repeat(32),
            is_signed,
            is_damaged: false,
            decision_sha256: Some("cd".repeat(32)),
            may_undo: held,
        });
        brief
    }

    pub fn drawn(view: BriefView) -> String {
        let next = Some(("/t/acme/inbox/8".to_owned(), "<Next>".to_owned()));
        let around = Around { next, receipt: Some(r#"{"v":1,"rationale":"<s>"}"#.to_owned()), now: NOW };
        Owner::new().with(|| brief("acme", view, &around).to_html())
    }

    #[test]
    fn whatever_an_agent_writes_stays_text_and_only_the_context_is_markup() {
        let html = drawn(view(BriefState::Open)) + &drawn(decided(DecisionState::Held, false));
        let hostile = "<script> <b>Friday <i>Customers <img <awake> <Oslo> <$40> <u> <x> <s> <Next>";
        for hostile in hostile.split(' ') {
            assert!(!html.contains(hostile), "{hostile}: {html}");
        }
        assert!(html.contains("<p>Written <em>anew</em>.</p>"), "{html}");
    }

    #[test]
    fn a_brief_says_all_that_a_decision_needs() {
        let html = drawn(view(BriefState::Open));
        for part in [
            "<h1>Do we roll out",
            "in 2 h",
            "23 Nov 01:29 UTC",
            "0.82",
            "Recommended",
            "Can be undone",
            "Cannot be undone",
            "High risk",
            "Saves</dt><dd class=\"mono\">$200.00",
            "1 agent-day",
            "Evidence: 1, all hashes verified",
            "Hash verified",
            "nothing happens",
            "What version 2 changed",
            "2 min to read",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }
}
