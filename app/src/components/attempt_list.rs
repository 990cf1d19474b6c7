use super::eager::Erase;
use super::{badge::Badge, time_ago::TimeAgo};
use crate::view::{attempt, duration, lane::Lane};
use countersign_domain::{reading::AttemptRow, task::AttemptOutcome};
use leptos::prelude::*;

/// The attempts in words: when, how long they waited and worked, how they ended and why.
#[component]
pub fn AttemptList(attempts: Vec<AttemptRow>, lanes: Vec<Lane>) -> impl IntoView {
    let rows = attempts.into_iter().zip(lanes).map(|(attempt, lane)| line(attempt, &lane)).collect_view();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Attempts">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col" class="col-number">"Attempt"</th>
                        <th scope="col">"Outcome"</th>
                        <th scope="col">"Reason"</th>
                        <th scope="col" class="col-number">"Waited"</th>
                        <th scope="col" class="col-number">"Worked"</th>
                        <th scope="col" class="col-time">"Ended"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .patched()
}

fn line(attempt: AttemptRow, lane: &Lane) -> impl IntoView + use<> {
    let face = attempt::face(attempt.outcome);
    let length = |ms: Option<i64>| ms.map_or_else(|| "not said".to_owned(), duration::words);
    let ended = match attempt.ended_at {
        Some(at) => view! { <TimeAgo at/> }.erased(),
        None if attempt.outcome == AttemptOutcome::Running => "open".erased(),
        // A worker that fell silent ended at a moment that nobody noted.
        None => "not said".erased(),
    };
    let reason = match attempt.reason {
        Some(reason) => view! { <span class="reason">{reason}</span> }.erased(),
        None => view! { <span class="muted">{attempt::default_reason(attempt.outcome)}</span> }.erased(),
    };
    view! {
        <tr data-testid="attempt-row" data-outcome=attempt.outcome.as_str()>
            <td class="col-number">{attempt.number}</td>
            <td><Badge face/></td>
            <td>{reason}</td>
            <td class="col-number">{length(lane.waiting.map(|stretch| stretch.ms))}</td>
            <td class="col-number">{length(lane.working.map(|stretch| stretch.ms))}</td>
            <td class="col-time">{ended}</td>
        </tr>
    }
}
