//! Briefs and decisions as they are read.

use crate::{artifacts::hash, db::unavailable, projection::Tx};
use countersign_domain::{
    AwayId, BriefId, DecisionId, GrantId, Millis, PersonId,
    brief::{BriefChoice, DecisionState},
};
use countersign_service::ports::{BriefMark, BriefRecord, DecisionRecord, StoreError};
use sqlx::{AssertSqlSafe, FromRow, Row as _, postgres::PgRow};
use uuid::Uuid;

/// Columns of a decision `d` and its person `p`.
pub(crate) const DECISION: &str = "d.id as d_id, d.brief_id as d_brief, d.version as d_version, d.sha256 as d_sha256, d.choice,
       d.answer, d.rationale, d.prediction, d.check_ms, d.person_id, p.name as person_name, d.policy, d.how, d.at_ms as d_at_ms,
 d.held_ms, d.state as d_state, d.void_reason, d.ended_ms, d.canonical_sha256, d.assertion is not null as is_signed, d.for_id, (select x.name from person x where x.id = d.for_id) as for_name, d.away_id, d.grant_id, (select x.name from agent_grant g join person x on x.id = g.person_id where g.tenant_id = d.tenant_id and g.id = d.grant_id) as grant_by, (select g.at_ms from agent_grant g where g.tenant_id = d.tenant_id and g.id = d.grant_id) as grant_ms";

const BRIEF: &str =
 "b.id, b.author, b.name, b.version, b.sha256, v.text, v.at_ms as v_at_ms, v.score, v.reading_s, b.opened_ms, b.deadline_ms, (select w.name from person w where w.id = v.person_id) as written_by, b.snoozed_ms, b.lapsed_ms, b.acts_from_ms, b.state = 'decided' as is_decided, 
       exists (select from emergency_stop e where e.agent in ('', b.author)) as is_frozen,
       (select count(*) from brief_question q join task t on t.tenant_id = q.tenant_id and t.id = q.task_id
        where q.tenant_id = b.tenant_id and q.brief_id = b.id and t.ended_ms is null) as unanswered";

/// A decision as it is read from [`DECISION`].
pub(crate) struct Read(pub(crate) DecisionRecord);

impl FromRow<'_, PgRow> for Read {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let unknown = |what: &str| sqlx::Error::Decode(format!("a decision with another {what}").into());
        let (kind, answer): (String, Option<String>) = (row.try_get("choice")?, row.try_get("answer")?);
        let state: String = row.try_get("d_state")?;
        let void_reason: Option<String> = row.try_get("void_reason")?;
        let person: Option<Uuid> = row.try_get("person_id")?;
        let name: Option<String> = row.try_get("person_name")?;
        let ended: Option<i64> = row.try_get("ended_ms")?;
        let check: Option<i64> = row.try_get("check_ms")?;
        let canonical: Option<Vec<u8>> = row.try_get("canonical_sha256")?;
        let for_name: Option<String> = row.try_get("for_name")?;
        Ok(Self(DecisionRecord {
            id: DecisionId(row.try_get("d_id")?),
            brief: BriefId(row.try_get("d_brief")?),
            version: row.try_get::<i32, _>("d_version")?.unsigned_abs(),
            sha256: hash(row.try_get("d_sha256")?),
            choice: BriefChoice::of(&kind, answer).ok_or_else(|| unknown("choice"))?,
            rationale: row.try_get("rationale")?,
            prediction: row.try_get("prediction")?,
            check_at: check.map(Millis),
            by: person.map(|person| (PersonId(person), name.unwrap_or_default())),
            policy: row.try_get("policy")?,
            for_person: row
                .try_get::<Option<Uuid>, _>("for_id")?
                .map(|person| (PersonId(person), for_name.unwrap_or_default())),
            away: row.try_get::<Option<Uuid>, _>("away_id")?.map(AwayId),
            grant: grant(row)?,
            how: row.try_get("how")?,
            at: Millis(row.try_get("d_at_ms")?),
            held_until: Millis(row.try_get("held_ms")?),
            state: state.parse::<DecisionState>().map_err(|_| unknown("state"))?,
            void_reason: void_reason.and_then(|reason| reason.parse().ok()),
            ended_at: ended.map(Millis),
            canonical_sha256: canonical.map(hash),
            is_signed: row.try_get("is_signed")?,
        }))
    }
}

/// By which grant, whose, and of when.
fn grant(row: &PgRow) -> Result<Option<(GrantId, String, Millis)>, sqlx::Error> {
    let Some(id) = row.try_get::<Option<Uuid>, _>("grant_id")? else { return Ok(None) };
    let by: Option<String> = row.try_get("grant_by")?;
    let at: Option<i64> = row.try_get("grant_ms")?;
    Ok(Some((GrantId(id), by.unwrap_or_default(), Millis(at.unwrap_or_default()))))
}

struct ReadBrief(BriefRecord);

impl FromRow<'_, PgRow> for ReadBrief {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let author: String = row.try_get("author")?;
        let author = author.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
        let has_decision = row.try_get::<Option<Uuid>, _>("d_id")?.is_some();
        let millis = |name: &str| row.try_get::<Option<i64>, _>(name).map(|at| at.map(Millis));
        Ok(Self(BriefRecord {
            id: BriefId(row.try_get("id")?),
            author,
            written_by: row.try_get("written_by")?,
            name: row.try_get("name")?,
            version: row.try_get::<i32, _>("version")?.unsigned_abs(),
            sha256: hash(row.try_get("sha256")?),
            text: row.try_get("text")?,
            version_at: Millis(row.try_get("v_at_ms")?),
            mark: BriefMark {
                score: u8::try_from(row.try_get::<i32, _>("score")?).unwrap_or(100),
                reading_s: row.try_get::<i32, _>("reading_s")?.unsigned_abs(),
            },
            opened_at: Millis(row.try_get("opened_ms")?),
            deadline: Millis(row.try_get("deadline_ms")?),
            snoozed_until: millis("snoozed_ms")?,
            lapsed_at: millis("lapsed_ms")?,
            acts_from: Millis(row.try_get("acts_from_ms")?),
            is_decided: row.try_get("is_decided")?,
            is_frozen: row.try_get("is_frozen")?,
            decision: if has_decision { Some(Read::from_row(row)?.0) } else { None },
            unanswered: u32::try_from(row.try_get::<i64, _>("unanswered")?).unwrap_or(u32::MAX),
        }))
    }
}

/// Briefs with what is held or was made of each; `rest` narrows and sorts them, with one number and one id.
pub(crate) async fn briefs(
    tx: &mut Tx,
    rest: &'static str,
    number: i64,
    id: Option<BriefId>,
) -> Result<Vec<BriefRecord>, StoreError> {
    let sql = format!(
        "select {BRIEF}, {DECISION} from brief b
         join brief_version v on v.tenant_id = b.tenant_id and v.brief_id = b.id and v.version = b.version
         left join decision d on d.tenant_id = b.tenant_id and d.brief_id = b.id and d.state in ('held', 'made')
         left join person p on p.id = d.person_id
         where ($1::bigint is not null or $2::uuid is null) and {rest}"
    );
    let rows: Vec<ReadBrief> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(number)
        .bind(id.map(|id| id.0))
        .fetch_all(&mut **tx)
        .await
        .map_err(unavailable)?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Decisions; `rest` narrows and sorts them, with one id and one text.
pub(crate) async fn decisions(
    tx: &mut Tx,
    rest: &'static str,
    id: Uuid,
    text: Option<&str>,
) -> Result<Vec<DecisionRecord>, StoreError> {
    let sql = format!(
        "select {DECISION} from decision d left join person p on p.id = d.person_id
         where ($2::text is null or true) and {rest}"
    );
    let rows: Vec<Read> =
        sqlx::query_as(AssertSqlSafe(sql)).bind(id).bind(text).fetch_all(&mut **tx).await.map_err(unavailable)?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}
