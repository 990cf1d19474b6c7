use crate::view::{clock, clock::Clock, relative_time};
use countersign_domain::Millis;
use leptos::prelude::*;

/// A moment: its UTC text from the server, “4 min ago” once the browser knows its clock.
#[component]
pub fn TimeAgo(at: Millis) -> impl IntoView {
    let clock = Clock::here();
    let label = move || clock.get().map_or_else(|| at.to_words(), |now| relative_time::words(at, now));
    let title = move || if clock.get().is_some() { clock::local_and_utc(at) } else { at.to_rfc3339() };
    view! { <time datetime=at.to_rfc3339() title=title>{label}</time> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_writes_the_moment_in_utc() {
        let owner = Owner::new();
        let html = owner.with(|| view! { <TimeAgo at=Millis(1_795_390_193_999)/> }.to_html());
        insta::assert_snapshot!(html, @r#"<time datetime="2026-11-22T23:29:53Z" title="2026-11-22T23:29:53Z">22 Nov 23:29 UTC</time>"#);
    }
}
