use super::eager::Erase;
use super::icon::Icon;
use crate::live::{Live, Stream};
use leptos::prelude::*;

/// Whether what is on the page is followed as it changes.
#[component]
pub fn LiveStatus() -> impl IntoView {
    let live = Live::here();
    let face = move || match live.stream() {
        Stream::Idle => ("live-dot", "As of loading"),
        Stream::Open => ("live-dot is-open", "Live"),
        Stream::Lost => ("live-dot is-lost", "Paused"),
    };
    view! {
        <span class="live" data-testid="live-status" title="Whether this page follows what changes">
            <span class=move || face().0 aria-hidden="true"></span>
            <span class="side-label">{move || face().1}</span>
        </span>
    }
    .erased()
}

/// Says that the stream is lost, for as long as it is. What is on the page stays readable.
#[component]
pub fn LiveStrip() -> impl IntoView {
    let live = Live::here();
    let strip = move || {
        (live.stream() == Stream::Lost).then(|| {
            view! {
                <p class="strip" data-testid="live-strip">
                    <Icon name="unplug"/>
                    "Live updates paused, retrying…"
                </p>
            }
        })
    };
    view! { <div role="status">{strip}</div> }
}
