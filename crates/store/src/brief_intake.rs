//! What becomes of the events by which agents ask. Each is dealt with once: its place on the bus is noted in the same
//! transaction.

use crate::{
    artifacts::hash,
    brief_told,
    db::unavailable,
    grants,
    pen::Pen,
    projection::Tx,
    tasks::{self, OwnTask},
};
use countersign_domain::{
    Act, AgentName, BriefId, DecisionId, Millis, TenantId,
    artifact::PinKind,
    brief::{BriefAct, MOST_VERSIONS, VoidReason},
    journal::{Entry, What},
};
use countersign_service::ports::{AskedEvent, BriefMark, BriefRefusal, NewBrief, StoreError, Taken};
use serde_json::{Value, json};
use uuid::Uuid;

/// Briefs of one author that may wait at a time.
const MOST_OPEN: i64 = 50;
/// Within an hour an author hears of so many bad briefs; more are counted, and told to nobody.
const TOLD_PER_HOUR: i64 = 20;
const HOUR_MS: i64 = 60 * 60 * 1000;

type Row = (i64, i64, String, i64, String, Option<String>);

pub(crate) async fn asked(tx: &mut Tx, limit: u32) -> Result<Vec<AskedEvent>, StoreError> {
    // The bridge records a stream in its order, and an older stream before a newer one. What an event says of its time
    // is its own affair.
    let rows: Vec<Row> = sqlx::query_as(
        "select e.epoch, e.sequence, e.agent, e.at_ms, e.payload, e.correlation_id from event e
         where e.topic = 'brief.prepared' and e.agent <> 'countersign'
           and (e.epoch, e.sequence) > (coalesce((select w.epoch from brief_watermark w), -1),
                                        coalesce((select w.sequence from brief_watermark w), -1))
           and not exists (select from brief_intake i
                           where i.tenant_id = e.tenant_id and i.epoch = e.epoch and i.sequence = e.sequence)
         order by e.epoch, e.sequence limit $1",
    )
    .bind(i64::from(limit))
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    let event = |(epoch, sequence, author, at, payload, correlation_id): Row| {
        let author = author.parse::<AgentName>().ok()?.into();
        Some(AskedEvent { epoch, sequence, author, by: None, at: Millis(at), payload, correlation_id })
    };
    Ok(rows.into_iter().filter_map(event).collect())
}

/// Moves the mark up to the last event before which all are dealt with.
pub(crate) async fn mark(tx: &mut Tx, tenant: TenantId) -> Result<(), StoreError> {
    sqlx::query(
        "with mark as (select coalesce(max(w.epoch), -1) as epoch, coalesce(max(w.sequence), -1) as sequence
                       from brief_watermark w),
              next as (select e.epoch, e.sequence from event e, mark
                       where e.topic = 'brief.prepared' and e.agent <> 'countersign'
                         and (e.epoch, e.sequence) > (mark.epoch, mark.sequence)
                         and not exists (select from brief_intake i
                                         where i.tenant_id = e.tenant_id and i.epoch = e.epoch and i.sequence = e.sequence)
                       order by e.epoch, e.sequence limit 1)
         insert into brief_watermark as w (tenant_id, epoch, sequence)
         select $1, i.epoch, i.sequence from brief_intake i
         where not exists (select from next) or (i.epoch, i.sequence) < (select n.epoch, n.sequence from next n)
         order by i.epoch desc, i.sequence desc limit 1
         on conflict (tenant_id) do update set epoch = excluded.epoch, sequence = excluded.sequence
         where (excluded.epoch, excluded.sequence) > (w.epoch, w.sequence)",
    )
    .bind(tenant.0)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// What became of an event.
struct Outcome<'a> {
    name: Option<&'a str>,
    word: &'static str,
    faults: Option<Value>,
    task: Option<Uuid>,
    mark: BriefMark,
}

/// Notes it; false where that was done before.
async fn note(pen: &mut Pen, event: &AskedEvent, outcome: Outcome<'_>, at: Millis) -> Result<bool, StoreError> {
    let noted = sqlx::query(
        "insert into brief_intake (tenant_id, epoch, sequence, agent, name, at_ms, outcome, faults, task_id, score, reading_s,
                                   arrived_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (tenant_id, epoch, sequence) do nothing",
    )
    .bind(pen.tenant.0)
    .bind(event.epoch)
    .bind(event.sequence)
    .bind(event.author.as_str())
    .bind(outcome.name)
    .bind(event.at.0)
    .bind(outcome.word)
    .bind(outcome.faults)
    .bind(outcome.task)
    .bind(i32::from(outcome.mark.score))
    .bind(i32::try_from(outcome.mark.reading_s).unwrap_or(i32::MAX))
    .bind(at.0)
    .execute(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    Ok(noted.rows_affected() == 1)
}

/// The brief that the author calls so, if there is one.
struct Known {
    id: BriefId,
    version: i32,
    sha256: Vec<u8>,
    is_decided: bool,
    category: String,
}

async fn known(pen: &mut Pen, event: &AskedEvent, name: &str) -> Result<Option<Known>, StoreError> {
    let row: Option<(Uuid, i32, Vec<u8>, bool, String)> = sqlx::query_as(
        "select id, version, sha256, state = 'decided', category from brief where author = $1 and name = $2 for update",
    )
    .bind(event.author.as_str())
    .bind(name)
    .fetch_optional(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    let known = |(id, version, sha256, is_decided, category): (Uuid, _, _, _, _)| Known {
        id: BriefId(id),
        version,
        sha256,
        is_decided,
        category,
    };
    Ok(row.map(known))
}

pub(crate) async fn take(mut pen: Pen, event: &AskedEvent, brief: NewBrief, at: Millis) -> Result<Taken, StoreError> {
    let known = known(&mut pen, event, &brief.name).await?;
    if known.as_ref().is_some_and(|known| known.is_decided) {
        return Ok(Taken::Decided);
    }
    if known.is_none() && open_of(&mut pen, event).await? >= MOST_OPEN {
        return Ok(Taken::TooMany);
    }
    let is_same = known.as_ref().is_some_and(|known| known.sha256 == brief.sha256.0);
    if let Some(known) = known.as_ref().filter(|_| !is_same) {
        let (versions, waits) = kept_lately(&mut pen, known.id, at).await?;
        if versions >= MOST_VERSIONS {
            return Ok(Taken::TooOften);
        }
        if waits {
            return Ok(Taken::Waits { versions });
        }
    }
    let word = if is_same { "same" } else { "taken" };
    let outcome = Outcome { name: Some(&brief.name), word, faults: None, task: None, mark: brief.mark };
    let counted = note(&mut pen, event, outcome, at).await?;
    if !counted || is_same {
        pen.commit(at).await?;
        let (id, version) = known.map_or((brief.id, 1), |known| (known.id, known.version));
        return Ok(Taken::Same(id, version.unsigned_abs()));
    }
    let (id, version) = known.as_ref().map_or((brief.id, 1), |known| (known.id, known.version + 1));
    if known.is_none() {
        insert(&mut pen, event, &brief, at).await?;
    }
    keep_version(&mut pen, (id, version), &brief, event.by.as_ref(), at).await?;
    if let Some(known) = &known {
        let voided = supersede(&mut pen, (id, version), &brief, at).await?;
        // Whoever asks anew takes no founder's word back by it.
        if let (true, Some(agent)) = (voided, event.author.agent()) {
            let why =
                format!("Somebody had answered otherwise than you recommended, when you asked anew: {}", brief.title);
            grants::fall(&mut pen, (&agent, &known.category), false, &why, at).await?;
        }
    }
    pin(&mut pen, id, &brief, at).await?;
    let taken = BriefAct::Taken {
        author: event.author.clone(),
        name: brief.name,
        title: brief.title,
        version: version.unsigned_abs(),
        sha256: brief.sha256,
        text: String::from_utf8(brief.text).unwrap_or_default(),
    };
    match &event.by {
        Some(by) => pen.write_act(by, What::Brief { by: Some(by.by), brief: id, act: taken }).await?,
        None => pen.write_one(at, What::Brief { by: None, brief: id, act: taken }).await?,
    }
    pen.commit(at).await?;
    Ok(if known.is_some() { Taken::Newer(id, version.unsigned_abs()) } else { Taken::New(id) })
}

/// How many versions were kept within the hour, and whether a founder's word about the newest is held still. One that did
/// not count within a minute of its time keeps nobody waiting.
async fn kept_lately(pen: &mut Pen, brief: BriefId, at: Millis) -> Result<(u32, bool), StoreError> {
    let (versions, waits): (i64, bool) = sqlx::query_as(
        "select (select count(*) from brief_version where brief_id = $1 and at_ms > $2),
                exists (select from decision where brief_id = $1 and state = 'held' and held_ms > clock_ms() - 60000)",
    )
    .bind(brief.0)
    .bind(at.0 - HOUR_MS)
    .fetch_one(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    Ok((u32::try_from(versions).unwrap_or(u32::MAX), waits))
}

async fn open_of(pen: &mut Pen, event: &AskedEvent) -> Result<i64, StoreError> {
    let (open,): (i64,) = sqlx::query_as("select count(*) from brief where author = $1 and state = 'open'")
        .bind(event.author.as_str())
        .fetch_one(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
    Ok(open)
}

async fn insert(pen: &mut Pen, event: &AskedEvent, brief: &NewBrief, at: Millis) -> Result<(), StoreError> {
    sqlx::query(
        "insert into brief (tenant_id, id, author, name, version, sha256, category, opened_ms, deadline_ms, state)
         values ($1, $2, $3, $4, 1, $5, $6, $7, $8, 'open')",
    )
    .bind(pen.tenant.0)
    .bind(brief.id.0)
    .bind(event.author.as_str())
    .bind(&brief.name)
    .bind(brief.sha256.0.as_slice())
    .bind(&brief.category)
    .bind(at.0)
    .bind(brief.deadline.0)
    .execute(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

async fn keep_version(
    pen: &mut Pen,
    (id, version): (BriefId, i32),
    brief: &NewBrief,
    by: Option<&Act>,
    at: Millis,
) -> Result<(), StoreError> {
    sqlx::query(
        "insert into brief_version (tenant_id, brief_id, version, sha256, text, score, reading_s, at_ms, person_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(pen.tenant.0)
    .bind(id.0)
    .bind(version)
    .bind(brief.sha256.0.as_slice())
    .bind(&brief.text)
    .bind(i32::from(brief.mark.score))
    .bind(i32::try_from(brief.mark.reading_s).unwrap_or(i32::MAX))
    .bind(at.0)
    .bind(by.map(|by| by.by.0))
    .execute(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// The newer version is what may be decided. What was held of the older one and never came to count is void. Answers
/// whether something was. It stays put off as long as a founder said, and what a cap held waits for a person in every version.
async fn supersede(
    pen: &mut Pen,
    (id, version): (BriefId, i32),
    brief: &NewBrief,
    at: Millis,
) -> Result<bool, StoreError> {
    sqlx::query(
        "update brief b set version = $2, sha256 = $3, category = $4, deadline_ms = $5,
                snoozed_ms = case when b.snoozed_ms is not null then least(b.snoozed_ms, $5) end,
                lapsed_ms = case when exists (select from brief_lapse l where l.tenant_id = b.tenant_id
                                              and l.brief_id = b.id and l.cap is not null) then b.lapsed_ms end
         where b.id = $1",
    )
    .bind(id.0)
    .bind(version)
    .bind(brief.sha256.0.as_slice())
    .bind(&brief.category)
    .bind(brief.deadline.0)
    .execute(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    let voided: Vec<(Uuid,)> = sqlx::query_as(
        "update decision set state = 'voided', ended_ms = clock_ms() where brief_id = $1 and state = 'held' returning id",
    )
    .bind(id.0)
    .fetch_all(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    let any = !voided.is_empty();
    for (decision,) in voided {
        let act = BriefAct::Voided { decision: DecisionId(decision), why: Some(VoidReason::NewerVersion) };
        pen.write_one(at, What::Brief { by: None, brief: id, act }).await?;
    }
    Ok(any)
}

/// What a brief rests on stays. Whoever retires artifacts waits for the same turn: one that is gone now was retired
/// before.
async fn pin(pen: &mut Pen, id: BriefId, brief: &NewBrief, at: Millis) -> Result<(), StoreError> {
    let names: Vec<Vec<u8>> = brief.evidence.iter().map(|sha256| sha256.0.to_vec()).collect();
    let rows: Vec<(Vec<u8>, bool)> = sqlx::query_as(
        "select a.sha256, exists (select from artifact_pin p
                                  where p.sha256 = a.sha256 and p.kind = 'brief' and p.name = $2)
         from artifact a where a.sha256 = any($1) and a.removed_ms is null",
    )
    .bind(&names)
    .bind(id.to_string())
    .fetch_all(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    if rows.len() < names.len() {
        return Err(StoreError::Refused("An artifact that the brief names was removed this moment.".to_owned()));
    }
    let entry = |(sha256, _): (Vec<u8>, bool)| {
        let (sha256, kind, name) = (hash(sha256), PinKind::Brief, id.to_string());
        Entry::new(at, What::ArtifactPinned { sha256, kind, name })
    };
    let entries: Vec<Entry> = rows.into_iter().filter(|(_, pinned)| !pinned).map(entry).collect();
    pen.write(&entries).await
}

pub(crate) async fn refuse(
    mut pen: Pen,
    event: &AskedEvent,
    refusal: BriefRefusal,
    at: Millis,
) -> Result<(), StoreError> {
    // Counted by when it arrived. That it asks anew too often, an author hears once.
    let (told, was_told): (i64, bool) = sqlx::query_as(
        "select count(*), coalesce(bool_or(name = $3 and faults @> '[{\"rule\": \"too_many_versions\"}]'), false)
         from brief_intake where agent = $1 and coalesce(arrived_ms, at_ms) > $2 and task_id is not null",
    )
    .bind(event.author.as_str())
    .bind(at.0 - HOUR_MS)
    .bind(refusal.name.as_deref())
    .fetch_one(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    let is_heard = was_told && refusal.faults.iter().any(|fault| fault.rule == "too_many_versions");
    let task = refusal.task.filter(|_| told < TOLD_PER_HOUR && !is_heard);
    let faults: Vec<Value> = refusal
        .faults
        .iter()
        .map(|fault| json!({"rule": fault.rule, "pointer": fault.pointer, "why": fault.why, "fix": fault.fix}))
        .collect();
    let outcome = Outcome {
        name: refusal.name.as_deref(),
        word: "refused",
        faults: Some(Value::Array(faults)),
        task: task.map(|task| task.0),
        mark: refusal.mark,
    };
    if !note(&mut pen, event, outcome, at).await? {
        return Ok(());
    }
    let mut rules: Vec<String> = refusal.faults.iter().map(|fault| fault.rule.clone()).collect();
    rules.sort_unstable();
    rules.dedup();
    let (author, name) = (event.author.clone(), refusal.name.clone());
    pen.write_one(at, What::BriefRefused { author, name, rules, task }).await?;
    if let (Some(id), Some(agent)) = (task, event.author.agent()) {
        let (title, payload, trace) = brief_told::refusal(event, &refusal)?;
        let kind = countersign_wire::brief::REJECTED_KIND;
        tasks::give(&mut pen, &OwnTask { id, agent: &agent, kind, title, trace, payload }, at).await?;
    }
    pen.commit(at).await.map(drop)
}
