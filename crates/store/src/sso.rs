//! Identity providers of tenants, their domains, and sign-ins under way.

use crate::{
    account,
    changes::{Change, notify},
    db::{Db, unavailable},
    grants, journal,
    pen::Pen,
    projection::Tx,
    sso_arrival::{self, Settled},
};
use async_trait::async_trait;
use countersign_domain::{
    Act, Millis, PersonId, TenantId, Via,
    account::AccountAct,
    journal::{Entry, What},
    sso::{MailDomain, RoleRules, SsoRefusal},
};
use countersign_service::ports::{Sso, SsoArrival, SsoCeremony, SsoConnection, SsoTaken, SsoTenant, StoreError};
use sqlx::types::Json;
use uuid::Uuid;

/// [`Sso`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgSso {
    db: Db,
}

impl PgSso {
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// Allows a tenant to claim a domain, whatever its founders' addresses are. For operators' commands, in their role.
    /// [`StoreError::NotFound`] where no tenant has this name.
    pub async fn allow_domain(&self, slug: &str, domain: &MailDomain) -> Result<(), StoreError> {
        let allowed = sqlx::query(
            "insert into sso_allowed_domain (domain, tenant_id) select $2, id from tenant where slug = $1
             on conflict (domain) do update set tenant_id = excluded.tenant_id",
        )
        .bind(slug)
        .bind(domain.as_str())
        .execute(self.db.pool())
        .await
        .map_err(unavailable)?;
        if allowed.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(()) }
    }

    /// Who owns which domain, and whether by their provider alone: (domain, tenant's name in addresses, enforced).
    pub async fn domains(&self) -> Result<Vec<(String, String, bool)>, StoreError> {
        sqlx::query_as(
            "select d.domain, t.slug, d.enforced from sso_domain d join tenant t on t.id = d.tenant_id order by d.domain",
        )
        .fetch_all(self.db.pool())
        .await
        .map_err(unavailable)
    }
}

#[derive(sqlx::FromRow)]
struct ConnectionRow {
    issuer: String,
    client_id: String,
    sealed_secret: Option<Vec<u8>>,
    group_claim: String,
    rules: Json<RoleRules>,
    last_sign_in_ms: Option<i64>,
    last_refusal: Option<String>,
    last_refusal_ms: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct TenantRow {
    id: Uuid,
    slug: String,
    name: String,
    enforced: bool,
}

impl From<TenantRow> for SsoTenant {
    fn from(row: TenantRow) -> Self {
        Self { tenant: TenantId(row.id), slug: row.slug, name: row.name, enforced: row.enforced }
    }
}

#[derive(sqlx::FromRow)]
struct CeremonyRow {
    state: Vec<u8>,
    browser: Vec<u8>,
    tenant_id: Uuid,
    next: String,
    again: bool,
    confirms: Option<Uuid>,
    started_ms: i64,
    used_ms: Option<i64>,
}

/// Journals what happened to the tenant's provider, last in its transaction.
async fn note(tx: &mut Tx, tenant: TenantId, entry: Entry) -> Result<(), StoreError> {
    let head = journal::append_one(tx, tenant, entry).await?;
    notify(tx, Change { tenant, seq: head.seq, tasks: false, fleet: false, outbox: false }).await
}

#[async_trait]
impl Sso for PgSso {
    async fn connection(&self, tenant: TenantId) -> Result<SsoConnection, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let row: ConnectionRow = sqlx::query_as(
            "select issuer, client_id, sealed_secret, group_claim, rules, last_sign_in_ms, last_refusal, last_refusal_ms
             from sso_connection",
        )
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        let domains: Vec<(String, bool)> =
            sqlx::query_as("select domain, enforced from sso_domain where tenant_id = $1 order by domain")
                .bind(tenant.0)
                .fetch_all(&mut *tx)
                .await
                .map_err(unavailable)?;
        let refusal = row.last_refusal.and_then(|word| serde_json::from_value(word.into()).ok());
        Ok(SsoConnection {
            issuer: row.issuer,
            client_id: row.client_id,
            sealed_secret: row.sealed_secret,
            group_claim: row.group_claim,
            rules: row.rules.0,
            enforced: domains.iter().any(|(_, enforced)| *enforced),
            domains: domains.into_iter().filter_map(|(domain, _)| domain.parse().ok()).collect(),
            last_sign_in: row.last_sign_in_ms.map(Millis),
            last_refusal: refusal.zip(row.last_refusal_ms.map(Millis)),
        })
    }

    async fn of_domain(&self, domain: &MailDomain) -> Result<SsoTenant, StoreError> {
        let row: TenantRow = sqlx::query_as(
            "select t.id, t.slug, t.name, d.enforced from sso_domain d join tenant t on t.id = d.tenant_id where d.domain = $1",
        )
        .bind(domain.as_str())
        .fetch_one(self.db.pool())
        .await
        .map_err(unavailable)?;
        Ok(row.into())
    }

    async fn of_name(&self, slug: &str) -> Result<SsoTenant, StoreError> {
        let row: TenantRow = sqlx::query_as(
            "select t.id, t.slug, t.name, bool_or(d.enforced) as enforced
             from tenant t join sso_domain d on d.tenant_id = t.id where t.slug = $1 group by t.id",
        )
        .bind(slug)
        .fetch_one(self.db.pool())
        .await
        .map_err(unavailable)?;
        Ok(row.into())
    }

    async fn may_claim(&self, tenant: TenantId, person: PersonId, domain: &MailDomain) -> Result<bool, StoreError> {
        let (may,): (bool,) = sqlx::query_as(
            "select exists (select from sso_allowed_domain where domain = $3 and tenant_id = $1)
                 or (exists (select from person where id = $2 and split_part(email, '@', 2) = $3 and verified_ms is not null)
                     -- What the operator gave to one tenant is not claimed by another.
                     and not exists (select from sso_allowed_domain where domain = $3 and tenant_id <> $1))",
        )
        .bind(tenant.0)
        .bind(person.0)
        .bind(domain.as_str())
        .fetch_one(self.db.pool())
        .await
        .map_err(unavailable)?;
        Ok(may)
    }

    async fn save(&self, tenant: TenantId, connection: SsoConnection, act: Act) -> Result<(), StoreError> {
        let mut tx = journal::alone(&self.db, tenant).await?;
        let names: Vec<String> = connection.domains.iter().map(|domain| domain.as_str().to_owned()).collect();
        sqlx::query(
            "insert into sso_connection
                 (tenant_id, issuer, client_id, sealed_secret, group_claim, rules, changed_ms, last_sign_in_ms)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (tenant_id) do update set issuer = excluded.issuer, client_id = excluded.client_id,
                 sealed_secret = excluded.sealed_secret, group_claim = excluded.group_claim, rules = excluded.rules,
                 changed_ms = excluded.changed_ms, last_sign_in_ms = excluded.last_sign_in_ms,
                 last_refusal = null, last_refusal_ms = null",
        )
        .bind(tenant.0)
        .bind(&connection.issuer)
        .bind(&connection.client_id)
        .bind(connection.sealed_secret)
        .bind(&connection.group_claim)
        .bind(Json(&connection.rules))
        .bind(act.at.0)
        .bind(connection.last_sign_in.map(|at| at.0))
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        sqlx::query("delete from sso_domain where tenant_id = $1 and domain <> all ($2)")
            .bind(tenant.0)
            .bind(&names)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        let kept = sqlx::query(
            "insert into sso_domain (domain, tenant_id, enforced) select name, $1, $3 from unnest($2::text[]) name
             on conflict (domain) do update set enforced = excluded.enforced where sso_domain.tenant_id = $1",
        )
        .bind(tenant.0)
        .bind(&names)
        .bind(connection.enforced)
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        if kept.rows_affected() < names.len() as u64 {
            return Err(StoreError::Taken("One of the domains is another organization's.".to_owned()));
        }
        sqlx::query("delete from sso_ceremony where tenant_id = $1")
            .bind(tenant.0)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        let what = What::SsoChanged {
            by: act.by,
            issuer: connection.issuer,
            client_id: connection.client_id,
            domains: names,
            rules: connection.rules,
        };
        note(&mut tx, tenant, Entry::by(&act, what)).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn enforce(
        &self,
        tenant: TenantId,
        enforced: bool,
        but: Option<[u8; 32]>,
        act: Act,
    ) -> Result<(), StoreError> {
        let mut tx = journal::alone(&self.db, tenant).await?;
        let changed = sqlx::query("update sso_domain set enforced = $2 where tenant_id = $1")
            .bind(tenant.0)
            .bind(enforced)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        if changed.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        let mut ended = 0;
        if enforced {
            // Whoever belongs elsewhere too stays signed in there; here they do not get in (see the query of a session's
            // person).
            let gone = sqlx::query(
                "delete from session s using person p
                 where p.id = s.person_id and s.sso_tenant is distinct from $1 and ($2::bytea is null or s.id <> $2)
                   and split_part(p.email, '@', 2) in (select domain from sso_domain where tenant_id = $1)
                   and exists (select from membership m where m.person_id = p.id and m.tenant_id = $1)
                   and not exists (select from membership m where m.person_id = p.id and m.tenant_id <> $1)",
            )
            .bind(tenant.0)
            .bind(but.map(|id| id.to_vec()))
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
            ended = gone.rows_affected();
            // Their own word, given with a proof of their own, stands for this session.
            sqlx::query("update session set sso_tenant = $1 where id = $2")
                .bind(tenant.0)
                .bind(but.map(|id| id.to_vec()))
                .execute(&mut *tx)
                .await
                .map_err(unavailable)?;
        }
        note(&mut tx, tenant, Entry::by(&act, What::SsoEnforced { by: act.by, enforced, ended })).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn remove(&self, tenant: TenantId, act: Act) -> Result<(), StoreError> {
        let mut tx = journal::alone(&self.db, tenant).await?;
        let gone = sqlx::query("delete from sso_connection").execute(&mut *tx).await.map_err(unavailable)?;
        if gone.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        for statement in [
            "delete from sso_domain where tenant_id = $1",
            "delete from sso_identity where tenant_id = $1",
            "delete from sso_ceremony where tenant_id = $1",
        ] {
            sqlx::query(statement).bind(tenant.0).execute(&mut *tx).await.map_err(unavailable)?;
        }
        // Nobody vouches any more for whom it let in; whoever removes it is told to go on.
        sqlx::query("delete from session where sso_tenant = $1 and opened = 'sso' and person_id <> $2")
            .bind(tenant.0)
            .bind(act.by.0)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        note(&mut tx, tenant, Entry::by(&act, What::SsoRemoved { by: act.by })).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn begin(&self, ceremony: SsoCeremony) -> Result<(), StoreError> {
        sqlx::query(
            "with gone as (delete from sso_ceremony where started_ms < $6 - 3600000)
             insert into sso_ceremony (state, browser, tenant_id, next, again, started_ms, confirms)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(ceremony.state.as_slice())
        .bind(ceremony.browser.as_slice())
        .bind(ceremony.tenant.0)
        .bind(ceremony.next)
        .bind(ceremony.again)
        .bind(ceremony.started_at.0)
        .bind(ceremony.confirms.map(|person| person.0))
        .execute(self.db.pool())
        .await
        .map_err(unavailable)?;
        Ok(())
    }

    async fn take(
        &self,
        state: Option<[u8; 32]>,
        browser: Option<[u8; 32]>,
        now: Millis,
        oldest: Millis,
    ) -> Result<SsoTaken, StoreError> {
        let mut tx = self.db.tx().await?;
        let row: Option<CeremonyRow> = sqlx::query_as(
            "select state, browser, tenant_id, next, again, confirms, started_ms, used_ms from sso_ceremony
             where state = $1 or ($1 is null and browser = $2)
             order by started_ms desc limit 1 for update",
        )
        .bind(state.map(|state| state.to_vec()))
        .bind(browser.map(|browser| browser.to_vec()))
        .fetch_optional(&mut *tx)
        .await
        .map_err(unavailable)?;
        let row = row.ok_or(StoreError::NotFound)?;
        sqlx::query("update sso_ceremony set used_ms = coalesce(used_ms, $2) where state = $1")
            .bind(&row.state)
            .bind(now.0)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)?;
        let tenant = TenantId(row.tenant_id);
        let (Some(state), Some(browser)) = (state, browser) else {
            let why = if state.is_none() { SsoRefusal::NoState } else { SsoRefusal::OtherBrowser };
            return Ok(SsoTaken::Bad(tenant, why));
        };
        if row.used_ms.is_some() {
            return Ok(SsoTaken::Bad(tenant, SsoRefusal::Replayed));
        }
        if row.browser != browser {
            return Ok(SsoTaken::Bad(tenant, SsoRefusal::OtherBrowser));
        }
        if row.started_ms < oldest.0 {
            return Ok(SsoTaken::Bad(tenant, SsoRefusal::Late));
        }
        let (next, again, started_at) = (row.next, row.again, Millis(row.started_ms));
        let confirms = row.confirms.map(PersonId);
        Ok(SsoTaken::Good(SsoCeremony { state, browser, tenant, next, again, confirms, started_at }))
    }

    async fn arrive(&self, tenant: TenantId, arrival: SsoArrival) -> Result<Result<PersonId, SsoRefusal>, StoreError> {
        let mut tx = self.db.tenant_tx(tenant).await?;
        sso_arrival::hold(&mut tx, &arrival).await?;
        journal::lock_head(&mut tx).await?;
        let act = |person| Act { by: person, at: arrival.at, via: arrival.via.clone() };
        let (person, acts, outcome) = match sso_arrival::settle(&mut tx, tenant, &arrival).await? {
            Settled::In(person, acts) => (person, acts, Ok(person)),
            Settled::Out(person, acts) => (person, acts, Err(SsoRefusal::NoRole)),
            Settled::Refused(why) => return Ok(Err(why)),
        };
        for what in acts {
            account::journal_in(&mut tx, tenant, person, &act(person), what).await?;
        }
        // Groups may have taken a founder's role from them, and with it what they had granted.
        let mut pen = Pen::of(tx, tenant).await?;
        grants::leave(&mut pen, person, arrival.at).await?;
        pen.commit(arrival.at).await?;
        Ok(outcome)
    }

    async fn refuse(
        &self,
        tenant: TenantId,
        why: SsoRefusal,
        via: Via,
        at: Millis,
        journaled: bool,
    ) -> Result<(), StoreError> {
        let mut tx = journal::alone(&self.db, tenant).await?;
        let word = serde_json::to_value(why).ok().and_then(|word| word.as_str().map(str::to_owned));
        sqlx::query("update sso_connection set last_refusal = $1, last_refusal_ms = $2")
            .bind(word)
            .bind(at.0)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        if journaled {
            note(&mut tx, tenant, Entry { via: Some(via), ..Entry::new(at, What::SsoRefused { why }) }).await?;
        }
        tx.commit().await.map_err(unavailable)
    }

    async fn is_linked(&self, tenant: TenantId, person: PersonId) -> Result<bool, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        let (linked,): (bool,) = sqlx::query_as("select exists (select from sso_identity where person_id = $1)")
            .bind(person.0)
            .fetch_one(&mut *tx)
            .await
            .map_err(unavailable)?;
        Ok(linked)
    }

    async fn demanding(&self, person: PersonId, opened: &str) -> Result<Option<SsoTenant>, StoreError> {
        let row: Option<TenantRow> = sqlx::query_as(
            "select t.id, t.slug, t.name, d.enforced
             from person p
             join sso_domain d on d.domain = split_part(p.email, '@', 2) and d.enforced
             join tenant t on t.id = d.tenant_id
             join membership m on m.tenant_id = t.id and m.person_id = p.id
             where p.id = $1 and not (m.role = 'founder' and $2 = 'passkey') and $2 <> 'operator'
               and not exists (select from membership o where o.person_id = p.id and o.tenant_id <> t.id)",
        )
        .bind(person.0)
        .bind(opened)
        .fetch_optional(self.db.pool())
        .await
        .map_err(unavailable)?;
        Ok(row.map(Into::into))
    }
}

/// What is journaled of an arrival.
pub(crate) type Acts = Vec<AccountAct>;
