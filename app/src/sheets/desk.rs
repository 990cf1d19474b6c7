//! The dead-letter desk.

use super::{desk_groups::groups, desk_letters::letters, desk_preview::preview, desk_runs::runs};
use crate::{
    components::{
        choice::{Choice, named},
        eager::Erase,
        empty_state::EmptyState,
        time_ago::TimeAgo,
    },
    view::{letter, letter_filter::LetterFilter, number, path},
};
use countersign_domain::{
    letter::LetterCause,
    reading::{DeadLetters, LetterRow, ReplayPreview},
};
use leptos::prelude::*;

/// What the desk is drawn from.
pub struct Desk {
    pub tenant: String,
    pub filter: LetterFilter,
    pub letters: DeadLetters,
    /// What a replay of what is chosen would do, or why it cannot be said.
    pub preview: Option<Result<ReplayPreview, String>>,
}

pub fn desk(desk: Desk) -> AnyView {
    let Desk { tenant, filter, letters: found, preview: plan } = desk;
    let waiting = found.waiting;
    let filters = (waiting > 0 || filter.narrows()).then(|| filters(&tenant, &filter, &found));
    let nothing = nothing(&tenant, &found);
    let beside = plan.is_some();
    let plan = plan.map(|plan| preview(&tenant, &filter, plan));
    view! {
        <div class="drawn" data-live="runs">{runs(&tenant, &found.runs)}</div>
        <div class="drawn" data-live="empty">
            <span hidden=true data-waiting=waiting.to_string()></span>
            {nothing}
        </div>
        {filters}
        <div class="drawn" data-live="groups">{groups(&tenant, &filter, &found.groups)}</div>
        <div class=if beside { "columns" } else { "drawn" }>
            {letters(&tenant, &filter, &found)}
            <div class="drawn" data-live="preview">{plan}</div>
        </div>
    }
    .erased()
}

/// The filter: a plain form whose entries are the address.
fn filters(tenant: &str, filter: &LetterFilter, found: &DeadLetters) -> AnyView {
    let distinct = |pick: fn(&countersign_domain::reading::LetterGroup) -> &String| {
        let mut names: Vec<String> = found.groups.iter().map(|group| pick(group).clone()).collect();
        names.sort();
        names.dedup();
        names
    };
    let mut causes = vec![(String::new(), "Any cause".to_owned())];
    causes.extend(
        LetterCause::ALL.iter().map(|cause| (cause.as_str().to_owned(), letter::cause(*cause).word.to_owned())),
    );
    let base = path::letters(tenant, "");
    let clear = filter.narrows().then(|| view! { <a class="button quiet" href=base.clone()>"Clear"</a> });
    view! {
        <form class="filter" method="get" action=base role="search" aria-label="Filter letters">
            <div class="filter-line desk-filter">
                <Choice name="agent" label="Agent" options=named("Any agent", &distinct(|group| &group.agent), &filter.agent) chosen=filter.agent.clone()/>
                <Choice name="kind" label="Kind" options=named("Any kind", &distinct(|group| &group.kind), &filter.kind) chosen=filter.kind.clone()/>
                <Choice name="cause" label="Cause" options=causes chosen=filter.cause.clone()/>
                <button class="button">"Filter letters"</button>
                {clear}
            </div>
        </form>
    }
    .erased()
}

/// What stands where letters would be.
fn nothing(tenant: &str, found: &DeadLetters) -> Option<AnyView> {
    if found.waiting == 0 {
        let last = match &found.last_closed {
            Some(last) => last_one(tenant, last),
            None => "No task has ended badly so far.".erased(),
        };
        let empty = view! {
            <EmptyState icon="check" title="Nothing dead">
                <p data-testid="nothing-dead">{last}</p>
            </EmptyState>
        };
        return Some(empty.erased());
    }
    let none_matches = || {
        let all = path::letters(tenant, "");
        let elsewhere = number::counted(found.waiting, "letter waits", "letters wait");
        view! {
            <EmptyState icon="search" title="No letter matches">
                <p>{format!("{elsewhere} under other agents, kinds or errors.")}</p>
                <p><a class="button" href=all>"Clear the filter"</a></p>
            </EmptyState>
        }
        .erased()
    };
    found.letters.is_empty().then(none_matches)
}

fn last_one(tenant: &str, last: &LetterRow) -> AnyView {
    view! {
        "The "<a href=path::letter(tenant, &last.id)>"last one"</a>" died "<TimeAgo at=last.at/>
        {format!(" and was {}.", letter::fate(last.state))}
    }
    .erased()
}
