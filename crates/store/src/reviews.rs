//! Role files and the reviews of them.

use crate::{
    db::{Db, taken, unavailable},
    pen::Pen,
    quorum,
    review_check::Found,
    tasks,
};
use async_trait::async_trait;
use countersign_domain::{
    AgentName, How, Millis, PersonId, ReviewId, TaskId, TenantId,
    artifact::ArtifactHash,
    journal::What,
    reading::{Quorum, ReviewDecisionRow},
    review::{Finding, ProbeReport, ReviewDecision, ReviewState},
};
use countersign_service::ports::{
    ExaminedEvent, LiveCredentials, NewApprovalsAsked, NewReviewDecision, PastTaskRow, Proposal, ReviewRecord, Reviews,
    StoreError,
};
use sqlx::types::Json;
use uuid::Uuid;

/// [`Reviews`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgReviews {
    db: Db,
}

impl PgReviews {
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    async fn rows(
        &self,
        tenant: TenantId,
        sql: &'static str,
        key: Option<&str>,
    ) -> Result<Vec<ReviewRecord>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<Row> = sqlx::query_as(sql).bind(key).fetch_all(&mut *tx).await.map_err(unavailable)?;
        Ok(rows.into_iter().filter_map(Row::into_record).collect())
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    agent: String,
    sha256: Vec<u8>,
    text: String,
    author: Uuid,
    author_name: String,
    requested_ms: i64,
    state: String,
    ended_ms: Option<i64>,
    findings: Json<Vec<Finding>>,
    probe: Option<Json<ProbeReport>>,
    probed_ms: Option<i64>,
    approved_by: Vec<Uuid>,
    needed: i32,
    self_approved: bool,
}

impl Row {
    fn into_record(self) -> Option<ReviewRecord> {
        Some(ReviewRecord {
            id: ReviewId(self.id),
            agent: self.agent.parse().ok()?,
            sha256: ArtifactHash(self.sha256.try_into().ok()?),
            text: self.text,
            author: PersonId(self.author),
            author_name: self.author_name,
            requested_at: Millis(self.requested_ms),
            state: self.state.parse().ok()?,
            ended_at: self.ended_ms.map(Millis),
            findings: self.findings.0,
            probe: self.probe.map(|probe| probe.0),
            probed_at: self.probed_ms.map(Millis),
            approved_by: self.approved_by.into_iter().map(PersonId).collect(),
            needed: self.needed.unsigned_abs(),
            self_approved: self.self_approved,
        })
    }
}

/// Columns of a [`Row`], with the text as `$text` and the probe as `$probe`. Who approved what is open counts as long as
/// they are founders; what is decided was decided by those of then.
macro_rules! select {
    ($text:literal, $probe:literal, $rest:literal) => {
        concat!(
            "select r.id, r.agent, r.sha256, ",
            $text,
            " as text, r.author, p.name as author_name, r.requested_ms, r.state, r.ended_ms, r.findings, ",
            $probe,
            " as probe, r.probed_ms,
                    array(select distinct d.person_id from review_decision d
                          where d.review_id = r.id and d.decision = 'approved'
                            and (r.state <> 'open' or exists (
                                select from membership m
                                where m.tenant_id = d.tenant_id and m.person_id = d.person_id and m.role = 'founder'))
                         ) as approved_by,
                    case when r.state = 'open' then approvals_needed(r.tenant_id, r.author)
                         else coalesce((select d.needed from review_decision d where d.review_id = r.id
                                        order by d.decision = 'approved' desc, d.seq desc limit 1), 1) end as needed,
                    exists (select from review_decision d
                            where d.review_id = r.id and d.decision = 'approved' and d.self_approved) as self_approved
             from review r
             join role_version v on v.sha256 = r.sha256
             join person p on p.id = r.author ",
            $rest
        )
    };
}

async fn state_of(pen: &mut Pen, agent: &AgentName, sha256: ArtifactHash) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> = sqlx::query_as(
        "select state from review where agent = $1 and sha256 = $2 and state in ('open', 'approved')
         order by state limit 1",
    )
    .bind(agent.as_str())
    .bind(sha256.0.as_slice())
    .fetch_optional(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    Ok(row.map(|(state,)| state))
}

/// Makes the agent, or says whether it was there.
async fn make_agent(pen: &mut Pen, proposal: &Proposal) -> Result<(), StoreError> {
    let delegates: Vec<String> = proposal.delegates_to.iter().map(ToString::to_string).collect();
    let (known,): (bool,) = sqlx::query_as("select exists (select from agent where name = $1)")
        .bind(proposal.agent.as_str())
        .fetch_one(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
    if known && proposal.only_new {
        return Err(StoreError::Taken(format!("An agent “{}” exists. Choose another name.", proposal.agent)));
    }
    if known {
        return Ok(());
    }
    sqlx::query("insert into agent (tenant_id, id, name, delegates_to, created_ms) values ($1, $2, $3, $4, $5)")
        .bind(pen.tenant.0)
        .bind(proposal.agent_id.0)
        .bind(proposal.agent.as_str())
        .bind(&delegates)
        .bind(proposal.act.at.0)
        .execute(&mut *pen.tx)
        .await
        .map_err(taken("agent_name_taken", format!("An agent “{}” exists. Choose another name.", proposal.agent)))?;
    let agent = proposal.agent.to_string();
    let what = What::AgentCreated { by: proposal.act.by, agent, delegates_to: delegates };
    pen.write_act(&proposal.act, what).await
}

#[async_trait]
impl Reviews for PgReviews {
    async fn propose(&self, tenant: TenantId, proposal: Proposal) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        make_agent(&mut pen, &proposal).await?;
        let agent = &proposal.agent;
        match state_of(&mut pen, agent, proposal.sha256).await?.as_deref() {
            Some("approved") => {
                return Err(StoreError::Refused(format!("This very file is approved for {agent} already.")));
            }
            Some(_) => {
                return Err(StoreError::Refused(format!("This very file of {agent} waits for a review already.")));
            }
            None => {}
        }
        sqlx::query(
            "insert into role_version (tenant_id, sha256, agent, text, author, at_ms) values ($1, $2, $3, $4, $5, $6)
             on conflict do nothing",
        )
        .bind(tenant.0)
        .bind(proposal.sha256.0.as_slice())
        .bind(agent.as_str())
        .bind(&proposal.text)
        .bind(proposal.act.by.0)
        .bind(proposal.act.at.0)
        .execute(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        end(&mut pen, agent, ReviewState::Open, ReviewState::Replaced, proposal.act.at).await?;
        sqlx::query(
            "insert into review (tenant_id, id, agent, sha256, author, requested_ms, findings, state)
             values ($1, $2, $3, $4, $5, $6, $7, 'open')",
        )
        .bind(tenant.0)
        .bind(proposal.review.0)
        .bind(agent.as_str())
        .bind(proposal.sha256.0.as_slice())
        .bind(proposal.act.by.0)
        .bind(proposal.act.at.0)
        .bind(Json(&proposal.findings))
        .execute(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        let what = What::RoleProposed {
            by: proposal.act.by,
            review: proposal.review,
            agent: agent.clone(),
            sha256: proposal.sha256,
            text: proposal.text,
            findings: proposal.findings,
        };
        pen.write_act(&proposal.act, what).await?;
        if let Some(task) = &proposal.task {
            tasks::add(&mut pen, task, None).await?;
        }
        pen.commit(proposal.act.at).await.map(drop)
    }

    async fn list(&self, tenant: TenantId) -> Result<Vec<ReviewRecord>, StoreError> {
        let sql = select!(
            "''",
            "jsonb_set(r.probe, '{lines}', '[]')",
            "where $1::text is null and (r.state in ('open', 'approved') or r.id in (
                 select id from review where state not in ('open', 'approved') order by requested_ms desc, id desc limit 100))
             order by r.requested_ms desc, r.id desc"
        );
        self.rows(tenant, sql, None).await
    }

    async fn find(&self, tenant: TenantId, id: ReviewId) -> Result<ReviewRecord, StoreError> {
        let sql = select!("v.text", "r.probe", "where r.id = $1::uuid");
        self.rows(tenant, sql, Some(&id.to_string())).await?.pop().ok_or(StoreError::NotFound)
    }

    async fn of_agent(&self, tenant: TenantId, agent: &AgentName) -> Result<Vec<ReviewRecord>, StoreError> {
        let sql = select!(
            "case when r.state in ('open', 'approved') then v.text else '' end",
            "jsonb_set(r.probe, '{lines}', '[]')",
            "where r.agent = $1 and (r.state in ('open', 'approved') or r.id in (
                 select id from review where agent = $1 order by requested_ms desc, id desc limit 50))
             order by r.requested_ms desc, r.id desc"
        );
        self.rows(tenant, sql, Some(agent.as_str())).await
    }

    async fn approved(&self, tenant: TenantId, agent: &AgentName) -> Result<Option<ReviewRecord>, StoreError> {
        let sql =
            select!("v.text", "jsonb_set(r.probe, '{lines}', '[]')", "where r.agent = $1 and r.state = 'approved'");
        Ok(self.rows(tenant, sql, Some(agent.as_str())).await?.pop())
    }

    async fn decisions(&self, tenant: TenantId, id: ReviewId) -> Result<Vec<ReviewDecisionRow>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<(String, String, String, i64, String, bool)> = sqlx::query_as(
            "select d.decision, p.name, d.how, d.at_ms, d.reason, d.self_approved
             from review_decision d join person p on p.id = d.person_id
             where d.review_id = $1 order by d.seq",
        )
        .bind(id.0)
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let row = |(decision, by, how, at, reason, self_approved): (String, String, String, i64, String, bool)| {
            Some(ReviewDecisionRow {
                decision: decision.parse().ok()?,
                by,
                how: how.parse::<How>().ok()?.words().to_owned(),
                at: Millis(at),
                reason,
                self_approved,
            })
        };
        Ok(rows.into_iter().filter_map(row).collect())
    }

    async fn examined(
        &self,
        tenant: TenantId,
        officer: &AgentName,
        id: ReviewId,
    ) -> Result<Vec<ExaminedEvent>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<(i64, String)> = sqlx::query_as(
            "select at_ms, payload from event
             where agent = $1 and topic = 'review.examined' and position($2 in payload) > 0
             order by at_ms desc, epoch desc, sequence desc limit 20",
        )
        .bind(officer.as_str())
        .bind(id.to_string())
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        Ok(rows.into_iter().rev().map(|(at, payload)| ExaminedEvent { at: Millis(at), payload }).collect())
    }

    async fn quorum(&self, tenant: TenantId, reader: PersonId) -> Result<Quorum, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        quorum::read(&mut tx, tenant, reader).await
    }

    async fn ask_approvals(&self, tenant: TenantId, asked: NewApprovalsAsked) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        sqlx::query(
            "insert into approvals_asked (tenant_id, seq, person_id, approvals, how, proven_ms, at_ms, reason)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant.0)
        .bind(pen.next_seq())
        .bind(asked.act.by.0)
        .bind(i32::try_from(asked.approvals).unwrap_or(i32::MAX))
        .bind(asked.act.via.how.as_str())
        .bind(asked.proven_at.0)
        .bind(asked.act.at.0)
        .bind(&asked.reason)
        .execute(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        let what = What::ApprovalsAsked { by: asked.act.by, approvals: asked.approvals, reason: asked.reason };
        pen.write_act(&asked.act, what).await?;
        pen.commit(asked.act.at).await.map(drop)
    }

    async fn keep_probe(
        &self,
        tenant: TenantId,
        id: ReviewId,
        report: ProbeReport,
        act: countersign_domain::Act,
    ) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        let row: Option<(String,)> = sqlx::query_as(
            "update review set probe = $2, probed_ms = $3 where id = $1 and state = 'open' returning agent",
        )
        .bind(id.0)
        .bind(Json(&report))
        .bind(act.at.0)
        .fetch_optional(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        let Some((agent,)) = row else {
            return Err(StoreError::Refused("This review is decided; there is nothing to probe for.".to_owned()));
        };
        let agent = agent.parse().map_err(|_| StoreError::NotFound)?;
        let what = What::ReviewProbed { by: act.by, review: id, agent, right: report.right, wrong: report.wrong };
        pen.write_act(&act, what).await?;
        pen.commit(act.at).await.map(drop)
    }

    async fn decide(&self, tenant: TenantId, new: NewReviewDecision) -> Result<ReviewState, StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        let found = Found::lock(&mut pen, new.review).await?;
        let lacking = found.check(&mut pen, &new).await?;
        let self_approved = new.decision == ReviewDecision::Approved && found.author == new.act.by;
        let agent = found.agent.clone();
        sqlx::query(
            "insert into review_decision (tenant_id, review_id, seq, sha256, decision, person_id, how, proven_ms, at_ms,
                                          reason, self_approved)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(tenant.0)
        .bind(new.review.0)
        .bind(pen.next_seq())
        .bind(new.sha256.0.as_slice())
        .bind(new.decision.as_str())
        .bind(new.act.by.0)
        .bind(new.act.via.how.as_str())
        .bind(new.proven_at.0)
        .bind(new.act.at.0)
        .bind(&new.reason)
        .bind(self_approved)
        .execute(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        let what = What::ReviewDecided {
            by: new.act.by,
            review: new.review,
            agent: agent.clone(),
            sha256: new.sha256,
            decision: new.decision,
            reason: new.reason,
            self_approved,
            lacking,
        };
        pen.write_act(&new.act, what).await?;
        let state = match new.decision {
            ReviewDecision::Approved if lacking.is_some() => {
                pen.commit(new.act.at).await?;
                return Ok(ReviewState::Open);
            }
            ReviewDecision::Approved => {
                end(&mut pen, &agent, ReviewState::Approved, ReviewState::Replaced, new.act.at).await?;
                sqlx::query("update agent set delegates_to = $2 where name = $1")
                    .bind(agent.as_str())
                    .bind(new.delegates_to.iter().map(AgentName::as_str).collect::<Vec<_>>())
                    .execute(&mut *pen.tx)
                    .await
                    .map_err(unavailable)?;
                ReviewState::Approved
            }
            ReviewDecision::Rejected => ReviewState::Rejected,
            ReviewDecision::Revoked => {
                end_credentials(&mut pen, Some(&agent), &new.act).await?;
                ReviewState::Revoked
            }
        };
        sqlx::query("update review set state = $2, ended_ms = $3 where id = $1")
            .bind(new.review.0)
            .bind(state.as_str())
            .bind(new.act.at.0)
            .execute(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
        pen.commit(new.act.at).await?;
        Ok(state)
    }

    async fn live_credentials(
        &self,
        tenant: TenantId,
        agent: &AgentName,
        sha256: ArtifactHash,
        now: Millis,
    ) -> Result<LiveCredentials, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let (of_file, of_others, end): (i64, i64, Option<i64>) = sqlx::query_as(
            "select count(*) filter (where same), count(*) filter (where not same), max(expires_ms) filter (where not same)
             from (select role_sha256 is not distinct from $2 as same, expires_ms from credential
                   where agent = $1 and revoked_ms is null and expires_ms > $3) c",
        )
        .bind(agent.as_str())
        .bind(sha256.0.as_slice())
        .bind(now.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        let number = |count| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(LiveCredentials { of_file: number(of_file), of_others: number(of_others), others_end: end.map(Millis) })
    }

    async fn past(&self, tenant: TenantId, limit: u32) -> Result<Vec<PastTaskRow>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<(Uuid, String, String, Option<String>, i64)> = sqlx::query_as(
            "select id, agent, kind, case when sender_verified then claimed_sender end, created_ms from task order by id desc limit $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let row =
            |(id, recipient, kind, sender, at)| PastTaskRow { id: TaskId(id), recipient, kind, sender, at: Millis(at) };
        Ok(rows.into_iter().map(row).collect())
    }
}

/// Ends the agent's review that is in the state `from`.
async fn end(
    pen: &mut Pen,
    agent: &AgentName,
    from: ReviewState,
    to: ReviewState,
    at: Millis,
) -> Result<(), StoreError> {
    sqlx::query("update review set state = $3, ended_ms = $4 where agent = $1 and state = $2")
        .bind(agent.as_str())
        .bind(from.as_str())
        .bind(to.as_str())
        .bind(at.0)
        .execute(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
    Ok(())
}

/// Ends all credentials of the agent (of all agents without a name) that are not revoked; answers how many.
pub(crate) async fn end_credentials(
    pen: &mut Pen,
    agent: Option<&AgentName>,
    act: &countersign_domain::Act,
) -> Result<u64, StoreError> {
    let ended: Vec<(String, String)> = sqlx::query_as(
        "update credential set revoked_ms = $2
         where ($1::text is null or agent = $1) and revoked_ms is null and expires_ms > $2
         returning agent, public_key",
    )
    .bind(agent.map(AgentName::as_str))
    .bind(act.at.0)
    .fetch_all(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    let count = ended.len() as u64;
    for (agent, public_key) in ended {
        pen.write_act(act, What::CredentialRevoked { by: act.by, agent, public_key }).await?;
    }
    Ok(count)
}
