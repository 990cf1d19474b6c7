//! The outbox of mails.

use crate::{
    account,
    db::{Db, enter, unavailable},
    projection::Tx,
};
use async_trait::async_trait;
use countersign_domain::{
    Act, MailId, Millis, PersonId, TenantId,
    account::AccountAct,
    mail::{MailKind, MailState},
    reading::MailRow,
};
use countersign_service::ports::{DueMail, Post, StoreError, Tried};
use uuid::Uuid;

/// [`Post`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgPost {
    db: Db,
}

impl PgPost {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

/// Why a mail of what waits did not leave.
const NOT_WANTED: &str = "Nothing in it waits any more, or it is for somebody else by now.";

#[derive(sqlx::FromRow)]
struct DueRow {
    id: Uuid,
    kind: String,
    recipient: String,
    subject: String,
    sealed: Vec<u8>,
    tries: i32,
    tenant_id: Option<Uuid>,
    person_id: Option<Uuid>,
}

impl DueRow {
    /// Whether it is still of use. What waits is told to members alone, at the address that is theirs now, and only while
    /// some of it waits; a mail that tells of nothing is a test.
    async fn is_wanted(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        let tells = matches!(known(&self.kind)?, MailKind::Notice | MailKind::Digest);
        let (true, Some(tenant), Some(person)) = (tells, self.tenant_id, self.person_id) else { return Ok(true) };
        enter(tx, TenantId(tenant)).await?;
        let (wanted,): (bool,) = sqlx::query_as(
            "select exists (select from membership m join person p on p.id = m.person_id
                            where m.tenant_id = $1 and m.person_id = $2 and lower(p.email) = lower($3)
                              and p.verified_ms is not null)
                and (not exists (select from notice_told where tenant_id = $1 and mail_id = $4)
                     or exists (select from notice_told t
                                join notice n on n.tenant_id = t.tenant_id and n.id = t.notice_id
                                where t.tenant_id = $1 and t.mail_id = $4 and n.settled_ms is null))",
        )
        .bind(tenant)
        .bind(person)
        .bind(&self.recipient)
        .bind(self.id)
        .fetch_one(&mut **tx)
        .await
        .map_err(unavailable)?;
        Ok(wanted)
    }

    /// Gives it up as one that told nobody: what waits again is told.
    async fn drop_it(&self, tx: &mut Tx, now: Millis) -> Result<(), StoreError> {
        sqlx::query("update mail set given_up_ms = $2, sealed = null, note = $3 where id = $1")
            .bind(self.id)
            .bind(now.0)
            .bind(NOT_WANTED)
            .execute(&mut **tx)
            .await
            .map_err(unavailable)?;
        sqlx::query("delete from notice_told where tenant_id = $1 and mail_id = $2")
            .bind(self.tenant_id)
            .bind(self.id)
            .execute(&mut **tx)
            .await
            .map_err(unavailable)?;
        Ok(())
    }

    fn into_mail(self) -> Result<DueMail, StoreError> {
        Ok(DueMail {
            id: MailId(self.id),
            kind: known(&self.kind)?,
            to: self.recipient,
            subject: self.subject,
            sealed: self.sealed,
            tries: self.tries.unsigned_abs(),
        })
    }
}

fn known(kind: &str) -> Result<MailKind, StoreError> {
    kind.parse().map_err(|()| StoreError::Unavailable("a mail of an unknown kind".into()))
}

/// How far a mail is, by the columns of its row.
#[derive(sqlx::FromRow)]
pub(crate) struct StateRow {
    tries: i32,
    next_ms: i64,
    note: Option<String>,
    held: bool,
    sent_ms: Option<i64>,
    given_up_ms: Option<i64>,
}

impl StateRow {
    pub(crate) fn into_state(self) -> MailState {
        let why = self.note.unwrap_or_default();
        match (self.sent_ms, self.given_up_ms) {
            (Some(at), _) => MailState::Sent(Millis(at)),
            (None, Some(at)) => MailState::GivenUp { at: Millis(at), why },
            (None, None) if self.held => MailState::Held,
            (None, None) if why.is_empty() => MailState::Waiting,
            (None, None) => {
                MailState::Retrying { tries: self.tries.unsigned_abs(), why, next_at: Millis(self.next_ms) }
            }
        }
    }
}

#[derive(sqlx::FromRow)]
struct ListRow {
    id: Uuid,
    kind: String,
    recipient: String,
    subject: String,
    made_ms: i64,
    may_show: bool,
    shown_ms: Option<i64>,
    #[sqlx(flatten)]
    state: StateRow,
}

#[async_trait]
impl Post for PgPost {
    async fn take(&self, now: Millis, again_at: Millis) -> Result<Option<DueMail>, StoreError> {
        loop {
            let mut tx = self.db.tx().await?;
            let row: Option<DueRow> = sqlx::query_as(
                "update mail set tries = tries + 1, next_ms = $2
                 where id = (select id from mail
                             where sent_ms is null and given_up_ms is null and next_ms <= $1 and expires_ms > $1
                               and sealed is not null
                             order by next_ms limit 1 for update skip locked)
                 returning id, kind, recipient, subject, sealed, tries, tenant_id, person_id",
            )
            .bind(now.0)
            .bind(again_at.0)
            .fetch_optional(&mut *tx)
            .await
            .map_err(unavailable)?;
            let Some(row) = row else { return Ok(None) };
            let wanted = row.is_wanted(&mut tx).await?;
            if !wanted {
                row.drop_it(&mut tx, now).await?;
            }
            tx.commit().await.map_err(unavailable)?;
            if wanted {
                return row.into_mail().map(Some);
            }
        }
    }

    async fn note(&self, mail: MailId, tried: Tried, now: Millis) -> Result<(), StoreError> {
        let query = match tried {
            Tried::Sent => sqlx::query("update mail set sent_ms = $2, sealed = null, note = null where id = $1")
                .bind(mail.0)
                .bind(now.0),
            Tried::Failed { why, again_at: Some(again_at) } => {
                sqlx::query("update mail set note = $2, next_ms = $3 where id = $1")
                    .bind(mail.0)
                    .bind(why)
                    .bind(again_at.0)
            }
            Tried::Failed { why, again_at: None } => sqlx::query(
                "update mail set note = $2, given_up_ms = $3, sealed = null where id = $1 and given_up_ms is null",
            )
            .bind(mail.0)
            .bind(why)
            .bind(now.0),
            // Due when its link has ended: then it is tidied away.
            Tried::Held => {
                sqlx::query("update mail set held = true, tries = 0, next_ms = expires_ms where id = $1").bind(mail.0)
            }
        };
        query.execute(self.db.pool()).await.map_err(unavailable)?;
        Ok(())
    }

    async fn release(&self, now: Millis) -> Result<(), StoreError> {
        sqlx::query(
            "update mail set held = false, next_ms = $1 where held and sent_ms is null and given_up_ms is null",
        )
        .bind(now.0)
        .execute(self.db.pool())
        .await
        .map_err(unavailable)?;
        Ok(())
    }

    async fn tidy(&self, now: Millis, before: Millis) -> Result<(), StoreError> {
        let given_up = "update mail set given_up_ms = $1, sealed = null, held = false,
                               note = coalesce(note || ' ', '') || 'Its link has ended.'
                        where sent_ms is null and given_up_ms is null and expires_ms <= $1";
        sqlx::query(given_up).bind(now.0).execute(self.db.pool()).await.map_err(unavailable)?;
        for forgotten in ["delete from mail where made_ms < $1", "delete from mail_link where expires_ms < $1"] {
            sqlx::query(forgotten).bind(before.0).execute(self.db.pool()).await.map_err(unavailable)?;
        }
        Ok(())
    }

    async fn list(&self, tenant: TenantId, most: u32) -> Result<Vec<MailRow>, StoreError> {
        let rows: Vec<ListRow> = sqlx::query_as(
            "select id, kind, recipient, subject, made_ms, kind = 'invitation' and tenant_id is not null and sealed is not null as may_show,
                    shown_ms, tries, next_ms, note, held, sent_ms, given_up_ms
             from mail
             where tenant_id = $1
                or (tenant_id is null and person_id in (select person_id from membership where tenant_id = $1))
             order by made_ms desc, id desc limit $2",
        )
        .bind(tenant.0)
        .bind(i64::from(most))
        .fetch_all(self.db.pool())
        .await
        .map_err(unavailable)?;
        let mail = |row: ListRow| {
            Ok(MailRow {
                id: MailId(row.id),
                kind: known(&row.kind)?,
                to: row.recipient,
                subject: row.subject,
                at: Millis(row.made_ms),
                state: row.state.into_state(),
                may_show: row.may_show,
                shown_at: row.shown_ms.map(Millis),
                text: None,
            })
        };
        rows.into_iter().map(mail).collect()
    }

    async fn show(&self, tenant: TenantId, mail: MailId, act: Act) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        let (email,): (String,) = sqlx::query_as(
            "update mail set shown_ms = $3, shown_to = $4 where id = $1 and tenant_id = $2 and kind = 'invitation' and sealed is not null
             returning recipient",
        )
        .bind(mail.0)
        .bind(tenant.0)
        .bind(act.at.0)
        .bind(act.by.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        account::journal_in(&mut tx, tenant, act.by, &act, AccountAct::InvitationShown { email }).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn shown(&self, tenant: TenantId, to: PersonId, since: Millis) -> Result<Vec<(MailId, Vec<u8>)>, StoreError> {
        let rows: Vec<(Uuid, Vec<u8>)> = sqlx::query_as(
            "select id, sealed from mail where tenant_id = $1 and shown_to = $2 and shown_ms >= $3 and sealed is not null",
        )
        .bind(tenant.0)
        .bind(to.0)
        .bind(since.0)
        .fetch_all(self.db.pool())
        .await
        .map_err(unavailable)?;
        Ok(rows.into_iter().map(|(id, sealed)| (MailId(id), sealed)).collect())
    }
}
