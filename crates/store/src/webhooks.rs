//! An organization's webhooks, and what is sent to them.

use crate::{
    changes::{Change, notify},
    db::{Db, taken, unavailable},
    journal,
    notices::NoticeRow,
    projection::Tx,
    webhook_rows::{DeliveryLine, DueLine, WebhookLine},
};
use async_trait::async_trait;
use countersign_domain::{
    Act, Millis, TenantId, WebhookId,
    journal::{Entry, What},
    webhook::{DeliveryRow, TRIED_MS, WebhookAct, WebhookRow, rest_ms},
};
use countersign_service::ports::{DueDelivery, NewWebhook, StoreError, WebhookOutcome, WebhookTried, Webhooks};
use uuid::Uuid;

/// [`Webhooks`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgWebhooks {
    db: Db,
}

impl PgWebhooks {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

/// Why one is off that was switched off by a person.
const BY_FOUNDER: &str = "A founder switched it off.";

/// Journals what was done to a webhook, by a person or else by the server.
async fn note(
    tx: &mut Tx,
    tenant: TenantId,
    id: Uuid,
    act: WebhookAct,
    by: Result<&Act, Millis>,
) -> Result<(), StoreError> {
    let (name, host): (String, String) = sqlx::query_as("select name, host from webhook where id = $1")
        .bind(id)
        .fetch_one(&mut **tx)
        .await
        .map_err(unavailable)?;
    let what = |by| What::Webhook { by, id: WebhookId(id), name, host, act };
    let entry = match by {
        Ok(person) => Entry::by(person, what(Some(person.by))),
        Err(at) => Entry::new(at, what(None)),
    };
    let head = journal::append_one(tx, tenant, entry).await?;
    notify(tx, Change { tenant, seq: head.seq, tasks: false, fleet: false, outbox: false }).await
}

/// Deliveries of one organization that are on their way at a time: it holds up no other.
const MOST_OF_ONE: i64 = 8;

async fn queue(tx: &mut Tx, tenant: TenantId, webhook: Uuid, delivery: Uuid, now: Millis) -> Result<(), StoreError> {
    sqlx::query(
        "insert into webhook_due (tenant_id, delivery_id, webhook_id, next_ms) values ($1, $2, $3, $4)
         on conflict (tenant_id, delivery_id) do update set next_ms = excluded.next_ms",
    )
    .bind(tenant.0)
    .bind(delivery)
    .bind(webhook)
    .bind(now.0)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// Locks the lane of the webhook that a delivery is for: what came of two tries of it is noted one after the other.
/// Answers the webhook, and how many in a row it did not take.
async fn lock_lane(tx: &mut Tx, tenant: TenantId, delivery: Uuid) -> Result<Option<(Uuid, u32)>, StoreError> {
    let lane: Option<(Uuid, i32)> = sqlx::query_as(
        "select webhook_id, fails from webhook_lane
         where tenant_id = $1 and webhook_id = (select webhook_id from webhook_delivery where id = $2) for update",
    )
    .bind(tenant.0)
    .bind(delivery)
    .fetch_optional(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(lane.map(|(webhook, fails)| (webhook, fails.unsigned_abs())))
}

/// Lets the webhook's next delivery go: at once where this one was taken, else after a rest.
async fn free_lane(
    tx: &mut Tx,
    tenant: TenantId,
    webhook: Uuid,
    fails: u32,
    tried: &WebhookTried,
) -> Result<(), StoreError> {
    let (fails, free_at) = match tried.outcome {
        WebhookOutcome::Taken => (0, 0),
        // Nothing was sent: there is nobody to be left alone.
        _ if tried.took_ms.is_none() => (fails, 0),
        _ => (fails.saturating_add(1), tried.at.0 + rest_ms(fails.saturating_add(1))),
    };
    sqlx::query(
        "update webhook_lane set busy_ms = 0, free_ms = $3, fails = $4 where tenant_id = $1 and webhook_id = $2",
    )
    .bind(tenant.0)
    .bind(webhook)
    .bind(free_at)
    .bind(i32::try_from(fails).unwrap_or(i32::MAX))
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// Has all that waits for a webhook go now. Whoever calls this has locked its lane.
async fn pull(tx: &mut Tx, tenant: TenantId, webhook: Uuid, now: Millis) -> Result<(), StoreError> {
    for pulled in [
        "update webhook_due set next_ms = $3 where tenant_id = $1 and webhook_id = $2 and next_ms > $3",
        "update webhook_delivery set next_ms = $3
         where tenant_id = $1 and webhook_id = $2 and next_ms > $3 and taken_ms is null and given_up_ms is null",
    ] {
        sqlx::query(pulled).bind(tenant.0).bind(webhook).bind(now.0).execute(&mut **tx).await.map_err(unavailable)?;
    }
    Ok(())
}

#[async_trait]
impl Webhooks for PgWebhooks {
    async fn list(&self, tenant: TenantId, now: Millis) -> Result<Vec<WebhookRow>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        Ok(WebhookLine::read(&mut tx, now, None).await?.into_iter().map(WebhookLine::into_row).collect())
    }

    async fn make(&self, tenant: TenantId, new: NewWebhook, most: u32, act: Act) -> Result<(), StoreError> {
        let mut tx = journal::alone(&self.db, tenant).await?;
        let (count,): (i64,) = sqlx::query_as("select count(*) from webhook where off_ms is null")
            .fetch_one(&mut *tx)
            .await
            .map_err(unavailable)?;
        if count >= i64::from(most) {
            return Err(StoreError::Refused(format!("There are {most} webhooks already. Switch one off first.")));
        }
        sqlx::query(
            "insert into webhook (tenant_id, id, name, shape, host, sealed_url, kinds, sealed_secret, made_ms, made_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(tenant.0)
        .bind(new.id.0)
        .bind(&new.name)
        .bind(new.shape.as_str())
        .bind(&new.host)
        .bind(new.sealed_url)
        .bind(&new.kinds)
        .bind(new.sealed_secret)
        .bind(act.at.0)
        .bind(act.by.0)
        .execute(&mut *tx)
        .await
        .map_err(taken(
            "webhook_pkey",
            "This webhook was made already, and its secret is not shown again. If it was not copied, change the secret."
                .to_owned(),
        ))?;
        sqlx::query("insert into webhook_lane (tenant_id, webhook_id) values ($1, $2)")
            .bind(tenant.0)
            .bind(new.id.0)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        note(&mut tx, tenant, new.id.0, WebhookAct::Made, Ok(&act)).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn rotate(
        &self,
        tenant: TenantId,
        id: WebhookId,
        sealed_secret: Vec<u8>,
        old_until: Millis,
        act: Act,
    ) -> Result<(), StoreError> {
        let mut tx = journal::alone(&self.db, tenant).await?;
        let changed = sqlx::query(
            "update webhook set sealed_old = sealed_secret, sealed_secret = $2, old_until_ms = $3
             where id = $1 and shape = 'signed'",
        )
        .bind(id.0)
        .bind(sealed_secret)
        .bind(old_until.0)
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        note(&mut tx, tenant, id.0, WebhookAct::Rotated, Ok(&act)).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn switch(&self, tenant: TenantId, id: WebhookId, on: bool, act: Act) -> Result<(), StoreError> {
        let mut tx = journal::alone(&self.db, tenant).await?;
        let (is_on,): (bool,) = sqlx::query_as("select off_ms is null from webhook where id = $1")
            .bind(id.0)
            .fetch_one(&mut *tx)
            .await
            .map_err(unavailable)?;
        if is_on == on {
            return Ok(());
        }
        // The lane before the webhook, as where a try is noted.
        sqlx::query("update webhook_lane set free_ms = 0, fails = 0 where tenant_id = $1 and webhook_id = $2")
            .bind(tenant.0)
            .bind(id.0)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        sqlx::query(
            "update webhook set off_ms = case when $2 then null else $3 end, off_why = case when $2 then null else $4 end,
                                failing_ms = case when $2 then null else failing_ms end
             where id = $1",
        )
        .bind(id.0)
        .bind(on)
        .bind(act.at.0)
        .bind(BY_FOUNDER)
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        let done = if on { WebhookAct::SwitchedOn } else { WebhookAct::SwitchedOff };
        note(&mut tx, tenant, id.0, done, Ok(&act)).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn test(&self, tenant: TenantId, id: WebhookId, delivery: Uuid, now: Millis) -> Result<(), StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        let made = sqlx::query(
            "insert into webhook_delivery (tenant_id, id, webhook_id, topic, made_ms, until_ms, next_ms)
             select $1, $3, w.id, 'webhook.test', $4, $4 + $5, $4 from webhook w where w.id = $2 and w.off_ms is null",
        )
        .bind(tenant.0)
        .bind(id.0)
        .bind(delivery)
        .bind(now.0)
        .bind(TRIED_MS)
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        if made.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        queue(&mut tx, tenant, id.0, delivery, now).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn deliveries(
        &self,
        tenant: TenantId,
        id: WebhookId,
        most: u32,
        now: Millis,
    ) -> Result<(WebhookRow, Vec<DeliveryRow>), StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let webhook = WebhookLine::read(&mut tx, now, Some(id.0)).await?.pop().ok_or(StoreError::NotFound)?;
        let rows: Vec<DeliveryLine> = sqlx::query_as(
            "select id, topic, made_ms, next_ms, tries, status, took_ms, why, body, taken_ms, given_up_ms
             from webhook_delivery where webhook_id = $1 order by made_ms desc, id desc limit $2",
        )
        .bind(id.0)
        .bind(i64::from(most))
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        Ok((webhook.into_row(), rows.into_iter().map(DeliveryLine::into_row).collect()))
    }

    async fn replay(&self, tenant: TenantId, delivery: Uuid, act: Act) -> Result<WebhookId, StoreError> {
        let mut tx = journal::alone(&self.db, tenant).await?;
        let (webhook, waits, is_off): (Uuid, bool, bool) = sqlx::query_as(
            "select d.webhook_id, d.taken_ms is null and d.given_up_ms is null, w.off_ms is not null
             from webhook_delivery d join webhook w on w.tenant_id = d.tenant_id and w.id = d.webhook_id
             where d.id = $1 for update of d",
        )
        .bind(delivery)
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        if waits {
            return Err(StoreError::Refused("It is on its way already.".to_owned()));
        }
        if is_off {
            return Err(StoreError::Refused("The webhook is switched off. Switch it on first.".to_owned()));
        }
        sqlx::query(
            "update webhook_delivery set taken_ms = null, given_up_ms = null, tries = 0, next_ms = $2, until_ms = $2 + $3
             where id = $1",
        )
        .bind(delivery)
        .bind(act.at.0)
        .bind(TRIED_MS)
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        queue(&mut tx, tenant, webhook, delivery, act.at).await?;
        note(&mut tx, tenant, webhook, WebhookAct::Replayed, Ok(&act)).await?;
        tx.commit().await.map_err(unavailable)?;
        Ok(WebhookId(webhook))
    }

    async fn take(&self, now: Millis, again_at: Millis) -> Result<Option<DueDelivery>, StoreError> {
        let due: Option<(Uuid, Uuid, Uuid)> = sqlx::query_as(
            "with turn as (
                 select q.tenant_id, q.webhook_id, q.delivery_id
                 from webhook_due q
                 join webhook_lane l on l.tenant_id = q.tenant_id and l.webhook_id = q.webhook_id
                 where q.next_ms <= $1 and l.busy_ms <= $1 and l.free_ms <= $1
                   and (select count(*) from webhook_lane o where o.tenant_id = q.tenant_id and o.busy_ms > $1) < $3
                 order by q.next_ms limit 1 for update of l, q skip locked),
             busy as (
                 update webhook_lane l set busy_ms = $2 from turn t
                 where l.tenant_id = t.tenant_id and l.webhook_id = t.webhook_id)
             update webhook_due q set next_ms = $2 from turn t
             where q.tenant_id = t.tenant_id and q.delivery_id = t.delivery_id
             returning q.tenant_id, q.delivery_id, q.webhook_id",
        )
        .bind(now.0)
        .bind(again_at.0)
        .bind(MOST_OF_ONE)
        .fetch_optional(self.db.pool())
        .await
        .map_err(unavailable)?;
        let Some((tenant, delivery, webhook)) = due else { return Ok(None) };
        let tenant = TenantId(tenant);
        let mut tx = self.db.tenant_tx(tenant).await?;
        let line = DueLine::take(&mut tx, delivery, now, again_at).await?;
        let Some(line) = line else {
            // It was forgotten meanwhile.
            for (done, id) in [
                ("update webhook_lane set busy_ms = 0 where tenant_id = $1 and webhook_id = $2", webhook),
                ("delete from webhook_due where tenant_id = $1 and delivery_id = $2", delivery),
            ] {
                sqlx::query(done).bind(tenant.0).bind(id).execute(&mut *tx).await.map_err(unavailable)?;
            }
            tx.commit().await.map_err(unavailable)?;
            return Ok(None);
        };
        let notice: Option<NoticeRow> =
            sqlx::query_as("select id, kind, about, title, sha256, due_ms, at_ms from notice where id = $1")
                .bind(line.notice_id)
                .fetch_optional(&mut *tx)
                .await
                .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)?;
        Ok(Some(line.into_due(tenant, notice.map(NoticeRow::into_notice).transpose()?)?))
    }

    async fn keep_body(&self, tenant: TenantId, delivery: Uuid, body: &str) -> Result<String, StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        let (kept,): (String,) =
            sqlx::query_as("update webhook_delivery set body = coalesce(body, $2) where id = $1 returning body")
                .bind(delivery)
                .bind(body)
                .fetch_one(&mut *tx)
                .await
                .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)?;
        Ok(kept)
    }

    async fn note(
        &self,
        tenant: TenantId,
        delivery: Uuid,
        tried: WebhookTried,
        failing_since: Millis,
    ) -> Result<(), StoreError> {
        let (taken_at, given_up_at, next) = match &tried.outcome {
            WebhookOutcome::Taken => (Some(tried.at.0), None, None),
            WebhookOutcome::GivenUp | WebhookOutcome::Gone => (None, Some(tried.at.0), None),
            WebhookOutcome::Again(next) => (None, None, Some(next.0)),
        };
        // What may switch it off is journaled: the head comes before any row, so that two of these cannot wait for each
        // other.
        let mut tx = if given_up_at.is_some() {
            journal::alone(&self.db, tenant).await?
        } else {
            self.db.tenant_tx(tenant).await?
        };
        let Some((webhook, fails)) = lock_lane(&mut tx, tenant, delivery).await? else { return Ok(()) };
        let noted = sqlx::query(
            "update webhook_delivery set status = $2, took_ms = $3, why = $4, taken_ms = $5, given_up_ms = $6,
                                         next_ms = coalesce($7, next_ms)
             where id = $1 and tries = $8 and taken_ms is null and given_up_ms is null",
        )
        .bind(delivery)
        .bind(tried.status.map(i32::from))
        .bind(tried.took_ms.and_then(|ms| i32::try_from(ms).ok()))
        .bind(&tried.why)
        .bind(taken_at)
        .bind(given_up_at)
        .bind(next)
        .bind(i32::try_from(tried.tries).unwrap_or(i32::MAX))
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        // Whoever is late was overtaken: what came of a newer try counts.
        if noted.rows_affected() == 0 {
            return Ok(());
        }
        free_lane(&mut tx, tenant, webhook, fails, &tried).await?;
        let queued = match next {
            Some(_) => "update webhook_due set next_ms = $3 where tenant_id = $1 and delivery_id = $2",
            None => "delete from webhook_due where tenant_id = $1 and delivery_id = $2 and $3::bigint is null",
        };
        sqlx::query(queued).bind(tenant.0).bind(delivery).bind(next).execute(&mut *tx).await.map_err(unavailable)?;
        if fails > 0 && taken_at.is_some() {
            // It is back: what waited for that waits no longer.
            pull(&mut tx, tenant, webhook, tried.at).await?;
        }
        let (is_taken, is_gone) = (tried.outcome == WebhookOutcome::Taken, tried.outcome == WebhookOutcome::Gone);
        let off: Option<(bool,)> = sqlx::query_as(
            "update webhook set
                 taken_ms = case when $2 then $4 else taken_ms end,
                 failing_ms = case when $2 then null else coalesce(failing_ms, $4) end,
                 off_ms = case when $3 or ($5 and failing_ms <= $6) then $4 end,
                 off_why = case when $3 then 'Whoever listened there is gone.'
                                when $5 and failing_ms <= $6 then 'Nothing was taken for a day.' end
             where id = $1 and off_ms is null returning off_ms is not null",
        )
        .bind(webhook)
        .bind(is_taken)
        .bind(is_gone)
        .bind(tried.at.0)
        .bind(given_up_at.is_some())
        .bind(failing_since.0)
        .fetch_optional(&mut *tx)
        .await
        .map_err(unavailable)?;
        if off == Some((true,)) {
            note(&mut tx, tenant, webhook, WebhookAct::SwitchedOff, Err(tried.at)).await?;
        }
        tx.commit().await.map_err(unavailable)
    }
}
