//! Whether what was decided proved right: what was expected beside what was measured, and a founder's word about it.

use super::form::{Entry, Form, Shape};
use crate::{
    api::decision::{look_back::LookBack, postpone::PostponeLookBack},
    components::{badge::Badge, eager::Erase, icon::Icon, time_ago::TimeAgo},
    view::{brief as words, number, path},
};
use countersign_domain::{
    Millis,
    brief::Outcome,
    reading::{Followed, LookBackDue, LookBackRow, WholeDecision},
};
use leptos::{prelude::*, server_fn::ServerFn};

/// What tasks came to, in a few words.
pub fn measured(count: u64, done: u64, failed: u64, micro_usd: Option<i64>) -> String {
    let tasks = match count {
        0 => "No task followed yet".to_owned(),
        count => {
            let failed = if failed > 0 { format!(", {} failed", number::grouped(failed)) } else { String::new() };
            let tasks = if count == 1 { "task" } else { "tasks" };
            format!("{} of {} {tasks} done{failed}", number::grouped(done), number::grouped(count))
        }
    };
    let cost =
        micro_usd.map_or_else(|| "no cost reported".to_owned(), |micro| format!("{} spent", words::spent(micro)));
    format!("{tasks}, {cost}")
}

fn measured_since(followed: &Followed) -> String {
    measured(followed.count, followed.done, followed.failed, followed.micro_usd)
}

/// The panel of a decision's page.
pub fn look_back(tenant: &str, whole: &WholeDecision) -> AnyView {
    let view = &whole.look_back;
    let due = view.is_due.then(|| view! { <Badge face=words::look_back_due()/> });
    let outcome = view.outcome.map(|outcome| view! { <Badge face=words::outcome(outcome)/> });
    let when = match (view.check_at, view.outcome.is_some()) {
        (Some(at), false) => Some(format!("To be looked back on {}.", at.to_words())),
        (None, false) => Some("No day was set to look back on it.".to_owned()),
        (_, true) => None,
    };
    let prediction = if whole.decision.prediction.is_empty() {
        view! { <dd class="muted">"Nothing was predicted"</dd> }.erased()
    } else {
        view! { <dd><q>{whole.decision.prediction.clone()}</q></dd> }.erased()
    };
    let rows = view.rows.iter().map(said).collect_view();
    view! {
        <section class="panel acts" id="look-back" aria-labelledby="look-back-title" data-testid="look-back" data-due=view.is_due.to_string()>
            <h2 id="look-back-title">"Was it right?"</h2>
            <div class="look-back-head">{outcome}{due}<span class="muted">{when}</span></div>
            <dl class="look-back-facts">
                <div><dt>"Expected"</dt>{prediction}</div>
                <div data-live="measured"><dt>"Measured since"</dt><dd data-testid="measured">{measured_since(&whole.followed)}</dd></div>
            </dl>
            <ul class="decisions" data-testid="look-backs">{rows}</ul>
            {forms(tenant, whole)}
        </section>
    }
    .erased()
}

fn said(row: &LookBackRow) -> AnyView {
    let what = match (row.outcome, row.until) {
        (Some(outcome), _) => outcome.words().to_owned(),
        (None, until) => format!("Put off until {}", until.map(Millis::to_words).unwrap_or_default()),
    };
    let note = (!row.note.is_empty()).then(|| view! { <p class="decision-why"><q>{row.note.clone()}</q></p> });
    view! {
        <li data-testid="look-back-row">
            <p><strong>{what}</strong>" · "{row.by.clone()}" "<TimeAgo at=row.at/></p>
            {note}
        </li>
    }
    .erased()
}

fn forms(tenant: &str, whole: &WholeDecision) -> Option<AnyView> {
    let hidden = || vec![("tenant", tenant.to_owned()), ("decision", whole.decision.id.clone())];
    let answer = Form::new("answer-look-back", LookBack::url(), hidden());
    let later = Form::new("postpone", PostponeLookBack::url(), hidden());
    if !whole.may_look_back {
        return answer.missed().or_else(|| later.missed());
    }
    let answered = whole.look_back.outcome.is_some();
    let chosen = answer.entered("outcome").unwrap_or_default().to_owned();
    let choices = Outcome::ALL.iter().map(|outcome| {
        let word = outcome.as_str();
        view! {
            <label class="check outcome-choice">
                <input type="radio" name="outcome" value=word required=true checked=chosen == word data-testid=format!("outcome-{word}")/>
                {outcome.words()}
            </label>
        }
    });
    let choices = choices.collect_view();
    let note = answer.field(Entry {
        label: "What you see now",
        name: "note",
        hint: "Kept in the journal. The decision itself stays as it is",
        optional: true,
        shape: Shape::Text(2),
        ..Entry::default()
    });
    let is_due = whole.look_back.is_due;
    let button = if answered { "Answer anew" } else { "Keep this answer" };
    let inside = view! {
        <fieldset class="outcomes"><legend>"How did it turn out?"</legend>{choices}</fieldset>
        {note}
        <button class="button primary">{button}</button>
    };
    let open = answer.is_refused() || (is_due && !answered);
    let summary = if answered { "It turned out otherwise" } else { "Say how it turned out" };
    let answer = answer.draw(inside.erased());
    let answer = if open {
        answer
    } else {
        view! { <details data-testid="answer-later"><summary>{summary}</summary>{answer}</details> }.erased()
    };
    // What was answered is not put off, and what has no day neither.
    let later = (!answered && whole.look_back.check_at.is_some()).then(|| {
        let is_open = later.is_refused();
        let until = later.field(Entry {
            label: "Look back on",
            name: "until",
            hint: "It comes back in the inbox on that day",
            shape: Shape::Known("date", "off"),
            ..Entry::default()
        });
        let inside = view! { {until}<button class="button"><Icon name="clock"/>"Look back later"</button> };
        view! {
            <details open=is_open data-testid="look-back-later">
                <summary>{if is_due { "It is too early to say" } else { "Choose another day" }}</summary>
                {later.draw(inside.erased())}
            </details>
        }
    });
    Some(view! { {answer}{later} }.erased())
}

/// Those whose day has come, in the inbox.
pub fn due(tenant: &str, count: u32, rows: &[LookBackDue]) -> Option<AnyView> {
    let lines = rows.iter().map(|row| {
        let expected = (!row.prediction.is_empty()).then(|| {
            view! { <p class="decision-why">"Expected: "<q>{row.prediction.clone()}</q></p> }
        });
        let href = format!("{}#look-back", path::decision(tenant, &row.decision));
        view! {
            <li class="brief-row" data-item=row.decision.clone() data-testid="look-back-due">
                <p class="brief-when"><Badge face=words::look_back_due()/><span class="muted">"since "<TimeAgo at=row.since/></span></p>
                <a class="row-link" data-row-link="" href=href rel="external">{row.title.clone()}</a>
                <p class="brief-outcome"><Icon name="stamp"/><span>{row.words.clone()}</span></p>
                {expected}
                <p class="brief-meta"><span>{measured(row.tasks, row.done, row.failed, row.micro_usd)}</span></p>
            </li>
        }
    });
    let lines = lines.collect_view();
    let more = (count as usize > rows.len()).then(|| {
        let all = path::of_tenant(tenant, "/decisions?outcome=due");
        view! { <p class="more"><a href=all>{format!("All {} to look back on", number::grouped(count.into()))}</a></p> }
    });
    (count > 0).then(|| {
        view! {
            <h2>{format!("Look back: {}", number::grouped(count.into()))}</h2>
            <ul class="brief-rows">{lines}</ul>
            {more}
        }
        .erased()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_is_said_in_a_line() {
        assert_eq!(measured(0, 0, 0, None), "No task followed yet, no cost reported");
        assert_eq!(measured(1, 1, 0, Some(1_200_000)), "1 of 1 task done, $1.20 spent");
        assert_eq!(measured(4, 3, 1, Some(0)), "3 of 4 tasks done, 1 failed, $0.00 spent");
    }

    #[test]
    fn what_is_to_be_looked_back_on_stands_with_its_prediction_and_what_came_of_it() {
        let row = LookBackDue {
            decision: "d1".to_owned(),
            title: "<b>Friday</b>".to_owned(),
            words: "B: Wait".to_owned(),
            prediction: "No <i>call</i>".to_owned(),
            since: Millis(1_795_390_193_999),
            tasks: 2,
            done: 1,
            failed: 1,
            micro_usd: None,
        };
        let html = Owner::new().with(|| due("acme", 21, &[row]).unwrap().to_html());
        for part in [
            "Look back: 21",
            "/t/acme/decisions/d1#look-back",
            "&lt;b&gt;Friday",
            "No &lt;i&gt;call",
            "1 of 2 tasks done, 1 failed",
            "All 21 to look back on",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(Owner::new().with(|| due("acme", 0, &[]).is_none()));
    }
}
