//! Whom a provider's word stands for: the person it was linked to, the one of the address, or a new one.

use crate::{db::unavailable, projection::Tx, sso::Acts};
use countersign_domain::{PersonId, Role, TenantId, account::AccountAct, sso::SsoRefusal};
use countersign_service::ports::{SsoArrival, StoreError};
use uuid::Uuid;

/// Finds or makes the person, links them and gives them their role, in a transaction of the tenant; answers them and
/// what is to be journaled.
pub(crate) async fn settle(
    tx: &mut Tx,
    tenant: TenantId,
    arrival: &SsoArrival,
) -> Result<Result<(PersonId, Acts), SsoRefusal>, StoreError> {
    // One at a time: two first sign-ins of the same person at the same moment would make two of them, and two founders
    // who lose the role at the same moment would leave none.
    let trusted: Option<(String,)> = sqlx::query_as("select issuer from sso_connection for update")
        .fetch_optional(&mut **tx)
        .await
        .map_err(unavailable)?;
    if trusted.is_none_or(|(issuer,)| issuer != arrival.issuer) {
        return Ok(Err(SsoRefusal::Disabled));
    }
    let mut acts = Vec::new();
    let linked = linked(tx, arrival).await?;
    let person = match linked {
        Some(person) => person,
        None => match holder(tx, arrival).await? {
            Some(person) if arrival.confirmed != Some(person) && !is_free(tx, tenant, arrival, person).await? => {
                return Ok(Err(SsoRefusal::Unconfirmed));
            }
            Some(person) => person,
            None if arrival.role.is_none() => return Ok(Err(SsoRefusal::NoRole)),
            None => make(tx, arrival).await?,
        },
    };
    if !give_role(tx, tenant, arrival, person, &mut acts).await? {
        return Ok(Err(SsoRefusal::NoRole));
    }
    if linked.is_none() {
        link(tx, tenant, arrival, person).await?;
        let (issuer, subject) = (arrival.issuer.clone(), arrival.subject.clone());
        acts.push(AccountAct::LinkedToProvider { issuer, subject });
    }
    sqlx::query("update sso_connection set last_sign_in_ms = $1")
        .bind(arrival.at.0)
        .execute(&mut **tx)
        .await
        .map_err(unavailable)?;
    Ok(Ok((person, acts)))
}

async fn linked(tx: &mut Tx, arrival: &SsoArrival) -> Result<Option<PersonId>, StoreError> {
    let row: Option<(Uuid,)> = sqlx::query_as("select person_id from sso_identity where issuer = $1 and subject = $2")
        .bind(&arrival.issuer)
        .bind(&arrival.subject)
        .fetch_optional(&mut **tx)
        .await
        .map_err(unavailable)?;
    Ok(row.map(|(person,)| PersonId(person)))
}

/// Who has the address.
async fn holder(tx: &mut Tx, arrival: &SsoArrival) -> Result<Option<PersonId>, StoreError> {
    let row: Option<(Uuid,)> = sqlx::query_as("select id from person where email = $1 for update")
        .bind(arrival.email.as_str())
        .fetch_optional(&mut **tx)
        .await
        .map_err(unavailable)?;
    Ok(row.map(|(person,)| PersonId(person)))
}

/// Whether the tenant's provider may speak for this person without their own word: they belong to no other tenant, and
/// to no other subject of the provider's (an address may be given to somebody new).
async fn is_free(tx: &mut Tx, tenant: TenantId, arrival: &SsoArrival, person: PersonId) -> Result<bool, StoreError> {
    let (free,): (bool,) = sqlx::query_as(
        "select not exists (select from membership where person_id = $1 and tenant_id <> $2)
            and not exists (select from sso_identity where person_id = $1 and issuer = $3)",
    )
    .bind(person.0)
    .bind(tenant.0)
    .bind(&arrival.issuer)
    .fetch_one(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(free)
}

async fn make(tx: &mut Tx, arrival: &SsoArrival) -> Result<PersonId, StoreError> {
    sqlx::query("insert into person (id, email, name, created_ms, verified_ms) values ($1, $2, $3, $4, $4)")
        .bind(arrival.fresh.0)
        .bind(arrival.email.as_str())
        .bind(&arrival.name)
        .bind(arrival.at.0)
        .execute(&mut **tx)
        .await
        .map_err(unavailable)?;
    Ok(arrival.fresh)
}

async fn link(tx: &mut Tx, tenant: TenantId, arrival: &SsoArrival, person: PersonId) -> Result<(), StoreError> {
    // A person is one subject of an issuer: who had the address before is not signed in as them any more.
    sqlx::query("delete from sso_identity where issuer = $1 and person_id = $2")
        .bind(&arrival.issuer)
        .bind(person.0)
        .execute(&mut **tx)
        .await
        .map_err(unavailable)?;
    sqlx::query(
        "insert into sso_identity (tenant_id, issuer, subject, person_id, linked_ms) values ($1, $2, $3, $4, $5)",
    )
    .bind(tenant.0)
    .bind(&arrival.issuer)
    .bind(&arrival.subject)
    .bind(person.0)
    .bind(arrival.at.0)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// Makes the person a member, or changes their role where groups decide it; answers whether they have one. The last
/// founder stays one, whatever the groups say.
async fn give_role(
    tx: &mut Tx,
    tenant: TenantId,
    arrival: &SsoArrival,
    person: PersonId,
    acts: &mut Acts,
) -> Result<bool, StoreError> {
    let founders: Vec<(Uuid,)> =
        sqlx::query_as("select person_id from membership where tenant_id = $1 and role = 'founder' for update")
            .bind(tenant.0)
            .fetch_all(&mut **tx)
            .await
            .map_err(unavailable)?;
    let now: Option<(String,)> = sqlx::query_as("select role from membership where tenant_id = $1 and person_id = $2")
        .bind(tenant.0)
        .bind(person.0)
        .fetch_optional(&mut **tx)
        .await
        .map_err(unavailable)?;
    let is_last = founders == [(person.0,)];
    let statement = match (now.and_then(|(role,)| role.parse::<Role>().ok()), arrival.role) {
        (Some(_), _) if !arrival.decides || is_last => return Ok(true),
        (Some(has), Some(role)) if has == role => return Ok(true),
        (_, None) => return Ok(false),
        (Some(before), Some(role)) => {
            acts.push(AccountAct::RoleByProvider { before: Some(before), role });
            "update membership set role = $3 where tenant_id = $1 and person_id = $2"
        }
        (None, Some(role)) => {
            acts.push(AccountAct::RoleByProvider { before: None, role });
            "insert into membership (tenant_id, person_id, role, since_ms) values ($1, $2, $3, $4)"
        }
    };
    let role = arrival.role.map(Role::as_str);
    sqlx::query(statement)
        .bind(tenant.0)
        .bind(person.0)
        .bind(role)
        .bind(arrival.at.0)
        .execute(&mut **tx)
        .await
        .map_err(unavailable)?;
    Ok(true)
}
