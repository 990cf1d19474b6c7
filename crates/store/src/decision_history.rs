//! Decisions that count, as they are looked up, and what founders found when they looked back.

use crate::{
    agents::unsigned,
    brief_rows::{DECISION, Read},
    db::{Db, is_refused, unavailable},
    decision_query::{FROM, SAID, narrow, turn},
    grants,
    pen::Pen,
    projection::Tx,
    task_page::{self, Row as TaskLine},
};
use async_trait::async_trait;
use countersign_domain::{
    AgentName, BriefAuthor, DecisionId, Millis, PersonId, TenantId, Via,
    brief::{BriefAct, Outcome},
    journal::{Entry, What},
    name::FOUNDER,
    reading::{DecisionCounts, DecisionQuery, DecisionTurn, Followed, LookBackRow, TaskRow},
    track_record::Judged,
};
use countersign_service::ports::{
    DecisionFacets, DecisionHistory, JournaledDecision, JudgedDecisions, KeptDecision, LookBackSaid, NewLookBack,
    StoreError,
};
use countersign_wire::brief::DECISION_KIND;
use sqlx::{AssertSqlSafe, FromRow, QueryBuilder, Row as _, postgres::PgRow, types::Json};
use uuid::Uuid;

/// [`DecisionHistory`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgDecisionHistory {
    db: Db,
}

impl PgDecisionHistory {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

const KEPT: &str = "b.author, b.name, v.sha256 as v_sha256, v.text, v.at_ms as v_at_ms, d.via, l.outcome, l.until_ms";

struct Kept(KeptDecision);

impl FromRow<'_, PgRow> for Kept {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let author: String = row.try_get("author")?;
        let outcome: Option<String> = row.try_get("outcome")?;
        let via: Option<Json<Via>> = row.try_get("via")?;
        Ok(Self(KeptDecision {
            record: Read::from_row(row)?.0,
            via: via.map(|via| via.0),
            author: author.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
            name: row.try_get("name")?,
            version_sha256: crate::artifacts::hash(row.try_get("v_sha256")?),
            text: row.try_get("text")?,
            asked_at: Millis(row.try_get("v_at_ms")?),
            outcome: outcome.and_then(|word| word.parse().ok()),
            postponed: row.try_get::<Option<i64>, _>("until_ms")?.map(Millis),
        }))
    }
}

/// What the ledger counts of a decision. What its brief says is missing where it cannot be read.
#[derive(FromRow)]
struct JudgedLine {
    author: String,
    at_ms: i64,
    by_founder: bool,
    choice: String,
    answer: Option<String>,
    outcome: Option<String>,
    category: Option<String>,
    recommended: Option<String>,
    confidence_micro: Option<i64>,
}

impl JudgedLine {
    fn read(self) -> Option<Judged> {
        let (category, recommended) = (self.category?, self.recommended?);
        Some(Judged {
            agent: self.author,
            category,
            at: Millis(self.at_ms),
            confidence_micro: u32::try_from(self.confidence_micro?).ok()?,
            by_founder: self.by_founder,
            followed: self.choice == "option" && self.answer.is_some_and(|answer| answer == recommended),
            outcome: self.outcome.and_then(|word| word.parse().ok()),
        })
    }
}

#[async_trait]
impl DecisionHistory for PgDecisionHistory {
    async fn page(
        &self,
        tenant: TenantId,
        query: &DecisionQuery,
        from: DecisionTurn,
        now: Millis,
        limit: u32,
    ) -> Result<Vec<KeptDecision>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let mut sql = QueryBuilder::new(format!("select {DECISION}, {KEPT}{FROM}"));
        narrow(&mut sql, query, now);
        turn(&mut sql, from, limit);
        let rows: Vec<Kept> = sql.build_query_as().fetch_all(&mut *tx).await.map_err(unavailable)?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn counts(&self, tenant: TenantId, query: &DecisionQuery, now: Millis) -> Result<DecisionCounts, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let mut sql = QueryBuilder::new(format!(
            "select count(*), count(*) filter (where d.assertion is not null),
                    count(*) filter (where d.assertion is null and d.person_id is not null),
                    count(*) filter (where d.person_id is null){FROM}"
        ));
        narrow(&mut sql, query, now);
        let (all, signed, plain, silent): (i64, i64, i64, i64) =
            sql.build_query_as().fetch_one(&mut *tx).await.map_err(unavailable)?;
        let count = |number| unsigned(Some(number));
        Ok(DecisionCounts { all: count(all), signed: count(signed), unsigned: count(plain), by_silence: count(silent) })
    }

    async fn facets(&self, tenant: TenantId) -> Result<DecisionFacets, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let people: Vec<(Uuid, Option<String>)> = sqlx::query_as(
            "select d.person_id, p.name from (select distinct person_id from decision
                                              where state = 'made' and person_id is not null) d
             left join person p on p.id = d.person_id order by p.name, d.person_id limit 200",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let person = |(id, name): (Uuid, Option<String>)| {
            (PersonId(id), name.unwrap_or_else(|| "Somebody who is gone".to_owned()))
        };
        Ok(DecisionFacets {
            people: people.into_iter().map(person).collect(),
            categories: names(&mut tx, "category").await?,
            agents: names(&mut tx, "author").await?,
        })
    }

    async fn judged(&self, tenant: TenantId, limit: u32) -> Result<JudgedDecisions, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        // Each text is read once, which `offset 0` sees to, and stays in the database.
        let sql = format!(
            "select b.author, coalesce(d.ended_ms, d.at_ms) as at_ms, d.person_id is not null as by_founder,
                    d.choice, d.answer, l.outcome,
                    s.said ->> 'category' as category, s.said -> 'recommendation' ->> 'key' as recommended,
                    (s.said -> 'recommendation' ->> 'confidence_micro')::bigint as confidence_micro
             from (select n.* from decision n join brief a on a.tenant_id = n.tenant_id and a.id = n.brief_id
                   where n.state = 'made' and a.author <> $2 order by n.ended_ms desc, n.id desc limit $1) d
             join brief b on b.tenant_id = d.tenant_id and b.id = d.brief_id
             join brief_version v on v.tenant_id = d.tenant_id and v.brief_id = d.brief_id and v.version = d.version
             left join lateral (select k.outcome from look_back k
                                where k.tenant_id = d.tenant_id and k.decision_id = d.id
                                order by k.at_ms desc, k.id desc limit 1) l on true
             cross join lateral (select {SAID} as said offset 0) s
             order by d.ended_ms desc, d.id desc"
        );
        let rows: Vec<JudgedLine> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(i64::from(limit))
            .bind(FOUNDER)
            .fetch_all(&mut *tx)
            .await
            .map_err(unavailable)?;
        let all = rows.len();
        let judged: Vec<Judged> = rows.into_iter().filter_map(JudgedLine::read).collect();
        let damaged = (all - judged.len()) as u64;
        if damaged > 0 {
            tracing::error!(damaged, "decisions cannot be read");
        }
        Ok(JudgedDecisions { judged, damaged })
    }

    async fn find(&self, tenant: TenantId, decision: DecisionId) -> Result<KeptDecision, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let sql = format!("select {DECISION}, {KEPT}{FROM} where d.id = $1");
        let found: Option<Kept> =
            sqlx::query_as(AssertSqlSafe(sql)).bind(decision.0).fetch_optional(&mut *tx).await.map_err(unavailable)?;
        found.map(|row| row.0).ok_or(StoreError::NotFound)
    }

    async fn entry(
        &self,
        tenant: TenantId,
        decision: DecisionId,
        at: Millis,
    ) -> Result<Option<JournaledDecision>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        // The decision is dated by the database's clock, the entry by the console's.
        let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
            "select a.seq, j.canonical from audit_entry a join journal j on j.tenant_id = a.tenant_id and j.seq = a.seq
             where a.topic = 'brief' and a.at_ms between $1 - 60000 and $1 + 60000 and a.kind in ('brief.decided', 'brief.decided_by_policy', 'brief.decided_by_grant')
             order by a.seq limit 1000",
        )
        .bind(at.0)
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let journaled = |(seq, canonical): (i64, Vec<u8>)| {
            let What::Brief { by, brief, act } = serde_json::from_slice::<Entry>(&canonical).ok()?.what else {
                return None;
            };
            let is_it = matches!(&act, BriefAct::Decided(decided) if decided.decision == decision);
            is_it.then_some(JournaledDecision { seq: unsigned(Some(seq)), by, brief, act })
        };
        Ok(rows.into_iter().find_map(journaled))
    }

    async fn followed(
        &self,
        tenant: TenantId,
        trace: &str,
        author: &BriefAuthor,
        since: Millis,
    ) -> Result<Followed, StoreError> {
        followed(&mut self.db.tenant_read(tenant).await?, trace, author, since).await
    }

    async fn look_backs(&self, tenant: TenantId, decision: DecisionId) -> Result<Vec<LookBackRow>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<(Option<String>, Option<i64>, String, Option<String>, i64)> = sqlx::query_as(
            "select l.outcome, l.until_ms, l.note, p.name, l.at_ms from look_back l
             left join person p on p.id = l.person_id
             where l.decision_id = $1 order by l.at_ms, l.id limit 100",
        )
        .bind(decision.0)
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let row =
            |(outcome, until, note, by, at): (Option<String>, Option<i64>, String, Option<String>, i64)| LookBackRow {
                outcome: outcome.and_then(|word| word.parse().ok()),
                until: until.map(Millis),
                note,
                by: by.unwrap_or_else(|| "somebody who is gone".to_owned()),
                at: Millis(at),
            };
        Ok(rows.into_iter().map(row).collect())
    }

    async fn look_back(&self, tenant: TenantId, new: NewLookBack) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        let brief: Option<(Uuid,)> = sqlx::query_as("select brief_id from decision where id = $1")
            .bind(new.decision.0)
            .fetch_optional(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
        let (brief,) = brief.ok_or(StoreError::NotFound)?;
        let (outcome, until, note) = match &new.said {
            LookBackSaid::Outcome(outcome, note) => (Some(*outcome), None, note.as_str()),
            LookBackSaid::Later(until) => (None, Some(*until), ""),
        };
        if is_said(&mut pen, &new, outcome, until, note).await? {
            return Ok(());
        }
        let inserted = sqlx::query(
            "insert into look_back (tenant_id, id, decision_id, outcome, until_ms, note, person_id, how, at_ms, via)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(tenant.0)
        .bind(new.id)
        .bind(new.decision.0)
        .bind(outcome.map(Outcome::as_str))
        .bind(until.map(|until| until.0))
        .bind(note)
        .bind(new.act.by.0)
        .bind(new.act.via.how.as_str())
        .bind(new.act.at.0)
        .bind(Json(&new.act.via))
        .execute(&mut *pen.tx)
        .await;
        match inserted {
            Ok(_) => {}
            Err(error) if is_refused(&error) => {
                let words = match new.said {
                    LookBackSaid::Outcome(..) => "Only a decision that counts can be looked back on.",
                    LookBackSaid::Later(_) => "It was looked back on already, or has no day to put off.",
                };
                return Err(StoreError::Refused(words.to_owned()));
            }
            Err(error) => return Err(unavailable(error)),
        }
        let decision = new.decision;
        let act = match new.said {
            LookBackSaid::Outcome(outcome, note) => BriefAct::LookedBack { decision, outcome, note },
            LookBackSaid::Later(until) => BriefAct::LookBackPostponed { decision, until },
        };
        let what = What::Brief { by: Some(new.act.by), brief: countersign_domain::BriefId(brief), act };
        pen.write_act(&new.act, what).await?;
        if outcome == Some(Outcome::Wrong) {
            fall_if_followed(&mut pen, decision, new.act.at).await?;
        }
        pen.commit(new.act.at).await.map(drop)
    }
}

/// What its author had recommended was taken, and proved wrong: it recommends on, and acts on it no longer. Where the text
/// cannot be read any more, nobody can say that it was another choice.
async fn fall_if_followed(pen: &mut Pen, decision: DecisionId, now: Millis) -> Result<(), StoreError> {
    let sql = format!(
        "select b.author, b.category, coalesce({SAID} ->> 'title', b.name){FROM}
         where d.id = $1 and d.choice = 'option'
           and d.answer = coalesce({SAID} -> 'recommendation' ->> 'key', d.answer)"
    );
    let followed: Option<(String, String, String)> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(decision.0).fetch_optional(&mut *pen.tx).await.map_err(unavailable)?;
    let Some((author, category, title)) = followed else { return Ok(()) };
    // What people asked themselves is no agent's recommendation.
    let Ok(agent) = author.parse::<AgentName>() else { return Ok(()) };
    let why = format!("What you recommended was done, and a founder found that it turned out wrong: {title}");
    grants::fall(pen, (&agent, &category), true, &why, now).await
}

/// Whether the same person said the very same last.
async fn is_said(
    pen: &mut Pen,
    new: &NewLookBack,
    outcome: Option<Outcome>,
    until: Option<Millis>,
    note: &str,
) -> Result<bool, StoreError> {
    let same: Option<(bool,)> = sqlx::query_as(
        "select person_id = $2 and outcome is not distinct from $3 and until_ms is not distinct from $4 and note = $5
         from look_back where decision_id = $1 order by at_ms desc, id desc limit 1",
    )
    .bind(new.decision.0)
    .bind(new.act.by.0)
    .bind(outcome.map(Outcome::as_str))
    .bind(until.map(|until| until.0))
    .bind(note)
    .fetch_optional(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    Ok(same.is_some_and(|(same,)| same))
}

/// The different words of a column of briefs that were decided.
async fn names(tx: &mut Tx, column: &'static str) -> Result<Vec<String>, StoreError> {
    let sql = format!("select distinct {column} from brief where state = 'decided' order by 1 limit 200");
    let rows: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut **tx).await.map_err(unavailable)?;
    Ok(rows.into_iter().map(|(name,)| name).collect())
}

#[derive(FromRow)]
struct Figures {
    count: i64,
    done: i64,
    failed: i64,
    open: i64,
    before: i64,
    task_micro_usd: Option<i64>,
    event_micro_usd: Option<i64>,
}

/// The decision is dated by the database's clock, and the task that tells of it by the console's: they may differ by so
/// much, as the trigger on decisions has it. Milliseconds.
const CLOCKS_MS: i64 = 2_000;

/// The telling itself is no work that followed; what agents reported by events and with the results of their tasks is
/// counted once, as for the trace.
async fn followed(tx: &mut Tx, trace: &str, author: &BriefAuthor, since: Millis) -> Result<Followed, StoreError> {
    let figures: Figures = sqlx::query_as(
        "select t.*, e.* from
           (select count(*) filter (where created_ms >= $2) as count,
                   count(*) filter (where created_ms >= $2 and state = 'succeeded') as done,
                   count(*) filter (where created_ms >= $2 and state in ('failed', 'dead', 'undeliverable')) as failed,
                   count(*) filter (where created_ms >= $2 and ended_ms is null) as open,
                   count(*) filter (where created_ms < $2) as before,
                   sum(micro_usd) filter (where created_ms >= $2)::bigint as task_micro_usd
            from task where correlation_id = $1 and kind <> $3) t,
           (select sum(micro_usd) filter (where micro_usd is not null and at_ms >= $2 and not exists (
                       select from task_message m join task t on t.id = m.task_id
                       where m.epoch = event.tasks_epoch and m.sequence = event.task_sequence
                         and t.agent = event.agent and t.correlation_id = $1
                         and t.created_ms >= $2 and t.kind <> $3))::bigint as event_micro_usd
            from event where correlation_id = $1) e",
    )
    .bind(trace)
    .bind(since.0)
    .bind(DECISION_KIND)
    .fetch_one(&mut **tx)
    .await
    .map_err(unavailable)?;
    let told = lines(
        tx,
        "t.correlation_id = $1 and t.created_ms >= $2 and t.kind = $3 and t.agent = $4
                     order by t.created_ms, t.id limit least($5, 1)",
        (trace, Millis(since.0 - CLOCKS_MS), author.as_str()),
    )
    .await?;
    let tasks = lines(
        tx,
        "t.correlation_id = $1 and t.created_ms >= $2 and t.kind <> $3 and $4 <> ''
                      order by t.created_ms, t.id limit $5",
        (trace, since, author.as_str()),
    )
    .await?;
    let count = |number: i64| unsigned(Some(number));
    let micro_usd = match (figures.task_micro_usd, figures.event_micro_usd) {
        (None, None) => None,
        (tasks, events) => Some(tasks.unwrap_or(0).saturating_add(events.unwrap_or(0))),
    };
    Ok(Followed {
        told: told.into_iter().next(),
        tasks,
        count: count(figures.count),
        done: count(figures.done),
        failed: count(figures.failed),
        open: count(figures.open),
        before: count(figures.before),
        micro_usd,
    })
}

async fn lines(
    tx: &mut Tx,
    condition: &'static str,
    (trace, since, author): (&str, Millis, &str),
) -> Result<Vec<TaskRow>, StoreError> {
    let sql = format!("select {} from task_seen t where {condition}", task_page::COLUMNS);
    let rows: Vec<TaskLine> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(trace)
        .bind(since.0)
        .bind(DECISION_KIND)
        .bind(author)
        .bind(i64::from(Followed::LIMIT))
        .fetch_all(&mut **tx)
        .await
        .map_err(unavailable)?;
    Ok(rows.into_iter().map(Into::into).collect())
}
