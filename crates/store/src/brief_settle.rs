//! A decision begins to count: in one transaction it is journaled, its author gets a task, and everybody hears of it.

use crate::{
    allocations, away, brief_rows, brief_told,
    db::{is_refused, unavailable},
    decisions, grants,
    outbox::Message,
    pen::Pen,
    tasks::{self, OwnTask},
};
use countersign_domain::{
    ArtifactHash, BriefId, DecisionId, Millis,
    autonomy::Used,
    brief::{BriefAct, BriefDecided, VoidReason},
    journal::{Entry, What},
};
use countersign_service::ports::{BriefRecord, DecisionRecord, NewGranted, NewSilence, Settled, StoreError, Telling};
use countersign_wire::{brief::DECISION_KIND, subject};
use uuid::Uuid;

/// A decision that was held. False where it counts already, was taken back, or is void: whoever made it may decide no
/// more.
pub(crate) async fn make(
    mut pen: Pen,
    decision: DecisionId,
    telling: &Telling,
    now: Millis,
) -> Result<bool, StoreError> {
    // Whoever changes who is a founder waits for the same pen: what is seen here stays so until it is put down.
    let turned: Option<(Uuid, String)> = sqlx::query_as(
        "update decision d
         set state = case when word_stands(d) then 'made' else 'voided' end, ended_ms = clock_ms()
         where d.id = $1 and d.state = 'held' returning d.brief_id, d.state",
    )
    .bind(decision.0)
    .fetch_optional(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    match turned {
        None => Ok(false),
        Some((brief, state)) if state == "voided" => {
            let act = BriefAct::Voided { decision, why: Some(VoidReason::NoFounder) };
            pen.write_one(now, What::Brief { by: None, brief: BriefId(brief), act }).await?;
            pen.commit(now).await?;
            Ok(false)
        }
        Some(_) => {
            count(pen, decision, telling, now).await?;
            Ok(true)
        }
    }
}

/// What silence does, within the caps of an absence.
pub(crate) async fn settle(mut pen: Pen, silence: &NewSilence, now: Millis) -> Result<Settled, StoreError> {
    let more = Used { decisions: 1, cost_micro_usd: silence.cost_micro_usd, moved_percent: 0 };
    if let Some((caps, used)) = away::caps(&mut pen, silence.brief, now).await?
        && let Some(cap) = caps.exceeded(used, more)
    {
        return Ok(Settled::Capped(cap));
    }
    let inserted = sqlx::query(
        "insert into decision (tenant_id, id, brief_id, version, sha256, choice, answer, rationale, prediction, policy, how,
                               proven_ms, at_ms, held_ms, said_key, state, ended_ms)
         select $1, $2, b.id, b.version, b.sha256, 'option', $5, '', '', $6, 'silence', $7, $7, $7, 'silence', 'made', $7
         from brief b
         where b.id = $3 and b.sha256 = $4 and b.state = 'open'
           and not exists (select from decision d where d.tenant_id = b.tenant_id and d.brief_id = b.id
                           and d.state in ('held', 'made'))",
    )
    .bind(pen.tenant.0)
    .bind(silence.id.0)
    .bind(silence.brief.0)
    .bind(silence.sha256.0.as_slice())
    .bind(&silence.option)
    .bind(&silence.policy)
    .bind(now.0)
    .execute(&mut *pen.tx)
    .await;
    match inserted {
        Ok(done) if done.rows_affected() == 0 => return Ok(Settled::Late),
        Ok(_) => {}
        // A founder changed what silence means this moment.
        Err(error) if is_refused(&error) => return Ok(away::cap_of(&error).map_or(Settled::Late, Settled::Capped)),
        Err(error) => return Err(unavailable(error)),
    }
    count(pen, silence.id, &silence.telling, now).await?;
    Ok(Settled::Done)
}

/// What an agent does by a grant. False where somebody was faster, or the grant does not let it.
pub(crate) async fn act(mut pen: Pen, granted: &NewGranted, now: Millis) -> Result<bool, StoreError> {
    let inserted = sqlx::query(
        "insert into decision (tenant_id, id, brief_id, version, sha256, choice, answer, rationale, prediction, policy, how,
                               grant_id, proven_ms, at_ms, held_ms, said_key, state, ended_ms)
         select $1, $2, b.id, b.version, b.sha256, 'option', $5, '', '', 'grant', 'grant', $6, $7, $7, $7, 'grant', 'made', $7
         from brief b
         where b.id = $3 and b.sha256 = $4 and b.state = 'open'
           and not exists (select from decision d where d.tenant_id = b.tenant_id and d.brief_id = b.id
                           and d.state in ('held', 'made'))",
    )
    .bind(pen.tenant.0)
    .bind(granted.id.0)
    .bind(granted.brief.0)
    .bind(granted.sha256.0.as_slice())
    .bind(&granted.option)
    .bind(granted.grant.0)
    .bind(now.0)
    .execute(&mut *pen.tx)
    .await;
    match inserted {
        Ok(done) if done.rows_affected() == 0 => return Ok(false),
        Ok(_) => {}
        // The grant fell, or ran out, this moment.
        Err(error) if is_refused(&error) => return Ok(false),
        Err(error) => return Err(unavailable(error)),
    }
    count(pen, granted.id, &granted.telling, now).await?;
    Ok(true)
}

async fn count(mut pen: Pen, decision: DecisionId, telling: &Telling, now: Millis) -> Result<(), StoreError> {
    let found = brief_rows::decisions(&mut pen.tx, "d.id = $1", decision.0, None).await?;
    let decided = found.into_iter().next().ok_or(StoreError::NotFound)?;
    sqlx::query("update brief set state = 'decided', snoozed_ms = null where id = $1")
        .bind(decided.brief.0)
        .execute(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
    let brief = brief_rows::briefs(&mut pen.tx, "b.id = $2", 0, Some(decided.brief)).await?;
    let brief = brief.into_iter().next().ok_or(StoreError::NotFound)?;
    let (via, seal) = decisions::way(&mut pen, decision.0).await?;
    let entry = Entry { via, ..Entry::new(now, entry(decided.brief, &decided, seal)) };
    pen.write(std::slice::from_ref(&entry)).await?;
    tell(&mut pen, &brief, &decided, telling, now).await?;
    if let (Some((_, name)), Some(agent)) = (&decided.by, brief.author.agent()) {
        let why = format!("{name} decided otherwise than you recommended: {}", telling.title);
        grants::fall(&mut pen, (&agent, &telling.category), false, &why, now).await?;
    }
    allocations::told(&mut pen, &decided, &entry, now).await?;
    pen.commit(now).await.map(drop)
}

fn entry(brief: BriefId, decided: &DecisionRecord, seal_sha256: Option<ArtifactHash>) -> What {
    let act = BriefAct::Decided(Box::new(BriefDecided {
        decision: decided.id,
        version: decided.version,
        sha256: decided.sha256,
        choice: decided.choice.clone(),
        rationale: decided.rationale.clone(),
        prediction: decided.prediction.clone(),
        check_at: decided.check_at,
        said_at: decided.at,
        policy: decided.policy.clone(),
        for_person: decided.for_person.as_ref().map(|(person, _)| *person),
        away: decided.away,
        grant: decided.grant.as_ref().map(|(grant, ..)| *grant),
        decision_sha256: decided.canonical_sha256,
        signed: decided.is_signed,
        seal_sha256,
    }));
    What::Brief { by: decided.by.as_ref().map(|(person, _)| *person), brief, act }
}

async fn tell(
    pen: &mut Pen,
    brief: &BriefRecord,
    decided: &DecisionRecord,
    telling: &Telling,
    now: Millis,
) -> Result<(), StoreError> {
    let (title, payload) = brief_told::decision(brief, decided, telling, now)?;
    let event = payload.clone();
    // People who ask hear it as everybody does.
    if let Some(agent) = brief.author.agent() {
        let trace = telling.correlation_id.clone();
        let task = OwnTask { id: telling.task, agent: &agent, kind: DECISION_KIND, title, trace, payload };
        tasks::give(pen, &task, now).await?;
    }
    let id = format!("d:{}", decided.id);
    pen.send(Message::tell(id, subject::DECISION_MADE.to_owned(), Vec::new(), event, now));
    Ok(())
}
