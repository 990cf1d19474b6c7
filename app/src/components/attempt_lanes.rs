use super::eager::Erase;
use crate::view::{
    attempt, duration,
    fraction::percent,
    lane::{Lane, Stretch},
};
use leptos::prelude::*;

/// The height of a lane in pixels; the style sheet gives the numbers beside the drawing the same.
const ROW: i64 = 28;

/// Waiting and working time of each attempt, one lane under the other. The list of attempts says the
/// same in words, so this is hidden from those who hear the page.
#[component]
pub fn AttemptLanes(lanes: Vec<Lane>, span_ms: i64) -> impl IntoView {
    let height = ROW * i64::try_from(lanes.len()).unwrap_or(1).max(1);
    let numbers = lanes.iter().map(|lane| view! { <li>{lane.number}</li> }).collect_view();
    let drawn = (0_i64..).zip(lanes).map(|(index, lane)| draw(index * ROW, lane)).collect_view();
    view! {
        <figure class="lanes" aria-hidden="true">
            <ol class="lane-numbers">{numbers}</ol>
            <svg width="100%" height=height>{drawn}</svg>
            <div class="lane-scale">
                <span>"0"</span>
                <span>{duration::words(span_ms)}</span>
            </div>
            <figcaption class="chart-key">
                <span><i class="key-wait"></i>"Waiting"</span>
                <span><i class="key-work"></i>"Working"</span>
                <span><i class="key-unknown"></i>"Either: the agent did not say when it began"</span>
            </figcaption>
        </figure>
    }
    .patched()
}

fn draw(y: i64, lane: Lane) -> impl IntoView {
    let tone = attempt::face(lane.outcome).tone.class();
    let bar = move |stretch: Option<Stretch>, class: String, inset: i64| {
        let Stretch { x, width, .. } = stretch?;
        let (x, width) = (percent(x), percent(width));
        Some(view! { <rect class=class x=x y=y + inset width=width height=ROW - 2 * inset rx="2"></rect> })
    };
    view! {
        <g>
            <line class="lane-guide" x1="0" x2="100%" y1=y + ROW / 2 y2=y + ROW / 2></line>
            {bar(lane.waiting, "lane-wait".to_owned(), 12)}
            {bar(lane.unknown, format!("lane-unknown {tone}"), 7)}
            {bar(lane.working, format!("lane-work {tone}"), 5)}
        </g>
    }
}
