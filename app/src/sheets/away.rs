//! Where a founder says that they are away, and what silence means meanwhile.

use super::{
    form::{Entry, Form, Shape},
    pick::{Pick, pairs},
};
use crate::{
    api::away::{declare::DeclareAway, end::EndAway},
    components::{badge::Badge, eager::Erase, icon::Icon, time_ago::TimeAgo},
    view::{
        brief as words,
        face::{Face, Tone},
        path,
    },
};
use countersign_domain::reading::{Autonomy, AwayNotice, AwayRow, Stand};
use leptos::{prelude::*, server_fn::ServerFn};

/// What silence may mean in an absence, as it is chosen.
const CHOICES: &[(&str, &str)] = &[
    ("", "As its policy says"),
    ("hold", "Nothing: the brief keeps waiting"),
    ("as_declared", "What its author proposes, if it can be undone"),
    ("recommended", "The recommendation, if it can be undone"),
    ("delegate", "The person below decides"),
];

/// The word of a policy, as it is read.
pub fn meaning(word: &str) -> &'static str {
    match word {
        "as_declared" => "What its author proposes takes effect, if it can be undone",
        "recommended" => "The recommendation takes effect, if it can be undone",
        "delegate" => "A person decides",
        _ => "Nothing: the brief keeps waiting",
    }
}

pub fn away(tenant: &str, reading: &Autonomy, may_change: bool) -> AnyView {
    let rows = reading.aways.iter().map(|row| one(tenant, row, may_change)).collect_view();
    let none = reading.aways.is_empty().then(|| {
        view! { <p class="muted" data-testid="never-away">"Nobody was away so far. While you are, deadlines pass as you say here, and you find a report when you are back."</p> }
    });
    let declare = may_change.then(|| declare(tenant, reading));
    view! {
        <section class="panel rules-panel acts" id="away" tabindex="-1" aria-labelledby="away-title" data-testid="away">
            <h2 id="away-title">"While you are away"</h2>
            <ul class="autonomy" data-live="aways">{rows}</ul>
            {none}
            {declare}
        </section>
    }
    .erased()
}

fn one(tenant: &str, row: &AwayRow, may_change: bool) -> AnyView {
    let face = match row.stand {
        Stand::Ahead => Face::new("Ahead", "calendar-clock", Tone::Info),
        Stand::On => Face::new("Away now", "clock", Tone::Warn),
        Stand::Over => Face::new("Over", "check", Tone::Quiet),
    };
    let until = match &row.ended {
        Some((at, by)) => format!("{} to {}, when {by} was back", row.from.to_words(), at.to_words()),
        None => format!("{} to {}", row.from.to_words(), row.until.to_words()),
    };
    let choices = row.choices.iter().map(|(category, word)| {
        let name = if category == "*" { "Every other category".to_owned() } else { words::category(category) };
        let meaning = match (word.as_str(), &row.delegate) {
            ("delegate", Some(name)) => format!("{name} decides"),
            (word, _) => meaning(word).to_owned(),
        };
        view! { <div><dt>{name}</dt><dd>{meaning}</dd></div> }
    });
    let report = (row.stand != Stand::Ahead).then(|| {
        view! { <a class="button small" href=path::away(tenant, &row.id) data-testid="read-report">"Read what happened"</a> }
    });
    let end = (may_change && row.stand != Stand::Over).then(|| back(tenant, &row.id, row.stand == Stand::Ahead));
    view! {
        <li class="autonomy-row" data-item=row.id.clone() data-testid="away-row" data-stand=format!("{:?}", row.stand).to_lowercase()>
            <p class="autonomy-head"><Badge face/><strong>{row.by.clone()}</strong><span>{until}</span></p>
            <p class="autonomy-why">{row.reason.clone()}</p>
            <dl class="autonomy-terms">
                {choices.collect_view()}
                <div><dt>"Silence decides at most"</dt><dd>{format!("{} briefs of an agent within 24 hours", row.most_decisions)}</dd></div>
                <div><dt>"And spends at most"</dt><dd class="mono">{row.most_cost.clone()}</dd></div>
                <div><dt>"And moves at most"</dt><dd>{format!("{} % of what is allotted", row.most_moved_percent)}</dd></div>
            </dl>
            <div class="autonomy-acts">{report}{end}</div>
        </li>
    }
    .erased()
}

fn back(tenant: &str, id: &str, is_ahead: bool) -> AnyView {
    let hidden = vec![("tenant", tenant.to_owned()), ("id", id.to_owned())];
    let word = if is_ahead { "Call it off" } else { "I am back" };
    let inside = view! { <button class="button small" data-testid="end-away">{word}</button> };
    Form::new(format!("end-away-{id}"), EndAway::url(), hidden).draw(inside.erased())
}

fn declare(tenant: &str, reading: &Autonomy) -> AnyView {
    let form = Form::new("declare-away", DeclareAway::url(), vec![("tenant", tenant.to_owned())]);
    let open = form.is_refused();
    let from = form.field(Entry {
        label: "Away from",
        name: "from",
        hint: "UTC. Left out: from now on",
        optional: true,
        shape: Shape::Moment,
        ..Entry::default()
    });
    let until = form.field(Entry {
        label: "Until",
        name: "until",
        hint: "UTC, within 60 days. It ends then by itself",
        shape: Shape::Moment,
        ..Entry::default()
    });
    let reason = form.field(Entry {
        label: "Why you are away",
        name: "reason",
        hint: "Kept in the journal",
        ..Entry::default()
    });
    let choices = choices(&form, reading);
    let delegate = person(&form, "away-delegate", reading, "Who decides where a person does");
    let number = |label, name, hint, value: &str, least, most| {
        form.field(Entry {
            label,
            name,
            hint,
            value: value.to_owned(),
            shape: Shape::Number(least, most),
            ..Entry::default()
        })
    };
    let decisions = number(
        "Briefs of one agent that silence decides within 24 hours, at most",
        "most_decisions",
        "What is beyond waits for a person",
        "5",
        0,
        100,
    );
    let cost = form.field(Entry {
        label: "Dollars that these cost, at most",
        name: "most_cost",
        hint: "The sum of what the options cost. What is saved makes no room",
        value: "100".to_owned(),
        ..Entry::default()
    });
    let moved = number(
        "Percent of what is allotted to agents that silence moves, at most",
        "most_moved_percent",
        "20 at most",
        "10",
        0,
        20,
    );
    let inside = view! {
        {from}
        {until}
        {reason}
        {choices}
        {delegate}
        {decisions}
        {cost}
        {moved}
        <button class="button primary">"Be away"</button>
        <p class="hint">"Each brief that waits shows at once what will happen to it. You can be back at any moment."</p>
    };
    view! {
        <details open=open data-testid="declare">
            <summary>"Say when you are away"</summary>
            {form.draw(inside.erased())}
        </details>
    }
    .erased()
}

/// What silence means in each category.
fn choices(form: &Form, reading: &Autonomy) -> AnyView {
    let choices = reading.categories.iter().map(|category| {
        let pick = Pick {
            id: format!("away-choice-{category}"),
            label: words::category(category),
            name: format!("choices[{category}]"),
            hint: "",
            options: pairs(CHOICES),
            chosen: "",
        };
        pick.draw(form)
    });
    let choices = choices.collect_view();
    let otherwise = Pick {
        id: "away-otherwise".to_owned(),
        label: "All others".to_owned(),
        name: "otherwise".to_owned(),
        hint: "Never those that founders settle alone",
        options: pairs(CHOICES),
        chosen: "",
    };
    let otherwise = otherwise.draw(form);
    view! {
        <fieldset class="autonomy-choices">
            <legend>"If nobody decides by a deadline in that time"</legend>
            {choices}
            {otherwise}
        </fieldset>
    }
    .erased()
}

/// Another founder, or a reviewer.
pub fn person(form: &Form, id: &str, reading: &Autonomy, label: &str) -> AnyView {
    let nobody = (String::new(), "Nobody".to_owned());
    let people = reading.people.iter().map(|(email, name)| (email.clone(), format!("{name} ({email})")));
    let pick = Pick {
        id: id.to_owned(),
        label: label.to_owned(),
        name: "delegate".to_owned(),
        hint: "Another founder, or a reviewer; from a deadline on, or at once while you are away",
        options: std::iter::once(nobody).chain(people).collect(),
        chosen: "",
    };
    pick.draw(form)
}

/// Above the inbox: that somebody is away, or that a report waits.
pub fn notice(tenant: &str, away: &AwayNotice) -> AnyView {
    let report = path::away(tenant, &away.id);
    if !away.is_on {
        return view! {
            <p class="notice tone-info" data-testid="away-report">
                <Icon name="scroll-text"/>
                <span>
                    {format!("{} was away until ", away.by)}<TimeAgo at=away.end/>". "
                    <a href=report>"Read what happened meanwhile"</a>
                </span>
            </p>
        }
        .erased();
    }
    let end = away.may_end.then(|| back(tenant, &away.id, false));
    view! {
        <div class="notice tone-warn away-notice" data-testid="away-on">
            <Icon name="clock"/>
            <div>
                <p>{format!("{} is away until {}. ", away.by, away.end.to_words())}<a href=report>"Read what happened so far"</a></p>
                {end}
            </div>
        </div>
    }
    .erased()
}
