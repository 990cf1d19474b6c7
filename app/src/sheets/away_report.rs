//! What happened while the founders were away: decided by whom or what, lapsed, held by a cap, waiting.

use super::form::{Entry, Form};
use crate::{
    api::brief::reverse::ReverseDecision,
    components::{badge::Badge, eager::Erase, time_ago::TimeAgo},
    view::{
        brief as words, duration,
        face::{Face, Tone},
        number, path,
    },
};
use countersign_domain::{
    autonomy::Cap,
    reading::{AwayOutcome, AwayReport, AwayWait, Stand},
};
use leptos::{prelude::*, server_fn::ServerFn};

pub fn away_report(tenant: &str, report: &AwayReport, may_change: bool) -> AnyView {
    let away = &report.away;
    let end = match (&away.ended, away.stand) {
        (Some((at, by)), _) => format!("until {}, when {by} was back", at.to_words()),
        (None, Stand::Over) => format!("until {}, when it ended by itself", away.until.to_words()),
        (None, _) => format!("until {}: it is not over yet", away.until.to_words()),
    };
    let figures = &report.figures;
    let count = |number: u32| number::grouped(u64::from(number));
    let facts = [
        ("Decided by silence or a grant", count(figures.unsaid)),
        ("Decided by people", count(figures.by_people)),
        ("Held by a cap", count(figures.held)),
        ("Lapsed without anything", count(figures.lapsed)),
        ("Waiting", count(figures.waiting)),
        ("Cost of what nobody decided", report.cost.clone()),
    ];
    let facts = facts.map(|(word, value)| view! { <div><dt>{word}</dt><dd class="mono">{value}</dd></div> });
    let is_cut = |listed: usize, all: u32| u32::try_from(listed).is_ok_and(|listed| listed < all);
    let open = report.waiting.iter().filter(|one| !one.is_decided).count();
    let cut = is_cut(report.decided.len(), figures.unsaid.saturating_add(figures.by_people))
        || is_cut(report.held.len() + report.lapsed.len(), figures.held.saturating_add(figures.lapsed))
        || is_cut(open, figures.waiting);
    let cut = cut.then(|| {
        view! { <p class="hint" data-testid="report-cut">"There is more than the lists below show: what nobody decided comes first in them, and the oldest of each. The figures count all of it, and the journal has it."</p> }
    });
    let part = |id: &'static str, title: &'static str, none: &'static str, list: &[AwayOutcome]| {
        outcomes(tenant, (id, title, none), list, may_change)
    };
    view! {
        <p class="page-note" data-testid="away-when">
            {format!("{} was away from {} {end}. ", away.by, away.from.to_words())}{away.reason.clone()}
        </p>
        <section class="panel rules-panel" aria-label="In figures">
            <dl class="autonomy-terms" data-live="figures" data-testid="figures">{facts.collect_view()}</dl>
            {cut}
        </section>
        {part("decided", "Decided", "Nothing was decided in that time.", &report.decided)}
        {part("held", "Held by a cap", "No cap held anything.", &report.held)}
        {part("lapsed", "Lapsed", "No deadline passed without anything happening.", &report.lapsed)}
        <section class="panel rules-panel" aria-labelledby="waiting-title">
            <h2 id="waiting-title">"What waited"</h2>
            <div data-live="waiting">{waiting(tenant, &report.waiting)}</div>
        </section>
        <p class="hint">"This page stays at its address. All of it is in the journal too: "<a href=path::of_tenant(tenant, "/audit?topic=brief")>"all acts on briefs"</a></p>
    }
    .erased()
}

fn outcomes(
    tenant: &str,
    (id, title, none): (&'static str, &'static str, &'static str),
    list: &[AwayOutcome],
    may_change: bool,
) -> AnyView {
    let rows = list.iter().map(|one| outcome(tenant, one, may_change)).collect_view();
    let nothing = list.is_empty().then(|| view! { <p class="muted">{none}</p> });
    let heading = format!("{id}-title");
    let labelled = heading.clone();
    view! {
        <section class="panel rules-panel" aria-labelledby=labelled data-testid=format!("report-{id}")>
            <h2 id=heading>{title}</h2>
            <ul class="autonomy" data-live=id>{rows}</ul>
            {nothing}
        </section>
    }
    .erased()
}

fn face(one: &AwayOutcome) -> Face {
    match (one.kind.as_str(), one.cap) {
        (_, Some(Cap::Decisions)) => Face::new("Cap of decisions", "octagon-x", Tone::Warn),
        (_, Some(Cap::Cost)) => Face::new("Cap of cost", "octagon-x", Tone::Warn),
        (_, Some(Cap::Moved)) => Face::new("Cap of what is moved", "octagon-x", Tone::Warn),
        ("silence", _) => Face::new("By silence", "hourglass", Tone::Quiet),
        ("grant", _) => Face::new("By grant", "badge-check", Tone::Info),
        ("delegate", _) => Face::new("By a delegate", "stamp", Tone::Ok),
        ("founder", _) => Face::new("By a founder", "stamp", Tone::Ok),
        _ => Face::new("Lapsed", "hourglass", Tone::Quiet),
    }
}

fn outcome(tenant: &str, one: &AwayOutcome, may_change: bool) -> AnyView {
    let cost = (!one.cost.is_empty()).then(|| view! { <span class="mono">{one.cost.clone()}</span> });
    let by = (!one.by.is_empty()).then(|| view! { <p class="sub">{one.by.clone()}</p> });
    let anew = match (&one.reversed, &one.decision) {
        (Some(task), _) => Some(
            view! { <p class="sub">"Its author was asked to have it decided anew: "<a href=path::task(tenant, task) data-testid="reversed">"the task"</a></p> }
                .erased(),
        ),
        (None, Some(decision)) if may_change && one.may_reverse => Some(reverse(tenant, decision)),
        _ => None,
    };
    view! {
        <li class="autonomy-row" data-item=one.brief.clone() data-testid="outcome-row" data-kind=one.kind.clone()>
            <p class="autonomy-head">
                <Badge face=face(one)/>
                <a href=path::brief(tenant, &one.brief)>{one.title.clone()}</a>
                {cost}
            </p>
            <p class="autonomy-why">{one.words.clone()}</p>
            {by}
            <p class="sub">
                <span class="agent">{one.author.clone()}</span>" · "{words::category(&one.category)}" · "<TimeAgo at=one.at/>
            </p>
            {anew}
        </li>
    }
    .erased()
}

fn reverse(tenant: &str, decision: &str) -> AnyView {
    let hidden = vec![("tenant", tenant.to_owned()), ("decision", decision.to_owned())];
    let form = Form::new(format!("reverse-{decision}"), ReverseDecision::url(), hidden);
    let open = form.is_refused();
    let reason = form.field(Entry {
        label: "Why it is to be decided anew",
        name: "reason",
        hint: "Its author gets a task: to undo what followed, and to ask again",
        ..Entry::default()
    });
    let inside = view! {
        {reason}
        <button class="button small" data-testid="reverse">"Ask its author"</button>
    };
    view! {
        <details open=open data-testid="reverse-open">
            <summary>"Take back, and decide anew"</summary>
            {form.draw(inside.erased())}
        </details>
    }
    .erased()
}

fn waiting(tenant: &str, list: &[AwayWait]) -> AnyView {
    if list.is_empty() {
        return view! { <p class="muted" data-testid="none-waited">"No brief waited at the end."</p> }.erased();
    }
    let rows = list.iter().map(|one| {
        let state = if one.is_decided { "decided since" } else { "waits" };
        view! {
            <li class="autonomy-row" data-item=one.brief.clone() data-testid="waiting-row">
                <p class="autonomy-head"><a href=path::brief(tenant, &one.brief)>{one.title.clone()}</a><span class="sub">{state}</span></p>
                <p class="sub">
                    <span class="agent">{one.author.clone()}</span>" · "{words::category(&one.category)}
                    {format!(" · waited {} by then", duration::words(one.waited_ms))}
                </p>
            </li>
        }
    });
    view! { <ul class="autonomy">{rows.collect_view()}</ul> }.erased()
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::{
        Millis,
        reading::{AwayFigures, AwayRow},
    };

    fn outcome(kind: &str, cap: Option<Cap>) -> AwayOutcome {
        AwayOutcome {
            brief: "7".to_owned(),
            title: "<b>Friday</b>".to_owned(),
            author: "ceo".to_owned(),
            category: "deploy".to_owned(),
            at: Millis(3),
            words: "B: <i>Wait</i>".to_owned(),
            by: "Silence, by the policy “recommended” that <Ada> left".to_owned(),
            kind: kind.to_owned(),
            cost: "$40.00".to_owned(),
            cap,
            decision: Some("d1".to_owned()),
            may_reverse: kind == "silence",
            reversed: None,
        }
    }

    fn drawn(may_change: bool) -> String {
        let away = AwayRow {
            id: "a1".to_owned(),
            by: "Ada".to_owned(),
            from: Millis(0),
            until: Millis(9),
            ended: None,
            stand: Stand::Over,
            reason: "<s>Rest".to_owned(),
            choices: Vec::new(),
            delegate: None,
            most_decisions: 5,
            most_cost: "$100.00".to_owned(),
            most_moved_percent: 10,
        };
        let report = AwayReport {
            away,
            end: Millis(9),
            figures: AwayFigures { unsaid: 700, by_people: 1, held: 1, lapsed: 0, waiting: 0 },
            decided: vec![outcome("silence", None), outcome("grant", None), outcome("delegate", None)],
            lapsed: Vec::new(),
            held: vec![outcome("lapsed", Some(Cap::Cost))],
            waiting: Vec::new(),
            cost: "$80.00".to_owned(),
        };
        Owner::new().with(|| away_report("acme", &report, may_change).to_html())
    }

    #[test]
    fn a_report_says_by_whom_and_what_it_cost_and_what_was_written_stays_text() {
        let html = drawn(true);
        for part in [
            "By silence",
            "By grant",
            "By a delegate",
            "Cap of cost",
            "$80.00",
            "ended by itself",
            "No brief waited",
            "report-cut",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        for hostile in ["<b>Friday", "<i>Wait", "<Ada>", "<s>Rest"] {
            assert!(!html.contains(hostile), "{hostile}: {html}");
        }
    }

    #[test]
    fn only_a_founder_has_it_decided_anew_and_only_what_nobody_decided() {
        assert_eq!(drawn(true).matches("data-testid=\"reverse\"").count(), 1);
        assert!(!drawn(false).contains("data-testid=\"reverse\""));
    }
}
