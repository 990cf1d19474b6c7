//! Figures side by side, like a line of an account book.

use leptos::prelude::*;

/// One figure: its test id, what it counts, the figure, and what to know of it.
pub type Figure = (&'static str, &'static str, String, String);

/// A line of figures.
pub fn figures<const N: usize>(testid: &'static str, figures: [Figure; N]) -> impl IntoView + use<N> {
    let figures = figures.map(|(testid, label, figure, note)| {
        view! {
            <div class="figure" data-testid=testid>
                <dt>{label}</dt>
                <dd>{figure}</dd>
                <dd class="figure-note">{note}</dd>
            </div>
        }
    });
    view! { <dl class="ledger" data-testid=testid>{figures.collect_view()}</dl> }
}
