//! What was decided: the filter, how many there are, and a page of them.

use super::{
    act_filter::SERVER,
    decision_filter::{DecisionFilter, SIGNED, UNSIGNED},
};
use crate::{
    components::{
        badge::Badge,
        choice::{Choice, named, with_chosen},
        eager::Erase,
        empty_state::EmptyState,
        icon::Icon,
        time_ago::TimeAgo,
    },
    view::{brief as words, number, path},
};
use countersign_domain::reading::{DecisionCounts, DecisionLog, DecisionLogRow, DecisionPlace, DecisionQuery};
use leptos::prelude::*;

/// How looking back stands, as it is filtered.
const OUTCOMES: &[(&str, &str)] = &[
    ("", "Any outcome"),
    ("due", "To look back on now"),
    ("ahead", "To look back on later"),
    ("right", "Right"),
    ("partly", "Partly right"),
    ("wrong", "Wrong"),
    ("unknown", "Cannot say"),
    ("never", "Not looked back on"),
];

pub fn decisions(tenant: &str, filter: &DecisionFilter, found: &DecisionLog) -> AnyView {
    let rows = found.rows.iter().map(|row| line(tenant, row)).collect_view();
    let ledger = path::of_tenant(tenant, "/ledger");
    view! {
        <p class="page-note">
            "Each decision keeps its address. It shows what was known when it was made, and what followed. "
            <a href=ledger data-testid="to-ledger">"How agents' recommendations fared"</a>
        </p>
        {filters(tenant, filter, found)}
        <div class="drawn" data-live="counts">{counts(found.counts, filter)}</div>
        <div class="drawn" data-live="empty">{nothing(tenant, filter, found)}</div>
        <ul class="brief-rows decision-rows" data-live="decisions">{rows}</ul>
        <nav class="pager" data-live="pages" aria-label="Pages of decisions">{pages(tenant, filter, found)}</nav>
        <div class="drawn" data-live="exports">{exports(tenant, filter, found)}</div>
    }
    .erased()
}

/// The same decisions as files.
fn exports(tenant: &str, filter: &DecisionFilter, found: &DecisionLog) -> Option<AnyView> {
    let query = filter.whole().to_address();
    let what = if filter.narrows() { "these decisions" } else { "all decisions" };
    let file = |ending: &'static str, word: &'static str| {
        let href = path::of_tenant(tenant, &format!("/decisions.{ending}{query}"));
        // The browser itself goes there: the router has no page of it.
        view! {
            <a class="button" href=href rel="external" download="" data-testid=format!("export-{ending}")><Icon name="download"/>{format!("Export {what} as {word}")}</a>
        }
    };
    (found.counts.all > 0).then(|| {
        view! {
            <section class="panel take-along">
                <h2>"Take it along"</h2>
                {file("csv", "CSV")}
                {file("jsonl", "JSONL")}
            </section>
        }
        .erased()
    })
}

/// The filter: a plain form whose entries are the address.
fn filters(tenant: &str, filter: &DecisionFilter, found: &DecisionLog) -> AnyView {
    let mut people = vec![(String::new(), "Anybody".to_owned()), (SERVER.to_owned(), "Nobody: silence".to_owned())];
    people.extend(found.people.iter().map(|(id, name)| (id.to_string(), name.clone())));
    let categories = std::iter::once((String::new(), "Any category".to_owned()));
    let categories = categories.chain(found.categories.iter().map(|name| (name.clone(), words::category(name))));
    let categories = with_chosen(categories.collect(), &filter.category);
    let seals = [("", "Signed or not"), (SIGNED, "Signed"), (UNSIGNED, "Unsigned")];
    let pairs =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>();
    let base = path::of_tenant(tenant, "/decisions");
    let clear = filter.narrows().then(|| view! { <a class="button quiet" href=base.clone()>"Clear"</a> });
    view! {
        <form class="filter" method="get" action=base role="search" aria-label="Filter decisions">
            <div class="filter-line act-filter">
                <label class="search">
                    <span class="sr">"Text"</span>
                    <Icon name="search"/>
                    <input type="search" name="text" value=filter.text.clone() maxlength=DecisionQuery::MOST_WORD placeholder="Question, title, rationale…" autocomplete="off" data-key="/"/>
                </label>
                <Choice name="category" label="Category" options=categories chosen=filter.category.clone()/>
                <Choice name="agent" label="Asked by" options=named("Any agent", &found.agents, &filter.agent) chosen=filter.agent.clone()/>
                <Choice name="who" label="Decided by" options=with_chosen(people, &filter.who) chosen=filter.who.clone()/>
                <Choice name="seal" label="Signature" options=with_chosen(pairs(&seals), &filter.seal) chosen=filter.seal.clone()/>
                <Choice name="outcome" label="How it turned out" options=with_chosen(pairs(OUTCOMES), &filter.outcome) chosen=filter.outcome.clone()/>
                <label class="day"><span>"From"</span><input type="date" name="from" value=filter.from.clone()/></label>
                <label class="day"><span>"to"</span><input type="date" name="to" value=filter.to.clone()/></label>
                <button class="button">"Filter decisions"</button>
                {clear}
            </div>
        </form>
    }
    .erased()
}

fn counts(counts: DecisionCounts, filter: &DecisionFilter) -> Option<AnyView> {
    let all = number::counted(counts.all, "decision", "decisions");
    let how = [(counts.signed, "signed"), (counts.unsigned, "unsigned"), (counts.by_silence, "by silence")];
    let how: Vec<String> = how
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{} {word}", number::grouped(count)))
        .collect();
    let matching = if filter.narrows() { "found" } else { "in all" };
    let words = format!("{all} {matching}: {}", how.join(", "));
    (counts.all > 0)
        .then(|| view! { <p class="muted decision-counts" data-testid="decision-counts">{words}</p> }.erased())
}

fn line(tenant: &str, row: &DecisionLogRow) -> AnyView {
    if row.is_damaged {
        return damaged(tenant, row);
    }
    let who = row.by.clone().unwrap_or_else(|| "Silence".to_owned());
    let outcome = row.outcome.map(|outcome| view! { <Badge face=words::outcome(outcome)/> });
    let due = row.is_due.then(|| view! { <Badge face=words::look_back_due()/> });
    let ahead = row.check_at.filter(|_| row.outcome.is_none() && !row.is_due).map(|at| {
        view! { <span>{format!("look back on {}", at.to_words())}</span> }
    });
    let followed = if row.followed { "as recommended" } else { "not as recommended" };
    let why = (!row.rationale.is_empty()).then(|| view! { <p class="decision-why"><q>{row.rationale.clone()}</q></p> });
    view! {
        <li class="brief-row decision-row" data-item=row.id.clone() data-testid="decision-row">
            <p class="brief-when">
                <span class="decision-badges"><Badge face=words::seal(row.by.is_some(), row.is_signed)/>{outcome}{due}</span>
                <span class="muted"><TimeAgo at=row.at/></span>
            </p>
            <a class="row-link" data-row-link="" href=path::decision(tenant, &row.id)>{row.question.clone()}</a>
            <p class="brief-outcome"><Icon name="stamp"/><span>{row.words.clone()}<span class="sub">" · "{who}</span></span></p>
            {why}
            <p class="brief-meta">
                <span>{row.title.clone()}</span>
                <span class="agent">{row.agent.clone()}</span>
                <span>{words::category(&row.category)}</span>
                <span>{followed}</span>
                {ahead}
            </p>
        </li>
    }
    .erased()
}

/// One of which nothing is repeated: what is kept of it was changed.
fn damaged(tenant: &str, row: &DecisionLogRow) -> AnyView {
    let who = row.by.clone().unwrap_or_else(|| "Silence".to_owned());
    view! {
        <li class="brief-row decision-row" data-item=row.id.clone() data-testid="decision-damaged">
            <p class="brief-when">
                <span class="decision-badges"><Badge face=words::damaged()/></span>
                <span class="muted"><TimeAgo at=row.at/></span>
            </p>
            <a class="row-link" data-row-link="" href=path::decision(tenant, &row.id)>{row.question.clone()}</a>
            <p class="brief-meta">
                <span>{row.id.clone()}</span>
                <span class="agent">{row.agent.clone()}</span>
                <span>{who}</span>
            </p>
        </li>
    }
    .erased()
}

/// Where there is nothing to show: what that means, and the next step.
fn nothing(tenant: &str, filter: &DecisionFilter, found: &DecisionLog) -> Option<AnyView> {
    if !found.rows.is_empty() {
        return None;
    }
    let (base, inbox) = (path::of_tenant(tenant, "/decisions"), path::of_tenant(tenant, "/inbox"));
    let empty = if filter.to_address().is_empty() {
        view! {
            <EmptyState icon="stamp" title="Nothing was decided yet">
                <p data-testid="no-decision">"What you decide in the inbox stands here for good, ten seconds later."</p>
                <p><a class="button" href=inbox>"Open the inbox"</a></p>
            </EmptyState>
        }
        .erased()
    } else {
        view! {
            <EmptyState icon="search" title="No decision matches">
                <p data-testid="no-decision">"Look for other words, another time or another agent."</p>
                <p><a class="button" href=base>"Show all decisions"</a></p>
            </EmptyState>
        }
        .erased()
    };
    Some(empty)
}

fn pages(tenant: &str, filter: &DecisionFilter, found: &DecisionLog) -> AnyView {
    let at = |filter: DecisionFilter| path::of_tenant(tenant, &format!("/decisions{}", filter.to_address()));
    let place = |place: Option<DecisionPlace>| place.map(DecisionPlace::to_text);
    let newer = place(found.newer).map(|newer| {
        let href = at(DecisionFilter { newer, ..filter.whole() });
        view! { <a class="button" rel="prev" href=href><Icon name="chevron-left"/>"Newer"</a> }
    });
    let newest = found.newer.map(|_| view! { <a class="button quiet" href=at(filter.whole())>"Newest"</a> });
    let older = place(found.older).map(|older| {
        let href = at(DecisionFilter { older, ..filter.whole() });
        view! { <a class="button" rel="next" href=href>"Older"<Icon name="chevron-right"/></a> }
    });
    view! { {newer}{newest}{older} }.erased()
}
