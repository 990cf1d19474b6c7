//! When a brief is due, and what happens then.

use super::{
    form::{Entry, Form, Shape},
    morning::back,
};
use crate::{
    api::brief::snooze::SnoozeBrief,
    components::{eager::Erase, icon::Icon, time_ago::TimeAgo},
    view::relative_time,
};
use countersign_domain::{
    Millis,
    brief::{BriefState, DUE_SOON_MS},
    reading::{BriefRow, BriefView},
};
use leptos::{prelude::*, server_fn::ServerFn};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// In how long it is due, or since when it is decided or put off. The server writes the words, the browser keeps
/// them true.
pub fn due(row: &BriefRow, now: Millis) -> AnyView {
    let (tone, icon, word, at) = match row.state {
        BriefState::Decided => ("tone-quiet", "check", "Decided ", row.decided_at.unwrap_or(row.deadline)),
        BriefState::Snoozed => ("tone-quiet", "clock", "Back ", row.snoozed_until.unwrap_or(row.deadline)),
        _ if row.is_overdue => ("tone-bad", "hourglass", "Overdue: was due ", row.deadline),
        _ if row.deadline.since(now) <= DUE_SOON_MS => ("tone-warn", "hourglass", "Due ", row.deadline),
        _ => ("tone-quiet", "calendar-clock", "Due ", row.deadline),
    };
    view! {
        <span class=format!("due {tone}") data-testid="due">
            <Icon name=icon/>
            <span>{word}<time datetime=at.to_rfc3339() title=at.to_rfc3339()>{relative_time::words(at, now)}</time></span>
        </span>
    }
    .erased()
}

/// The deadline, what silence does, and the way to put the brief off until shortly before.
pub fn deadline(tenant: &str, brief: &BriefView, now: Millis) -> AnyView {
    let row = &brief.row;
    let waits = matches!(row.state, BriefState::Open | BriefState::Snoozed);
    let frozen = brief.is_frozen.then(|| {
        view! {
            <p class="notice tone-warn" data-testid="brief-frozen">
                <Icon name="octagon-x"/>
                "An emergency stop holds this clock. The brief gets its time back when the stop is lifted."
            </p>
        }
    });
    let by_grant = brief.by_grant.clone().zip(row.acts_at).map(|(words, at)| {
        view! {
            <p class="notice tone-info" data-testid="by-grant">
                <Icon name="badge-check"/>
                <span>{words}" "<strong><time datetime=at.to_rfc3339() title=at.to_rfc3339()>{format!("It does so {}", relative_time::words(at, now))}</time></strong>{format!(", at {}.", at.to_words())}</span>
            </p>
        }
    });
    let delegated = (row.is_yours && row.is_delegated && waits).then(|| {
        view! {
            <p class="notice tone-info" data-testid="delegated-to-you">
                <Icon name="stamp"/>
                "The founders handed this to you: you decide it in their place, in your own name."
            </p>
        }
    });
    let silence = waits.then(|| view! { <p data-testid="silence">{brief.silence.clone()}</p> });
    let snooze = (waits && brief.may_decide).then(|| snooze(tenant, row, now));
    view! {
        <p class="deadline">
            {due(row, now)}
            <span class="muted">"Deadline "{row.deadline.to_words()}</span>
        </p>
        {frozen}
        {delegated}
        {by_grant}
        {silence}
        {snooze}
    }
    .erased()
}

fn snooze(tenant: &str, row: &BriefRow, now: Millis) -> AnyView {
    let form = |which: &'static str| {
        let mut hidden = vec![("tenant", tenant.to_owned()), ("brief", row.id.clone()), ("form", which.to_owned())];
        hidden.extend(back());
        Form::new(which, SnoozeBrief::url(), hidden)
    };
    if row.state == BriefState::Snoozed {
        let until = row.snoozed_until.unwrap_or(row.deadline);
        let inside = view! {
            <p class="hint" data-testid="snoozed">"Out of sight until "{until.to_words()}", "<TimeAgo at=until/>"."</p>
            <input type="hidden" name="until" value=""/>
            <button class="button" id="snooze">"Take it up again"</button>
        };
        return form("wake").draw(inside.erased());
    }
    let choices = choices(row.deadline, now);
    if choices.is_empty() {
        let words = if row.is_overdue { "Its deadline has passed" } else { "Its deadline is too near" };
        return view! { <p class="hint" id="snooze" tabindex="-1">{words}": it cannot be snoozed."</p> }.erased();
    }
    let buttons = choices.into_iter().enumerate().map(|(index, (words, at))| {
        view! {
            <button class="button small" name="until" value=entered(at) id=(index == 0).then_some("snooze") data-testid="snooze-choice">
                {words}
            </button>
        }
    });
    let quick = view! {
        <p class="hint">"Snooze it, never beyond its deadline"</p>
        <div class="snooze-choices">{buttons.collect_view()}</div>
    };
    let other = form("snooze-until");
    let open = other.is_refused();
    let field = other.field(Entry {
        label: "Until",
        name: "until",
        hint: "Date and time, UTC",
        shape: Shape::Moment,
        ..Entry::default()
    });
    let inside = view! {
        {field}
        <button class="button">"Snooze until then"</button>
    };
    view! {
        {form("snooze").draw(quick.erased())}
        <details open=open>
            <summary>"Until another moment"</summary>
            {other.draw(inside.erased())}
        </details>
    }
    .erased()
}

/// Moments between now and the deadline at which people take things up again.
fn choices(deadline: Millis, now: Millis) -> Vec<(&'static str, Millis)> {
    let tomorrow = Millis(now.start_of_day().0 + DAY + 7 * HOUR);
    let all = [
        ("For 1 hour", Millis(now.0 + HOUR)),
        ("For 4 hours", Millis(now.0 + 4 * HOUR)),
        ("Until tomorrow, 07:00 UTC", tomorrow),
        ("Until 1 hour before the deadline", Millis(deadline.0 - HOUR)),
    ];
    all.into_iter().filter(|(_, at)| at.0 > now.0 + MINUTE && *at < deadline).collect()
}

/// A moment as a field for date and time has it.
fn entered(at: Millis) -> String {
    at.to_rfc3339().chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_put_off_beyond_its_deadline_or_into_the_past() {
        let now = Millis(1_795_390_193_999);
        let words = |ms| choices(Millis(now.0 + ms), now).into_iter().map(|(words, _)| words).collect::<Vec<_>>();
        assert_eq!(words(2 * DAY).len(), 4);
        assert_eq!(words(2 * HOUR), ["For 1 hour", "Until 1 hour before the deadline"]);
        assert!(words(HOUR / 2).is_empty() && words(-DAY).is_empty());
        assert_eq!(entered(now), "2026-11-22T23:29");
    }
}
