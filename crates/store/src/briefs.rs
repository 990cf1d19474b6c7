//! Decision briefs: what waits, and what is said around it.

use crate::{
    brief_intake, brief_rows, brief_thread, brief_waits,
    db::{Db, unavailable},
    pen::Pen,
    tasks,
};
use async_trait::async_trait;
use countersign_domain::{
    Act, AgentName, BriefAuthor, BriefId, Millis, PersonId, TenantId,
    brief::BriefAct,
    journal::What,
    reading::{BriefAnswer, BriefAuthorRow},
    task::Priority,
};
use countersign_service::ports::{
    AskedEvent, BriefRecord, BriefRefusal, Briefs, CategoryRule, NewBrief, NewBriefPolicy, NewQuestion, NewTask,
    StoreError, Taken, VersionRecord, Waits,
};
use countersign_wire::brief::{BriefQuestionV1, QUESTION_KIND};
use uuid::Uuid;

/// Questions to the author of one brief: more are a conversation, and no decision.
const MOST_QUESTIONS: i64 = 20;

/// [`Briefs`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgBriefs {
    db: Db,
}

impl PgBriefs {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

/// A brief that waits, which nobody changes before the pen is put down.
struct Waiting {
    author: BriefAuthor,
    name: String,
    sha256: Vec<u8>,
    deadline: Millis,
}

impl Waiting {
    async fn lock(pen: &mut Pen, id: BriefId) -> Result<Self, StoreError> {
        let row: Option<(String, String, Vec<u8>, i64, String)> =
            sqlx::query_as("select author, name, sha256, deadline_ms, state from brief where id = $1 for update")
                .bind(id.0)
                .fetch_optional(&mut *pen.tx)
                .await
                .map_err(unavailable)?;
        let (author, name, sha256, deadline, state) = row.ok_or(StoreError::NotFound)?;
        if state != "open" {
            return Err(StoreError::Refused("This brief is decided. Nothing was changed.".to_owned()));
        }
        let author = author.parse().map_err(|_| StoreError::NotFound)?;
        Ok(Self { author, name, sha256, deadline: Millis(deadline) })
    }
}

#[async_trait]
impl Briefs for PgBriefs {
    async fn asked(&self, tenant: TenantId, limit: u32) -> Result<Vec<AskedEvent>, StoreError> {
        brief_intake::asked(&mut self.db.tenant_read(tenant).await?, limit).await
    }

    async fn take(
        &self,
        tenant: TenantId,
        event: &AskedEvent,
        brief: NewBrief,
        at: Millis,
    ) -> Result<Taken, StoreError> {
        brief_intake::take(Pen::open(&self.db, tenant).await?, event, brief, at).await
    }

    async fn mark_asked(&self, tenant: TenantId) -> Result<(), StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        brief_intake::mark(&mut tx, tenant).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn refuse(
        &self,
        tenant: TenantId,
        event: &AskedEvent,
        refusal: BriefRefusal,
        at: Millis,
    ) -> Result<(), StoreError> {
        brief_intake::refuse(Pen::open(&self.db, tenant).await?, event, refusal, at).await
    }

    async fn rules(&self, tenant: TenantId) -> Result<Vec<CategoryRule>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<(String, bool, String, Option<Uuid>, Option<String>)> = sqlx::query_as(
            "select p.category, p.reserved, p.silence, p.delegate_id, d.name
             from (select distinct on (category) * from brief_policy order by category, seq desc) p
             left join person d on d.id = p.delegate_id order by p.category",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let rule = |(category, reserved, silence, delegate, name): (_, _, _, Option<Uuid>, Option<String>)| {
            let delegate = delegate.map(|person| (PersonId(person), name.unwrap_or_default()));
            CategoryRule { category, reserved, silence, delegate }
        };
        Ok(rows.into_iter().map(rule).collect())
    }

    async fn set_rule(&self, tenant: TenantId, policy: NewBriefPolicy) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        let CategoryRule { category, reserved, silence, delegate } = policy.rule;
        let delegate = delegate.map(|(person, _)| person);
        sqlx::query(
            "insert into brief_policy (tenant_id, seq, category, reserved, silence, person_id, how, proven_ms, at_ms, reason,
                                       delegate_id)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(tenant.0)
        .bind(pen.next_seq())
        .bind(&category)
        .bind(reserved)
        .bind(&silence)
        .bind(policy.act.by.0)
        .bind(policy.act.via.how.as_str())
        .bind(policy.proven_at.0)
        .bind(policy.act.at.0)
        .bind(&policy.reason)
        .bind(delegate.map(|person| person.0))
        .execute(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        let by = policy.act.by;
        let what = What::BriefPolicySet { by, category, reserved, silence, delegate, reason: policy.reason };
        pen.write_act(&policy.act, what).await?;
        pen.commit(policy.act.at).await.map(drop)
    }

    async fn list(&self, tenant: TenantId, decided: u32) -> Result<Vec<BriefRecord>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let mut list = brief_rows::briefs(&mut tx, "b.state = 'open' order by b.deadline_ms, b.id", 0, None).await?;
        let rest = "b.state = 'decided' order by d.ended_ms desc, b.id limit $1";
        list.extend(brief_rows::briefs(&mut tx, rest, i64::from(decided), None).await?);
        Ok(list)
    }

    async fn find(&self, tenant: TenantId, id: BriefId) -> Result<BriefRecord, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        brief_rows::briefs(&mut tx, "b.id = $2", 0, Some(id)).await?.pop().ok_or(StoreError::NotFound)
    }

    async fn versions(&self, tenant: TenantId, id: BriefId) -> Result<Vec<VersionRecord>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<(i32, Vec<u8>, Vec<u8>, i64)> = sqlx::query_as(
            "select version, sha256, text, at_ms from brief_version where brief_id = $1 order by version desc limit 50",
        )
        .bind(id.0)
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let row = |(version, sha256, text, at): (i32, Vec<u8>, Vec<u8>, i64)| VersionRecord {
            version: version.unsigned_abs(),
            sha256: crate::artifacts::hash(sha256),
            text,
            at: Millis(at),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    async fn thread(&self, tenant: TenantId, id: BriefId) -> Result<Vec<BriefAnswer>, StoreError> {
        brief_thread::read(&mut self.db.tenant_read(tenant).await?, id).await
    }

    async fn ask(&self, tenant: TenantId, new: NewQuestion) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        let waiting = Waiting::lock(&mut pen, new.brief).await?;
        let Some(agent) = waiting.author.agent() else {
            let words = "A person wrote this brief: no task reaches them. Ask them in person.";
            return Err(StoreError::Refused(words.to_owned()));
        };
        let (asked,): (i64,) = sqlx::query_as("select count(*) from brief_question where brief_id = $1")
            .bind(new.brief.0)
            .fetch_one(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
        if asked >= MOST_QUESTIONS {
            let words = format!("{MOST_QUESTIONS} questions were asked about this brief. Decide it, or reject it.");
            return Err(StoreError::Refused(words));
        }
        sqlx::query(
            "insert into brief_question (tenant_id, brief_id, task_id, question, person_id, at_ms)
             values ($1, $2, $3, $4, $5, $6)",
        )
        .bind(tenant.0)
        .bind(new.brief.0)
        .bind(new.task.0)
        .bind(&new.question)
        .bind(new.act.by.0)
        .bind(new.act.at.0)
        .execute(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        let act = BriefAct::Asked { question: new.question.clone(), task: new.task };
        pen.write_act(&new.act, What::Brief { by: Some(new.act.by), brief: new.brief, act }).await?;
        let task = question(&waiting, agent, &new)?;
        tasks::add(&mut pen, &task, None).await?;
        pen.commit(new.act.at).await.map(drop)
    }

    async fn snooze(&self, tenant: TenantId, id: BriefId, until: Option<Millis>, act: Act) -> Result<(), StoreError> {
        let mut pen = Pen::open(&self.db, tenant).await?;
        let waiting = Waiting::lock(&mut pen, id).await?;
        if until.is_some_and(|until| until > waiting.deadline) {
            let words = format!("Its deadline is {}. Choose an earlier moment.", waiting.deadline.to_words());
            return Err(StoreError::Refused(words));
        }
        sqlx::query("update brief set snoozed_ms = $2 where id = $1")
            .bind(id.0)
            .bind(until.map(|until| until.0))
            .execute(&mut *pen.tx)
            .await
            .map_err(unavailable)?;
        let what = What::Brief { by: Some(act.by), brief: id, act: BriefAct::Snoozed { until } };
        pen.write_act(&act, what).await?;
        pen.commit(act.at).await.map(drop)
    }

    async fn authors(&self, tenant: TenantId) -> Result<Vec<BriefAuthorRow>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let rows: Vec<(String, i64, i64, i32, i32)> = sqlx::query_as(
            "select agent, count(*) filter (where outcome <> 'refused'), count(*) filter (where outcome = 'refused'),
                    round(avg(score))::int, round(avg(reading_s))::int
             from brief_intake group by agent order by agent",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let small = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
        let row = |(author, taken, refused, score, reading_s): (String, i64, i64, i32, i32)| BriefAuthorRow {
            author,
            taken: small(taken),
            refused: small(refused),
            lint_score: u8::try_from(score).unwrap_or(100),
            reading_s: reading_s.unsigned_abs(),
        };
        Ok(rows.into_iter().map(row).collect())
    }

    async fn waits(&self, tenant: TenantId, traces: &[String], since: Millis) -> Result<Waits, StoreError> {
        brief_waits::read(&mut self.db.tenant_read(tenant).await?, traces, since).await
    }

    async fn reviews_waiting(&self, tenant: TenantId) -> Result<u32, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let (count,): (i64,) = sqlx::query_as("select count(*) from review where state = 'open'")
            .fetch_one(&mut *tx)
            .await
            .map_err(unavailable)?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }
}

/// The task by which the author is asked.
fn question(waiting: &Waiting, agent: AgentName, new: &NewQuestion) -> Result<NewTask, StoreError> {
    let title = format!("A question about your brief {}", waiting.name);
    let trace = new.brief.to_string();
    let told = BriefQuestionV1 {
        v: 1,
        task: title.clone(),
        brief: &waiting.name,
        sha256: crate::artifacts::hash(waiting.sha256.clone()).to_string(),
        question: &new.question,
        answer_with: "Complete this task with the result {\"answer\": \"…\"}, or broadcast brief.answered {task, answer}.",
        correlation_id: &trace,
    };
    Ok(NewTask {
        id: new.task,
        agent,
        kind: QUESTION_KIND.parse().map_err(|_| StoreError::NotFound)?,
        title: Some(title),
        payload: serde_json::to_string(&told).map_err(|error| StoreError::Unavailable(error.into()))?,
        correlation_id: Some(trace),
        not_before: None,
        priority: Priority::default(),
        act: new.act.clone(),
    })
}
