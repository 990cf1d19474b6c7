//! Who did what: a page of it.

use crate::{
    Error, Service,
    policy::{Action, rank},
    ports::Noted,
    visible_line,
};
use countersign_domain::{
    Actor,
    audit::{self, Checked, Part},
    journal::What,
    reading::{ActPage, ActQuery, ActRow, Named, Turn},
};
use data_encoding::HEXLOWER;

/// Acts that are read at a time where a text is looked for.
const CHUNK: u32 = 2_000;

impl Service {
    /// One page of acts, with what the page is filtered by and the last check of the chain.
    pub async fn read_acts(&self, actor: &Actor, query: &ActQuery, turn: Turn) -> Result<ActPage, Error> {
        self.allow(actor, Action::Read)?;
        let (people, topics) = self.ports.audit.facets(actor.tenant).await?;
        let last = self.ports.audit.last(actor.tenant, "journal.checked").await?;
        let (mut rows, more, looked_at) = self.find(actor, query, turn).await?;
        if matches!(turn, Turn::Newer(_)) {
            rows.reverse();
        }
        let (first, last_row) = (rows.first().map(ActRow::place), rows.last().map(ActRow::place));
        let (older, newer) = match turn {
            Turn::Newest => (last_row.filter(|_| more), None),
            Turn::Older(place) => (last_row.filter(|_| more), first.or(Some(place))),
            Turn::Newer(place) => (last_row.or(Some(place)), first.filter(|_| more)),
        };
        // Where nothing was found before the time was up, the next page goes on from there.
        let older = looked_at.map_or(older, |(_, place)| Some(place));
        Ok(ActPage {
            rows,
            older,
            newer,
            looked_at: looked_at.map(|(count, _)| count),
            people,
            topics,
            check: last.and_then(check),
            may_export: rank(actor.role) >= rank(Action::ExportJournal.needs()),
        })
    }

    /// The rows of a page, whether there are more, and where the search for a text ended before its time.
    async fn find(
        &self,
        actor: &Actor,
        query: &ActQuery,
        turn: Turn,
    ) -> Result<(Vec<ActRow>, bool, Option<(u64, countersign_domain::reading::ActPlace)>), Error> {
        let size = ActPage::SIZE;
        let Some(text) = query.text.as_ref().map(|text| text.to_lowercase()) else {
            let limit = u32::try_from(size + 1).unwrap_or(u32::MAX);
            let mut rows: Vec<ActRow> =
                self.ports.audit.acts(actor.tenant, query, turn, limit).await?.into_iter().map(row).collect();
            let more = rows.len() > size;
            rows.truncate(size);
            return Ok((rows, more, None));
        };
        let (mut rows, mut looked_at, mut turn) = (Vec::new(), 0, turn);
        loop {
            let chunk = self.ports.audit.acts(actor.tenant, query, turn, CHUNK).await?;
            let whole = chunk.len() < CHUNK as usize;
            let mut last = None;
            for act in chunk.into_iter().map(row) {
                looked_at += 1;
                last = Some(act.place());
                if act.says(&text) {
                    if rows.len() == size {
                        return Ok((rows, true, None));
                    }
                    rows.push(act);
                }
            }
            let Some(place) = last.filter(|_| !whole) else { return Ok((rows, false, None)) };
            let forward = matches!(turn, Turn::Newer(_));
            turn = if forward { Turn::Newer(place) } else { Turn::Older(place) };
            if looked_at >= ActPage::LOOKED_AT {
                let stopped = (!forward).then_some((looked_at as u64, place));
                return Ok((rows, forward, stopped));
            }
        }
    }
}

/// What is kept as it is shown: strangers' texts on one line, with nothing invisible in them.
pub(crate) fn row(noted: Noted) -> ActRow {
    let visible = |named: Named| Named { name: visible_line(&named.name), email: visible_line(&named.email) };
    let part = |part| match part {
        Part::Text(text) => Part::Text(visible_line(&text)),
        Part::Agent(name) => Part::Agent(visible_line(&name)),
        other => other,
    };
    let what = &noted.entry.what;
    ActRow {
        seq: noted.seq,
        at: noted.at,
        kind: noted.entry.kind().to_owned(),
        by: noted.by.map(visible),
        whom: noted.whom.map(visible),
        what: audit::sentence(what).into_iter().map(part).collect(),
        reason: audit::reason(what).map(visible_line),
        hash: HEXLOWER.encode(&noted.hash),
        via: noted.entry.via,
    }
}

fn check(noted: Noted) -> Option<(String, countersign_domain::Millis, Checked)> {
    let by = noted.by.map_or_else(|| "somebody who is gone".to_owned(), |by| visible_line(&by.name));
    let What::JournalChecked { head, through, hash, took_ms, fault, .. } = noted.entry.what else { return None };
    Some((by, noted.at, Checked { head, through, hash, took_ms, broken: fault }))
}
