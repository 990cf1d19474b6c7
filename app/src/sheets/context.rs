//! What founders know and agents cannot see: told by founders, read by all.

use super::form::{Entry, Form, Shape};
use crate::{
    api::context::{add::AddFact, change::ChangeFact, withdraw::WithdrawFact},
    components::{eager::Erase, icon::Icon, time_ago::TimeAgo},
};
use countersign_domain::{
    Millis,
    reading::{ContextView, FactBefore, FactRow},
};
use leptos::{prelude::*, server_fn::ServerFn};

const KINDS: &[(&str, &str)] = &[
    ("commitment", "Commitment: something was promised"),
    ("freeze", "Freeze: something must not be touched"),
    ("seasonality", "Seasonality: something comes with the time of the year"),
];

pub fn context(tenant: &str, read: &ContextView) -> AnyView {
    let facts = read.facts.iter().map(|row| fact(tenant, row, false, read.may_change)).collect_view();
    let nothing = read.facts.is_empty().then(|| {
        view! { <p class="muted" data-testid="no-fact">"No fact holds. Agents know what is on the bus and in artifacts, and nothing of what was promised on the phone."</p> }
    });
    let past = (!read.past.is_empty()).then(|| {
        let rows = read.past.iter().map(|row| fact(tenant, row, true, false)).collect_view();
        view! {
            <section class="panel" aria-labelledby="past-facts">
                <h2 id="past-facts">"What held before"</h2>
                <ul class="facts">{rows}</ul>
            </section>
        }
    });
    let add = read.may_change.then(|| add(tenant));
    view! {
        <p class="page-note">
            "What agents cannot see and must know: they read it at "<code>"GET /api/v1/context"</code>", and hear of every change. A brief names the facts that it rests on; one that comes later is marked on the brief."
        </p>
        <section class="panel" aria-labelledby="facts-title" data-testid="facts">
            <h2 id="facts-title">"Facts"</h2>
            <div class="drawn" data-live="no-fact">{nothing}</div>
            <ul class="facts" data-live="facts">{facts}</ul>
        </section>
        {add}
        <div class="drawn" data-live="past-facts">{past}</div>
    }
    .erased()
}

fn fact(tenant: &str, row: &FactRow, is_past: bool, may_change: bool) -> AnyView {
    let state = match (row.withdrawn, row.holds, is_past) {
        (true, ..) => "Taken back",
        (false, true, _) => "Holds",
        (false, false, true) => "Over",
        (false, false, false) => "Not yet",
    };
    let until =
        row.until.map_or_else(|| "until further notice".to_owned(), |until| format!("until {}", until.to_words()));
    let before = (!row.before.is_empty()).then(|| before(&row.before));
    let acts = may_change.then(|| acts(tenant, row));
    view! {
        <li class="fact" data-item=format!("{} {}", row.id, row.version) data-testid="fact" data-fact=row.id.clone() data-kind=row.kind.as_str()>
            <p class="fact-head"><span class="fact-kind">{row.kind.label()}</span><span class="fact-state">{state}</span></p>
            <p class="fact-text">{row.text.clone()}</p>
            <p class="sub">
                {format!("From {} {until} · version {} · ", row.from.to_words(), row.version)}
                {row.by.clone()}" "<TimeAgo at=row.at/>
            </p>
            <p class="sub fact-id"><span class="sr">"Id "</span><code>{row.id.clone()}</code></p>
            {before}
            {acts}
        </li>
    }
    .erased()
}

fn before(list: &[FactBefore]) -> AnyView {
    let rows = list.iter().map(|one| {
        view! { <li><span class="fact-text">{one.text.clone()}</span><span class="sub">{format!(" version {} · {} ", one.version, one.by)}<TimeAgo at=one.at/></span></li> }
    });
    view! { <details class="fact-before"><summary>"What it said before"</summary><ul>{rows.collect_view()}</ul></details> }.erased()
}

fn fields(form: &Form, kind: &str, text: &str, until: Option<Millis>) -> AnyView {
    let until = until.map(|until| until.to_rfc3339().chars().take(16).collect()).unwrap_or_default();
    view! {
        {form.field(Entry { label: "Kind", name: "kind", value: kind.to_owned(), shape: Shape::Choice(KINDS), ..Entry::default() })}
        {form.field(Entry {
            label: "What agents cannot see",
            name: "text",
            hint: "At most 500 characters; agents act on it",
            value: text.to_owned(),
            shape: Shape::Text(3),
            ..Entry::default()
        })}
        {form.field(Entry { label: "From, in UTC", name: "from", hint: "Left out, now; of a known fact, as before", optional: true, shape: Shape::Moment, ..Entry::default() })}
        {form.field(Entry { label: "Until, in UTC", name: "until", hint: "Left out, until further notice", value: until, optional: true, shape: Shape::Moment, ..Entry::default() })}
    }
    .erased()
}

fn add(tenant: &str) -> AnyView {
    let form = Form::new("add-fact", AddFact::url(), vec![("tenant", tenant.to_owned())]);
    let inside = view! {
        {fields(&form, "commitment", "", None)}
        <button class="button primary">"Tell all agents"</button>
        <p class="hint">"It is journaled with your name and broadcast at once. Briefs that wait already are marked."</p>
    };
    view! {
        <section class="panel form-panel">
            <h2>"Add a fact"</h2>
            {form.draw(inside.erased())}
        </section>
    }
    .erased()
}

fn acts(tenant: &str, row: &FactRow) -> AnyView {
    let hidden = || vec![("tenant", tenant.to_owned()), ("id", row.id.clone())];
    let change = Form::new(format!("change-fact-{}", row.id), ChangeFact::url(), hidden());
    let withdraw = Form::new(format!("withdraw-fact-{}", row.id), WithdrawFact::url(), hidden());
    let is_open = change.is_refused();
    let about = format!("fact-{}", row.id);
    let inside = view! {
        {fields(&change, row.kind.as_str(), &row.text, row.until)}
        <button class="button">"Tell it so from now on"</button>
    };
    let change = change.draw(inside.erased());
    let inside = view! {
        <button class="button" aria-describedby=about.clone()><Icon name="x"/>"Take it back"</button>
        <span class="hint" id=about>"For good; what it said stays in the journal"</span>
    };
    view! {
        <details class="fact-change" open=is_open><summary>"Change it"</summary>{change}</details>
        {withdraw.draw(inside.erased())}
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::context::FactKind;

    #[test]
    fn a_fact_is_text_and_only_founders_may_change_it() {
        let row = FactRow {
            id: "f1".to_owned(),
            version: 2,
            kind: FactKind::Freeze,
            text: "Oslo <b>sleeps</b>".to_owned(),
            from: Millis(0),
            until: Some(Millis(1_795_390_193_999)),
            withdrawn: false,
            holds: true,
            by: "Ada".to_owned(),
            at: Millis(5),
            before: vec![FactBefore { version: 1, text: "<i>".to_owned(), by: "Ada".to_owned(), at: Millis(1) }],
        };
        let drawn = |may_change: bool| {
            let read = ContextView { facts: vec![row.clone()], past: Vec::new(), may_change };
            Owner::new().with(|| context("acme", &read).to_html())
        };
        let html = drawn(true);
        for part in ["Oslo &lt;b&gt;", "Freeze", "version 2", "&lt;i&gt;", "Take it back", "Tell all agents"] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(!drawn(false).contains("<form"), "who may not change it has no form");
    }
}
