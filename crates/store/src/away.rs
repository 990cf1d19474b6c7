//! Absences of the founders, what silence may do in them, and what it did. Triggers of the database hold the same
//! (migration 23).

use crate::{
    brief_rows,
    db::{is_refused, unavailable},
    pen::Pen,
    projection::Tx,
};
use countersign_domain::{
    Act, AwayId, BriefId, Millis, PersonId, TaskId,
    autonomy::{AutonomyAct, Cap, Caps, Used},
    journal::What,
    reading::AwayFigures,
};
use countersign_service::ports::{AwayEvent, AwayRecord, AwayRecords, BriefRecord, NewAway, StoreError};
use sqlx::types::Json;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// What was decided in the absence `$2`; what nobody decided comes first.
const DECIDED: &str = "d.state = 'made' and exists (
        select from away a where a.id = $2 and d.ended_ms >= a.from_ms and d.ended_ms < away_over(a))
     order by d.person_id is not null, d.ended_ms, d.id limit 500";
const LAPSED: &str =
    "b.id in (select l.brief_id from brief_lapse l where l.away_id = $2) order by b.deadline_ms, b.id limit 500";
const WAITING: &str = "exists (
        select from away a
        where a.id = $2 and b.opened_ms < least(away_over(a), $1)
          and (b.state = 'open' or d.state = 'made' and d.ended_ms >= away_over(a)))
     order by b.state = 'decided', b.opened_ms, b.id limit 200";
/// The figures of the absence `$1` by the moment `$2`, of all that there is and not only of what is listed.
const FIGURES: &str = "with gone as (select a.id, a.from_ms, away_over(a) as over_ms from away a where a.id = $1),
        made as (select d.person_id, d.cost_micro_usd from decision d cross join gone g
                 where d.state = 'made' and d.ended_ms >= g.from_ms and d.ended_ms < g.over_ms),
        lapsed as (select distinct on (l.brief_id) l.brief_id, l.cap from brief_lapse l
                   where l.away_id = $1 order by l.brief_id, l.at_ms desc)
     select (select count(*) from made where person_id is null) as unsaid,
            (select count(*) from made where person_id is not null) as said,
            (select coalesce(sum(cost_micro_usd), 0)::bigint from made where person_id is null) as cost_micro_usd,
            (select count(*) from lapsed where cap is not null) as held,
            (select count(*) from lapsed where cap is null) as lapsed,
            (select count(*) from brief b cross join gone g
             where b.state = 'open' and b.opened_ms < least(g.over_ms, $2)) as waiting";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    from_ms: i64,
    until_ms: i64,
    reason: String,
    choices: Json<BTreeMap<String, String>>,
    delegate_id: Option<Uuid>,
    delegate: Option<String>,
    most_decisions: i32,
    most_cost_micro_usd: i64,
    most_moved_percent: i32,
    person_id: Uuid,
    name: String,
    ended_ms: Option<i64>,
    ended_by: Option<String>,
    over_ms: i64,
}

impl Row {
    fn into_record(self) -> AwayRecord {
        AwayRecord {
            id: AwayId(self.id),
            by: (PersonId(self.person_id), self.name),
            from: Millis(self.from_ms),
            // It ends with whoever declared it, where they are a founder no more.
            until: Millis(if self.ended_ms.is_some() { self.until_ms } else { self.over_ms }),
            ended: self.ended_ms.map(|at| (Millis(at), self.ended_by.unwrap_or_default())),
            reason: self.reason,
            choices: self.choices.0,
            delegate: self.delegate_id.map(|person| (PersonId(person), self.delegate.unwrap_or_default())),
            caps: Caps {
                decisions: self.most_decisions.unsigned_abs(),
                cost_micro_usd: self.most_cost_micro_usd,
                moved_percent: self.most_moved_percent.unsigned_abs(),
            },
        }
    }
}

/// The one that is on, then the newest; the one of this id alone, if one is named.
pub(crate) async fn list(tx: &mut Tx, limit: u32, only: Option<AwayId>) -> Result<Vec<AwayRecord>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "select a.id, a.from_ms, a.until_ms, a.reason, a.choices, a.delegate_id, d.name as delegate, a.most_decisions,
                a.most_cost_micro_usd, a.most_moved_percent, a.person_id, p.name, e.at_ms as ended_ms, b.name as ended_by,
                away_over(a) as over_ms
         from away a join person p on p.id = a.person_id left join person d on d.id = a.delegate_id
         left join away_end e on e.tenant_id = a.tenant_id and e.away_id = a.id
         left join person b on b.id = e.person_id
         where $2::uuid is null or a.id = $2
         order by (a.from_ms <= now_ms() and now_ms() < away_over(a)) desc, a.from_ms desc, a.at_ms desc limit $1",
    )
    .bind(i64::from(limit))
    .bind(only.map(|id| id.0))
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(rows.into_iter().map(Row::into_record).collect())
}

pub(crate) async fn declare(mut pen: Pen, away: NewAway) -> Result<(), StoreError> {
    let NewAway { id, from, until, reason, choices, delegate, caps, proven_at, act } = away;
    let number = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let row = sqlx::query(
        "insert into away (tenant_id, id, from_ms, until_ms, reason, choices, delegate_id, most_decisions,
                           most_cost_micro_usd, most_moved_percent, person_id, how, proven_ms, at_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(pen.tenant.0)
    .bind(id.0)
    .bind(from.0)
    .bind(until.0)
    .bind(&reason)
    .bind(Json(&choices))
    .bind(delegate.map(|person| person.0))
    .bind(number(caps.decisions))
    .bind(caps.cost_micro_usd)
    .bind(number(caps.moved_percent))
    .bind(act.by.0)
    .bind(act.via.how.as_str())
    .bind(proven_at.0)
    .bind(act.at.0)
    .execute(&mut *pen.tx)
    .await;
    if let Err(error) = row {
        let once = error.as_database_error().and_then(|one| one.constraint()) == Some("away_once");
        return Err(match is_refused(&error) {
            true if once => StoreError::Refused("There is an absence in that time already. End it first.".to_owned()),
            true => StoreError::Refused("This cannot be said so. Open the page again.".to_owned()),
            false => unavailable(error),
        });
    }
    let declared = AutonomyAct::AwayDeclared { away: id, from, until, choices, delegate, caps, reason };
    pen.write_act(&act, What::Autonomy { by: Some(act.by), act: declared }).await?;
    pen.commit(act.at).await.map(drop)
}

/// Done twice, once.
pub(crate) async fn end(mut pen: Pen, id: AwayId, act: Act) -> Result<(), StoreError> {
    let found = list(&mut pen.tx, 1, Some(id)).await?.pop().ok_or(StoreError::NotFound)?;
    if found.ended.is_some() {
        return Ok(());
    }
    if found.until <= act.at {
        return Err(StoreError::Refused("This absence is over already.".to_owned()));
    }
    sqlx::query("insert into away_end (tenant_id, away_id, person_id, how, at_ms) values ($1, $2, $3, $4, $5)")
        .bind(pen.tenant.0)
        .bind(id.0)
        .bind(act.by.0)
        .bind(act.via.how.as_str())
        .bind(act.at.0)
        .execute(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
    let ended = AutonomyAct::AwayEnded { away: id };
    pen.write_act(&act, What::Autonomy { by: Some(act.by), act: ended }).await?;
    pen.commit(act.at).await.map(drop)
}

/// What silence may do for a brief's author in the absence that is on, and what it did within the day.
pub(crate) async fn caps(pen: &mut Pen, brief: BriefId, now: Millis) -> Result<Option<(Caps, Used)>, StoreError> {
    let row: Option<(i32, i64, i32, i32, i64)> = sqlx::query_as(
        "select a.most_decisions, a.most_cost_micro_usd, a.most_moved_percent, u.decisions, u.cost_micro_usd
         from brief b join away a on a.tenant_id = b.tenant_id and a.id = away_at(b.tenant_id, $2)
         cross join lateral silence_used(b.tenant_id, b.author) u
         where b.id = $1",
    )
    .bind(brief.0)
    .bind(now.0)
    .fetch_optional(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    Ok(row.map(|(decisions, cost_micro_usd, moved, used, spent)| {
        let caps = Caps { decisions: decisions.unsigned_abs(), cost_micro_usd, moved_percent: moved.unsigned_abs() };
        (caps, Used { decisions: used.unsigned_abs(), cost_micro_usd: spent, moved_percent: 0 })
    }))
}

/// The cap that the database held to.
pub(crate) fn cap_of(error: &sqlx::Error) -> Option<Cap> {
    match error.as_database_error()?.constraint()? {
        "cap_decisions" => Some(Cap::Decisions),
        "cap_cost" => Some(Cap::Cost),
        _ => None,
    }
}

pub(crate) async fn report(tx: &mut Tx, id: AwayId, now: Millis) -> Result<AwayRecords, StoreError> {
    let away = list(tx, 1, Some(id)).await?.pop().ok_or(StoreError::NotFound)?;
    // The rows of a list of briefs take one id, whatever it names.
    let named = Some(BriefId(id.0));
    let decided = brief_rows::briefs(tx, DECIDED, now.0, named).await?;
    let lapsed = brief_rows::briefs(tx, LAPSED, now.0, named).await?;
    let waiting = brief_rows::briefs(tx, WAITING, now.0, named).await?;
    let (figures, cost_micro_usd) = figures(tx, id, now).await?;
    Ok(AwayRecords {
        away,
        decided: with_cost(tx, decided).await?,
        lapsed: with_why(tx, id, lapsed).await?,
        waiting,
        figures,
        cost_micro_usd,
    })
}

async fn figures(tx: &mut Tx, id: AwayId, now: Millis) -> Result<(AwayFigures, i64), StoreError> {
    let (unsaid, said, cost, held, lapsed, waiting): (i64, i64, i64, i64, i64, i64) =
        sqlx::query_as(FIGURES).bind(id.0).bind(now.0).fetch_one(&mut **tx).await.map_err(unavailable)?;
    let small = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    let figures = AwayFigures {
        unsaid: small(unsaid),
        by_people: small(said),
        held: small(held),
        lapsed: small(lapsed),
        waiting: small(waiting),
    };
    Ok((figures, cost))
}

async fn with_cost(tx: &mut Tx, briefs: Vec<BriefRecord>) -> Result<Vec<AwayEvent>, StoreError> {
    let ids: Vec<Uuid> = briefs.iter().map(|brief| brief.id.0).collect();
    let rows: Vec<(Uuid, i64, i64, Option<Uuid>)> = sqlx::query_as(
        "select d.brief_id, d.ended_ms, coalesce(d.cost_micro_usd, 0), r.task_id
         from decision d left join decision_reversal r on r.tenant_id = d.tenant_id and r.decision_id = d.id
         where d.brief_id = any($1) and d.state = 'made'",
    )
    .bind(&ids)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let mut known: HashMap<Uuid, _> = rows.into_iter().map(|(id, at, cost, task)| (id, (at, cost, task))).collect();
    let event = |brief: BriefRecord| {
        let (at, cost_micro_usd, task) = known.remove(&brief.id.0)?;
        Some(AwayEvent { brief, at: Millis(at), lapsed: None, reversed: task.map(TaskId), cost_micro_usd })
    };
    Ok(briefs.into_iter().filter_map(event).collect())
}

async fn with_why(tx: &mut Tx, id: AwayId, briefs: Vec<BriefRecord>) -> Result<Vec<AwayEvent>, StoreError> {
    let rows: Vec<(Uuid, i64, String, Option<String>)> =
        sqlx::query_as("select brief_id, at_ms, why, cap from brief_lapse where away_id = $1 order by at_ms")
            .bind(id.0)
            .fetch_all(&mut **tx)
            .await
            .map_err(unavailable)?;
    let mut known: HashMap<Uuid, _> = rows.into_iter().map(|(id, at, why, cap)| (id, (at, why, cap))).collect();
    let event = |brief: BriefRecord| {
        let (at, why, cap) = known.remove(&brief.id.0)?;
        let lapsed = Some((why, cap.and_then(|cap| cap.parse().ok())));
        Some(AwayEvent { brief, at: Millis(at), lapsed, reversed: None, cost_micro_usd: 0 })
    };
    Ok(briefs.into_iter().filter_map(event).collect())
}
