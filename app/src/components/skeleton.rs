use leptos::prelude::*;

/// Stands where a page's data will be; appears after 200 ms, by style alone.
#[component]
pub fn Skeleton(
    /// How many rows of table height to draw.
    #[prop(default = 6)]
    rows: u32,
) -> impl IntoView {
    view! {
        <div class="skeleton" aria-busy="true" aria-label="Loading">
            {(0..rows).map(|_| view! { <div class="skeleton-row"></div> }).collect_view()}
        </div>
    }
}
