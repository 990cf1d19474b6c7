use leptos::prelude::*;

/// How many rows of table height are drawn.
const ROWS: u32 = 8;

/// Stands where a page's data will be; appears after 200 ms, by style alone.
#[component]
pub fn Skeleton() -> impl IntoView {
    view! {
        <div class="skeleton" aria-busy="true" aria-label="Loading">
            {(0..ROWS).map(|_| view! { <div class="skeleton-row"></div> }).collect_view()}
        </div>
    }
}
