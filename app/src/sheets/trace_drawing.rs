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
    let (whole, _) = trace_lanes::bounds(trace, now);
    let (first, last) = trace_lanes::window(trace, now);
    let decided = trace_lanes::decisions(trace, now);
    let mut y = if decided.is_empty() { 0 } else { NAME + EVENTS + GAP };
    let height = y + lanes.iter().map(height).sum::<i64>();
    let (decided, marks) = (decisions(decided), key_of_decisions(trace));
    let drawn: Vec<_> = lanes
        .into_iter()
        .map(|lane| {
            let top = y;
            y += self::height(&lane);
            draw(top, lane)
        })
        .collect();
    view! {
        <figure class="trace" aria-hidden="true">
            <svg width="100%" height=height>{decided}{drawn}</svg>
            <div class="lane-scale">
                <span>{if first == whole { "0".to_owned() } else { format!("+{}", duration::words(first.since(whole))) }}</span>
                <span>{duration::words(last.since(whole))}</span>
            </div>
            <figcaption class="chart-key">
                <span><i class="key-wait"></i>"Waiting"</span>
                <span><i class="key-work"></i>"Working"</span>
                <span><i class="key-event"></i>"Event"</span>
                {marks}
            </figcaption>
        </figure>
    }
    .erased()
}

/// A line of its own above the agents: what people decided.
fn decisions(places: Vec<i64>) -> Option<AnyView> {
    if places.is_empty() {
        return None;
    }
    let marks = places
        .into_iter()
        .map(|x| view! { <circle class="trace-decision" cx=percent(x) cy=NAME + EVENTS / 2 r="4"></circle> });
    let floor = NAME + EVENTS + GAP / 2;
    let lane = view! {
        <g>
            <line class="lane-guide" x1="0" x2="100%" y1=floor y2=floor></line>
            <text class="trace-decider" x="0" y="12">"Decisions"</text>
            {marks.collect_view()}
        </g>
    };
    Some(lane.erased())
}

fn key_of_decisions(trace: &Trace) -> Option<AnyView> {
    let any = !trace.decisions.is_empty();
    any.then(|| view! { <span><i class="key-decision"></i>"Decision"</span> }.erased())
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
