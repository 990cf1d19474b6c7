//! What came of a session: each decision with its receipt, the way back while they are held, and what remains.

use super::{
    brief_decision::receipt,
    brief_past::change,
    form::Form,
    morning::{nothing, reviews},
};
use crate::{
    api::desk::undo_batch::UndoBatch,
    components::{badge::Badge, eager::Erase, hash_tag::HashTag, icon::Icon},
    view::{brief as words, number, path},
};
use countersign_domain::{
    Millis,
    brief::{BriefState, DecisionState},
    reading::{DeskDecided, DeskDone, DeskDropped, DeskView},
};
use leptos::{prelude::*, server_fn::ServerFn};

pub fn done(tenant: &str, desk: &DeskView, came: DeskDone, took_ms: u64, now: Millis) -> AnyView {
    let undo = undo(tenant, &came, now);
    let title = title(came.decided.len(), took_ms);
    let rows = came.decided.iter().map(|one| decided(tenant, one)).collect_view();
    let dropped = came.dropped.iter().map(|one| lost(tenant, one)).collect_view();
    let dropped = (!came.dropped.is_empty()).then(|| {
        view! {
            <section class="panel" aria-labelledby="desk-dropped" data-testid="desk-dropped">
                <h2 id="desk-dropped">"Not decided with the others"</h2>
                <ul class="batch-list">{dropped}</ul>
            </section>
        }
    });
    let list = (!came.decided.is_empty()).then(|| {
        view! {
            <section class="panel" aria-labelledby="desk-decided" data-testid="desk-decided">
                <h2 id="desk-decided">"What you decided"</h2>
                <ol class="batch-list" data-live="decided">{rows}</ol>
            </section>
        }
    });
    view! {
        <div class="morning-sum" data-testid="done" data-desk-over="">
            <h1 tabindex="-1" data-testid="done-title">{title}</h1>
            <div class="drawn" data-live="undo">{undo}</div>
            {list}
            {dropped}
            <div class="drawn" data-live="remains">{remains(tenant, desk)}</div>
        </div>
    }
    .erased()
}

/// As in `7 decisions, 9 min 40 s`. How long a form without script took is not known.
fn title(count: usize, took_ms: u64) -> String {
    let many = match count {
        0 => "Nothing was decided".to_owned(),
        count => number::counted(count as u64, "decision", "decisions"),
    };
    let seconds = took_ms / 1000;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        _ if took_ms == 0 || count == 0 => many,
        (0, 0, s) => format!("{many}, {s} s"),
        (0, min, s) => format!("{many}, {min} min {s} s"),
        (h, min, _) => format!("{many}, {h} h {min} min"),
    }
}

fn undo(tenant: &str, came: &DeskDone, now: Millis) -> Option<AnyView> {
    let held: Vec<_> = came.decided.iter().filter_map(|one| one.decision.as_ref()).filter(|one| one.may_undo).collect();
    let ids: Vec<String> = held.iter().map(|one| one.id.clone()).collect();
    let form = Form::new("undo", UndoBatch::url(), vec![("tenant", tenant.to_owned())]);
    let Some(until) = held.iter().map(|one| one.held_until).min() else { return form.missed() };
    let left = (until.since(now) + 999) / 1000;
    let what = match ids.len() {
        1 => "Take it back".to_owned(),
        many => format!("Take all {many} back"),
    };
    let inside = view! {
        <input type="hidden" name="decisions" value=ids.join(".")/>
        <button class="button" data-key="z" data-testid="undo-batch">
            <Icon name="undo-2"/>
            <span>{format!("{what} (")}<span data-seconds=left.to_string()>{left}</span>" s)"</span>
            <kbd aria-hidden="true">"z"</kbd>
        </button>
        <p class="hint">"Nobody was told yet. When the time is over, each counts and its author hears of it."</p>
    };
    Some(form.draw(inside.erased()))
}

fn decided(tenant: &str, one: &DeskDecided) -> AnyView {
    let page = path::brief(tenant, &one.row.id);
    let said = match &one.decision {
        None => view! { <p class="sub" data-testid="taken-back">"Taken back: it waits again."</p> }.erased(),
        Some(decision) => {
            let hash = decision.decision_sha256.clone().map(|sha256| {
                view! { <p class="decision-hash"><span class="sub">"SHA-256 of the decision "</span><HashTag hex=sha256 groups=4/></p> }
            });
            let state = match decision.state {
                DecisionState::Made => "It counts, and its author was told.",
                _ => "It counts in some seconds.",
            };
            let damaged = decision.is_damaged.then(|| {
                view! { <p class="notice tone-bad"><Icon name="octagon-x"/>"What is kept of this decision is not what was decided. See its page."</p> }
            });
            view! {
                <p class="said"><span class="batch-words" data-testid="done-words">{decision.words.clone()}</span><Badge face=words::signature(decision)/></p>
                <p class="sub">{state}</p>
                {damaged}
                {hash}
            }
            .erased()
        }
    };
    let state = one.decision.as_ref().map_or("taken_back", |decision| decision.state.as_str());
    view! {
        <li data-item=one.row.id.clone() data-testid="done-row" data-desk-decided=one.row.id.clone() data-state=state data-signed=one.decision.as_ref().map(|decision| decision.is_signed.to_string())>
            <a class="batch-title" href=page>{one.row.title.clone()}</a>
            {said}
            {one.decision.as_ref().zip(one.receipt.clone()).map(|(decision, text)| receipt(tenant, &decision.id, text))}
        </li>
    }
    .erased()
}

fn lost(tenant: &str, one: &DeskDropped) -> AnyView {
    let rows = one.difference.iter().map(change).collect_view();
    let changed = (!one.difference.is_empty()).then(|| view! { <dl class="changed">{rows}</dl> });
    // The script knows the reason of one that waits as it was: it was told with the refusal.
    let told = (one.row.state == BriefState::Open && one.difference.is_empty()).then(|| {
        view! { <p class="sub" hidden data-desk-why=""></p> }
    });
    view! {
        <li data-testid="dropped-row" data-desk-dropped=one.row.id.clone()>
            <a class="batch-title" href=path::desk(tenant, &one.row.id)>{one.row.title.clone()}</a>
            <p class="sub">{one.why.clone()}</p>
            {told}
            {changed}
        </li>
    }
    .erased()
}

/// What waits still, and until when.
fn remains(tenant: &str, desk: &DeskView) -> AnyView {
    let Some(first) = desk.items.first() else { return nothing(tenant, desk) };
    let count = number::counted(desk.items.len() as u64, "brief waits still", "briefs wait still");
    let next = desk
        .next_deadline
        .map_or_else(|| "No deadline lies ahead.".to_owned(), |at| format!("The next deadline is {}.", at.to_words()));
    view! {
        <section class="panel" aria-labelledby="desk-remains" data-testid="desk-remains">
            <h2 id="desk-remains">{count}</h2>
            <p class="panel-note">{next}</p>
            <p><a class="button" href=path::desk(tenant, &first.row.id)>"Go on: "{first.row.title.clone()}<Icon name="arrow-right"/></a></p>
        </section>
        {reviews(tenant, desk)}
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::super::{
        brief::tests::{decided as view, row},
        morning::{
            Shown,
            tests::{desk, drawn},
        },
    };
    use super::*;
    use countersign_domain::reading::BriefChange;

    #[test]
    fn a_session_is_told_in_decisions_and_minutes() {
        assert_eq!(title(7, 580_000), "7 decisions, 9 min 40 s");
        assert_eq!(title(1, 4_000), "1 decision, 4 s");
        assert_eq!(title(2, 0), "2 decisions");
        assert_eq!(title(0, 9_000), "Nothing was decided");
        assert_eq!(title(50, 3_720_000), "50 decisions, 1 h 2 min");
    }

    fn came(state: DecisionState) -> DeskDone {
        let brief = view(state, true);
        let one = DeskDecided { row: brief.row, decision: brief.decision, receipt: Some("{\"a\":\"<b>\"}".to_owned()) };
        let change = BriefChange { what: "cost".to_owned(), before: Some("<$40>".to_owned()), after: None };
        let dropped = DeskDropped {
            row: row("9", BriefState::Open),
            why: "ceo changed it.".to_owned(),
            difference: vec![change],
        };
        DeskDone { decided: vec![one], dropped: vec![dropped] }
    }

    #[test]
    fn what_is_held_can_be_taken_back_together_and_what_dropped_out_says_why() {
        let html = drawn(desk(&["9"]), Shown::Done { came: came(DecisionState::Held), took_ms: 580_000 });
        for part in [
            "1 decision, 9 min 40 s",
            "Take it back (",
            "1 brief waits still",
            "ceo changed it.",
            "&lt;$40&gt;",
            "Own answer: &lt;u&gt;",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(html.contains(r#"data-desk-decided="7" data-state="held""#), "{html}");
        assert!(html.contains(r#"data-desk-dropped="9""#) && !html.contains("<b>"), "{html}");
        let html = drawn(desk(&[]), Shown::Done { came: came(DecisionState::Made), took_ms: 0 });
        assert!(!html.contains("undo-batch") && html.contains("Nothing waits for you."), "{html}");
    }
}
