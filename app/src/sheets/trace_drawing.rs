//! The timeline of a trace as a drawing. The story below it says the same in words.

use crate::{
    components::eager::Erase,
    view::{
        attempt, duration,
        fraction::percent,
        task_state,
        trace_lanes::{self, Bar, Lane},
    },
};
use countersign_domain::{Millis, reading::Trace};
use leptos::prelude::*;

/// Pixels of an agent's name, of its events, of a line of tasks, and between two agents.
const NAME: i64 = 18;
const EVENTS: i64 = 12;
const LINE: i64 = 16;
const GAP: i64 = 10;

pub fn drawing(trace: &Trace, now: Millis) -> AnyView {
    let lanes = trace_lanes::lanes(trace, now);
    let (first, last) = trace_lanes::bounds(trace, now);
    let height: i64 = lanes.iter().map(height).sum();
    let mut y = 0;
    let drawn: Vec<_> = lanes
        .into_iter()
        .map(|lane| {
            let top = y;
            y += self::height(&lane);
            draw(top, lane)
        })
        .collect();
    let cut = trace.task_count > u64::from(Trace::LIMIT) || trace.event_count > u64::from(Trace::LIMIT);
    view! {
        <figure class="trace" aria-hidden="true">
            <svg width="100%" height=height>{drawn}</svg>
            <div class="lane-scale">
                <span>"0"</span>
                <span>{duration::words(last.since(first))}</span>
            </div>
            <figcaption class="chart-key">
                <span><i class="key-wait"></i>"Waiting"</span>
                <span><i class="key-work"></i>"Working"</span>
                <span><i class="key-event"></i>"Event"</span>
            </figcaption>
        </figure>
        {cut.then(|| view! { <p class="hint">{format!("Only the first {} tasks and events are drawn.", Trace::LIMIT)}</p> })}
    }
    .erased()
}

/// What the lane takes, from its name to the next one's.
fn height(lane: &Lane) -> i64 {
    NAME + if lane.events.is_empty() { 0 } else { EVENTS } + lane.lines * LINE + GAP
}

fn draw(top: i64, lane: Lane) -> AnyView {
    let floor = top + height(&lane) - GAP / 2;
    let lines = top + NAME + if lane.events.is_empty() { 0 } else { EVENTS };
    let events = lane.events.into_iter().map(|x| {
        let x = percent(x);
        view! { <line class="trace-event" x1=x.clone() x2=x y1=top + NAME y2=top + NAME + EVENTS - 3></line> }
    });
    let bars = lane.bars.into_iter().map(|bar| draw_bar(lines, bar));
    view! {
        <g>
            <line class="lane-guide" x1="0" x2="100%" y1=floor y2=floor></line>
            <text class="trace-agent" x="0" y=top + 12>{lane.agent}</text>
            {events.collect_view()}
            {bars.collect_view()}
        </g>
    }
    .erased()
}

fn draw_bar(top: i64, bar: Bar) -> AnyView {
    let y = top + bar.line * LINE;
    let attempts = bar.attempts.into_iter().map(|(span, outcome)| {
        let class = format!("lane-work {}", attempt::face(outcome).tone.class());
        view! { <rect class=class x=percent(span.x) y=y + 2 width=percent(span.width) height=LINE - 4 rx="2"></rect> }
    });
    let class = format!("trace-whole {}", task_state::face(bar.state).tone.class());
    view! {
        <rect class=class x=percent(bar.whole.x) y=y + LINE / 2 - 1 width=percent(bar.whole.width) height="3" rx="1"></rect>
        {attempts.collect_view()}
    }
    .erased()
}
