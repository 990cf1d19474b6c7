//! What waits, in order, and where in it the reader is. The script marks what was chosen about.

use crate::{
    components::{eager::Erase, icon::Icon},
    view::path,
};
use countersign_domain::{
    brief::BriefState,
    reading::{BriefRow, DeskItem, DeskView},
};
use leptos::prelude::*;

/// As in `3 of 7`.
pub fn progress(desk: &DeskView, current: Option<&str>) -> String {
    let count = desk.items.len();
    match current.and_then(|id| desk.items.iter().position(|item| item.row.id == id)) {
        Some(at) => format!("{} of {count}", at + 1),
        None if count == 0 => "Nothing waits".to_owned(),
        None if count == 1 => "1 brief waits".to_owned(),
        None => format!("{count} briefs wait"),
    }
}

pub fn order(tenant: &str, desk: &DeskView, current: Option<&str>) -> AnyView {
    let items = desk.items.iter().enumerate().map(|(at, item)| one(tenant, at + 1, item, current)).collect_view();
    let gone = desk.gone.iter().map(|row| {
        view! { <li data-desk-gone=row.id.clone() data-state=row.state.as_str() data-item=row.id.clone()>{what_became(row)}</li> }
    });
    view! {
        <nav class="morning-order" aria-label="What waits, the dearest wait first">
            <ol data-live="order" data-testid="order">{items}</ol>
        </nav>
        <ul hidden data-live="gone">{gone.collect_view()}</ul>
    }
    .erased()
}

fn one(tenant: &str, number: usize, item: &DeskItem, current: Option<&str>) -> AnyView {
    let row = &item.row;
    let is_current = current == Some(&row.id);
    view! {
        <li data-item=row.id.clone() data-desk-item=row.id.clone() data-sha256=row.sha256.clone() data-title=row.title.clone() data-testid="order-item">
            <a href=path::desk(tenant, &row.id) aria-current=is_current.then_some("step") title=row.title.clone()>
                <span aria-hidden="true">{number}</span>
                <Icon name="check"/>
                <span class="sr">{row.title.clone()}</span>
            </a>
            <span class="sr" data-desk-mark=""></span>
        </li>
    }
    .erased()
}

/// Why it does not wait any more, in a sentence.
fn what_became(row: &BriefRow) -> String {
    let when = row.decided_at.map(|at| format!(" on {}", at.to_words())).unwrap_or_default();
    match (row.state, &row.decided_by) {
        (BriefState::Snoozed, _) => match row.snoozed_until {
            Some(until) => format!("It was put off until {}.", until.to_words()),
            None => "It was put off.".to_owned(),
        },
        (_, Some(name)) => format!("{name} decided it{when}."),
        (_, None) => format!("Nobody decided it in time; silence did{when}."),
    }
}
