//! People, sessions, the set-up link.

use crate::{
    account,
    changes::{Change, notify},
    db::{Db, enter, taken, unavailable},
    journal,
    mail_link::{self, Opens},
    projection::Tx,
    sessions, tries,
};
use async_trait::async_trait;
use countersign_domain::{
    Act, Actor, How, Millis, PersonId, TenantId, Via,
    account::AccountAct,
    journal::{Entry, GENESIS, What},
};
use countersign_service::ports::{NewFounder, PasswordChange, People, PersonRecord, StoreError};
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

#[derive(sqlx::FromRow)]
struct ActorRow {
    person_id: Uuid,
    name: String,
    email: String,
    role: String,
    tenant_id: Uuid,
    slug: String,
    tenant_name: String,
}

impl ActorRow {
    /// The person as an operator with access to the database acts for them.
    fn into_actor(self) -> Result<Actor, StoreError> {
        Ok(Actor {
            person: PersonId(self.person_id),
            tenant: TenantId(self.tenant_id),
            tenant_slug: self.slug,
            tenant_name: self.tenant_name,
            role: self.role.parse().map_err(|()| StoreError::NotFound)?,
            name: self.name,
            email: self.email,
            proven_at: Millis(i64::MAX),
            elsewhere: false,
            scopes: None,
            via: Via::new(How::Operator, String::new()),
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
        sqlx::query("insert into membership (tenant_id, person_id, role, since_ms) values ($1, $2, 'founder', $3)")
            .bind(tenant.0)
            .bind(founder.person.0)
            .bind(founder.at.0)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        let (link, mail) = &founder.verification;
        let opens = Opens::Verification(founder.person);
        mail_link::put(&mut tx, opens, &founder.email, *link, Some(mail.id.0), founder.at).await?;
        mail_link::post(&mut tx, mail).await?;
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
        let (id, password_hash, has_codes): (Uuid, Option<String>, bool) = sqlx::query_as(
            "select id, password_hash,
                    exists (select from code_secret where person_id = id and confirmed_ms is not null)
             from person where email = $1",
        )
        .bind(email)
        .fetch_one(self.db.pool())
        .await
        .map_err(unavailable)?;
        Ok(PersonRecord { person: PersonId(id), password_hash, has_codes })
    }

    async fn everybody(&self) -> Result<Vec<Actor>, StoreError> {
        let rows: Vec<ActorRow> = sqlx::query_as(
            "select p.id as person_id, p.name, p.email, m.role, t.id as tenant_id, t.slug, t.name as tenant_name
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

    async fn first_founder(&self, tenant: Option<TenantId>) -> Result<Actor, StoreError> {
        let row: ActorRow = sqlx::query_as(
            "select p.id as person_id, p.name, p.email, m.role, t.id as tenant_id, t.slug, t.name as tenant_name
             from membership m
             join person p on p.id = m.person_id
             join tenant t on t.id = m.tenant_id
             where m.role = 'founder' and ($1::uuid is null or t.id = $1)
             order by t.created_ms, p.created_ms
             limit 1",
        )
        .bind(tenant.map(|tenant| tenant.0))
        .fetch_one(self.db.pool())
        .await
        .map_err(unavailable)?;
        row.into_actor()
    }

    async fn change_password(&self, change: PasswordChange, act: Act) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        let changed = sqlx::query("update person set password_hash = $3 where id = $1 and password_hash = $2")
            .bind(change.person.0)
            .bind(change.old)
            .bind(change.new)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        // Statements of their own see the sessions that were opened while the one above waited.
        sqlx::query("delete from session where person_id = $1 and id <> $2")
            .bind(change.person.0)
            .bind(change.session.as_slice())
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        sessions::renew(&mut tx, change.session, change.renewed, How::Password, act.at).await?;
        // What somebody else may have asked for must not undo it.
        mail_link::end_of_person(&mut tx, change.person, "recovery", act.at).await?;
        account::journal(&mut tx, change.person, &act, AccountAct::PasswordChanged).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn reset_password(&self, person: PersonId, new: &str, act: Act) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        replace_password(&mut tx, person, new, act.at).await?;
        account::journal(&mut tx, person, &act, AccountAct::PasswordReset).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn note(&self, person: PersonId, what: AccountAct, act: Act) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        account::journal(&mut tx, person, &act, what).await?;
        tx.commit().await.map_err(unavailable)
    }
}

/// Replaces the password's hash whatever it was, ends all of the person's sessions and links to a new password, and
/// forgets browsers and tries.
pub(crate) async fn replace_password(tx: &mut Tx, person: PersonId, new: &str, at: Millis) -> Result<(), StoreError> {
    let (email,): (String,) = sqlx::query_as("update person set password_hash = $2 where id = $1 returning email")
        .bind(person.0)
        .bind(new)
        .fetch_one(&mut **tx)
        .await
        .map_err(unavailable)?;
    for forget in ["delete from session where person_id = $1", "delete from known_browser where person_id = $1"] {
        sqlx::query(forget).bind(person.0).execute(&mut **tx).await.map_err(unavailable)?;
    }
    mail_link::end_of_person(tx, person, "recovery", at).await?;
    tries::forget(tx, &email, person).await
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
