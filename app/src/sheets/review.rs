//! One review of a role file: what a founder reads, and where they decide.

use super::{
    diff::{Words, diff},
    findings::examinations,
    probe_report::probe_report,
    review_changes::{bans, changes},
    review_decision::{bar, decision},
    review_past::{decisions, history},
    role_powers::role_powers,
};
use crate::{
    components::{badge::Badge, eager::Erase, hash_tag::HashTag, icon::Icon, time_ago::TimeAgo},
    view::{hash, number, path, review as words},
};
use countersign_domain::{
    reading::{CheckRow, ReviewDetail},
    review::ReviewState,
};
use leptos::prelude::*;

const FILES: Words =
    Words { same: "Not one line differs.", signs: "− only in the file that is approved, + only in this one." };

pub fn review(tenant: &str, detail: ReviewDetail) -> AnyView {
    let (head, checklist, decide) = (head(tenant, &detail), checklist(&detail), decision(tenant, &detail));
    let (probe, bar) = (probe_report(tenant, &detail), bar(&detail));
    let text_diff = detail.base.is_some().then(|| {
        view! {
            <section class="panel" data-testid="text-diff">
                <h2>"Changes in the text"</h2>
                {diff(&FILES, detail.text_diff.clone())}
            </section>
        }
    });
    view! {
        <div class="drawn" data-live="head">{head}</div>
        <div class="review">
            <section class="panel" aria-labelledby="checklist-title">
                <h2 id="checklist-title">"Before it can be approved"</h2>
                <div data-live="checklist">{checklist}</div>
            </section>
            <div class="drawn" data-live="decision">{decide}</div>
            <section class="panel" data-testid="role-changes">
                <h2>"Powers gained and lost"</h2>
                {changes(&detail)}
                {bans(&detail)}
            </section>
            <section class="panel" data-testid="findings">
                <h2>"Findings"</h2>
                <div data-live="findings">{examinations(&detail.examinations)}</div>
            </section>
            <section class="panel">
                <h2>"What this really allows"</h2>
                {role_powers(&detail.powers)}
            </section>
            <section class="panel" data-testid="probe-report">
                <h2>"Probe"</h2>
                <div data-live="probe">{probe}</div>
            </section>
            {text_diff}
            <section class="panel">
                <h2>"The file"</h2>
                {file(&detail.text)}
            </section>
            <section class="panel" data-testid="review-past">
                <h2>"Decisions and other files"</h2>
                <div data-live="past">{decisions(&detail)}{history(tenant, &detail)}</div>
            </section>
            <div class="drawn" data-live="bar">{bar}</div>
        </div>
    }
    .erased()
}

fn head(tenant: &str, detail: &ReviewDetail) -> AnyView {
    let row = &detail.row;
    let title = detail.title.clone().map(|title| view! { <span class="review-title">{title}</span> });
    let base = match &detail.base {
        Some(base) => view! {
            <p class="head-note" data-testid="review-base">
                "Compared with "<a href=path::review(tenant, &base.review)><code>{hash::grouped(&base.sha256, 2)}</code></a>
                ", approved "<TimeAgo at=base.approved_at/>"."
            </p>
        }
        .erased(),
        None => view! { <p class="head-note" data-testid="review-base">"No other file of this agent is approved: everything in it is new."</p> }
            .erased(),
    };
    let self_approved = row.self_approved.then(|| {
        view! { <p class="head-note" data-testid="self-approved"><strong>"Self-approved"</strong>": its author is the founder who approved it."</p> }
    });
    let ended = (row.state != ReviewState::Open).then_some(row.ended_at).flatten().map(|at| {
        view! { " · "{row.state.as_str()}" "<TimeAgo at/> }
    });
    let stale = row.is_stale.then(|| {
        view! {
            <p class="notice tone-quiet" data-testid="review-stale">
                <Icon name="hourglass"/>
                "A newer file of this agent waits. What runs on this one goes on until a founder decides."
            </p>
        }
    });
    view! {
        <header class="page-head task-head review-head" data-testid="review-head" data-state=row.state.as_str()>
            <Badge face=words::state(row)/>
            <h1><a class="agent" href=path::agent(tenant, &row.agent)>{row.agent.clone()}</a>{title}</h1>
            <p class="head-note" data-testid="review-hash"><span class="sr">"SHA-256 "</span><HashTag hex=row.sha256.clone()/></p>
            <p class="head-note">"Proposed by "{row.author.clone()}" "<TimeAgo at=row.requested_at/>{ended}</p>
            {base}
            {self_approved}
            {stale}
            <p class="review-mission">{detail.mission.clone()}</p>
            <p class="head-links">
                <a class="button small" href=path::what_if(tenant, &row.id)><Icon name="history"/>"What would have gone otherwise"</a>
                <a class="button small" href=path::role(tenant, &row.agent)><Icon name="pencil"/>"Propose a changed file"</a>
            </p>
        </header>
    }
    .erased()
}

fn checklist(detail: &ReviewDetail) -> AnyView {
    let rows = detail.checklist.iter().map(check).collect_view();
    view! {
        <ul class="checklist" data-testid="checklist">{rows}</ul>
        <p class="hint" data-testid="review-policy">{detail.policy.clone()}</p>
    }
    .erased()
}

fn check(row: &CheckRow) -> AnyView {
    let (tone, icon, word) = if row.holds { ("tone-ok", "check", "Holds: ") } else { ("tone-bad", "x", "Lacks: ") };
    view! {
        <li class=tone data-testid="check-row" data-holds=row.holds.to_string()>
            <Icon name=icon/>
            <span><span class="sr">{word}</span>{row.words.clone()}</span>
        </li>
    }
    .erased()
}

/// The whole file, each line with its number, so that what was found can point at it.
fn file(text: &str) -> AnyView {
    let lines = text.lines().enumerate().map(|(index, line)| {
        view! { <span class="file-line" id=format!("L{}", index + 1)>{format!("{line}\n")}</span> }
    });
    let size = number::counted(text.lines().count() as u64, "line", "lines");
    view! {
        <details data-testid="role-file">
            <summary>{format!("Show all {size}")}</summary>
            <pre class="payload file" tabindex="0" aria-label="Role file">{lines.collect_view()}</pre>
        </details>
    }
    .erased()
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use countersign_domain::{
        Millis,
        reading::{BanRow, BanTurn, ReviewBase, ReviewRow, RoleChange, RolePowers, RoleTurn},
    };

    pub fn detail(state: ReviewState) -> ReviewDetail {
        let row = ReviewRow {
            id: "7".to_owned(),
            agent: "backend".to_owned(),
            sha256: "ab12cd34".repeat(8),
            author: "Ada".to_owned(),
            requested_at: Millis(0),
            state,
            ended_at: None,
            gravest: None,
            findings: 0,
            probe_wrong: None,
            approvals: 0,
            needed: 1,
            self_approved: false,
            is_stale: false,
        };
        let change = |turn, sentence: &str| RoleChange { turn, sentence: sentence.to_owned(), line: 3 };
        let ban = |turn, words: &str| BanRow { turn, words: words.to_owned() };
        ReviewDetail {
            row: row.clone(),
            title: Some("<b>Backend</b>".to_owned()),
            mission: "<script>alert(1)</script>".to_owned(),
            text: "kind: AgentRole\nname: \"</pre><img src=x>\"\n".to_owned(),
            base: Some(ReviewBase { review: "6".to_owned(), sha256: "0f".repeat(32), approved_at: Millis(0) }),
            changes: vec![
                change(RoleTurn::PowerGained, "May publish to the queue of frontend."),
                change(RoleTurn::BanRemoved, "May deploy."),
            ],
            text_diff: Vec::new(),
            bans: vec![ban(BanTurn::Kept, "decide_brief"), ban(BanTurn::Removed, "deploy <now>")],
            powers: RolePowers::default(),
            examinations: Vec::new(),
            probe: None,
            probed_at: None,
            checklist: vec![
                CheckRow { holds: true, words: "It was examined.".to_owned() },
                CheckRow { holds: false, words: "Run the probe.".to_owned() },
            ],
            policy: "Needs one founder.".to_owned(),
            decisions: Vec::new(),
            history: vec![row],
            live_credentials: 0,
            other_credentials: 0,
            other_credentials_end: None,
            may_decide: true,
        }
    }

    pub fn drawn(detail: ReviewDetail) -> String {
        Owner::new().with(|| review("acme", detail).to_html())
    }

    #[test]
    fn whatever_a_role_file_says_stays_text() {
        let html = drawn(detail(ReviewState::Open));
        for hostile in ["<script>", "<img", "<b>Backend", "</pre><img", "<now>"] {
            assert!(!html.contains(hostile), "{hostile}: {html}");
        }
        for part in ["&lt;script&gt;", "&lt;/pre&gt;&lt;img", "&lt;b&gt;Backend", r#"id="L2""#] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn a_removed_ban_comes_before_all_else() {
        let html = drawn(detail(ReviewState::Open));
        let place = |text: &str| html.find(text).unwrap_or_else(|| panic!("{text}: {html}"));
        assert!(place("May deploy.") < place("May publish to the queue of frontend."));
        assert!(place("deploy &lt;now&gt;") < place("decide_brief"));
    }

    #[test]
    fn what_lacks_is_said_where_the_checklist_stands() {
        let html = drawn(detail(ReviewState::Open));
        assert!(html.contains("Holds: ") && html.contains("Lacks: ") && html.contains("Needs one founder."), "{html}");
    }
}
