use super::time_ago::TimeAgo;
use crate::view::number;
use countersign_domain::reading::EventRow;
use leptos::prelude::*;

/// Broadcast facts, oldest first.
#[component]
pub fn EventList(events: Vec<EventRow>) -> impl IntoView {
    let lines = events
        .into_iter()
        .map(|event| {
            view! {
                <li>
                    <span class="event-head">
                        <code>{format!("events.{}.{}", event.agent, event.topic)}</code>
                        <TimeAgo at=event.at/>
                        {event.usd.map(|usd| view! { <span class="mono">{number::dollars(usd)}</span> })}
                    </span>
                    <span class="event-text">{event.excerpt}</span>
                </li>
            }
        })
        .collect_view();
    view! { <ol class="events">{lines}</ol> }
}
