//! The journal, to take along.

use crate::{
    Error, Service,
    policy::Action,
    ports::{ChainLine, Noted},
    read_acts::row,
};
use countersign_domain::{
    Actor,
    journal::What,
    reading::{ActQuery, ActRow, Turn},
};

/// Entries that are read at a time.
const CHUNK: u32 = 500;

/// What an export writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportForm {
    /// The acts that a filter shows, as they were hashed, one JSON object a line.
    Jsonl,
    /// The same as sentences, for a spreadsheet.
    Csv,
    /// Every entry.
    Whole,
}

impl ExportForm {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Whole => "journal",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Jsonl | Self::Whole => "JSONL",
        }
    }
}

impl std::str::FromStr for ExportForm {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Jsonl, Self::Csv, Self::Whole].into_iter().find(|form| form.as_str() == text).ok_or(())
    }
}

/// How far an export has come.
#[derive(Debug, Clone)]
pub struct Export {
    actor: Actor,
    query: ActQuery,
    turn: Turn,
    after: i64,
    done: bool,
}

impl Service {
    /// Begins an export, and journals that. `said` is the filter as its address says it.
    pub async fn export_journal(
        &self,
        actor: &Actor,
        form: ExportForm,
        query: ActQuery,
        said: &str,
    ) -> Result<Export, Error> {
        self.allow(actor, Action::ExportJournal)?;
        let act = self.act(actor);
        let query = if form == ExportForm::Whole { ActQuery::default() } else { query };
        let said = if form == ExportForm::Whole { String::new() } else { said.chars().take(500).collect() };
        let what = What::JournalExported { by: act.by, form: form.words().to_owned(), query: said };
        self.ports.audit.note(actor.tenant, &act, what).await?;
        // From the oldest on.
        let turn = Turn::Newer(countersign_domain::reading::ActPlace { at: i64::MIN, seq: i64::MIN });
        Ok(Export { actor: actor.clone(), query, turn, after: 0, done: false })
    }

    /// The next acts of an export, oldest first, each with its line of the chain. Empty at the end.
    pub async fn export_acts(&self, export: &mut Export) -> Result<Vec<(ActRow, ChainLine)>, Error> {
        let text = export.query.text.as_ref().map(|text| text.to_lowercase());
        while !export.done {
            let tenant = export.actor.tenant;
            let chunk: Vec<Noted> = self.ports.audit.acts(tenant, &export.query, export.turn, CHUNK).await?;
            export.done = chunk.len() < CHUNK as usize;
            let rows: Vec<ActRow> = chunk.into_iter().map(row).collect();
            if let Some(last) = rows.last() {
                export.turn = Turn::Newer(last.place());
            }
            let rows: Vec<ActRow> =
                rows.into_iter().filter(|row| text.as_ref().is_none_or(|text| row.says(text))).collect();
            if rows.is_empty() {
                continue;
            }
            let seqs: Vec<i64> = rows.iter().map(|row| row.seq).collect();
            let mut lines = self.ports.audit.lines(tenant, &seqs).await?;
            let mut pairs = Vec::with_capacity(rows.len());
            for row in rows {
                if let Some(at) = lines.iter().position(|line| line.seq == row.seq) {
                    pairs.push((row, lines.swap_remove(at)));
                }
            }
            return Ok(pairs);
        }
        Ok(Vec::new())
    }

    /// The next entries of an export of everything, in their order. Empty at the end.
    pub async fn export_lines(&self, export: &mut Export) -> Result<Vec<ChainLine>, Error> {
        let lines = self.ports.audit.lines_after(export.actor.tenant, export.after, CHUNK).await?;
        if let Some(last) = lines.last() {
            export.after = last.seq;
        }
        Ok(lines)
    }
}
