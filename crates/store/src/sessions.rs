//! Who is signed in.

use crate::{
    account,
    db::{Db, unavailable},
    projection::Tx,
};
use async_trait::async_trait;
use countersign_domain::{Act, Actor, How, Millis, PersonId, TenantId, Via, account::AccountAct};
use countersign_service::{
    Client,
    ports::{LiveSession, SessionQuery, SessionRecord, SessionTenant, Sessions, StoreError},
};
use uuid::Uuid;

/// [`Sessions`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgSessions {
    db: Db,
}

impl PgSessions {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

/// Whether the session `s` of `p` opens the tenant `t`, in which `p` has the membership `m`.
macro_rules! opens {
    () => {
        // A provider speaks for its own tenant. Whoever has then proven who they are in a way of their own came by that.
        "(s.how <> 'sso' or s.sso_tenant = t.id)
         -- A tenant that requires single sign-on is entered by it alone, or by a founder's passkey.
         and (s.sso_tenant = t.id or s.opened = 'operator' or (s.opened = 'passkey' and m.role = 'founder')
              or not exists (select from sso_domain d where d.tenant_id = t.id and d.enforced
                               and d.domain = split_part(p.email, '@', 2)))"
    };
}

/// A session's use is noted at most so often: reading a page must not mean writing a row.
const USE_NOTED_EVERY_MS: i64 = 60_000;

#[derive(sqlx::FromRow)]
struct SessionActor {
    person_id: Uuid,
    name: String,
    email: String,
    how: String,
    proven_ms: i64,
    used_ms: i64,
    role: Option<String>,
    tenant_id: Option<Uuid>,
    slug: Option<String>,
    tenant_name: Option<String>,
    /// When the person last used the tenant, and whether they have used another since.
    seen_ms: Option<i64>,
    comes_back: Option<bool>,
    elsewhere: bool,
}

#[derive(sqlx::FromRow)]
struct TenantRow {
    id: Uuid,
    slug: String,
    name: String,
    opens: bool,
    by_sso: bool,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: Vec<u8>,
    device: String,
    address: String,
    how: String,
    created_ms: i64,
    used_ms: i64,
    expires_ms: i64,
}

fn how(text: &str) -> How {
    text.parse().unwrap_or(How::Password)
}

/// Gives the session another id and notes that its person has proven who they are.
pub(crate) async fn renew(
    tx: &mut Tx,
    session: [u8; 32],
    renewed: [u8; 32],
    how: How,
    at: Millis,
) -> Result<(), StoreError> {
    let moved = sqlx::query(
        "update session set id = $2, how = $3, proven_ms = $4, used_ms = greatest(used_ms, $4) where id = $1",
    )
    .bind(session.as_slice())
    .bind(renewed.as_slice())
    .bind(how.as_str())
    .bind(at.0)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    if moved.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

#[async_trait]
impl Sessions for PgSessions {
    async fn open(&self, session: SessionRecord) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        let opened = sqlx::query(
            "with gone as (delete from session where expires_ms <= $3)
             insert into session (id, person_id, created_ms, used_ms, expires_ms, device, address, how, opened, proven_ms, sso_tenant)
             select $1, id, $3, $3, $4, $5, $6, $8, $8, $9, $10 from person
             where id = $2 and ($7::text is null or password_hash = $7)
             -- Whoever changes the password meanwhile is waited for, or ends this session too.
             for share",
        )
        .bind(session.id.as_slice())
        .bind(session.person.0)
        .bind(session.created_at.0)
        .bind(session.expires_at.0)
        .bind(&session.client.device)
        .bind(&session.client.address)
        .bind(session.proven)
        .bind(session.how.as_str())
        .bind(session.proven_at.0)
        .bind(session.provider.map(|tenant| tenant.0))
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        if opened.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        let via = Via::new(session.how, session.client.address);
        let act = Act { by: session.person, at: session.created_at, via };
        account::journal(&mut tx, session.person, &act, AccountAct::SignedIn { device: session.client.device }).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn actor(&self, query: SessionQuery) -> Result<Option<Actor>, StoreError> {
        let by_address = query.tenant.is_some();
        let row: SessionActor = sqlx::query_as(concat!(
            "select p.id as person_id, p.name, p.email, s.how, s.proven_ms, s.used_ms,
                    m.role, m.tenant_id, m.slug, m.tenant_name, m.seen_ms,
                    m.seen_ms < (select max(seen_ms) from membership where person_id = p.id) as comes_back,
                    exists (select from membership o where o.person_id = p.id and o.tenant_id <> m.tenant_id) as elsewhere
             from session s
             join person p on p.id = s.person_id
             left join lateral (
                 select m.role, t.id as tenant_id, t.slug, t.name as tenant_name, m.seen_ms
                 from membership m join tenant t on t.id = m.tenant_id
                 where m.person_id = p.id and ($4::text is null or t.slug = $4) and ",
            opens!(),
            " order by m.seen_ms desc, t.created_ms limit 1) m on true
             where s.id = $1 and s.expires_ms > $2 and s.used_ms > $2 - $3",
        ))
        .bind(query.id.as_slice())
        .bind(query.now.0)
        .bind(query.idle_ms)
        .bind(query.tenant)
        .fetch_one(self.db.pool())
        .await
        .map_err(unavailable)?;
        if query.is_use && row.used_ms < query.now.0 - USE_NOTED_EVERY_MS {
            sqlx::query("update session set used_ms = $2 where id = $1")
                .bind(query.id.as_slice())
                .bind(query.now.0)
                .execute(self.db.pool())
                .await
                .map_err(unavailable)?;
        }
        let (Some(role), Some(tenant), Some(tenant_slug), Some(tenant_name)) =
            (row.role.and_then(|role| role.parse().ok()), row.tenant_id, row.slug, row.tenant_name)
        else {
            return Ok(None);
        };
        let stale = row.seen_ms.is_some_and(|seen| seen < query.now.0 - USE_NOTED_EVERY_MS);
        // Only what an address names is used: by the others a tenant is looked for. So it is where nothing is used.
        if query.is_use && by_address && (stale || row.comes_back == Some(true)) {
            sqlx::query("update membership set seen_ms = $3 where person_id = $1 and tenant_id = $2")
                .bind(row.person_id)
                .bind(tenant)
                .bind(query.now.0)
                .execute(self.db.pool())
                .await
                .map_err(unavailable)?;
        }
        Ok(Some(Actor {
            person: PersonId(row.person_id),
            tenant: TenantId(tenant),
            tenant_slug,
            tenant_name,
            role,
            name: row.name,
            email: row.email,
            proven_at: Millis(row.proven_ms),
            elsewhere: row.elsewhere,
            scopes: None,
            via: Via::new(how(&row.how), query.from),
        }))
    }

    async fn tenants(&self, session: [u8; 32]) -> Result<Vec<SessionTenant>, StoreError> {
        let rows: Vec<TenantRow> = sqlx::query_as(concat!(
            "select t.id, t.slug, t.name, coalesce(",
            opens!(),
            ", false) as opens,
                    exists (select from sso_domain d where d.tenant_id = t.id and d.enforced
                              and d.domain = split_part(p.email, '@', 2)) as by_sso
             from session s
             join person p on p.id = s.person_id
             join membership m on m.person_id = p.id
             join tenant t on t.id = m.tenant_id
             where s.id = $1
             order by lower(t.name), t.slug",
        ))
        .bind(session.as_slice())
        .fetch_all(self.db.pool())
        .await
        .map_err(unavailable)?;
        let tenant =
            |TenantRow { id, slug, name, opens, by_sso }| SessionTenant { id: TenantId(id), slug, name, opens, by_sso };
        Ok(rows.into_iter().map(tenant).collect())
    }

    async fn renew(&self, session: [u8; 32], renewed: [u8; 32], how: How, at: Millis) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        renew(&mut tx, session, renewed, how, at).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn end(&self, session: [u8; 32], act: Option<Act>) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        let ended = sqlx::query("delete from session where id = $1")
            .bind(session.as_slice())
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        if let (Some(act), 1) = (act, ended.rows_affected()) {
            account::journal(&mut tx, act.by, &act, AccountAct::SignedOut { sessions: 1 }).await?;
        }
        tx.commit().await.map_err(unavailable)
    }

    async fn of(&self, person: PersonId, now: Millis, idle_ms: i64) -> Result<Vec<LiveSession>, StoreError> {
        let rows: Vec<SessionRow> = sqlx::query_as(
            "select id, device, address, how, created_ms, used_ms, expires_ms from session
             where person_id = $1 and expires_ms > $2 and used_ms > $2 - $3
             order by used_ms desc, created_ms desc",
        )
        .bind(person.0)
        .bind(now.0)
        .bind(idle_ms)
        .fetch_all(self.db.pool())
        .await
        .map_err(unavailable)?;
        let session = |row: SessionRow| {
            Some(LiveSession {
                id: row.id.try_into().ok()?,
                client: Client { address: row.address, device: row.device, mark: None, session: None },
                how: how(&row.how),
                created_at: Millis(row.created_ms),
                used_at: Millis(row.used_ms),
                expires_at: Millis(row.expires_ms),
            })
        };
        Ok(rows.into_iter().filter_map(session).collect())
    }

    async fn end_others(&self, but: [u8; 32], act: Act) -> Result<u64, StoreError> {
        let mut tx = self.db.tx().await?;
        let ended = sqlx::query("delete from session where person_id = $1 and id <> $2")
            .bind(act.by.0)
            .bind(but.as_slice())
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        let sessions = ended.rows_affected();
        if sessions > 0 {
            account::journal(&mut tx, act.by, &act, AccountAct::SignedOut { sessions }).await?;
        }
        tx.commit().await.map_err(unavailable)?;
        Ok(sessions)
    }
}
