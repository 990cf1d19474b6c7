//! Webhooks and their deliveries as they are read.

use crate::{db::unavailable, projection::Tx};
use countersign_domain::{
    Millis, TenantId, WebhookId,
    notice::Notice,
    webhook::{DeliveryRow, DeliveryState, WebhookRow, WebhookShape},
};
use countersign_service::ports::{DueDelivery, StoreError};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
pub(crate) struct WebhookLine {
    id: Uuid,
    name: String,
    shape: String,
    host: String,
    kinds: Vec<String>,
    made_ms: i64,
    made_by: String,
    old_until_ms: Option<i64>,
    off_ms: Option<i64>,
    off_why: Option<String>,
    failing_ms: Option<i64>,
    taken_ms: Option<i64>,
    waiting: i64,
}

impl WebhookLine {
    /// All of the tenant, or the one; the newest first.
    pub(crate) async fn read(tx: &mut Tx, now: Millis, one: Option<Uuid>) -> Result<Vec<Self>, StoreError> {
        sqlx::query_as(
            "select w.id, w.name, w.shape, w.host, w.kinds, w.made_ms, p.name as made_by,
                    case when w.old_until_ms > $1 then w.old_until_ms end as old_until_ms, w.off_ms, w.off_why,
                    w.failing_ms, w.taken_ms,
                    (select count(*) from webhook_delivery d
                     where d.tenant_id = w.tenant_id and d.webhook_id = w.id and d.taken_ms is null
                       and d.given_up_ms is null) as waiting
             from webhook w join person p on p.id = w.made_by
             where $2::uuid is null or w.id = $2
             order by w.off_ms is not null, w.made_ms desc, w.id desc",
        )
        .bind(now.0)
        .bind(one)
        .fetch_all(&mut **tx)
        .await
        .map_err(unavailable)
    }

    pub(crate) fn into_row(self) -> WebhookRow {
        WebhookRow {
            id: WebhookId(self.id),
            name: self.name,
            shape: self.shape.parse().unwrap_or(WebhookShape::Signed),
            host: self.host,
            kinds: self.kinds,
            made_at: Millis(self.made_ms),
            made_by: self.made_by,
            old_until: self.old_until_ms.map(Millis),
            off: self.off_ms.map(Millis).zip(self.off_why),
            failing_since: self.failing_ms.map(Millis),
            last_taken: self.taken_ms.map(Millis),
            waiting: u32::try_from(self.waiting).unwrap_or(u32::MAX),
        }
    }
}

#[derive(sqlx::FromRow)]
pub(crate) struct DeliveryLine {
    id: Uuid,
    topic: String,
    made_ms: i64,
    next_ms: i64,
    tries: i32,
    status: Option<i32>,
    took_ms: Option<i32>,
    why: Option<String>,
    body: Option<String>,
    taken_ms: Option<i64>,
    given_up_ms: Option<i64>,
}

impl DeliveryLine {
    pub(crate) fn into_row(self) -> DeliveryRow {
        let state = match (self.taken_ms, self.given_up_ms) {
            (Some(at), _) => DeliveryState::Taken(Millis(at)),
            (None, Some(at)) => DeliveryState::GivenUp(Millis(at)),
            (None, None) => DeliveryState::Waiting { next_at: Millis(self.next_ms) },
        };
        DeliveryRow {
            id: self.id.to_string(),
            topic: self.topic,
            made_at: Millis(self.made_ms),
            state,
            tries: self.tries.unsigned_abs(),
            status: self.status.and_then(|status| u16::try_from(status).ok()),
            took_ms: self.took_ms.map(i32::unsigned_abs),
            why: self.why,
            body: self.body,
        }
    }
}

#[derive(sqlx::FromRow)]
pub(crate) struct DueLine {
    id: Uuid,
    webhook_id: Uuid,
    shape: String,
    is_off: bool,
    sealed_url: Vec<u8>,
    sealed_secret: Option<Vec<u8>>,
    sealed_old: Option<Vec<u8>>,
    tenant_name: String,
    tenant_slug: String,
    pub(crate) notice_id: Option<Uuid>,
    body: Option<String>,
    made_ms: i64,
    until_ms: i64,
    tries: i32,
}

impl DueLine {
    /// Counts the delivery as tried, and reads all that the try needs.
    pub(crate) async fn take(
        tx: &mut Tx,
        delivery: Uuid,
        now: Millis,
        again_at: Millis,
    ) -> Result<Option<Self>, StoreError> {
        sqlx::query_as(
            "update webhook_delivery d set tries = d.tries + 1, next_ms = $3
             from webhook w join tenant t on t.id = w.tenant_id
             where d.id = $1 and w.tenant_id = d.tenant_id and w.id = d.webhook_id
               and d.taken_ms is null and d.given_up_ms is null
             returning d.id, d.webhook_id, w.shape, w.off_ms is not null as is_off, w.sealed_url, w.sealed_secret,
                       case when w.old_until_ms > $2 then w.sealed_old end as sealed_old, t.name as tenant_name,
                       t.slug as tenant_slug, d.notice_id, d.body, d.made_ms, d.until_ms, d.tries",
        )
        .bind(delivery)
        .bind(now.0)
        .bind(again_at.0)
        .fetch_optional(&mut **tx)
        .await
        .map_err(unavailable)
    }

    pub(crate) fn into_due(self, tenant: TenantId, notice: Option<Notice>) -> Result<DueDelivery, StoreError> {
        Ok(DueDelivery {
            tenant,
            id: self.id,
            webhook: WebhookId(self.webhook_id),
            shape: self.shape.parse().map_err(|_| StoreError::Unavailable("a webhook of an unknown shape".into()))?,
            is_off: self.is_off,
            sealed_url: self.sealed_url,
            sealed_secret: self.sealed_secret,
            sealed_old: self.sealed_old,
            tenant_name: self.tenant_name,
            tenant_slug: self.tenant_slug,
            notice,
            body: self.body,
            made_at: Millis(self.made_ms),
            until: Millis(self.until_ms),
            tries: self.tries.unsigned_abs(),
        })
    }
}
