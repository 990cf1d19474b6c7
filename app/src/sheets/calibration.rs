//! How sure agents said they were, against how often founders agreed and how often it turned out right: a drawing, and
//! the same as a table.

use crate::{components::eager::Erase, view::brief as words};
use countersign_domain::track_record::CalibrationBin;
use leptos::prelude::*;

/// Of the drawing, in its own units.
const WIDTH: u32 = 360;
const HEIGHT: u32 = 256;
const LEFT: u32 = 44;
const RIGHT: u32 = 344;
const TOP: u32 = 12;
const BOTTOM: u32 = 212;
const WHOLE: u32 = 1_000_000;

/// Where a confidence stands, in millionths.
fn x(micro: u32) -> u32 {
    LEFT + (RIGHT - LEFT) * (micro / 1_000) / 1_000
}

/// Where a share stands.
fn y(part: u32, of: u32) -> Option<u32> {
    Some(BOTTOM - ((BOTTOM - TOP) * part).checked_div(of)?)
}

pub fn chart(bins: &[CalibrationBin]) -> AnyView {
    let lines = [0, 25, 50, 75, 100].map(|percent| {
        let at = y(percent, 100).unwrap_or(BOTTOM);
        view! {
            <line class="grid-line" x1=LEFT x2=RIGHT y1=at y2=at></line>
            <text class="axis" x=LEFT - 8 y=at + 4 text-anchor="end">{format!("{percent} %")}</text>
        }
    });
    let marks = [0, 250_000, 500_000, 750_000, WHOLE].map(|micro| {
        view! { <text class="axis" x=x(micro) y=BOTTOM + 18 text-anchor="middle">{words::confidence(micro)}</text> }
    });
    let points = bins.iter().map(|bin| {
        let agreed = y(bin.agreed, bin.decided).map(|y| {
            view! { <circle class="point-agreed" cx=x(bin.decided_mean_micro) cy=y r="6"></circle> }
        });
        let right = y(bin.right, bin.judged).map(|y| {
            let at = x(bin.judged_mean_micro);
            let corners = format!("{at},{} {},{y} {at},{} {},{y}", y.saturating_sub(7), at + 7, y + 7, at - 7);
            view! { <polygon class="point-right" points=corners></polygon> }
        });
        view! { {agreed}{right} }
    });
    let label = "Stated confidence from left to right, shares from below to above; the same as a table below";
    view! {
        <figure class="chart calibration">
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=label>
                {lines.into_iter().collect_view()}
                {marks.into_iter().collect_view()}
                <line class="diagonal" x1=LEFT y1=BOTTOM x2=RIGHT y2=TOP></line>
                {points.collect_view()}
                <text class="axis" x=u32::midpoint(LEFT, RIGHT) y=BOTTOM + 36 text-anchor="middle">"Confidence that the author stated"</text>
            </svg>
            <figcaption>
                <span class="chart-key">
                    <span><i class="key-agreed"></i>"A founder agreed"</span>
                    <span><i class="key-right"></i>"It turned out right"</span>
                    <span><i class="key-diagonal"></i>"As sure as it should be"</span>
                </span>
            </figcaption>
            <details class="as-table">
                <summary>"Show as table"</summary>
                <div class="scroll" tabindex="0" role="region" aria-label="Confidence as a table">
                    <table class="table narrow">
                        <thead>
                            <tr>
                                <th scope="col">"Confidence"</th>
                                <th scope="col" class="col-number">"Decided by founders"</th>
                                <th scope="col" class="col-number">"Agreed"</th>
                                <th scope="col" class="col-number">"Looked back on"</th>
                                <th scope="col" class="col-number">"Right"</th>
                            </tr>
                        </thead>
                        <tbody>{bins.iter().map(line).collect_view()}</tbody>
                    </table>
                </div>
                <p class="hint">"Looked back on are those that were taken as recommended, and of which it could be said how they turned out."</p>
            </details>
        </figure>
    }
    .erased()
}

fn line(bin: &CalibrationBin) -> AnyView {
    let of = |part: u32, of: u32| match words::share(part, of) {
        Some(share) => format!("{part} ({share})"),
        None => "–".to_owned(),
    };
    let below = if bin.to_micro == WHOLE { "1.00" } else { &words::confidence(bin.to_micro - 10_000) };
    view! {
        <tr data-testid="bin-row">
            <th scope="row" class="bin-name">{format!("{} to {below}", words::confidence(bin.from_micro))}</th>
            <td class="col-number">{bin.decided}</td>
            <td class="col-number">{of(bin.agreed, bin.decided)}</td>
            <td class="col-number">{bin.judged}</td>
            <td class="col-number">{of(bin.right, bin.judged)}</td>
        </tr>
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bin(means: [u32; 2], (decided, agreed): (u32, u32), (judged, right): (u32, u32)) -> CalibrationBin {
        let [decided_mean_micro, judged_mean_micro] = means;
        let (from_micro, to_micro) = (900_000, WHOLE);
        CalibrationBin { from_micro, to_micro, decided, agreed, decided_mean_micro, judged, right, judged_mean_micro }
    }

    #[test]
    fn a_share_stands_at_its_height_and_nothing_of_nothing_nowhere() {
        assert_eq!((x(0), x(500_000), x(WHOLE)), (LEFT, 194, RIGHT));
        assert_eq!((y(0, 4), y(1, 2), y(4, 4), y(0, 0)), (Some(BOTTOM), Some(112), Some(TOP), None));
    }

    #[test]
    fn the_table_says_what_the_drawing_shows() {
        let html = Owner::new()
            .with(|| chart(&[bin([950_000, 1_000_000], (12, 9), (4, 3)), bin([0; 2], (0, 0), (0, 0))]).to_html());
        assert_eq!((html.matches("<circle").count(), html.matches("<polygon").count()), (1, 1), "{html}");
        for part in ["0.90 to 1.00", "9 (75 %)", "3 (75 %)", "–", r#"role="img""#] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(html.contains(r#"cx="329""#) && html.contains(r#"points="344,"#), "each at its own mean: {html}");
        assert!(!html.contains("style="), "{html}");
    }
}
