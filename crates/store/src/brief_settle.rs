//! A decision begins to count: in one transaction it is journaled, its author gets a task, and everybody hears of it.

use crate::{
    allocations, brief_rows, brief_told,
    db::{is_refused, unavailable},
    decisions,
    outbox::Message,
    pen::Pen,
    tasks::{self, OwnTask},
};
use countersign_domain::{
    BriefId, DecisionId, Millis,
    brief::{BriefAct, BriefDecided},
    journal::{Entry, What},
};
use countersign_service::ports::{BriefRecord, DecisionRecord, NewSilence, StoreError, Telling};
use countersign_wire::{brief::DECISION_KIND, subject};

/// A decision that was held. False where it counts already, or was taken back.
pub(crate) async fn make(
    mut pen: Pen,
    decision: DecisionId,
    telling: &Telling,
    now: Millis,
) -> Result<bool, StoreError> {
    let turned = sqlx::query("update decision set state = 'made', ended_ms = $2 where id = $1 and state = 'held'")
        .bind(decision.0)
        .bind(now.0)
        .execute(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
    if turned.rows_affected() == 0 {
        return Ok(false);
    }
    count(pen, decision, telling, now).await?;
    Ok(true)
}

/// What silence does. False where somebody was faster, or the brief changed.
pub(crate) async fn settle(mut pen: Pen, silence: &NewSilence, now: Millis) -> Result<bool, StoreError> {
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
        Ok(done) if done.rows_affected() == 0 => return Ok(false),
        Ok(_) => {}
        // A founder changed what silence means this moment.
        Err(error) if is_refused(&error) => return Ok(false),
        Err(error) => return Err(unavailable(error)),
    }
    count(pen, silence.id, &silence.telling, now).await?;
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
    let via = decisions::via(&mut pen, decision.0).await?;
    let entry = Entry { via, ..Entry::new(now, entry(decided.brief, &decided)) };
    pen.write(std::slice::from_ref(&entry)).await?;
    tell(&mut pen, &brief, &decided, telling, now).await?;
    allocations::told(&mut pen, &decided, &entry, now).await?;
    pen.commit(now).await.map(drop)
}

fn entry(brief: BriefId, decided: &DecisionRecord) -> What {
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
        decision_sha256: decided.canonical_sha256,
        signed: decided.is_signed,
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
