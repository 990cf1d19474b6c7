//! Who did what: the check of the chain, the filter, the acts, and the way to take them along.

use super::{
    act_check::check,
    act_filter::{ActFilter, SERVER},
    act_row::row,
};
use crate::{
    components::{
        choice::{Choice, with_chosen},
        eager::Erase,
        empty_state::EmptyState,
        icon::Icon,
    },
    view::{number, path},
};
use countersign_domain::reading::{ActPage, ActPlace};
use leptos::prelude::*;

pub fn acts(tenant: &str, filter: &ActFilter, found: &ActPage) -> AnyView {
    let rows = found.rows.iter().map(|act| row(tenant, act)).collect_view();
    let table = view! {
        <table class="table acts">
            <caption class="sr">"Acts, newest first"</caption>
            <thead>
                <tr>
                    <th scope="col">"When"</th>
                    <th scope="col">"Who"</th>
                    <th scope="col">"What"</th>
                    <th scope="col">"How and from where"</th>
                    <th scope="col">"Entry"</th>
                </tr>
            </thead>
            <tbody data-live="acts">{rows}</tbody>
        </table>
    };
    view! {
        <div class="drawn" data-live="check">{check(tenant, found)}</div>
        {filters(tenant, filter, found)}
        <div class="drawn" data-live="empty">{nothing(tenant, filter, found)}</div>
        {table}
        <nav class="pager" data-live="pages" aria-label="Pages of acts">{pages(tenant, filter, found)}</nav>
        {found.may_export.then(|| export(tenant, filter))}
    }
    .erased()
}

/// The filter: a plain form whose entries are the address.
fn filters(tenant: &str, filter: &ActFilter, found: &ActPage) -> AnyView {
    let mut people = vec![(String::new(), "Anybody".to_owned()), (SERVER.to_owned(), "Countersign itself".to_owned())];
    people.extend(found.people.iter().map(|(id, person)| (id.to_string(), person.name.clone())));
    let mut topics = vec![(String::new(), "Any kind".to_owned())];
    topics.extend(found.topics.iter().map(|topic| (topic.clone(), word(topic))));
    let base = path::of_tenant(tenant, "/audit");
    let clear = filter.narrows().then(|| view! { <a class="button quiet" href=base.clone()>"Clear"</a> });
    view! {
        <form class="filter" method="get" action=base role="search" aria-label="Filter acts">
            <div class="filter-line act-filter">
                <label class="search">
                    <span class="sr">"Text"</span>
                    <Icon name="search"/>
                    <input type="search" name="text" value=filter.text.clone() placeholder="Name, reason, address, hash…" autocomplete="off" data-key="/"/>
                </label>
                <Choice name="who" label="Who" options=with_chosen(people, &filter.who) chosen=filter.who.clone()/>
                <Choice name="topic" label="Kind of act" options=with_chosen(topics, &filter.topic) chosen=filter.topic.clone()/>
                <label class="day"><span>"From"</span><input type="date" name="from" value=filter.from.clone()/></label>
                <label class="day"><span>"to"</span><input type="date" name="to" value=filter.to.clone()/></label>
                <button class="button">"Filter acts"</button>
                {clear}
            </div>
        </form>
    }
    .erased()
}

/// A topic in the words of people.
fn word(topic: &str) -> String {
    match topic {
        "account" => "Accounts and sign-in",
        "agent" => "Agents",
        "artifact" => "Artifacts",
        "breaker" => "Breakers",
        "credential" => "Credentials",
        "founder" | "tenant" => return format!("The {topic}"),
        "gap" => "Gaps",
        "invitation" => "Invitations",
        "journal" => "Checks and exports",
        "fleet" => "Emergency stops",
        "letter" => "Dead letters",
        "member" => "Members",
        "quarantine" => "Quarantine",
        "replay" => "Replays",
        "review" => "Reviews",
        "role" => "Role files",
        "sso" => "Single sign-on",
        "stream" => "Streams",
        "task" => "Tasks",
        "token" => "API tokens",
        other => return other.replace('_', " "),
    }
    .to_owned()
}

fn nothing(tenant: &str, filter: &ActFilter, found: &ActPage) -> Option<AnyView> {
    if !found.rows.is_empty() {
        return None;
    }
    let base = path::of_tenant(tenant, "/audit");
    let looked = match found.looked_at {
        Some(count) => format!(
            "The text is not in the {} acts looked through so far. Older ones may have it.",
            number::grouped(count)
        ),
        None if filter.narrows() => {
            "Nobody did such a thing. Look at another time, another person or another kind.".to_owned()
        }
        None => "There is nothing further in this direction.".to_owned(),
    };
    let empty = view! {
        <EmptyState icon="search" title="No act matches">
            <p data-testid="no-act">{looked}</p>
            <p><a class="button" href=base>"Show all acts"</a></p>
        </EmptyState>
    };
    Some(empty.erased())
}

fn pages(tenant: &str, filter: &ActFilter, found: &ActPage) -> AnyView {
    let at = |filter: ActFilter| path::of_tenant(tenant, &format!("/audit{}", filter.to_address()));
    let place = |place: Option<ActPlace>| place.map(ActPlace::to_text);
    let newer = place(found.newer).map(|newer| {
        let href = at(ActFilter { newer, ..filter.whole() });
        view! { <a class="button" rel="prev" href=href><Icon name="chevron-left"/>"Newer"</a> }
    });
    let newest = found.newer.map(|_| view! { <a class="button quiet" href=at(filter.whole())>"Newest"</a> });
    let older = place(found.older).map(|older| {
        let href = at(ActFilter { older, ..filter.whole() });
        let word = if found.looked_at.is_some() { "Look through older ones" } else { "Older" };
        view! { <a class="button" rel="next" href=href>{word}<Icon name="chevron-right"/></a> }
    });
    view! { {newer}{newest}{older} }.erased()
}

/// Plain forms to a download, which is noted in the journal itself.
fn export(tenant: &str, filter: &ActFilter) -> AnyView {
    let query = filter.whole().to_address();
    let action = path::of_tenant(tenant, "/audit/export");
    let shown = if filter.narrows() { "these acts" } else { "all acts" };
    let button = |form: &'static str, word: String, hint: &'static str| {
        view! {
            <form method="post" action=action.clone() class="export">
                <input type="hidden" name="form" value=form/>
                <input type="hidden" name="query" value=query.clone()/>
                <button class="button"><Icon name="download"/>{word}</button>
                <p class="hint">{hint}</p>
            </form>
        }
    };
    view! {
        <section class="panel exports" data-testid="exports">
            <h2>"Take it along"</h2>
            {button("csv", format!("Export {shown} as CSV"), "For a spreadsheet: one sentence a row.")}
            {button("jsonl", format!("Export {shown} as JSONL"), "As they were hashed, each with the hash before it, so that it can be checked without this server.")}
            {button("journal", "Export the whole journal".to_owned(), "Every entry from the first, as JSONL: what agents and bus reported too. With it the chain is checked from end to end.")}
            <p class="hint">"An export is an act: it will stand here with your name."</p>
        </section>
    }
    .erased()
}
