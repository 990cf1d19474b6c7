//! What a scenario found, and how it is shown.

use std::{fmt::Write as _, time::Duration};

/// How a scenario ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    /// What did not hold, a sentence each.
    Fail(Vec<String>),
    /// The product has not what this would show; says what is missing.
    Missing(String),
}

/// One line of the table.
#[derive(Debug, Clone)]
pub struct Row {
    pub name: String,
    /// What it must show.
    pub shows: String,
    /// What was measured, in the order of measuring.
    pub figures: Vec<(String, String)>,
    pub verdict: Verdict,
    pub seed: u64,
    pub took: Duration,
}

/// A scenario under way: figures and broken promises as they come.
#[derive(Debug, Clone, Default)]
pub struct Trial {
    figures: Vec<(String, String)>,
    broken: Vec<String>,
}

impl Trial {
    pub fn figure(&mut self, name: &str, value: impl ToString) {
        self.figures.push((name.to_owned(), value.to_string()));
    }

    /// A promise; `otherwise` says how it was broken.
    pub fn require(&mut self, holds: bool, otherwise: impl FnOnce() -> String) {
        if !holds {
            self.broken.push(otherwise());
        }
    }

    /// Whether every promise was kept so far.
    pub fn holds(&self) -> bool {
        self.broken.is_empty()
    }

    pub fn broken_promises(&self) -> String {
        self.broken.join("; ")
    }

    /// Demands that a list is empty, and shows how it begins.
    pub fn none(&mut self, what: &str, list: &[String]) {
        self.figure(what, list.len());
        self.require(list.is_empty(), || {
            let begin = list.iter().take(5).map(String::as_str).collect::<Vec<_>>().join("; ");
            let more = if list.len() > 5 { "; …" } else { "" };
            format!("{} {what}: {begin}{more}", list.len())
        });
    }
}

impl Row {
    /// The row of a trial that ran, or of one that could not go on. What it had found by then stays.
    pub fn of(name: &str, shows: &str, seed: u64, took: Duration, outcome: anyhow::Result<Trial>) -> Self {
        let (figures, verdict) = match outcome {
            Ok(trial) if trial.broken.is_empty() => (trial.figures, Verdict::Pass),
            Ok(trial) => (trial.figures, Verdict::Fail(trial.broken)),
            Err(error) => (Vec::new(), Verdict::Fail(vec![format!("{error:#}")])),
        };
        Self { name: name.to_owned(), shows: shows.to_owned(), figures, verdict, seed, took }
    }

    pub fn missing(name: &str, shows: &str, what: &str) -> Self {
        Self {
            name: name.to_owned(),
            shows: shows.to_owned(),
            figures: Vec::new(),
            verdict: Verdict::Missing(what.to_owned()),
            seed: 0,
            took: Duration::ZERO,
        }
    }

    fn word(&self) -> &'static str {
        match self.verdict {
            Verdict::Pass => "pass",
            Verdict::Fail(_) => "FAIL",
            Verdict::Missing(_) => "missing",
        }
    }

    fn figures(&self) -> String {
        self.figures.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join("; ")
    }

    /// For a terminal.
    pub fn text(&self) -> String {
        let mut text = format!("{:<8} {} ({:.0} s)\n", self.word(), self.name, self.took.as_secs_f64());
        let _ = writeln!(text, "         must show: {}", self.shows);
        if !self.figures.is_empty() {
            let _ = writeln!(text, "         {}", self.figures());
        }
        match &self.verdict {
            Verdict::Pass => {}
            Verdict::Missing(what) => drop(writeln!(text, "         missing: {what}")),
            Verdict::Fail(broken) => {
                for sentence in broken {
                    let _ = writeln!(text, "         ✗ {sentence}");
                }
                let _ = writeln!(text, "         seed {}", self.seed);
            }
        }
        text
    }
}

/// Where a table comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    pub profile: String,
    pub seed: u64,
    pub commit: String,
    pub date: String,
    pub cores: usize,
}

/// The table as a page of the documentation.
pub fn markdown(rows: &[Row], origin: &Origin) -> String {
    let Origin { profile, seed, commit, date, cores } = origin;
    let mut text = format!(
        "# Reliability\n\n\
         What the product does under faults, as the chaos harness (`chaos/`) measured it: real processes, each planned fault \
         proven to have fired, every task followed in a ledger. Written by the harness; repeat it with \
         `chaos --profile {profile} --seed {seed}`.\n\n\
         Every task is published with a message id, again and again until it is acknowledged, by stock NATS clients, and is then \
         *lost* if the record has it not, *doubled* if the record has it twice, *stuck* if it does not end, *misjudged* if the record \
         contradicts an acknowledgement that the bus confirmed to the worker, or calls it done though no worker had it. A fifth of \
         the tasks is made by the founder and goes through the outbox. *Done again by a worker* is no fault of the record: the \
         worker had not been told that its acknowledgement was heard. A *broken invariant* is a gap or a wrong hash in the journal, an \
         inbox that disagrees with it, or a task with two successes.\n\n\
         Commit `{commit}`, {date}, profile `{profile}`, seed `{seed}`, {cores} cores.\n\n\
         | scenario | must show | found | result | s |\n|---|---|---|---|---|\n"
    );
    for row in rows {
        let broken = match &row.verdict {
            Verdict::Pass => String::new(),
            Verdict::Missing(what) => format!(": {what}"),
            Verdict::Fail(broken) => format!(": {}", broken.join("; ")),
        };
        let cells = [
            row.name.clone(),
            row.shows.clone(),
            row.figures(),
            format!("**{}**{broken}", row.word()),
            format!("{:.0}", row.took.as_secs_f64()),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|").replace('\n', " ")).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

/// Seconds to a tenth.
pub fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// MiB to a tenth, from KiB.
pub fn mebibytes(kib: f64) -> String {
    format!("{:.1} MiB", kib / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_passes_only_if_every_promise_was_kept() {
        let mut trial = Trial::default();
        trial.none("lost", &[]);
        trial.require(true, || unreachable!());
        let row = |trial| Row::of("kills", "0 lost", 1, Duration::ZERO, Ok(trial)).verdict;
        assert_eq!(row(trial.clone()), Verdict::Pass);
        trial.none("doubled", &["t-1".to_owned()]);
        assert_eq!(row(trial), Verdict::Fail(vec!["1 doubled: t-1".to_owned()]));
    }

    #[test]
    fn a_cell_of_the_page_cannot_break_its_table() {
        let row = Row::of("a|b", "", 1, Duration::ZERO, Err(anyhow::anyhow!("one\ntwo")));
        let origin = Origin { profile: "ci".into(), seed: 1, commit: "c".into(), date: "d".into(), cores: 2 };
        let page = markdown(&[row], &origin);
        assert!(page.ends_with("| a\\|b |  |  | **FAIL**: one two | 0 |\n"), "{page}");
    }
}
