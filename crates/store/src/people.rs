//! People, sessions, the set-up link.

use crate::{
    changes::{Change, notify},
    db::{Db, enter, taken, unavailable},
    journal,
};
use async_trait::async_trait;
use countersign_domain::{
    Actor, Millis, PersonId, TenantId,
    journal::{Entry, GENESIS, What},
};
use countersign_service::{
    Client,
    ports::{LiveSession, NewFounder, People, PersonRecord, SessionRecord, StoreError},
};
use uuid::Uuid;

/// [`People`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgPeople {
    db: Db,
}

impl PgPeople {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

/// A session's use is noted at most so often: reading a page must not mean writing a row.
const USE_NOTED_EVERY_MS: i64 = 60_000;

#[derive(sqlx::FromRow)]
struct ActorRow {
    person_id: Uuid,
    name: String,
    email: String,
    role: String,
    tenant_id: Uuid,
    slug: String,
    tenant_name: String,
    used_ms: i64,
}

impl ActorRow {
    fn into_actor(self) -> Result<Actor, StoreError> {
        Ok(Actor {
            person: PersonId(self.person_id),
            tenant: TenantId(self.tenant_id),
            tenant_slug: self.slug,
            tenant_name: self.tenant_name,
            role: self.role.parse().map_err(|()| StoreError::NotFound)?,
            name: self.name,
            email: self.email,
        })
    }
}

#[async_trait]
impl People for PgPeople {
    async fn set_up_link_is_live(&self, link: [u8; 32], now: Millis) -> Result<bool, StoreError> {
        let (live,): (bool,) =
            sqlx::query_as("select exists (select from set_up_link where digest = $1 and expires_ms > $2)")
                .bind(link.as_slice())
                .bind(now.0)
                .fetch_one(self.db.pool())
                .await
                .map_err(unavailable)?;
        Ok(live)
    }

    async fn put_set_up_link(&self, link: [u8; 32], expires_at: Millis) -> Result<(), StoreError> {
        sqlx::query(
            "insert into set_up_link (digest, expires_ms) values ($1, $2)
             on conflict (only_one) do update set digest = excluded.digest, expires_ms = excluded.expires_ms",
        )
        .bind(link.as_slice())
        .bind(expires_at.0)
        .execute(self.db.pool())
        .await
        .map_err(unavailable)?;
        Ok(())
    }

    async fn anybody(&self) -> Result<bool, StoreError> {
        let (any,): (bool,) = sqlx::query_as("select exists (select from person)")
            .fetch_one(self.db.pool())
            .await
            .map_err(unavailable)?;
        Ok(any)
    }

    async fn create_founder(&self, link: [u8; 32], founder: NewFounder) -> Result<TenantId, StoreError> {
        let mut tx = self.db.tx().await?;
        // Deleting the link is what makes it one-time: the second of two posts finds none.
        let used = sqlx::query("delete from set_up_link where digest = $1 and expires_ms > $2")
            .bind(link.as_slice())
            .bind(founder.at.0)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        if used.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        // The person's id is a fresh UUID; the tenant takes the same one: it is the first of both.
        let tenant = TenantId(founder.person.0);
        let slug = slug(&founder.tenant_name);
        sqlx::query("insert into tenant (id, slug, name, created_ms) values ($1, $2, $3, $4)")
            .bind(tenant.0)
            .bind(&slug)
            .bind(&founder.tenant_name)
            .bind(founder.at.0)
            .execute(&mut *tx)
            .await
            .map_err(taken("tenant_slug_taken", "An organization of this name exists. Choose another.".into()))?;
        sqlx::query("insert into person (id, email, name, password_hash, created_ms) values ($1, $2, $3, $4, $5)")
            .bind(founder.person.0)
            .bind(&founder.email)
            .bind(&founder.name)
            .bind(&founder.password_hash)
            .bind(founder.at.0)
            .execute(&mut *tx)
            .await
            .map_err(taken("person_email_taken", "Somebody has signed up with this e-mail address.".into()))?;
        sqlx::query("insert into membership (tenant_id, person_id, role) values ($1, $2, 'founder')")
            .bind(tenant.0)
            .bind(founder.person.0)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        enter(&mut tx, tenant).await?;
        sqlx::query("insert into journal_head (tenant_id, seq, hash) values ($1, 0, $2)")
            .bind(tenant.0)
            .bind(GENESIS.as_slice())
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        let entries = [
            Entry::new(founder.at, What::TenantCreated { name: founder.tenant_name }),
            Entry::new(
                founder.at,
                What::FounderCreated { person: founder.person, name: founder.name, email: founder.email },
            ),
        ];
        let head = journal::lock_head(&mut tx).await?;
        let head = journal::append(&mut tx, tenant, head, &entries).await?;
        // The bridge listens for this too: the new tenant needs its account and streams.
        notify(&mut tx, Change { tenant, seq: head.seq, tasks: false, fleet: true, outbox: false }).await?;
        tx.commit().await.map_err(unavailable)?;
        Ok(tenant)
    }

    async fn by_email(&self, email: &str) -> Result<PersonRecord, StoreError> {
        let (id, password_hash): (Uuid, String) =
            sqlx::query_as("select id, password_hash from person where email = $1")
                .bind(email)
                .fetch_one(self.db.pool())
                .await
                .map_err(unavailable)?;
        Ok(PersonRecord { person: PersonId(id), password_hash })
    }

    async fn put_session(&self, session: SessionRecord) -> Result<(), StoreError> {
        let opened = sqlx::query(
            "with gone as (delete from session where expires_ms <= $3)
             insert into session (id, person_id, created_ms, used_ms, expires_ms, device, address)
             select $1, id, $3, $3, $4, $5, $6 from person where id = $2 and password_hash = $7
             -- Whoever changes the password meanwhile is waited for, or ends this session too.
             for share",
        )
        .bind(session.id.as_slice())
        .bind(session.person.0)
        .bind(session.created_at.0)
        .bind(session.expires_at.0)
        .bind(session.client.device)
        .bind(session.client.address)
        .bind(session.proven)
        .execute(self.db.pool())
        .await
        .map_err(unavailable)?;
        if opened.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(()) }
    }

    async fn actor(&self, session: [u8; 32], now: Millis, idle_ms: i64) -> Result<Actor, StoreError> {
        let row: ActorRow = sqlx::query_as(
            "select p.id as person_id, p.name, p.email, m.role, t.id as tenant_id, t.slug, t.name as tenant_name, s.used_ms
             from session s
             join person p on p.id = s.person_id
             join membership m on m.person_id = p.id
             join tenant t on t.id = m.tenant_id
             where s.id = $1 and s.expires_ms > $2 and s.used_ms > $2 - $3
             order by t.created_ms
             limit 1",
        )
        .bind(session.as_slice())
        .bind(now.0)
        .bind(idle_ms)
        .fetch_one(self.db.pool())
        .await
        .map_err(unavailable)?;
        if row.used_ms < now.0 - USE_NOTED_EVERY_MS {
            sqlx::query("update session set used_ms = $2 where id = $1")
                .bind(session.as_slice())
                .bind(now.0)
                .execute(self.db.pool())
                .await
                .map_err(unavailable)?;
        }
        row.into_actor()
    }

    async fn everybody(&self) -> Result<Vec<Actor>, StoreError> {
        let rows: Vec<ActorRow> = sqlx::query_as(
            "select p.id as person_id, p.name, p.email, m.role, t.id as tenant_id, t.slug, t.name as tenant_name, 0::bigint as used_ms
             from membership m
             join person p on p.id = m.person_id
             join tenant t on t.id = m.tenant_id
             order by p.email, t.slug",
        )
        .fetch_all(self.db.pool())
        .await
        .map_err(unavailable)?;
        rows.into_iter().map(ActorRow::into_actor).collect()
    }

    async fn first_founder(&self) -> Result<Actor, StoreError> {
        let row: ActorRow = sqlx::query_as(
            "select p.id as person_id, p.name, p.email, m.role, t.id as tenant_id, t.slug, t.name as tenant_name, 0::bigint as used_ms
             from membership m
             join person p on p.id = m.person_id
             join tenant t on t.id = m.tenant_id
             where m.role = 'founder'
             order by t.created_ms, p.created_ms
             limit 1",
        )
        .fetch_one(self.db.pool())
        .await
        .map_err(unavailable)?;
        row.into_actor()
    }

    async fn end_session(&self, session: [u8; 32]) -> Result<(), StoreError> {
        sqlx::query("delete from session where id = $1")
            .bind(session.as_slice())
            .execute(self.db.pool())
            .await
            .map_err(unavailable)?;
        Ok(())
    }

    async fn sessions(&self, person: PersonId, now: Millis, idle_ms: i64) -> Result<Vec<LiveSession>, StoreError> {
        let rows: Vec<(Vec<u8>, String, String, i64, i64, i64)> = sqlx::query_as(
            "select id, device, address, created_ms, used_ms, expires_ms from session
             where person_id = $1 and expires_ms > $2 and used_ms > $2 - $3
             order by used_ms desc, created_ms desc",
        )
        .bind(person.0)
        .bind(now.0)
        .bind(idle_ms)
        .fetch_all(self.db.pool())
        .await
        .map_err(unavailable)?;
        let session = |(id, device, address, created, used, expires): (Vec<u8>, String, String, i64, i64, i64)| {
            Some(LiveSession {
                id: id.try_into().ok()?,
                client: Client { address, device },
                created_at: Millis(created),
                used_at: Millis(used),
                expires_at: Millis(expires),
            })
        };
        Ok(rows.into_iter().filter_map(session).collect())
    }

    async fn change_password(&self, person: PersonId, old: &str, new: &str, but: [u8; 32]) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        let changed = sqlx::query("update person set password_hash = $3 where id = $1 and password_hash = $2")
            .bind(person.0)
            .bind(old)
            .bind(new)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        // A statement of its own sees the sessions that were opened while the one above waited.
        sqlx::query("delete from session where person_id = $1 and id <> $2")
            .bind(person.0)
            .bind(but.as_slice())
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)
    }

    async fn reset_password(&self, person: PersonId, new: &str) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        let (email,): (String,) = sqlx::query_as("update person set password_hash = $2 where id = $1 returning email")
            .bind(person.0)
            .bind(new)
            .fetch_one(&mut *tx)
            .await
            .map_err(unavailable)?;
        sqlx::query("delete from session where person_id = $1")
            .bind(person.0)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        sqlx::query("delete from sign_in_failure where starts_with(key, $1)")
            .bind(format!("account:{email}:"))
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)
    }

    async fn end_other_sessions(&self, person: PersonId, but: [u8; 32]) -> Result<u64, StoreError> {
        let ended = sqlx::query("delete from session where person_id = $1 and id <> $2")
            .bind(person.0)
            .bind(but.as_slice())
            .execute(self.db.pool())
            .await
            .map_err(unavailable)?;
        Ok(ended.rows_affected())
    }

    async fn count_failure(&self, key: &str, now: Millis, window_ms: i64) -> Result<u32, StoreError> {
        sqlx::query(
            "with gone as (delete from sign_in_failure where at_ms < $2 - $3)
             insert into sign_in_failure (key, at_ms) values ($1, $2)",
        )
        .bind(key)
        .bind(now.0)
        .bind(window_ms)
        .execute(self.db.pool())
        .await
        .map_err(unavailable)?;
        self.failures(key, now, window_ms).await
    }

    async fn failures(&self, key: &str, now: Millis, window_ms: i64) -> Result<u32, StoreError> {
        let (count,): (i64,) =
            sqlx::query_as("select count(*) from sign_in_failure where key = $1 and at_ms > $2 - $3")
                .bind(key)
                .bind(now.0)
                .bind(window_ms)
                .fetch_one(self.db.pool())
                .await
                .map_err(unavailable)?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }
}

/// The organization's name as a part of an address: lower case letters, digits and hyphens.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.to_lowercase().chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let slug: String = slug.trim_matches('-').chars().take(40).collect();
    if slug.is_empty() { "organization".to_owned() } else { slug }
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn a_name_becomes_a_readable_part_of_an_address() {
        assert_eq!(slug("Acme & Söhne GmbH"), "acme-s-hne-gmbh");
        assert_eq!(slug("…"), "organization");
    }
}
