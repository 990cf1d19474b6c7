use super::eager::Erase;
use crate::view::{
    chart::{Bar, HEIGHT, bars, peak},
    number,
};
use countersign_domain::reading::HourRow;
use leptos::prelude::*;

/// Hours between two that are written under the bars.
const LABEL_EVERY: usize = 6;

/// Tasks in each of the last 24 hours, as bars and as a table.
#[component]
pub fn HourChart(#[prop(into)] hours: Signal<Vec<HourRow>>) -> impl IntoView {
    let top = move || number::grouped(u64::from(hours.with(|hours| peak(hours))));
    let drawn = Memo::new(move |_| hours.with(|hours| bars(hours)));
    let labels = move || {
        let bars = drawn.get();
        bars.into_iter().step_by(LABEL_EVERY).map(|bar| view! { <span>{bar.hour}</span> }).collect_view()
    };
    view! {
        <figure class="chart">
            <svg width="100%" height=HEIGHT role="img" aria-label="Tasks received in each of the last 24 hours; the same as a table below">
                <line class="chart-top" x1="0" x2="100%" y1="8.5" y2="8.5"></line>
                {move || drawn.get().into_iter().map(draw).collect_view()}
            </svg>
            <div class="chart-hours" aria-hidden="true">{labels}</div>
            <figcaption>
                <span class="chart-key">
                    <span><i class="key-good"></i>"Received"</span>
                    <span><i class="key-bad"></i>"Of these failed, dead or undeliverable"</span>
                </span>
                <span>"Busiest hour "<b class="mono">{top}</b></span>
            </figcaption>
            <details class="as-table">
                <summary>"Show as table"</summary>
                <table class="table narrow">
                    <thead>
                        <tr>
                            <th scope="col">"Hour (UTC)"</th>
                            <th scope="col" class="col-number">"Received"</th>
                            <th scope="col" class="col-number">"Failed, dead or undeliverable"</th>
                        </tr>
                    </thead>
                    <tbody>{move || drawn.get().into_iter().map(line).collect_view()}</tbody>
                </table>
            </details>
        </figure>
    }
    .erased()
}

fn draw(bar: Bar) -> impl IntoView {
    let (x, width) = (bar.x.clone(), bar.width.clone());
    view! {
        <rect class="bar-good" x=bar.x y=bar.good_y width=bar.width height=bar.good_height></rect>
        <rect class="bar-bad" x=x y=bar.bad_y width=width height=bar.bad_height></rect>
    }
}

fn line(bar: Bar) -> impl IntoView {
    view! {
        <tr>
            <th scope="row">{bar.hour}</th>
            <td class="col-number">{bar.tasks}</td>
            <td class="col-number">{bar.bad}</td>
        </tr>
    }
}
