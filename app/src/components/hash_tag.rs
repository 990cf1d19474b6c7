use super::eager::Erase;
use crate::view::hash;
use leptos::prelude::*;

/// A hash: eight blocks of colour from its first 32 bits, then its text in groups of four. The colours
/// show at a glance that a hash changed; the text says which it is.
#[component]
pub fn HashTag(
    hex: String,
    /// How many groups of four characters to write.
    #[prop(default = 16)]
    groups: usize,
) -> impl IntoView {
    let blocks = (0_u32..)
        .zip(hash::ribbon(&hex))
        .map(|(index, class)| view! { <rect class=class x=index * 7 width="6" height="14" rx="1"></rect> })
        .collect_view();
    view! {
        <span class="hash">
            <svg class="ribbon" viewBox="0 0 55 14" aria-hidden="true">{blocks}</svg>
            <code>{hash::grouped(&hex, groups)}</code>
        </span>
    }
    .erased()
}
