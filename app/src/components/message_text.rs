use super::eager::Erase;
use super::hash_tag::HashTag;
use crate::view::number;
use countersign_domain::{bus_fact::Headers, reading::PayloadText};
use leptos::prelude::*;

/// A message as it came: its payload as plain text with its hash, and its headers.
#[component]
pub fn MessageText(payload: PayloadText, headers: Headers) -> impl IntoView {
    let size = number::bytes(payload.bytes);
    view! {
        <div class="message">
            <div class="message-facts">
                <HashTag hex=payload.sha256/>
                <span class="mono">{size}</span>
            </div>
            <pre class="payload" tabindex="0" aria-label="Payload">{payload.text}</pre>
            {payload.cut.then(|| view! { <p class="hint">"Only the first 64 KiB are shown; the hash is that of the whole payload."</p> })}
            <HeaderList headers/>
        </div>
    }
    .erased()
}

#[component]
fn HeaderList(headers: Headers) -> impl IntoView {
    if headers.is_empty() {
        return view! { <p class="hint">"No headers."</p> }.erased();
    }
    let lines = headers
        .into_iter()
        .map(|(name, value)| {
            view! {
                <div>
                    <dt>{name}</dt>
                    <dd>{value}</dd>
                </div>
            }
        })
        .collect_view();
    view! { <dl class="facts mono" aria-label="Headers">{lines}</dl> }.erased()
}
