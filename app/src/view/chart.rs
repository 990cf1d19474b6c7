//! The geometry of the tasks-by-hour chart: across in thousandths of its width, up in pixels, so that
//! it can be stretched without distorting what is written in it.

use super::fraction;
use countersign_domain::reading::HourRow;

/// The height of the drawing; the bars stand on its lower edge.
pub const HEIGHT: u32 = 132;
const TOP: u32 = 8;

/// One hour's bar: the bad part stands at the bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Shares of the width, as SVG writes them.
    pub x: String,
    pub width: String,
    pub good_y: u32,
    pub good_height: u32,
    pub bad_y: u32,
    pub bad_height: u32,
    /// `14:00`, UTC.
    pub hour: String,
    pub tasks: u32,
    pub bad: u32,
}

/// The most tasks of an hour: what the tallest bar means.
pub fn peak(hours: &[HourRow]) -> u32 {
    hours.iter().map(|hour| hour.tasks).max().unwrap_or_default()
}

pub fn bars(hours: &[HourRow]) -> Vec<Bar> {
    let count = i64::try_from(hours.len()).unwrap_or(1).max(1);
    let start = |index: i64| index * fraction::WHOLE / count;
    let gap = (start(1) / 4).max(1);
    let scale = u64::from(peak(hours).max(1));
    let height = |tasks: u32| match tasks {
        0 => 0,
        some => u32::try_from(u64::from(some) * u64::from(HEIGHT - TOP) / scale).unwrap_or(HEIGHT).max(2),
    };
    (0_i64..)
        .zip(hours)
        .map(|(index, hour)| {
            let (whole, bad) = (height(hour.tasks), height(hour.bad.min(hour.tasks)));
            Bar {
                x: fraction::percent(start(index) + gap / 2),
                width: fraction::percent(start(index + 1) - start(index) - gap),
                good_y: HEIGHT - whole,
                good_height: whole.saturating_sub(bad),
                bad_y: HEIGHT - bad,
                bad_height: bad,
                hour: hour.starts_at.to_rfc3339()[11..16].to_owned(),
                tasks: hour.tasks,
                bad: hour.bad,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::Millis;

    #[test]
    fn the_tallest_hour_fills_the_chart_and_a_single_task_still_shows() {
        let hour = |tasks, bad| HourRow { starts_at: Millis(0), tasks, bad };
        let bars = bars(&[hour(1_000, 0), hour(1, 0), hour(0, 0), hour(500, 250)]);
        assert_eq!((bars[0].good_y, bars[0].good_height), (TOP, HEIGHT - TOP));
        assert_eq!(bars[1].good_height, 2);
        assert_eq!(bars[2].good_height, 0);
        assert_eq!((bars[3].bad_height, bars[3].good_height), (31, 31));
        assert_eq!((bars[3].x.as_str(), bars[3].width.as_str()), ("78.1%", "18.8%"));
    }
}
