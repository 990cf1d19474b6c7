//! The geometry of a trace: a line for decisions, one lane an agent, in it one line for each task that runs beside another.
//! Across in thousandths of the time from the first thing to the last, down in lines.

use super::fraction::WHOLE;
use countersign_domain::{
    Millis,
    reading::{EventRow, Trace, TraceTask},
    task::{AttemptOutcome, TaskState},
};

/// A stretch of time, in thousandths of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub x: i64,
    pub width: i64,
}

/// One task as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Which line of its lane, from 0.
    pub line: i64,
    pub whole: Span,
    /// Each attempt, as far as its times are known.
    pub attempts: Vec<(Span, AttemptOutcome)>,
    pub state: TaskState,
}

/// One agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    pub agent: String,
    /// How many lines its tasks take.
    pub lines: i64,
    pub bars: Vec<Bar>,
    /// Where its events stand.
    pub events: Vec<i64>,
}

/// The moments of the steps of this page.
fn steps(trace: &Trace) -> impl Iterator<Item = Millis> + use<'_> {
    let tasks = trace.tasks.iter().map(|task| task.row.created_at);
    let events = trace.events.iter().map(|event| event.at);
    tasks.chain(events).chain(trace.decisions.iter().map(|decision| decision.at))
}

/// From the first thing of the trace to the last, or to `now` while a task is open.
pub fn bounds(trace: &Trace, now: Millis) -> (Millis, Millis) {
    let first = steps(trace).chain(trace.started_at).min().unwrap_or(now);
    let ends = trace.tasks.iter().map(|task| task.row.ended_at.unwrap_or(task.row.updated_at));
    let open = (trace.open > 0).then_some(now);
    let last = steps(trace).chain(ends).chain(trace.ended_at).chain(open).max();
    (first, last.unwrap_or(first).max(first))
}

/// What of it is drawn: all of it, or what one page of several shows.
pub fn window(trace: &Trace, now: Millis) -> (Millis, Millis) {
    let (mut first, mut last) = bounds(trace, now);
    if trace.is_later {
        first = steps(trace).min().unwrap_or(first);
    }
    if trace.next.is_some() {
        last = steps(trace).max().unwrap_or(last);
    }
    (first, last.max(first))
}

/// Where in the window `at` stands.
fn place(at: Millis, (first, last): (Millis, Millis)) -> i64 {
    let length = last.since(first).max(1);
    at.since(first).min(length) * WHOLE / length
}

/// Where people's decisions stand.
pub fn decisions(trace: &Trace, now: Millis) -> Vec<i64> {
    let window = window(trace, now);
    trace.decisions.iter().map(|decision| place(decision.at, window)).collect()
}

/// The lanes, in the order in which the agents joined.
pub fn lanes(trace: &Trace, now: Millis) -> Vec<Lane> {
    let (first, last) = window(trace, now);
    let place = |at: Millis| place(at, (first, last));
    let span = |from: Millis, to: Millis| {
        let x = place(from).min(WHOLE - 3);
        Span { x, width: (place(to) - x).max(3) }
    };
    let mut agents = trace.agents.clone();
    let tasks = trace.tasks.iter().map(|task| &task.row.agent);
    for agent in tasks.chain(trace.events.iter().map(|event| &event.agent)) {
        if !agents.contains(agent) {
            agents.push(agent.clone());
        }
    }
    let lane = |agent: String| {
        // For each line, until where it is taken.
        let mut taken: Vec<i64> = Vec::new();
        let bar = |task: &TraceTask| {
            let whole = span(task.row.created_at, task.row.ended_at.unwrap_or(last));
            let line = taken.iter().position(|end| *end <= whole.x).unwrap_or(taken.len());
            if line == taken.len() {
                taken.push(0);
            }
            taken[line] = whole.x + whole.width;
            let attempts = task.attempts.iter().filter_map(|attempt| {
                let end = attempt.ended_at.or(attempt.started_at.map(|_| last))?;
                Some((span(attempt.started_at.unwrap_or(end), end), attempt.outcome))
            });
            let line = i64::try_from(line).unwrap_or_default();
            Bar { line, whole, attempts: attempts.collect(), state: task.row.state }
        };
        let bars: Vec<Bar> = trace.tasks.iter().filter(|task| task.row.agent == agent).map(bar).collect();
        let events = |event: &&EventRow| event.agent == agent;
        let events = trace.events.iter().filter(events).map(|event| place(event.at)).collect();
        let lines = bars.iter().map(|bar| bar.line + 1).max().unwrap_or_default();
        Lane { agent, lines, bars, events }
    };
    agents.into_iter().map(lane).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::reading::{AttemptRow, TaskRow};

    fn task(agent: &str, from: i64, to: Option<i64>) -> TraceTask {
        let attempt = AttemptRow {
            number: 1,
            outcome: AttemptOutcome::Succeeded,
            started_at: Some(Millis(from + 100)),
            ended_at: to.map(Millis),
            reason: None,
        };
        let row = TaskRow {
            id: format!("{agent}-{from}"),
            agent: agent.to_owned(),
            kind: "scan".to_owned(),
            state: TaskState::Succeeded,
            title: None,
            correlation_id: None,
            created_at: Millis(from),
            updated_at: Millis(from),
            ended_at: to.map(Millis),
            attempts: 1,
            reason: None,
            usd: None,
        };
        TraceTask { row, attempts: vec![attempt] }
    }

    fn trace(tasks: Vec<TraceTask>, open: u64) -> Trace {
        Trace {
            correlation_id: "t".to_owned(),
            task_count: tasks.len() as u64,
            tasks,
            events: vec![],
            event_count: 0,
            decisions: vec![],
            decision_count: 0,
            is_later: false,
            next: None,
            started_at: None,
            ended_at: None,
            open,
            usd: None,
            agents: vec!["cso".to_owned()],
        }
    }

    #[test]
    fn tasks_that_overlap_take_lines_of_their_own_and_later_ones_use_them_again() {
        let tasks = vec![
            task("cso", 0, Some(500)),
            task("cso", 200, Some(1_000)),
            task("cso", 600, Some(900)),
            task("cto", 0, Some(10)),
        ];
        let lanes = lanes(&trace(tasks, 0), Millis(99_000));
        assert_eq!(
            lanes.iter().map(|lane| (lane.agent.as_str(), lane.lines)).collect::<Vec<_>>(),
            [("cso", 2), ("cto", 1)]
        );
        assert_eq!(lanes[0].bars.iter().map(|bar| bar.line).collect::<Vec<_>>(), [0, 1, 0]);
        assert_eq!(lanes[0].bars[0].whole, Span { x: 0, width: 500 });
        assert_eq!(lanes[0].bars[0].attempts[0].0, Span { x: 100, width: 400 });
    }

    #[test]
    fn what_is_open_is_drawn_up_to_now() {
        let trace = trace(vec![task("cso", 0, None)], 1);
        assert_eq!(bounds(&trace, Millis(2_000)), (Millis(0), Millis(2_000)));
        assert_eq!(lanes(&trace, Millis(2_000))[0].bars[0].whole, Span { x: 0, width: 1_000 });
    }

    #[test]
    fn one_page_of_several_is_drawn_from_its_first_step_to_its_last() {
        let whole = trace(vec![task("cso", 4_000, Some(20_000)), task("cso", 5_000, Some(6_000))], 0);
        let later = Trace { started_at: Some(Millis(0)), ended_at: Some(Millis(90_000)), ..whole };
        let page = Trace { is_later: true, next: Some("more".to_owned()), ..later.clone() };
        assert_eq!(bounds(&page, Millis(0)), (Millis(0), Millis(90_000)), "the whole is what it was");
        assert_eq!(window(&page, Millis(0)), (Millis(4_000), Millis(5_000)));
        assert_eq!(lanes(&page, Millis(0))[0].bars[0].whole, Span { x: 0, width: 1_000 });
        assert_eq!(window(&Trace { next: None, ..page }, Millis(0)), (Millis(4_000), Millis(90_000)));
        assert_eq!(window(&later, Millis(0)), (Millis(0), Millis(90_000)));
    }

    #[test]
    fn an_empty_trace_has_no_lane_but_those_who_took_part() {
        let lanes = lanes(&trace(vec![], 0), Millis(5));
        assert_eq!((lanes.len(), lanes[0].lines), (1, 0));
    }
}
