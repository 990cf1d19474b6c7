//! What lets agents act on their own recommendations, and how it ends. Triggers of the database hold the same
//! (migration 23).

use crate::{
    db::{is_refused, unavailable},
    pen::Pen,
    projection::Tx,
    tasks::{self, OwnTask},
};
use countersign_domain::{
    Act, AgentName, GrantId, Millis, PersonId, TaskId,
    autonomy::{AutonomyAct, Terms},
    journal::{Entry, What},
};
use countersign_service::ports::{GrantRecord, NewGrant, StoreError};
use countersign_wire::brief::{GRANT_ENDED_KIND, GRANT_GIVEN_KIND, GrantEndedV1, GrantGivenV1};
use serde::Serialize;
use uuid::Uuid;

/// Briefs on which a grant acts, with the moment from which on: `id`, `grant_id` and `due`. What else has to hold is asked
/// by the trigger; one that it refuses stays here, and is tried again.
pub(crate) const DUE: &str = "select b.id, g.id as grant_id,
            greatest(v.at_ms + 600000, g.at_ms + 600000, b.acts_from_ms, coalesce(b.snoozed_ms, 0),
                     grant_frees(g.tenant_id, g.id, g.most_a_day)) as due
     from agent_grant g
     join brief b on b.tenant_id = g.tenant_id and b.author = g.agent and b.category = g.category and b.state = 'open'
     join brief_version v on v.tenant_id = b.tenant_id and v.brief_id = b.id and v.version = b.version
     where g.until_ms > now_ms() and b.deadline_ms > now_ms()
       and not exists (select from agent_grant_end e where e.tenant_id = g.tenant_id and e.grant_id = g.id)
       and not exists (select from decision d where d.tenant_id = b.tenant_id and d.brief_id = b.id
                       and d.state in ('held', 'made'))
       and not exists (select from emergency_stop e where e.agent in ('', b.author))
       and (convert_from(v.text, 'utf8')::jsonb -> 'recommendation' ->> 'confidence_micro')::int >= g.least_confidence_micro
       and has_been_founder(g.tenant_id, g.person_id, g.at_ms)";

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    agent: String,
    category: String,
    least_confidence_micro: i32,
    most_cost_micro_usd: i64,
    most_a_day: i32,
    until_ms: i64,
    person_id: Uuid,
    name: String,
    at_ms: i64,
    canonical: Vec<u8>,
    seal: String,
    ended_ms: Option<i64>,
    why: Option<String>,
    is_founder: bool,
    is_journaled: bool,
    frees_ms: i64,
    used_today: i64,
    used: i64,
}

impl Row {
    fn into_record(self) -> Result<GrantRecord, StoreError> {
        let small = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
        let ended = match (self.ended_ms, self.is_founder) {
            (Some(at), _) => Some((Millis(at), self.why.unwrap_or_default())),
            (None, false) => Some((Millis(self.at_ms), "Whoever gave it is no founder any more.".to_owned())),
            (None, true) => None,
        };
        Ok(GrantRecord {
            id: GrantId(self.id),
            by: (PersonId(self.person_id), self.name),
            at: Millis(self.at_ms),
            terms: Terms {
                agent: self.agent.parse().map_err(|_| StoreError::NotFound)?,
                category: self.category,
                least_confidence_micro: self.least_confidence_micro.unsigned_abs(),
                most_cost_micro_usd: self.most_cost_micro_usd,
                most_a_day: self.most_a_day.unsigned_abs(),
                until: Millis(self.until_ms),
            },
            canonical: self.canonical,
            seal: self.seal,
            ended,
            used_today: small(self.used_today),
            used: small(self.used),
            frees: Millis(self.frees_ms),
            is_journaled: self.is_journaled,
        })
    }
}

/// Those that count first, all of them, since no other list lets a founder take them back; then the newest first.
pub(crate) async fn list(tx: &mut Tx, limit: u32) -> Result<Vec<GrantRecord>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "select g.id, g.agent, g.category, g.least_confidence_micro, g.most_cost_micro_usd, g.most_a_day, g.until_ms,
                g.person_id, p.name, g.at_ms, g.canonical, g.assertion::text as seal, e.at_ms as ended_ms, e.why,
                has_been_founder(g.tenant_id, g.person_id, g.at_ms) as is_founder,
                exists (select from journal j where j.tenant_id = g.tenant_id and j.kind = 'grant.given'
                        and position(encode(g.canonical_sha256, 'hex') in convert_from(j.canonical, 'utf8')) > 0)
                    as is_journaled,
                grant_frees(g.tenant_id, g.id, g.most_a_day) as frees_ms,
                grant_used(g.tenant_id, g.id)::bigint as used_today,
                (select count(*) from decision d where d.tenant_id = g.tenant_id and d.grant_id = g.id) as used
         from agent_grant g join person p on p.id = g.person_id
         left join agent_grant_end e on e.tenant_id = g.tenant_id and e.grant_id = g.id
         order by e.at_ms is not null or g.until_ms <= now_ms() or not has_been_founder(g.tenant_id, g.person_id, g.at_ms),
                  g.at_ms desc, g.id
         limit greatest($1, (select count(*) from agent_grant l
                             where l.until_ms > now_ms()
                               and not exists (select from agent_grant_end x
                                               where x.tenant_id = l.tenant_id and x.grant_id = l.id)))",
    )
    .bind(i64::from(limit))
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    rows.into_iter().map(Row::into_record).collect()
}

pub(crate) async fn give(mut pen: Pen, grant: NewGrant) -> Result<(), StoreError> {
    let NewGrant { id, terms, canonical, sha256, seal, task, name, at, act } = grant;
    let number = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let row = sqlx::query(
        "insert into agent_grant (tenant_id, id, agent, category, least_confidence_micro, most_cost_micro_usd, most_a_day,
                                  until_ms, person_id, how, proven_ms, at_ms, canonical, canonical_sha256, assertion)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, sha256($13), $14::jsonb)",
    )
    .bind(pen.tenant.0)
    .bind(id.0)
    .bind(terms.agent.as_str())
    .bind(&terms.category)
    .bind(number(terms.least_confidence_micro))
    .bind(terms.most_cost_micro_usd)
    .bind(number(terms.most_a_day))
    .bind(terms.until.0)
    .bind(act.by.0)
    .bind(act.via.how.as_str())
    .bind(act.at.0)
    .bind(at.0)
    .bind(&canonical)
    .bind(&seal)
    .execute(&mut *pen.tx)
    .await;
    if let Err(error) = row {
        return Err(refusal(error, &terms));
    }
    let given = AutonomyAct::GrantGiven {
        grant: id,
        agent: terms.agent.clone(),
        category: terms.category.clone(),
        least_confidence_micro: terms.least_confidence_micro,
        most_cost_micro_usd: terms.most_cost_micro_usd,
        most_a_day: terms.most_a_day,
        until: terms.until,
        sha256,
    };
    pen.write_act(&act, What::Autonomy { by: Some(act.by), act: given }).await?;
    let title = format!("You may act on your own recommendations about {}", terms.category);
    let trace = format!("grant-{id}");
    let told = GrantGivenV1 {
        v: 1,
        task: title.clone(),
        grant: id.to_string(),
        category: &terms.category,
        least_confidence_micro: terms.least_confidence_micro,
        most_cost_micro_usd: terms.most_cost_micro_usd,
        most_a_day: terms.most_a_day,
        until: terms.until.to_rfc3339(),
        granted_by: &name,
        correlation_id: trace.clone(),
    };
    let payload = text(&told)?;
    let task = OwnTask { id: task, agent: &terms.agent, kind: GRANT_GIVEN_KIND, title, trace, payload };
    tasks::give(&mut pen, &task, act.at).await?;
    pen.commit(act.at).await.map(drop)
}

fn refusal(error: sqlx::Error, terms: &Terms) -> StoreError {
    let database = error.as_database_error();
    let words = match (
        database.and_then(|one| one.constraint()),
        database.and_then(sqlx::error::DatabaseError::code).as_deref(),
    ) {
        (Some("grant_once"), _) => {
            format!("{} has a grant for “{}” already. Take that one back first.", terms.agent, terms.category)
        }
        (_, Some("23503")) => "There is no such agent.".to_owned(),
        _ if is_refused(&error) => {
            tracing::warn!(%error, "the database refused a grant");
            "This cannot be granted so.".to_owned()
        }
        _ => return unavailable(error),
    };
    StoreError::Refused(words)
}

/// A founder takes it back; done twice, once.
pub(crate) async fn revoke(mut pen: Pen, id: GrantId, why: &str, task: TaskId, act: Act) -> Result<(), StoreError> {
    let row: Option<(String, String)> = sqlx::query_as("select agent, category from agent_grant where id = $1")
        .bind(id.0)
        .fetch_optional(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
    let (agent, category) = row.ok_or(StoreError::NotFound)?;
    let agent: AgentName = agent.parse().map_err(|_| StoreError::NotFound)?;
    if !note_end(&mut pen, id, why, Some(act.by), act.at).await? {
        return Ok(());
    }
    let ended =
        AutonomyAct::GrantEnded { grant: id, agent: agent.clone(), category: category.clone(), why: why.into() };
    pen.write_act(&act, What::Autonomy { by: Some(act.by), act: ended }).await?;
    tell_end(&mut pen, (id, task), &agent, &category, why, act.at).await?;
    pen.commit(act.at).await.map(drop)
}

/// Ends what grants an agent has for a category: it hears why, in the transaction in which that began to count. Unless
/// `is_sure`, only where somebody said otherwise than it recommended.
pub(crate) async fn fall(
    pen: &mut Pen,
    (agent, category): (&AgentName, &str),
    is_sure: bool,
    why: &str,
    now: Millis,
) -> Result<(), StoreError> {
    let fallen: Vec<(Uuid,)> = sqlx::query_as(
        "select g.id from agent_grant g
         where g.agent = $1 and g.category = $2 and g.until_ms > $3
           and not exists (select from agent_grant_end e where e.tenant_id = g.tenant_id and e.grant_id = g.id)
           and ($4 or was_overridden(g.tenant_id, g.agent, g.category, g.at_ms))",
    )
    .bind(agent.as_str())
    .bind(category)
    .bind(now.0)
    .bind(is_sure)
    .fetch_all(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    for (id,) in fallen {
        end(pen, GrantId(id), agent, category, why, now).await?;
    }
    Ok(())
}

/// Ends what grants somebody gave who is a founder no more, in the transaction in which they ceased to be one. Were they
/// to become one again, they would have to give them anew.
pub(crate) async fn leave(pen: &mut Pen, person: PersonId, now: Millis) -> Result<(), StoreError> {
    let left: Vec<(Uuid, String, String)> = sqlx::query_as(
        "select g.id, g.agent, g.category from agent_grant g
         where g.person_id = $1 and g.until_ms > $2
           and not exists (select from agent_grant_end e where e.tenant_id = g.tenant_id and e.grant_id = g.id)
           and not exists (select from membership m where m.tenant_id = g.tenant_id and m.person_id = g.person_id
                           and m.role = 'founder')
         order by g.id",
    )
    .bind(person.0)
    .bind(now.0)
    .fetch_all(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    for (id, agent, category) in left {
        let agent: AgentName = agent.parse().map_err(|_| StoreError::NotFound)?;
        end(pen, GrantId(id), &agent, &category, "Whoever gave it is no founder any more.", now).await?;
    }
    Ok(())
}

async fn end(
    pen: &mut Pen,
    id: GrantId,
    agent: &AgentName,
    category: &str,
    why: &str,
    now: Millis,
) -> Result<(), StoreError> {
    if !note_end(pen, id, why, None, now).await? {
        return Ok(());
    }
    let ended = AutonomyAct::GrantEnded { grant: id, agent: agent.clone(), category: category.into(), why: why.into() };
    pen.write(&[Entry::new(now, What::Autonomy { by: None, act: ended })]).await?;
    let task = TaskId::of_grant_end(pen.tenant, id, now.0);
    tell_end(pen, (id, task), agent, category, why, now).await
}

/// False where it had ended.
async fn note_end(pen: &mut Pen, id: GrantId, why: &str, by: Option<PersonId>, at: Millis) -> Result<bool, StoreError> {
    let noted = sqlx::query(
        "insert into agent_grant_end (tenant_id, grant_id, person_id, why, at_ms) values ($1, $2, $3, $4, $5)
         on conflict do nothing",
    )
    .bind(pen.tenant.0)
    .bind(id.0)
    .bind(by.map(|person| person.0))
    .bind(why)
    .bind(at.0)
    .execute(&mut *pen.tx)
    .await
    .map_err(unavailable)?;
    Ok(noted.rows_affected() > 0)
}

async fn tell_end(
    pen: &mut Pen,
    (id, task): (GrantId, TaskId),
    agent: &AgentName,
    category: &str,
    why: &str,
    at: Millis,
) -> Result<(), StoreError> {
    let title = format!("You act on your own recommendations about {category} no longer");
    let trace = format!("grant-{id}");
    let told =
        GrantEndedV1 { v: 1, task: title.clone(), grant: id.to_string(), category, why, correlation_id: trace.clone() };
    let payload = text(&told)?;
    tasks::give(pen, &OwnTask { id: task, agent, kind: GRANT_ENDED_KIND, title, trace, payload }, at).await
}

fn text(message: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(message).map_err(|error| StoreError::Unavailable(error.into()))
}
