//! The desk: a session over all that waits for one person, one brief at a time, and one touch at its end. Its script
//! (`app/src/desk.js`) keeps what was chosen in the tab; without it each brief is decided by itself, by forms.

use super::{
    morning_batch::batch,
    morning_brief::brief,
    morning_done::done,
    morning_order::{order, progress},
};
use crate::{
    components::{eager::Erase, empty_state::EmptyState, icon::Icon},
    view::{number, path},
};
use countersign_domain::{
    Millis,
    reading::{BriefView, DeskDone, DeskView},
};
use leptos::prelude::*;

/// What the page shows.
pub struct Morning {
    pub desk: DeskView,
    pub shown: Shown,
    /// The id of who reads it: what was chosen is theirs alone.
    pub reader: String,
    pub now: Millis,
}

pub enum Shown {
    /// One brief, to be chosen about.
    Brief(Box<BriefView>),
    /// What was chosen, before it is decided; with `is_selection` what was ticked in the inbox.
    Batch {
        is_selection: bool,
    },
    /// What came of a session.
    Done {
        came: DeskDone,
        took_ms: u64,
    },
    Nothing,
}

/// Provided to what is drawn on the desk: its forms lead back here.
#[derive(Clone, Copy)]
pub struct OnDesk;

/// The entry by which a form of the desk leads back to it.
pub fn back() -> Option<(&'static str, String)> {
    use_context::<OnDesk>().map(|OnDesk| ("desk", "true".to_owned()))
}

/// The page of a brief: that of the desk, where it is drawn there.
pub fn page_of(tenant: &str, brief: &str) -> String {
    if use_context::<OnDesk>().is_some() { path::desk(tenant, brief) } else { path::brief(tenant, brief) }
}

pub fn morning(tenant: &str, morning: Morning) -> AnyView {
    provide_context(OnDesk);
    let Morning { desk, shown, reader, now } = morning;
    let current = match &shown {
        Shown::Brief(brief) => Some(brief.row.id.clone()),
        _ => None,
    };
    let (kind, version) = match &shown {
        Shown::Brief(brief) => ("brief", Some(brief.row.sha256.clone())),
        Shown::Batch { is_selection: false } => ("batch", None),
        Shown::Batch { is_selection: true } => ("selection", None),
        Shown::Done { .. } => ("done", None),
        Shown::Nothing => ("nothing", None),
    };
    let (bar, agenda) = (bar(tenant, &desk, current.as_deref()), order(tenant, &desk, current.as_deref()));
    let body = match shown {
        Shown::Brief(open) => brief(tenant, &desk, *open, now),
        Shown::Batch { is_selection } => batch(tenant, &desk, is_selection),
        Shown::Done { came, took_ms } => done(tenant, &desk, came, took_ms, now),
        Shown::Nothing => view! { <div class="drawn" data-live="nothing">{nothing(tenant, &desk)}</div> }.erased(),
    };
    view! {
        <div class="morning" data-desk-page=kind data-tenant=tenant.to_owned() data-person=reader data-brief=current data-sha256=version
            data-home=path::desk(tenant, "") data-leave=path::of_tenant(tenant, "/inbox") data-testid="desk">
            {bar}
            {agenda}
            <div role="status"><ul class="morning-lost" data-desk-lost="" aria-label="What left the batch" data-testid="desk-lost"></ul></div>
            {body}
            {keys()}
        </div>
    }
    .erased()
}

fn bar(tenant: &str, desk: &DeskView, current: Option<&str>) -> AnyView {
    let batch = format!("{}?at=batch", path::desk(tenant, ""));
    let part = current.map_or_else(|| "progress".to_owned(), |id| format!("progress {id}"));
    view! {
        <header class="morning-bar">
            <p class="morning-name"><Icon name="stamp"/>"Desk"</p>
            <p class="morning-progress" data-live=part data-testid="progress">{progress(desk, current)}</p>
            <a class="button needs-desk" href=batch data-desk-batch-link="" data-testid="to-batch">
                "Batch"<span class="chip-count" data-desk-count="">"0"</span>
            </a>
            <button type="button" class="icon-button needs-desk" data-desk-help="">
                <Icon name="keyboard"/><span class="sr">"Show the keys of the desk"</span>
            </button>
            <a class="button" href=path::of_tenant(tenant, "/inbox") data-desk-leave="">"Leave"<kbd aria-hidden="true">"Esc"</kbd></a>
        </header>
    }
    .erased()
}

/// Nothing is left to be decided: what that means, and what comes next.
pub fn nothing(tenant: &str, desk: &DeskView) -> AnyView {
    let next = desk.next_deadline.map_or_else(|| "none".to_owned(), Millis::to_words);
    let working = number::counted(desk.working.into(), "agent is working", "agents are working");
    let words = format!("{working}; the next deadline is {next}.");
    let reviews = reviews(tenant, desk);
    let home = path::of_tenant(tenant, "");
    let title = if desk.reviews.is_empty() { "Nothing waits for you." } else { "No brief waits for you." };
    view! {
        <EmptyState icon="check" title=title>
            <p data-testid="desk-nothing">{words}</p>
            {reviews}
            <p><a class="button" href=home>"See the overview"</a></p>
        </EmptyState>
    }
    .erased()
}

/// Security reviews, to be opened one by one, in order: they are never part of a batch.
pub fn reviews(tenant: &str, desk: &DeskView) -> Option<AnyView> {
    let first = desk.reviews.first()?;
    let count = number::counted(desk.reviews.len() as u64, "security review waits", "security reviews wait");
    let rest = desk.reviews.iter().skip(1).map(|review| {
        view! { <li><a href=path::review(tenant, &review.id)>{format!("Role of {}", review.agent)}</a></li> }
    });
    let rest = (desk.reviews.len() > 1).then(|| {
        view! { <p class="hint">"After it:"</p><ul class="morning-reviews">{rest.collect_view()}</ul> }
    });
    Some(
        view! {
            <section class="panel" aria-labelledby="desk-reviews" data-testid="desk-reviews">
                <h2 id="desk-reviews">{count}</h2>
                <p class="panel-note">"Each is read and approved by itself, never in a batch."</p>
                <p><a class="button" href=path::review(tenant, &first.id)><Icon name="stamp"/>"Review the role of "{first.agent.clone()}</a></p>
                {rest}
            </section>
        }
        .erased(),
    )
}

const KEYS: [(&str, &str); 15] = [
    ("1–9", "Choose an option"),
    ("Enter", "Put the choice into the batch"),
    ("e", "Take the recommendation"),
    ("r", "Reject with a reason"),
    ("h", "Snooze"),
    ("a", "Ask its author"),
    ("b", "See the evidence"),
    ("o", "Open the evidence beside it"),
    ("n j", "Next brief"),
    ("p k", "Brief before"),
    ("z", "Take the last back"),
    ("v", "See the batch"),
    ("s", "Countersign the batch"),
    ("Esc", "Close, or leave the desk"),
    ("?", "This sheet"),
];

fn keys() -> AnyView {
    let rows = KEYS.iter().map(|(keys, what)| {
        let keys = keys.split(' ').map(|key| view! { <kbd>{key}</kbd> }).collect_view();
        view! { <div><dt>{keys}</dt><dd>{*what}</dd></div> }
    });
    view! {
        <dialog class="sheet" aria-labelledby="desk-keys" data-desk-keys="" data-testid="desk-keys">
            <h2 id="desk-keys">"Keys of the desk"</h2>
            <dl class="keys">{rows.collect_view()}</dl>
            <form method="dialog"><button class="button">"Close"</button></form>
        </dialog>
    }
    .erased()
}

#[cfg(test)]
pub mod tests {
    use super::super::brief::tests::{NOW, row, view};
    use super::*;
    use countersign_domain::{
        brief::BriefState,
        reading::{DeskItem, ReviewRow},
        review::ReviewState,
        waiting::WaitingCost,
    };

    pub fn desk(ids: &[&str]) -> DeskView {
        let cost = WaitingCost {
            idle: 9_000_000,
            stake: 120_000_000,
            spread: 240_000_000,
            agents: 3,
            unknown: 1,
            blocked_tasks: 4,
        };
        let items = ids.iter().map(|id| DeskItem { row: row(id, BriefState::Open), cost }).collect();
        DeskView { items, may_decide: true, working: 1, ..DeskView::default() }
    }

    pub fn drawn(desk: DeskView, shown: Shown) -> String {
        Owner::new().with(|| morning("acme", Morning { desk, shown, reader: "p-ada".to_owned(), now: NOW }).to_html())
    }

    fn review(agent: &str) -> ReviewRow {
        ReviewRow {
            id: format!("r-{agent}"),
            agent: agent.to_owned(),
            sha256: "ab".repeat(32),
            author: "Ada".to_owned(),
            requested_at: NOW,
            state: ReviewState::Open,
            ended_at: None,
            gravest: None,
            findings: 0,
            probe_wrong: None,
            approvals: 0,
            needed: 1,
            self_approved: false,
            is_stale: false,
        }
    }

    #[test]
    fn an_empty_desk_says_who_works_and_what_comes_next() {
        let html = drawn(desk(&[]), Shown::Nothing);
        assert!(html.contains("Nothing waits for you."), "{html}");
        assert!(html.contains("1 agent is working; the next deadline is none."), "{html}");
    }

    #[test]
    fn security_reviews_are_links_in_their_order_and_in_no_batch() {
        let reviews = vec![review("cso"), review("<b>")];
        let html = drawn(DeskView { reviews, ..desk(&[]) }, Shown::Nothing);
        assert!(html.contains("2 security reviews wait") && html.contains("never in a batch"), "{html}");
        assert!(html.contains("/t/acme/reviews/r-cso") && html.contains("Role of &lt;b&gt;"), "{html}");
        let batch =
            drawn(DeskView { reviews: vec![review("cso")], ..desk(&["7"]) }, Shown::Batch { is_selection: false });
        assert!(!batch.contains(r#"data-desk-item="r-cso""#), "{batch}");
    }

    #[test]
    fn what_happens_meanwhile_is_said_and_a_passed_deadline_takes_no_choice_away() {
        let shown = |change: fn(&mut BriefView)| {
            let mut brief = view(BriefState::Open);
            change(&mut brief);
            drawn(desk(&["7", "8"]), Shown::Brief(Box::new(brief)))
        };
        let overdue = shown(|brief| brief.row.is_overdue = true);
        assert!(overdue.contains("Its deadline has passed") && overdue.contains("desk-commit"), "{overdue}");
        let decided = shown(|brief| {
            (brief.row.state, brief.may_decide) = (BriefState::Held, false);
            (brief.row.decided_by, brief.row.decided_at) = (Some("Grace".to_owned()), Some(NOW));
            brief.row.outcome = Some("A: <b>".to_owned());
        });
        assert!(decided.contains("Grace decided this brief on 22 Nov 23:29 UTC: A: &lt;b&gt;."), "{decided}");
        assert!(decided.contains("Go on with the next") && !decided.contains("desk-commit"), "{decided}");
        let silent = shown(|brief| brief.row.state = BriefState::Decided);
        assert!(silent.contains("Nobody decided this brief in time; silence did"), "{silent}");
    }

    #[test]
    fn one_brief_has_all_that_its_page_has_and_its_forms_lead_back() {
        let html = drawn(desk(&["6", "7"]), Shown::Brief(Box::new(view(BriefState::Open))));
        for part in [
            "2 of 2",
            "Evidence: 1",
            "0.82",
            "Nobody is &lt;awake&gt;.",
            "$129.00 a day",
            "How this is counted",
            // What is drawn meanwhile about another brief is not written over this one.
            r#"data-live="state 7""#,
            r#"data-live="cost 7""#,
            r#"data-live="ask 7""#,
            r#"data-person="p-ada""#,
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(html.matches(r#"name="desk" value="true""#).count() >= 4, "{html}");
        for hostile in ["<script>", "<b>Friday", "<img"] {
            assert!(!html.contains(hostile), "{hostile}: {html}");
        }
    }
}
