//! What waits, and who was told of it.

use crate::{
    db::{Db, unavailable},
    mail_link::post,
    projection::Tx,
};
use async_trait::async_trait;
use countersign_domain::{
    Millis, PersonId, Role, TenantId,
    notice::{
        Notice, NoticePrefs,
        plan::{Listener, Mailed, Message, Step, Told},
    },
    webhook::{MOST_AN_HOUR, TRIED_MS},
};
use countersign_service::ports::{NewMail, NoticeDesk, Notices, StoreError};
use data_encoding::HEXLOWER;
use sqlx::{AssertSqlSafe, types::Json};
use uuid::Uuid;

/// [`Notices`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgNotices {
    db: Db,
}

impl PgNotices {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

/// An agent that is back so soon was not lost. Milliseconds.
const LOST_AFTER_MS: i64 = 60_000;
/// What silence decided is news for so long. Milliseconds.
const NEWS_MS: i64 = 24 * 60 * 60 * 1000;
/// That a webhook is off is news for so long. Milliseconds.
const OFF_NEWS_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// Over so long deliveries are counted. Milliseconds.
const HOUR_MS: i64 = 60 * 60 * 1000;

/// All that waits in the tenant at `$1`, of which people may be told: `kind, about, mark, title, sha256, due_ms, at_ms`.
const STANDING: &str = "
    select case when b.lapsed_ms is not null then 'brief_lapsed'
                when b.deadline_ms - $1 <= 86400000 then 'brief_due' else 'brief_opened' end as kind,
           b.id::text as about,
           -- What was put off comes back as something new.
           b.version::text || coalesce('-' || b.snoozed_ms, '') as mark, convert_from(v.text, 'utf8')::jsonb ->> 'title' as title,
           b.sha256, b.deadline_ms as due_ms,
           coalesce(b.lapsed_ms,
                    greatest(b.snoozed_ms, v.at_ms,
                             case when b.deadline_ms - $1 <= 86400000 then b.deadline_ms - 86400000 end)) as at_ms
    from brief b
    join brief_version v on v.tenant_id = b.tenant_id and v.brief_id = b.id and v.version = b.version
    where b.state = 'open' and (b.snoozed_ms is null or b.snoozed_ms <= $1)
      and not exists (select from decision d where d.brief_id = b.id and d.state = 'held')
    union all
    select 'brief_silent', d.brief_id::text, d.id::text, convert_from(v.text, 'utf8')::jsonb ->> 'title', d.sha256,
           null, d.ended_ms
    from decision d
    join brief_version v on v.tenant_id = d.tenant_id and v.brief_id = d.brief_id and v.version = d.version
    where d.state = 'made' and d.person_id is null and d.ended_ms > $1 - $3
    union all
    select 'review_waiting', r.id::text, '', 'The role file of ' || r.agent, r.sha256, null, r.requested_ms
    from review r where r.state = 'open'
    union all
    select 'letter_waiting', encode(sha256(convert_to(l.fingerprint, 'utf8')), 'hex'),
           -- The oldest of them, as long as any wait.
           coalesce((select n.mark from notice n
                     where n.kind = 'letter_waiting' and n.settled_ms is null
                       and n.about = encode(sha256(convert_to(l.fingerprint, 'utf8')), 'hex') limit 1),
                    min(l.at_ms)::text),
           min(l.kind) || ', of ' || min(l.agent), null, null, min(l.at_ms)
    from dead_letter l where l.state = 'waiting' group by l.fingerprint
    union all
    select 'agent_lost', a.agent, a.changed_ms::text, a.agent, null, null, a.changed_ms
    from agent_live a
    where a.ever_connected and not a.connected and a.changed_ms <= $1 - $2
      and exists (select from credential c where c.agent = a.agent and c.revoked_ms is null and c.expires_ms > $1)
    union all
    select 'webhook_off', w.id::text, w.off_ms::text, w.name || ': ' || w.off_why, null, null, w.off_ms
    from webhook w where w.off_ms is not null and w.off_ms > $1 - $6
      and w.off_why <> 'A founder switched it off.'";

#[derive(sqlx::FromRow)]
pub(crate) struct NoticeRow {
    id: Uuid,
    kind: String,
    about: String,
    title: String,
    sha256: Option<Vec<u8>>,
    due_ms: Option<i64>,
    at_ms: i64,
}

impl NoticeRow {
    pub(crate) fn into_notice(self) -> Result<Notice, StoreError> {
        Ok(Notice {
            id: self.id,
            kind: self.kind.parse().map_err(|_| StoreError::Unavailable("a notice of an unknown kind".into()))?,
            about: self.about,
            title: self.title,
            sha256: self.sha256.map(|bytes| HEXLOWER.encode(&bytes)),
            due: self.due_ms.map(Millis),
            at: Millis(self.at_ms),
        })
    }
}

#[derive(sqlx::FromRow)]
struct ListenerRow {
    person_id: Uuid,
    role: String,
    email: String,
    prefs: Option<Json<NoticePrefs>>,
    since_ms: i64,
    digested_ms: Option<i64>,
    mailed_ms: Option<i64>,
    hour_ms: i64,
    hour_mails: i32,
}

impl ListenerRow {
    fn into_listener(self) -> (Listener, String) {
        // A role that is not known hears nothing.
        let role: Role = self.role.parse().unwrap_or(Role::Observer);
        let listener = Listener {
            person: PersonId(self.person_id),
            role,
            prefs: self.prefs.map_or_else(|| NoticePrefs::usual(role), |prefs| prefs.0),
            since: Millis(self.since_ms),
            digested: self.digested_ms.map(Millis),
            mailed: Mailed {
                last: self.mailed_ms.map(Millis),
                hour: Millis(self.hour_ms),
                count: self.hour_mails.unsigned_abs(),
            },
        };
        (listener, self.email)
    }
}

#[async_trait]
impl Notices for PgNotices {
    async fn gather(&self, tenant: TenantId) -> Result<bool, StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        // One server at a time, so that none takes for news what another has just written.
        sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind(format!("notices:{}", tenant.0))
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        let (now,): (i64,) = sqlx::query_as("select (extract(epoch from clock_timestamp()) * 1000)::bigint")
            .fetch_one(&mut *tx)
            .await
            .map_err(unavailable)?;
        // What a mail server did not take in time told nobody. Where there is none, nobody waits for it.
        sqlx::query(
            "delete from notice_told t using notice n, mail m
             where n.tenant_id = t.tenant_id and n.id = t.notice_id and n.settled_ms is null and m.id = t.mail_id
               and m.sent_ms is null and m.given_up_ms >= m.expires_ms and m.tries > 0",
        )
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        let sql = format!(
            "with standing as materialized ({STANDING}),
             settled as (
                 update notice n set settled_ms = $1
                 where n.settled_ms is null
                   and not exists (select from standing s where (s.kind, s.about, s.mark) = (n.kind, n.about, n.mark))),
             again as (
                 update notice n set settled_ms = null, due_ms = s.due_ms from standing s
                 where (n.settled_ms is not null or n.due_ms is distinct from s.due_ms)
                   and (s.kind, s.about, s.mark) = (n.kind, n.about, n.mark)),
             fresh as (
                 insert into notice (tenant_id, id, kind, about, mark, title, sha256, due_ms, at_ms)
                 select $4, gen_random_uuid(), s.kind, s.about, s.mark, s.title, s.sha256, s.due_ms, s.at_ms
                 from standing s
                 on conflict (tenant_id, kind, about, mark) do nothing
                 returning id, kind, at_ms),
             counted as (
                 select w.id as webhook_id, f.id as notice_id, regexp_replace(f.kind, '_', '.') as topic,
                        row_number() over (partition by w.id order by f.at_ms, f.id)
                            + (select count(*) from webhook_delivery d
                               where d.tenant_id = w.tenant_id and d.webhook_id = w.id and d.made_ms > $1 - $8
                                 and not (d.given_up_ms is not null and d.tries = 0)) > $7::bigint as is_too_many
                 from fresh f join webhook w on f.kind = any (w.kinds) and w.off_ms is null),
             sent as (
                 insert into webhook_delivery (tenant_id, id, webhook_id, notice_id, topic, made_ms, until_ms, next_ms,
                                               given_up_ms, why)
                 select $4, gen_random_uuid(), c.webhook_id, c.notice_id, c.topic, $1, $1 + $5, $1,
                        case when c.is_too_many then $1 end,
                        case when c.is_too_many then 'It was not sent: there were ' || $7::bigint || ' within the hour already.' end
                 from counted c
                 returning id, webhook_id, given_up_ms),
             queued as (
                 insert into webhook_due (tenant_id, delivery_id, webhook_id, next_ms)
                 select $4, id, webhook_id, $1 from sent where given_up_ms is null)
             select exists (select from standing)"
        );
        let (waits,): (bool,) = sqlx::query_as(AssertSqlSafe(sql))
            .bind(now)
            .bind(LOST_AFTER_MS)
            .bind(NEWS_MS)
            .bind(tenant.0)
            .bind(TRIED_MS)
            .bind(OFF_NEWS_MS)
            .bind(i64::from(MOST_AN_HOUR))
            .bind(HOUR_MS)
            .fetch_one(&mut *tx)
            .await
            .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)?;
        Ok(waits)
    }

    async fn desk(&self, tenant: TenantId) -> Result<NoticeDesk, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let (tenant_name, tenant_slug): (String, String) =
            sqlx::query_as("select name, slug from tenant where id = $1")
                .bind(tenant.0)
                .fetch_one(&mut *tx)
                .await
                .map_err(unavailable)?;
        let notices: Vec<NoticeRow> =
            sqlx::query_as("select id, kind, about, title, sha256, due_ms, at_ms from notice where settled_ms is null")
                .fetch_all(&mut *tx)
                .await
                .map_err(unavailable)?;
        let listeners: Vec<ListenerRow> = sqlx::query_as(
            "select m.person_id, m.role, p.email, n.prefs, coalesce(n.since_ms, m.since_ms) as since_ms, n.digested_ms,
                    n.mailed_ms, coalesce(n.hour_ms, 0) as hour_ms, coalesce(n.hour_mails, 0) as hour_mails
             from membership m
             join person p on p.id = m.person_id and p.verified_ms is not null
             left join notice_person n on n.tenant_id = m.tenant_id and n.person_id = m.person_id
             where m.tenant_id = $1 order by m.person_id",
        )
        .bind(tenant.0)
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let told: Vec<(Uuid, Uuid, String, i64)> = sqlx::query_as(
            "select t.notice_id, t.person_id, t.step, t.at_ms
             from notice_told t join notice n on n.tenant_id = t.tenant_id and n.id = t.notice_id
             where n.settled_ms is null",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let told = told.into_iter().map(|(notice, person, step, at)| {
            let step: Step = step.parse().map_err(|_| StoreError::Unavailable("an unknown way to tell".into()))?;
            Ok(Told { notice, person: PersonId(person), step, at: Millis(at) })
        });
        Ok(NoticeDesk {
            tenant_name,
            tenant_slug,
            listeners: listeners.into_iter().map(ListenerRow::into_listener).collect(),
            notices: notices.into_iter().map(NoticeRow::into_notice).collect::<Result<_, _>>()?,
            told: told.collect::<Result<_, StoreError>>()?,
        })
    }

    async fn tell(
        &self,
        tenant: TenantId,
        message: &Message,
        mailed: Mailed,
        mail: NewMail,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        let told = sqlx::query(
            "insert into notice_told (tenant_id, notice_id, person_id, step, mail_id, at_ms)
             select $1, n.id, $2, $3, $4, $5 from notice n where n.id = any ($6) and n.settled_ms is null
             on conflict do nothing",
        )
        .bind(tenant.0)
        .bind(message.person.0)
        .bind(message.step.as_str())
        .bind(mail.id.0)
        .bind(now.0)
        .bind(&message.notices)
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        if usize::try_from(told.rows_affected()).ok() != Some(message.notices.len()) {
            return Ok(false);
        }
        let kept = match message.slot {
            Some(slot) => sqlx::query(
                "insert into notice_person (tenant_id, person_id, since_ms, digested_ms)
                 select tenant_id, person_id, since_ms, $3 from membership where tenant_id = $1 and person_id = $2
                 on conflict (tenant_id, person_id) do update set digested_ms = excluded.digested_ms",
            )
            .bind(tenant.0)
            .bind(message.person.0)
            .bind(slot.0),
            None => {
                let Mailed { hour, count, .. } = mailed.and(now);
                sqlx::query(
                    "insert into notice_person as n (tenant_id, person_id, since_ms, mailed_ms, hour_ms, hour_mails)
                     select tenant_id, person_id, since_ms, $3, $4, $5 from membership
                     where tenant_id = $1 and person_id = $2
                     on conflict (tenant_id, person_id) do update set
                         mailed_ms = excluded.mailed_ms, hour_ms = excluded.hour_ms, hour_mails = excluded.hour_mails
                     where n.mailed_ms is not distinct from $6",
                )
                .bind(tenant.0)
                .bind(message.person.0)
                .bind(now.0)
                .bind(hour.0)
                .bind(i32::try_from(count).unwrap_or(i32::MAX))
                .bind(mailed.last.map(|last| last.0))
            }
        };
        if kept.execute(&mut *tx).await.map_err(unavailable)?.rows_affected() == 0 {
            return Ok(false);
        }
        post(&mut tx, &mail).await?;
        tx.commit().await.map_err(unavailable)?;
        Ok(true)
    }

    async fn prefs(&self, tenant: TenantId, person: PersonId) -> Result<(Option<NoticePrefs>, bool), StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let (prefs, verified): (Option<Json<NoticePrefs>>, bool) = sqlx::query_as(
            "select n.prefs, p.verified_ms is not null from person p
             left join notice_person n on n.person_id = p.id and n.tenant_id = $2 where p.id = $1",
        )
        .bind(person.0)
        .bind(tenant.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        Ok((prefs.map(|prefs| prefs.0), verified))
    }

    async fn keep_prefs(
        &self,
        tenant: TenantId,
        person: PersonId,
        prefs: &NoticePrefs,
        now: Millis,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        sqlx::query(
            "insert into notice_person (tenant_id, person_id, prefs, since_ms) values ($1, $2, $3, $4)
             on conflict (tenant_id, person_id) do update set prefs = excluded.prefs, since_ms = excluded.since_ms",
        )
        .bind(tenant.0)
        .bind(person.0)
        .bind(Json(prefs))
        .bind(now.0)
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)
    }

    async fn test(
        &self,
        tenant: TenantId,
        person: PersonId,
        mail: NewMail,
        since: Millis,
        now: Millis,
    ) -> Result<bool, StoreError> {
        let mut tx: Tx = self.db.tenant_tx(tenant).await?;
        let tested = sqlx::query(
            "insert into notice_person as n (tenant_id, person_id, since_ms, tested_ms)
             select tenant_id, person_id, since_ms, $3 from membership where tenant_id = $1 and person_id = $2
             on conflict (tenant_id, person_id) do update set tested_ms = excluded.tested_ms
             where n.tested_ms is null or n.tested_ms <= $4",
        )
        .bind(tenant.0)
        .bind(person.0)
        .bind(now.0)
        .bind(since.0)
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        if tested.rows_affected() == 0 {
            return Ok(false);
        }
        post(&mut tx, &mail).await?;
        tx.commit().await.map_err(unavailable)?;
        Ok(true)
    }

    async fn tidy(&self, tenant: TenantId, before: Millis) -> Result<(), StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        for forgotten in ["delete from webhook_delivery where made_ms < $1", "delete from notice where settled_ms < $1"]
        {
            sqlx::query(forgotten).bind(before.0).execute(&mut *tx).await.map_err(unavailable)?;
        }
        tx.commit().await.map_err(unavailable)
    }
}
