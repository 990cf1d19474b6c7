//! A brief in the list.

use super::{deadline::due, form::Form};
use crate::{
    api::brief::undo::UndoDecision,
    components::{badge::Badge, eager::Erase, icon::Icon, time_ago::TimeAgo},
    view::{brief as words, number, path},
};
use countersign_domain::{Millis, brief::BriefState, reading::BriefRow};
use leptos::{prelude::*, server_fn::ServerFn};

/// What a row is among the others.
pub struct RowPlace {
    /// Its brief is shown beside the list.
    pub current: bool,
    pub may_decide: bool,
    /// Of what the reader may take back, it was decided last.
    pub last: bool,
}

/// `query` is what narrows the list: the link keeps it.
pub fn inbox_row(tenant: &str, row: &BriefRow, query: &str, place: RowPlace, now: Millis) -> AnyView {
    let is_current = place.current;
    let tick = (place.may_decide && row.state == BriefState::Open).then(|| {
        view! {
            <label class="pick needs-desk">
                <input type="checkbox" data-pick=row.id.clone() data-sha256=row.sha256.clone() data-title=row.title.clone() data-words=row.recommended.clone()
                    aria-label=format!("Tick {}", row.title)/>
            </label>
        }
    });
    let risk = row.risk.as_deref().and_then(words::risk).map(|face| view! { <Badge face/> });
    let options = number::counted(row.options.into(), "option", "options");
    let stake = words::at_stake(row.at_stake_micro_usd).map(|stake| view! { <span class="brief-stake">{stake}</span> });
    let asked = (row.unanswered > 0).then(|| {
        view! { <span>{number::counted(row.unanswered.into(), "open question", "open questions")}</span> }
    });
    let href = path::brief(tenant, &row.id) + query;
    view! {
        <li class="brief-row" class:is-current=is_current data-item=row.id.clone() data-testid="brief-row"
            data-state=row.state.as_str() data-split=row.split.as_str()>
            {tick}
            <p class="brief-when">{due(row, now)}{risk}</p>
            <a class="row-link" data-row-link="" href=href aria-current=is_current.then_some("true")>{row.title.clone()}</a>
            <p class="brief-meta">
                <span class="agent">{row.written_by.clone().unwrap_or_else(|| row.author.clone())}</span>
                <span>{options}</span>
                {stake}
                <span>"asked "<TimeAgo at=row.opened_at/></span>
                {asked}
            </p>
            {without_founder(row)}
            {outcome(row)}
            {row.undo.as_deref().map(|decision| undo(tenant, row, decision, place.last, now))}
        </li>
    }
    .erased()
}

/// The way back from the list, while there is one.
fn undo(tenant: &str, row: &BriefRow, decision: &str, is_last: bool, now: Millis) -> AnyView {
    let hidden = vec![("tenant", tenant.to_owned()), ("decision", decision.to_owned()), ("list", "true".to_owned())];
    let form = Form::new(format!("undo-{decision}"), UndoDecision::url(), hidden);
    let left = row.held_until.map_or(0, |until| (until.since(now) + 999) / 1000);
    let inside = view! {
        <button class="button small" data-key=is_last.then_some("z") data-testid="undo-row" aria-label=format!("Take the decision on {} back", row.title)>
            <Icon name="undo-2"/>
            <span>"Take it back ("<span data-seconds=left.to_string()>{left}</span>" s)"</span>
        </button>
    };
    form.draw(inside.erased())
}

/// Who decides it in the founders' place, and when its author acts by itself.
fn without_founder(row: &BriefRow) -> Option<AnyView> {
    let delegate = match (&row.delegate, row.is_delegated, row.is_yours) {
        (None, ..) => None,
        (Some(_), true, true) => Some("Delegated to you".to_owned()),
        (Some(_), false, true) => Some("Delegated to you from its deadline on".to_owned()),
        (Some(name), true, false) => Some(format!("Delegated to {name}")),
        (Some(name), false, false) => Some(format!("Delegated to {name} from its deadline on")),
    };
    let delegate = delegate.map(|words| view! { <span data-testid="delegated"><Icon name="stamp"/>{words}</span> });
    let acts = row.acts_at.map(|at| {
        view! { <span data-testid="acts-by-grant"><Icon name="badge-check"/>"By grant "<TimeAgo at/></span> }
    });
    (delegate.is_some() || acts.is_some()).then(|| view! { <p class="brief-without">{delegate}{acts}</p> }.erased())
}

/// What was decided, where something was.
fn outcome(row: &BriefRow) -> Option<AnyView> {
    let words = row.outcome.clone().filter(|_| matches!(row.state, BriefState::Held | BriefState::Decided))?;
    let who = match (&row.decided_by, row.state) {
        (_, BriefState::Held) => "held: it counts in seconds".to_owned(),
        (Some(name), _) => format!("by {name}"),
        (None, _) => "by silence".to_owned(),
    };
    Some(
        view! {
            <p class="brief-outcome" data-testid="outcome"><Icon name="stamp"/><span>{words}<span class="sub">" · "{who}</span></span></p>
        }
        .erased(),
    )
}
