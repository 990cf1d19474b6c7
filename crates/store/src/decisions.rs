//! What was decided on briefs. Triggers of the database hold the same (migration 19).

use crate::{
    brief_rows, brief_settle,
    db::{Db, is_refused, unavailable},
    grants,
    pen::Pen,
};
use async_trait::async_trait;
use countersign_domain::{
    Act, ArtifactHash, BriefId, DecisionId, Millis, TenantId, Via,
    autonomy::Cap,
    brief::{BriefAct, DecisionState, HELD_MS, VoidReason},
    canonical_json::CanonicalJson,
    decision::JournalHead,
    journal::What,
};
use countersign_service::ports::{
    BriefRecord, DecisionBasis, DecisionRecord, Decisions, NewDecision, NewSilence, Said, Settled, StoreError, Telling,
};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, types::Json};
use uuid::Uuid;

/// [`Decisions`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgDecisions {
    db: Db,
}

impl PgDecisions {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[async_trait]
impl Decisions for PgDecisions {
    async fn basis(&self, tenant: TenantId) -> Result<DecisionBasis, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let (seq, head, previous): (i64, Vec<u8>, Option<Vec<u8>>) = sqlx::query_as(
            "select h.seq, h.hash,
                    (select d.canonical_sha256 from decision d
                     where d.state = 'made' and d.canonical_sha256 is not null
                     order by d.ended_ms desc, d.at_ms desc, d.id desc limit 1)
             from journal_head h",
        )
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        let hash = crate::artifacts::hash;
        let journal = JournalHead { number: seq.unsigned_abs(), sha256: hash(head) };
        Ok(DecisionBasis { previous: previous.map(hash), journal })
    }

    async fn decide(&self, tenant: TenantId, new: NewDecision) -> Result<Said, StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        let (version, sha256) = lock(&mut pen, new.brief).await?;
        let said = "d.brief_id = $1 and (d.state in ('held', 'made') or d.said_key = $2) order by d.at_ms, d.id";
        let earlier = brief_rows::decisions(&mut pen.tx, said, new.brief.0, Some(&new.key)).await?;
        let is_live = |one: &&DecisionRecord| matches!(one.state, DecisionState::Held | DecisionState::Made);
        if let Some(live) = earlier.iter().find(is_live) {
            return if !has_key(&mut pen, live.id, &new.key).await? {
                Err(StoreError::Refused(decided(live)))
            } else if is_same(live, &new) {
                Ok(Said::Held(Box::new(live.clone())))
            } else {
                Err(StoreError::Refused(otherwise(live)))
            };
        }
        if new.is_form_key && !earlier.is_empty() {
            let words = "This answer was taken back, or voided by a newer version. Open the brief again to decide it.";
            return Err(StoreError::Refused(words.to_owned()));
        }
        if sha256 != new.sha256 {
            return Ok(Said::Newer);
        }
        let at = now(&mut pen).await?;
        insert(&mut pen, &new, version, at).await?;
        let kept = brief_rows::decisions(&mut pen.tx, "d.id = $1", new.id.0, None).await?;
        let kept = kept.into_iter().next().ok_or(StoreError::NotFound)?;
        // Nothing is journaled yet: who looks at the inbox sees it held all the same.
        pen.announce();
        pen.commit(new.act.at).await?;
        Ok(Said::Held(Box::new(kept)))
    }

    async fn undo(&self, tenant: TenantId, decision: DecisionId, act: Act) -> Result<BriefId, StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        let found = brief_rows::decisions(&mut pen.tx, "d.id = $1", decision.0, None).await?;
        let found = found.into_iter().next().ok_or(StoreError::NotFound)?;
        let at = now(&mut pen).await?;
        let refused = |words: &str| Err(StoreError::Refused(words.to_owned()));
        if found.by.as_ref().is_none_or(|(person, _)| *person != act.by) {
            return refused("Only who decided can take it back.");
        }
        match found.state {
            DecisionState::TakenBack => return Ok(found.brief),
            DecisionState::Voided if found.void_reason == Some(VoidReason::NoFounder) => {
                return refused("This decision is void already: who made it was no founder any more.");
            }
            DecisionState::Voided => return refused("A newer version of the brief voided this decision already."),
            DecisionState::Held if at < found.held_until => {}
            DecisionState::Held | DecisionState::Made => {
                return refused("The ten seconds are over: the decision counts, and was told.");
            }
        }
        sqlx::query("update decision set state = 'taken_back', ended_ms = $2 where id = $1")
            .bind(decision.0)
            .bind(at.0)
            .execute(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
        let what = What::Brief { by: Some(act.by), brief: found.brief, act: BriefAct::TakenBack { decision } };
        pen.write_act(&act, what).await?;
        pen.commit(act.at).await?;
        Ok(found.brief)
    }

    async fn due(&self, tenant: TenantId) -> Result<Vec<BriefRecord>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rest = "d.state = 'held' and d.held_ms <= clock_ms() order by d.held_ms, d.id limit 100";
        brief_rows::briefs(&mut tx, rest, 0, None).await
    }

    async fn make(
        &self,
        tenant: TenantId,
        decision: DecisionId,
        telling: Telling,
        now: Millis,
    ) -> Result<bool, StoreError> {
        brief_settle::make(Pen::open(&self.db, tenant).await?, decision, &telling, now).await
    }

    async fn silent(&self, tenant: TenantId, now: Millis) -> Result<Vec<BriefRecord>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rest = "b.state = 'open' and b.deadline_ms <= $1 and b.lapsed_ms is null and d.id is null
                    and not exists (select from emergency_stop e where e.agent in ('', b.author))
                    order by b.deadline_ms, b.id limit 100";
        brief_rows::briefs(&mut tx, rest, now.0, None).await
    }

    async fn settle(&self, tenant: TenantId, silence: NewSilence, now: Millis) -> Result<Settled, StoreError> {
        brief_settle::settle(Pen::open(&self.db, tenant).await?, &silence, now).await
    }

    async fn lapse(
        &self,
        tenant: TenantId,
        brief: BriefId,
        why: &str,
        cap: Option<Cap>,
        now: Millis,
    ) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        let noted =
            sqlx::query("update brief set lapsed_ms = $2 where id = $1 and lapsed_ms is null and state = 'open'")
                .bind(brief.0)
                .bind(now.0)
                .execute(&mut *pen.tx)
                .await
                .map_err(unavailable)?;
        if noted.rows_affected() == 0 {
            return Ok(());
        }
        sqlx::query(
            "insert into brief_lapse (tenant_id, brief_id, at_ms, why, cap, away_id)
             values ($1, $2, $3, $4, $5, away_at($1, $3))",
        )
        .bind(tenant.0)
        .bind(brief.0)
        .bind(now.0)
        .bind(why)
        .bind(cap.map(Cap::as_str))
        .execute(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        let act = BriefAct::Lapsed { why: why.to_owned() };
        pen.write_one(now, What::Brief { by: None, brief, act }).await?;
        pen.commit(now).await.map(drop)
    }

    async fn next_due(&self, tenant: TenantId, now: Millis) -> Result<Option<Millis>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        // What a grant did not do when it could have is looked at again with everything else.
        let sql = format!(
            "select least((select min(due) from ({}) g where due > now_ms() - 2000),
                          (select min(held_ms) from decision where state = 'held' and held_ms > $1),
                          (select min(b.deadline_ms) from brief b
                           where b.state = 'open' and b.lapsed_ms is null and b.deadline_ms > $1
                             and not exists (select from emergency_stop e where e.agent in ('', b.author))))",
            grants::DUE
        );
        let (next,): (Option<i64>,) =
            sqlx::query_as(AssertSqlSafe(sql)).bind(now.0).fetch_one(&mut *tx).await.map_err(unavailable)?;
        Ok(next.map(Millis))
    }

    async fn of_brief(&self, tenant: TenantId, brief: BriefId) -> Result<Vec<DecisionRecord>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        brief_rows::decisions(&mut tx, "d.brief_id = $1 order by d.at_ms, d.id limit 100", brief.0, None).await
    }

    async fn counts(&self, tenant: TenantId, decision: DecisionId) -> Result<bool, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        sqlx::query_scalar("select exists (select from decision where id = $1 and state = 'made')")
            .bind(decision.0)
            .fetch_one(&mut *tx)
            .await
            .map_err(unavailable)
    }

    async fn sealed(&self, tenant: TenantId, decision: DecisionId) -> Result<(Vec<u8>, Option<String>), StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let row: Option<(Vec<u8>, Option<String>)> =
            sqlx::query_as("select canonical, assertion::text from decision where id = $1 and canonical is not null")
                .bind(decision.0)
                .fetch_optional(&mut *tx)
                .await
                .map_err(unavailable)?;
        row.ok_or(StoreError::NotFound)
    }
}

/// The brief's newest version, which nobody changes before the pen is put down.
async fn lock(pen: &mut Pen, brief: BriefId) -> Result<(i32, ArtifactHash), StoreError> {
    let row: Option<(i32, Vec<u8>)> = sqlx::query_as("select version, sha256 from brief where id = $1 for update")
        .bind(brief.0)
        .fetch_optional(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
    let (version, sha256) = row.ok_or(StoreError::NotFound)?;
    Ok((version, crate::artifacts::hash(sha256)))
}

async fn has_key(pen: &mut Pen, decision: DecisionId, key: &str) -> Result<bool, StoreError> {
    let (same,): (bool,) = sqlx::query_as("select exists (select from decision where id = $1 and said_key = $2)")
        .bind(decision.0)
        .bind(key)
        .fetch_one(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
    Ok(same)
}

/// Now, by the database's clock: the ten seconds are its own. Whoever decides several at once has said them one after the
/// other, and they count in that order.
async fn now(pen: &mut Pen) -> Result<Millis, StoreError> {
    let (at,): (i64,) = sqlx::query_as(
        "select greatest(clock_ms(), (select least(max(at_ms) + 1, clock_ms() + 1000) from decision where state = 'held'))",
    )
    .fetch_one(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    Ok(Millis(at))
}

/// Whether it is the same answer, word for word.
fn is_same(live: &DecisionRecord, new: &NewDecision) -> bool {
    live.sha256 == new.sha256
        && live.choice == new.choice
        && live.rationale == new.rationale
        && live.prediction == new.prediction
        && live.check_at == new.check_at
}

/// That the same form has said something else before.
fn otherwise(live: &DecisionRecord) -> String {
    let when = live.at.to_words();
    let stands = match live.state {
        DecisionState::Held => "is held, and can still be taken back",
        _ => "counts",
    };
    format!("You answered this brief otherwise on {when}, and that answer {stands}. Nothing was changed.")
}

/// Who was first.
fn decided(live: &DecisionRecord) -> String {
    let when = live.at.to_words();
    match (&live.by, live.state) {
        (None, _) if live.grant.is_some() => {
            format!("Its author acted by a founder's grant on {when}. Nothing was changed.")
        }
        (None, _) => format!("Nobody decided this brief in time; silence did on {when}. Nothing was changed."),
        (Some((_, name)), DecisionState::Held) => {
            format!("{name} decided this brief on {when}, and may still take it back. Nothing was changed.")
        }
        (Some((_, name)), _) => format!("{name} decided this brief on {when}. Nothing was changed."),
    }
}

async fn insert(pen: &mut Pen, new: &NewDecision, version: i32, at: Millis) -> Result<(), StoreError> {
    // Whoever signs has just proven who they are.
    let proven_at = if new.proven_at == new.act.at { at } else { new.proven_at };
    let row = sqlx::query(
        "insert into decision (tenant_id, id, brief_id, version, sha256, choice, answer, rationale, prediction, check_ms,
                               person_id, how, proven_ms, at_ms, held_ms, via, said_key, canonical, canonical_sha256,
                               assertion, state)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, sha256($18), $19::jsonb,
                 'held')",
    )
    .bind(pen.tenant.0)
    .bind(new.id.0)
    .bind(new.brief.0)
    .bind(version)
    .bind(new.sha256.0.as_slice())
    .bind(new.choice.kind())
    .bind(new.choice.text())
    .bind(&new.rationale)
    .bind(&new.prediction)
    .bind(new.check_at.map(|at| at.0))
    .bind(new.act.by.0)
    .bind(new.act.via.how.as_str())
    .bind(proven_at.0)
    .bind(at.0)
    .bind(at.0 + HELD_MS)
    .bind(Json(&new.act.via))
    .bind(&new.key)
    .bind(&new.canonical)
    .bind(new.assertion.as_deref());
    match row.execute(&mut *pen.tx).await {
        Ok(_) => Ok(()),
        Err(error) if is_refused(&error) => {
            tracing::warn!(%error, "the database refused a decision");
            Err(StoreError::Refused("This cannot be decided so. Open the brief again.".to_owned()))
        }
        Err(error) => Err(unavailable(error)),
    }
}

/// By which way a decision's person had come, and the hash of what their passkey said to it.
pub(crate) async fn way(pen: &mut Pen, decision: Uuid) -> Result<(Option<Via>, Option<ArtifactHash>), StoreError> {
    let (via, seal): (Option<Json<Via>>, Option<String>) =
        sqlx::query_as("select via, assertion::text from decision where id = $1")
            .bind(decision)
            .fetch_one(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
    Ok((via.map(|via| via.0), seal.as_deref().and_then(seal_hash)))
}

/// SHA-256 of a receipt's seal as canonical JSON: the database spells what it keeps in its own way. None where it has no
/// such form.
pub(crate) fn seal_hash(seal: &str) -> Option<ArtifactHash> {
    let bytes = CanonicalJson::parse(seal.as_bytes()).ok()?.to_bytes().ok()?;
    Some(ArtifactHash(Sha256::digest(bytes).into()))
}
