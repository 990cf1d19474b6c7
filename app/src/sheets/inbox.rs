//! What waits for a founder: the list, and beside it the brief that is open.

use super::{
    away::notice,
    brief::{Around, brief},
    inbox_row::{RowPlace, inbox_row},
    look_back,
};
use crate::{
    components::{eager::Erase, empty_state::EmptyState, icon::Icon},
    view::{brief as words, number, path},
};
use countersign_domain::{
    Millis,
    brief::{BriefState, InboxSplit},
    reading::{BriefRow, BriefView, Inbox, InboxCounts},
};
use leptos::prelude::*;

/// What the page shows.
pub struct Desk {
    pub inbox: Inbox,
    /// The one part of the list that is shown; else all that waits.
    pub split: Option<InboxSplit>,
    pub open: Option<BriefView>,
    /// The receipt of what was decided about it.
    pub receipt: Option<String>,
    /// The id of who reads it: what they tick is theirs alone.
    pub reader: String,
    pub now: Millis,
}

pub fn inbox(tenant: &str, desk: Desk) -> AnyView {
    let Desk { inbox, split, open, receipt, reader, now } = desk;
    let query = split.map(|split| format!("?split={}", split.as_str())).unwrap_or_default();
    let current = open.as_ref().map(|open| open.row.id.clone());
    let groups = shown(split).iter().map(|split| group(tenant, &inbox, *split, &query, current.as_deref(), now));
    let groups = groups.collect_view();
    let nothing = nothing(tenant, &inbox, split);
    let waiting = inbox.counts.due_soon + inbox.counts.decisions;
    let back = split.is_none().then(|| {
        let due = look_back::due(tenant, inbox.counts.look_back, &inbox.look_backs);
        view! { <section class="brief-group look-backs" aria-label="Look back" data-live="look-backs" data-testid="look-backs">{due}</section> }
    });
    let away = inbox.away.as_ref().map(|away| notice(tenant, away));
    let write = inbox.may_decide.then(|| {
        view! {
            <a class="write-brief" href=path::of_tenant(tenant, "/inbox/new") data-testid="write-brief">
                <Icon name="pencil"/>"Write a brief"
            </a>
        }
    });
    // What is held is chosen about already.
    let open_ones = inbox.rows.iter().filter(|row| row.state == BriefState::Open).count();
    let beside = match open {
        Some(open) => {
            let next = next(&inbox.rows, &open.row.id).map(|row| (path::brief(tenant, &row.id) + &query, row.title.clone()));
            brief(tenant, open, &Around { next, receipt, now })
        }
        None => view! {
            <div class="inbox-hint" data-live="beside">
                <p>"Open a brief to decide it here."</p>
                <p class="hint"><kbd>"j"</kbd>" and "<kbd>"k"</kbd>" walk the list, "<kbd>"Enter"</kbd>" opens a brief, "<kbd>"?"</kbd>" shows all keys."</p>
            </div>
        }
        .erased(),
    };
    view! {
        <div class="inbox" class:is-open=current.is_some()>
            <section class="inbox-list" aria-label="Briefs" data-testid="inbox-list">
                <div class="drawn" data-live="splits">
                    <span hidden=true data-inbox=waiting.to_string()></span>
                    {(open_ones > 0 && inbox.may_decide).then(|| to_desk(tenant, open_ones))}
                    {splits(tenant, inbox.counts, split)}
                    <p class="inbox-more">
                        {write}
                        <a href=path::of_tenant(tenant, "/context") data-testid="to-context">"What agents cannot see"</a>
                    </p>
                </div>
                <div class="drawn" data-live="away">{away}</div>
                {groups}
                {inbox.may_decide.then(|| picked(tenant, reader))}
                <div class="drawn" data-live="empty">{nothing}</div>
                {back}
                <p class="more"><a href=path::of_tenant(tenant, "/decisions") data-testid="to-decisions">"All decisions"</a></p>
            </section>
            <div class="inbox-brief">{beside}</div>
        </div>
    }
    .erased()
}

/// The way to a session over all of it.
fn to_desk(tenant: &str, count: usize) -> AnyView {
    let words = match count {
        1 => "Decide it at the desk".to_owned(),
        many => format!("Decide all {} at the desk", number::grouped(many as u64)),
    };
    view! {
        <a class="button to-desk" href=path::desk(tenant, "") data-testid="to-desk"><Icon name="stamp"/>{words}</a>
    }
    .erased()
}

/// What can be done with the briefs that are ticked. The script shows it while some are (`app/src/desk.js`).
fn picked(tenant: &str, reader: String) -> AnyView {
    view! {
        <div class="picked" hidden role="group" aria-label="Briefs that are ticked" data-pick-bar="" data-testid="picked">
            <button type="button" class="button primary" data-pick-go="" data-tenant=tenant.to_owned() data-person=reader data-home=path::desk(tenant, "")>
                <Icon name="list-checks"/>
                <span>"Accept the recommendation of "<span data-pick-count="">"0"</span></span>
            </button>
            <button type="button" class="button" data-pick-none="">"Untick all"</button>
            <p class="hint">"They are listed first: nothing is decided before you confirm."</p>
        </div>
    }
    .erased()
}

/// The groups of the list, in order.
fn shown(split: Option<InboxSplit>) -> &'static [InboxSplit] {
    match split {
        None => &[InboxSplit::DueSoon, InboxSplit::Decisions],
        Some(InboxSplit::DueSoon) => &[InboxSplit::DueSoon],
        Some(InboxSplit::Decisions) => &[InboxSplit::Decisions],
        Some(InboxSplit::Snoozed) => &[InboxSplit::Snoozed],
        Some(InboxSplit::Decided) => &[InboxSplit::Decided],
    }
}

/// The brief that is to be decided after this one: the next of those that wait, or else the first.
fn next<'r>(rows: &'r [BriefRow], id: &str) -> Option<&'r BriefRow> {
    let after = rows.iter().skip_while(|row| row.id != id).skip(1);
    after.chain(rows).find(|row| row.state == BriefState::Open && row.id != id)
}

/// The parts of the inbox with what is in each. `[` and `]` lead to those beside the one that is shown.
fn splits(tenant: &str, counts: InboxCounts, here: Option<InboxSplit>) -> AnyView {
    let inbox = path::of_tenant(tenant, "/inbox");
    let count = |split: InboxSplit| match split {
        InboxSplit::DueSoon => counts.due_soon,
        InboxSplit::Decisions => counts.decisions,
        InboxSplit::Snoozed => counts.snoozed,
        InboxSplit::Decided => counts.decided,
    };
    let parts: Vec<(Option<InboxSplit>, u32)> = std::iter::once((None, counts.due_soon + counts.decisions))
        .chain(InboxSplit::ALL.iter().map(|split| (Some(*split), count(*split))))
        .filter(|(split, count)| *count > 0 || split.is_none() || *split == here)
        .collect();
    let at = parts.iter().position(|(split, _)| *split == here).unwrap_or_default();
    let chips = parts.into_iter().enumerate().map(|(index, (split, count))| {
        let (word, query) = match split {
            None => ("Waiting", String::new()),
            Some(split) => (words::split(split), format!("?split={}", split.as_str())),
        };
        let key = if index + 1 == at { Some("[") } else { (index == at + 1).then_some("]") };
        view! {
            <a class="chip" class:is-on=index == at href=inbox.clone() + &query data-key=key aria-current=(index == at).then_some("page")
                data-testid="split">
                {word}<span class="chip-count">{number::grouped(count.into())}</span>
            </a>
        }
    });
    let reviews = (counts.reviews > 0).then(|| {
        view! {
            <a class="chip" href=path::of_tenant(tenant, "/reviews") data-testid="split-reviews">
                "Reviews"<span class="chip-count">{number::grouped(counts.reviews.into())}</span><Icon name="arrow-right"/>
            </a>
        }
    });
    let back = (counts.look_back > 0).then(|| {
        view! {
            <a class="chip" href=path::of_tenant(tenant, "/decisions?outcome=due") data-testid="split-look-back">
                "Look back"<span class="chip-count">{number::grouped(counts.look_back.into())}</span><Icon name="arrow-right"/>
            </a>
        }
    });
    view! { <nav class="chips splits" aria-label="Parts of the inbox">{chips.collect_view()}{reviews}{back}</nav> }
        .erased()
}

/// A group takes no place while it is empty. Its rows alone are kept up to date.
fn group(tenant: &str, inbox: &Inbox, split: InboxSplit, query: &str, current: Option<&str>, now: Millis) -> AnyView {
    let heading = format!("inbox-{}", split.as_str());
    let (labelled, name) = (heading.clone(), heading.clone());
    let rows = inbox.rows.iter().filter(|row| row.split == split);
    // One key takes back what was decided last; beside a brief that is open, it is about that one.
    let held = inbox.rows.iter().filter(|row| row.undo.is_some() && current.is_none());
    let last = held.max_by_key(|row| row.decided_at).map(|row| &row.id);
    let rows = rows.map(|row| {
        let place =
            RowPlace { current: current == Some(&row.id), may_decide: inbox.may_decide, last: last == Some(&row.id) };
        inbox_row(tenant, row, query, place, now)
    });
    let rows = rows.collect_view();
    view! {
        <section class="brief-group" aria-labelledby=labelled>
            <h2 id=heading>{words::split(split)}</h2>
            <ul class="brief-rows" data-live=name>{rows}</ul>
        </section>
    }
    .erased()
}

/// Where there is nothing to show: what that means, and the next step.
fn nothing(tenant: &str, inbox: &Inbox, split: Option<InboxSplit>) -> Option<AnyView> {
    let is_shown = |row: &BriefRow| shown(split).contains(&row.split);
    if inbox.rows.iter().any(is_shown) {
        return None;
    }
    if let Some(split) = split {
        let words = match split {
            InboxSplit::DueSoon => "No brief is due within a day.",
            InboxSplit::Decisions => "No brief waits with more than a day to go.",
            InboxSplit::Snoozed => "No brief is snoozed.",
            InboxSplit::Decided => "No brief was decided yet.",
        };
        let all = path::of_tenant(tenant, "/inbox");
        return Some(
            view! { <p class="muted" data-testid="none-here">{words}" "<a href=all>"Show what waits"</a></p> }.erased(),
        );
    }
    let next = match inbox.next_deadline {
        Some(at) => format!("The next deadline is {}.", at.to_words()),
        None => "No deadline lies ahead.".to_owned(),
    };
    let snoozed = (inbox.counts.snoozed > 0).then(|| {
        let href = path::of_tenant(tenant, "/inbox?split=snoozed");
        view! { <p><a href=href>{number::counted(inbox.counts.snoozed.into(), "brief is snoozed", "briefs are snoozed")}</a></p> }
    });
    let reviews = (inbox.counts.reviews > 0).then(|| {
        let words =
            number::counted(inbox.counts.reviews.into(), "role file waits for review", "role files wait for review");
        view! { <p><a class="button" href=path::of_tenant(tenant, "/reviews")>{words}</a></p> }
    });
    let rest = (inbox.counts.reviews == 0).then(|| {
        view! { <p><a class="button" href=path::of_tenant(tenant, "/tasks")>"See what agents work on"</a></p> }
    });
    Some(
        view! {
            <EmptyState icon="check" title="Nothing waits for your decision">
                <p data-testid="none-waits">{next}" An agent asks by publishing "<code>"events.<its name>.brief.prepared"</code>"."</p>
                {snoozed}
                {reviews}
                {rest}
            </EmptyState>
        }
        .erased(),
    )
}

#[cfg(test)]
mod tests {
    use super::super::brief::tests::{NOW, row, view};
    use super::*;

    fn drawn(rows: Vec<BriefRow>, split: Option<InboxSplit>, open: Option<BriefView>) -> String {
        let count = |split| rows.iter().filter(|row| row.split == split).map(|_| 1).sum();
        let counts = InboxCounts {
            due_soon: count(InboxSplit::DueSoon),
            decided: count(InboxSplit::Decided),
            reviews: 2,
            ..InboxCounts::default()
        };
        let inbox = Inbox { rows, counts, may_decide: true, ..Inbox::default() };
        Owner::new().with(|| inbox_of(inbox, split, open))
    }

    fn inbox_of(list: Inbox, split: Option<InboxSplit>, open: Option<BriefView>) -> String {
        inbox("acme", Desk { inbox: list, split, open, receipt: None, reader: "p-ada".to_owned(), now: NOW }).to_html()
    }

    #[test]
    fn a_row_says_what_is_at_stake_until_when_and_a_title_stays_text() {
        let html = drawn(vec![row("7", BriefState::Open)], None, None);
        for part in
            ["in 2 h", "&lt;b&gt;Friday", "2 options", "$40.00 at stake", "High risk", "ceo", r#"data-inbox="1""#]
        {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(!html.contains("<b>Friday") && !html.contains("Nothing waits"), "{html}");
    }

    #[test]
    fn parts_have_counts_and_the_keys_lead_to_those_beside_the_one_that_is_shown() {
        let mut decided = row("8", BriefState::Decided);
        (decided.outcome, decided.decided_at) = (Some("B: <Wait>".to_owned()), Some(NOW));
        let html = drawn(vec![row("7", BriefState::Open), decided], Some(InboxSplit::Decided), None);
        let chip =
            |key: &str| html.split("<a").find(|tag| tag.contains(&format!(r#"data-key="{key}""#))).unwrap_or_default();
        assert!(chip("[").contains("Due soon"), "{html}");
        assert!(chip("]").is_empty() && html.contains("/t/acme/reviews"), "{html}");
        assert!(html.contains("B: &lt;Wait&gt;") && html.contains("by silence"), "{html}");
        assert!(!html.contains(r#"data-state="open""#), "only what was asked for: {html}");
    }

    #[test]
    fn what_is_held_can_be_taken_back_in_the_list_and_only_what_waits_is_ticked() {
        let mut held = row("8", BriefState::Held);
        (held.undo, held.decided_at) = (Some("d8".to_owned()), Some(NOW));
        held.held_until = Some(Millis(NOW.0 + 8_200));
        let html = drawn(vec![row("7", BriefState::Open), held], None, None);
        assert!(html.contains(r#"data-seconds="9""#) && html.contains(r#"name="list" value="true""#), "{html}");
        assert_eq!(html.matches(r#"data-key="z""#).count(), 1, "{html}");
        assert_eq!(html.matches("data-pick=").count(), 1, "{html}");
        assert!(html.contains("undo-row"), "{html}");
        assert!(html.contains("Decide it at the desk") && html.contains("&lt;b&gt;Friday"), "{html}");
    }

    #[test]
    fn an_empty_inbox_has_a_next_step() {
        let html = drawn(Vec::new(), None, None);
        assert!(
            html.contains("Nothing waits for your decision") && html.contains("2 role files wait for review"),
            "{html}"
        );
        assert!(drawn(Vec::new(), Some(InboxSplit::Snoozed), None).contains("No brief is snoozed."));
    }

    #[test]
    fn the_open_brief_is_marked_in_the_list_and_the_next_one_waits() {
        let mut snoozed = row("8", BriefState::Snoozed);
        snoozed.split = InboxSplit::Snoozed;
        let rows = vec![row("6", BriefState::Open), row("7", BriefState::Open), snoozed];
        assert_eq!(next(&rows, "6").map(|row| row.id.as_str()), Some("7"));
        assert_eq!(next(&rows, "7").map(|row| row.id.as_str()), Some("6"), "round again");
        assert!(next(&rows[1..], "7").is_none());
        let html = drawn(rows, None, Some(view(BriefState::Open)));
        assert_eq!(html.matches(r#"aria-current="true""#).count(), 1, "{html}");
    }
}
