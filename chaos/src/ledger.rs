//! What the harness itself did and saw, and the comparison with what Postgres says.

use crate::stock::Published;
use countersign_domain::{reading::TaskRow, task::TaskState};
use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

/// What a worker told the bus about a task, and whether the bus confirmed to have heard it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Done { confirmed: bool },
    Back,
    GivenUp,
    Silence,
}

/// One delivery to a worker: the moment of the effect.
#[derive(Debug, Clone, Copy)]
pub struct Effect {
    pub at: Instant,
    /// As the bus counts it, from 1.
    pub attempt: i64,
    pub answer: Answer,
}

/// All that is known here of one task.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// When it was first published.
    pub issued: Option<Instant>,
    /// The publish that was acknowledged, by its sequence.
    pub acknowledged: Option<u64>,
    /// Publishes that nobody answered.
    pub unanswered: u32,
    /// Publishes that the bus refused.
    pub refused: u32,
    pub effects: Vec<Effect>,
}

/// Append-only, in memory: the harness is the one process that nobody kills.
#[derive(Debug)]
pub struct Ledger {
    prefix: String,
    entries: Mutex<Vec<Entry>>,
}

impl Ledger {
    /// For tasks numbered from 0 to `tasks`. The prefix keeps them apart from another ledger's.
    pub fn new(prefix: &str, tasks: u64) -> Self {
        let entries = vec![Entry::default(); usize::try_from(tasks).unwrap_or(0)];
        Self { prefix: prefix.to_owned(), entries: Mutex::new(entries) }
    }

    /// A task's message id; its title too, which is how the console shows it.
    pub fn message_id(&self, task: u64) -> String {
        format!("{}-{task}", self.prefix)
    }

    fn with<T>(&self, task: u64, write: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        let mut entries = self.entries.lock().expect("nobody panics with it");
        entries.get_mut(usize::try_from(task).ok()?).map(write)
    }

    pub fn issue(&self, task: u64) {
        self.with(task, |entry| *entry.issued.get_or_insert_with(Instant::now));
    }

    pub fn published(&self, task: u64, outcome: &Published) {
        self.with(task, |entry| match outcome {
            Published::Acknowledged { sequence, .. } => entry.acknowledged = Some(*sequence),
            Published::Refused(_) => entry.refused += 1,
            Published::Unanswered => entry.unanswered += 1,
        });
    }

    /// Answers which effect of the task it is.
    pub fn effect(&self, task: u64, attempt: i64, answer: Answer) -> usize {
        let enter = |entry: &mut Entry| {
            entry.effects.push(Effect { at: Instant::now(), attempt, answer });
            entry.effects.len() - 1
        };
        self.with(task, enter).unwrap_or(usize::MAX)
    }

    /// The bus has confirmed to have heard that effect's answer.
    pub fn confirmed(&self, task: u64, effect: usize) {
        self.with(task, |entry| {
            if let Some(effect) = entry.effects.get_mut(effect) {
                effect.answer = Answer::Done { confirmed: true };
            }
        });
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.entries.lock().expect("nobody panics with it").clone()
    }

    pub fn acknowledged(&self) -> u64 {
        self.count(|entry| entry.acknowledged.is_some())
    }

    pub fn count(&self, holds: impl Fn(&Entry) -> bool) -> u64 {
        self.entries.lock().expect("nobody panics with it").iter().filter(|entry| holds(entry)).count() as u64
    }

    /// From the first publish to the first delivery, of every task that was delivered; sorted.
    pub fn delays(&self) -> Vec<Duration> {
        let mut delays: Vec<Duration> = self
            .entries()
            .iter()
            .filter_map(|entry| Some(entry.effects.first()?.at.saturating_duration_since(entry.issued?)))
            .collect();
        delays.sort_unstable();
        delays
    }

    /// Compares with the record.
    pub fn tally(&self, rows: &[TaskRow]) -> Tally {
        let mut by_title: HashMap<&str, Vec<&TaskRow>> = HashMap::new();
        for row in rows {
            by_title.entry(row.title.as_deref().unwrap_or_default()).or_default().push(row);
        }
        let mut tally = Tally::default();
        for (number, entry) in self.entries().iter().enumerate() {
            let id = self.message_id(number as u64);
            let found = by_title.get(id.as_str()).map_or(&[][..], Vec::as_slice);
            tally.count(id, entry, found);
        }
        tally
    }
}

/// What became of every task of a ledger.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    pub issued: u64,
    pub acknowledged: u64,
    /// Published, never answered.
    pub unknown: u64,
    /// Acknowledged, and not in the record.
    pub lost: Vec<String>,
    /// In the record, and not ended.
    pub stuck: Vec<String>,
    /// More than one row for one message.
    pub doubled: Vec<String>,
    /// The bus confirmed the worker's acknowledgement, and the record says something else; or the record says
    /// that it succeeded, and no worker had it.
    pub misjudged: Vec<String>,
    pub by_state: HashMap<&'static str, u64>,
    /// Deliveries to workers.
    pub effects: u64,
    /// Tasks that a worker finished, without the bus losing count, more than once.
    pub repeated: u64,
    pub unanswered_publishes: u64,
    pub refused_publishes: u64,
}

impl Tally {
    fn count(&mut self, id: String, entry: &Entry, rows: &[&TaskRow]) {
        self.issued += u64::from(entry.issued.is_some());
        self.effects += entry.effects.len() as u64;
        self.unanswered_publishes += u64::from(entry.unanswered);
        self.refused_publishes += u64::from(entry.refused);
        let done = |effect: &&Effect| matches!(effect.answer, Answer::Done { .. });
        self.repeated += u64::from(entry.effects.iter().filter(done).count() > 1);
        match entry.acknowledged {
            Some(_) => self.acknowledged += 1,
            None if entry.issued.is_some() => self.unknown += 1,
            None => {}
        }
        for row in rows {
            *self.by_state.entry(row.state.as_str()).or_default() += 1;
        }
        let Some(row) = rows.first() else {
            if entry.acknowledged.is_some() {
                self.lost.push(id);
            }
            return;
        };
        if rows.len() > 1 {
            self.doubled.push(id.clone());
        }
        if !row.state.is_final() {
            let seen: Vec<(i64, Answer)> = entry.effects.iter().map(|effect| (effect.attempt, effect.answer)).collect();
            let at = entry.acknowledged.map_or_else(String::new, |sequence| format!(" at {sequence}"));
            self.stuck.push(format!("{id}{at} ({}, {} attempts; workers: {seen:?})", row.state.as_str(), row.attempts));
        } else if row.state == TaskState::Succeeded {
            if !entry.effects.iter().any(|effect| done(&effect)) {
                self.misjudged.push(format!("{id} (succeeded, and nobody did it)"));
            }
        } else if entry.effects.iter().any(|effect| effect.answer == Answer::Done { confirmed: true }) {
            self.misjudged.push(format!("{id} ({})", row.state.as_str()));
        }
    }

    /// `succeeded 1,940, failed 40, dead 20`
    pub fn states(&self) -> String {
        let mut states: Vec<_> = self.by_state.iter().collect();
        states.sort_unstable_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        states.iter().map(|(state, count)| format!("{count} {state}")).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::Millis;

    fn row(title: &str, state: TaskState) -> TaskRow {
        TaskRow {
            id: String::new(),
            agent: "cso".into(),
            kind: "flow".into(),
            state,
            title: Some(title.into()),
            correlation_id: None,
            created_at: Millis(0),
            updated_at: Millis(0),
            ended_at: None,
            attempts: 1,
            reason: None,
            usd: None,
        }
    }

    #[test]
    fn every_task_is_counted_as_what_became_of_it() {
        let ledger = Ledger::new("t", 6);
        for task in 0..6 {
            ledger.issue(task);
            let outcome = match task {
                4 => Published::Unanswered,
                _ => Published::Acknowledged { sequence: task, duplicate: false },
            };
            ledger.published(task, &outcome);
        }
        let effect = ledger.effect(3, 1, Answer::Done { confirmed: false });
        ledger.confirmed(3, effect);
        ledger.effect(1, 1, Answer::Done { confirmed: false });
        let rows = [
            row("t-0", TaskState::Succeeded),
            row("t-1", TaskState::Succeeded),
            row("t-1", TaskState::Succeeded),
            row("t-2", TaskState::Retrying),
            row("t-3", TaskState::Dead),
            row("another", TaskState::Dead),
        ];
        let tally = ledger.tally(&rows);
        assert_eq!((tally.issued, tally.acknowledged, tally.unknown), (6, 5, 1));
        assert_eq!((tally.lost, tally.doubled), (vec!["t-5".to_owned()], vec!["t-1".to_owned()]));
        assert_eq!(tally.stuck.len(), 1);
        assert_eq!(tally.misjudged, ["t-0 (succeeded, and nobody did it)", "t-3 (dead)"]);
    }
}
