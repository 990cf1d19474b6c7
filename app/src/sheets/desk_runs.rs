//! Replays of several letters: how far each is, and its stop.

use super::form::Form;
use crate::{
    api::replay::stop::StopReplay,
    components::{eager::Erase, time_ago::TimeAgo},
    view::{fraction, number},
};
use countersign_domain::reading::ReplayRun;
use leptos::{prelude::*, server_fn::ServerFn};

pub fn runs(tenant: &str, runs: &[ReplayRun]) -> Option<AnyView> {
    if runs.is_empty() {
        return None;
    }
    let cards = runs.iter().map(|run| card(tenant, run)).collect_view();
    Some(
        view! {
            <section aria-label="Replays">
                <h2>"Replays"</h2>
                <ul class="runs">{cards}</ul>
            </section>
        }
        .erased(),
    )
}

fn card(tenant: &str, run: &ReplayRun) -> AnyView {
    let settled = run.scheduled + run.succeeded + run.bad + run.stopped;
    let working = run.total.saturating_sub(settled);
    let over = run.scheduled == 0 && working == 0;
    let words: Vec<String> = [
        (run.succeeded, "succeeded"),
        (run.bad, "ended badly again"),
        (working, "on the bus"),
        (run.scheduled, "to go"),
        (run.stopped, "called off"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{} {word}", number::grouped(count)))
    .collect();
    let stop = (run.scheduled > 0).then(|| {
        let hidden = vec![("tenant", tenant.to_owned()), ("run", run.id.clone())];
        let letters = number::counted(run.scheduled, "letter that is", "letters that are");
        let inside = view! {
            <button class="button small danger">"Stop replay"</button>
            <p class="hint">{format!("Calls off the {letters} not on the bus yet. What is on the bus goes on.")}</p>
        };
        Form::new("stop-replay", StopReplay::url(), hidden).draw(inside.erased())
    });
    view! {
        <li class="run panel" data-testid="replay-run" data-over=over.to_string()>
            <p class="run-title">
                {if over { "Replayed " } else { "Replaying " }}
                {number::counted(run.total, "letter", "letters")}
                <span class="since">"by "{run.by.clone()}" · "<TimeAgo at=run.started_at/></span>
            </p>
            {bar(run, working)}
            <p class="run-words">{words.join(" · ")}</p>
            {stop}
        </li>
    }
    .erased()
}

/// The same as the words below it, for the eye.
fn bar(run: &ReplayRun, working: u64) -> AnyView {
    let total = run.total.max(1);
    let share = |count: u64| i64::try_from(count * fraction::WHOLE.unsigned_abs() / total).unwrap_or(fraction::WHOLE);
    let parts =
        [(run.succeeded, "tone-ok"), (run.bad, "tone-bad"), (working, "tone-info"), (run.stopped, "tone-quiet")];
    let mut done = 0;
    let drawn = parts.map(|(count, tone)| {
        let x = share(done);
        done += count;
        let width = share(done) - x;
        view! { <rect class=tone x=fraction::percent(x) y="0" width=fraction::percent(width) height="8"></rect> }
    });
    view! { <svg class="progress" width="100%" height="8" aria-hidden="true">{drawn.into_iter().collect_view()}</svg> }
        .erased()
}
