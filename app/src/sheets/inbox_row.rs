//! A brief in the list.

use super::deadline::due;
use crate::{
    components::{badge::Badge, eager::Erase, icon::Icon, time_ago::TimeAgo},
    view::{brief as words, number, path},
};
use countersign_domain::{Millis, brief::BriefState, reading::BriefRow};
use leptos::prelude::*;

/// `query` is what narrows the list: the link keeps it. `current` is the brief that is shown beside it.
pub fn inbox_row(tenant: &str, row: &BriefRow, query: &str, current: Option<&str>, now: Millis) -> AnyView {
    let is_current = current == Some(&row.id);
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
            <p class="brief-when">{due(row, now)}{risk}</p>
            <a class="row-link" data-row-link="" href=href aria-current=is_current.then_some("true")>{row.title.clone()}</a>
            <p class="brief-meta">
                <span class="agent">{row.written_by.clone().unwrap_or_else(|| row.author.clone())}</span>
                <span>{options}</span>
                {stake}
                <span>"asked "<TimeAgo at=row.opened_at/></span>
                {asked}
            </p>
            {outcome(row)}
        </li>
    }
    .erased()
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
