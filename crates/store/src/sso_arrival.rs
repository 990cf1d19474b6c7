//! Whom a provider's word stands for: the person it was linked to, the one of the address, or a new one.

use crate::{db::unavailable, mail_link, projection::Tx, sso::Acts};
use countersign_domain::{PersonId, Role, TenantId, account::AccountAct, sso::SsoRefusal};
use countersign_service::ports::{SsoArrival, StoreError};
use uuid::Uuid;

/// What became of an arrival, and what is to be journaled of it.
pub(crate) enum Settled {
    In(PersonId, Acts),
    /// They were a member until now.
    Out(PersonId, Acts),
    Refused(SsoRefusal),
}

/// Whether the person is a member after all.
enum Membership {
    Has,
    Lost,
    Lacks,
}

/// Holds the person that it may come to. To be called before the journal's head is locked: in this order everybody
/// does it.
pub(crate) async fn hold(tx: &mut Tx, arrival: &SsoArrival) -> Result<(), StoreError> {
    sqlx::query(
        "select id from person
         where email = $1 or id in (select person_id from sso_identity where issuer = $2 and subject = $3)
         order by id for share",
    )
    .bind(arrival.email.as_str())
    .bind(&arrival.issuer)
    .bind(&arrival.subject)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// Finds or makes the person, links them and gives them their role, in a transaction of the tenant that has locked its
/// journal's head: one at a time, or two first sign-ins of the same person at the same moment would make two of them, and
/// two founders who lose the role at the same moment would leave none.
pub(crate) async fn settle(tx: &mut Tx, tenant: TenantId, arrival: &SsoArrival) -> Result<Settled, StoreError> {
    let trusted: Option<(String,)> =
        sqlx::query_as("select issuer from sso_connection").fetch_optional(&mut **tx).await.map_err(unavailable)?;
    if trusted.is_none_or(|(issuer,)| issuer != arrival.issuer) {
        return Ok(Settled::Refused(SsoRefusal::Disabled));
    }
    let mut acts = Vec::new();
    let linked = linked(tx, arrival).await?;
    let person = match linked {
        Some(person) => person,
        None => match holder(tx, arrival).await? {
            Some(person) if arrival.confirmed != Some(person) && !is_free(tx, tenant, arrival, person).await? => {
                return Ok(Settled::Refused(SsoRefusal::Unconfirmed));
            }
            Some(person) => person,
            None => make(tx, arrival).await?,
        },
    };
    match give_role(tx, tenant, arrival, person, &mut acts).await? {
        Membership::Has => {}
        // Only whom the provider knew: whoever comes by it for the first time may meet groups that nobody has tried yet.
        Membership::Lost if linked.is_some() => return Ok(Settled::Out(person, acts)),
        Membership::Lost | Membership::Lacks => return Ok(Settled::Refused(SsoRefusal::NoRole)),
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
    Ok(Settled::In(person, acts))
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
    let row: Option<(Uuid,)> = sqlx::query_as("select id from person where email = $1")
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
    sqlx::query("delete from session where sso_tenant = $1 and person_id = $2")
        .bind(tenant.0)
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

/// Makes the person a member, or changes their role where groups decide it, or ends their membership where those give
/// none. The last founder stays one, whatever the groups say.
async fn give_role(
    tx: &mut Tx,
    tenant: TenantId,
    arrival: &SsoArrival,
    person: PersonId,
    acts: &mut Acts,
) -> Result<Membership, StoreError> {
    let founders: Vec<(Uuid,)> =
        sqlx::query_as("select person_id from membership where tenant_id = $1 and role = 'founder'")
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
    let Some(before) = now.and_then(|(role,)| role.parse::<Role>().ok()) else {
        return join(tx, tenant, arrival, person, acts).await;
    };
    if !arrival.decides || founders == [(person.0,)] {
        return Ok(Membership::Has);
    }
    let role = match arrival.role {
        Some(role) => {
            outdate_invitation(tx, arrival).await?;
            role
        }
        // A founder asked them in, and no group has said anything since.
        None if was_invited(tx, arrival).await? => return Ok(Membership::Has),
        None => match arrival.otherwise {
            Some(role) => role,
            None => {
                remove(tx, tenant, person).await?;
                acts.push(AccountAct::Removed { role: before });
                return Ok(Membership::Lost);
            }
        },
    };
    if role == before {
        return Ok(Membership::Has);
    }
    sqlx::query("update membership set role = $3 where tenant_id = $1 and person_id = $2")
        .bind(tenant.0)
        .bind(person.0)
        .bind(role.as_str())
        .execute(&mut **tx)
        .await
        .map_err(unavailable)?;
    acts.push(AccountAct::RoleByProvider { before: Some(before), role });
    Ok(Membership::Has)
}

/// Makes the person a member, with the role that groups give, or else an invitation that waits, or else everybody gets.
async fn join(
    tx: &mut Tx,
    tenant: TenantId,
    arrival: &SsoArrival,
    person: PersonId,
    acts: &mut Acts,
) -> Result<Membership, StoreError> {
    let invited = take_invitation(tx, arrival).await?;
    let Some(role) = arrival.role.or(invited).or(arrival.otherwise) else { return Ok(Membership::Lacks) };
    sqlx::query("insert into membership (tenant_id, person_id, role, since_ms) values ($1, $2, $3, $4)")
        .bind(tenant.0)
        .bind(person.0)
        .bind(role.as_str())
        .bind(arrival.at.0)
        .execute(&mut **tx)
        .await
        .map_err(unavailable)?;
    if arrival.role.is_some() {
        outdate_invitation(tx, arrival).await?;
    }
    acts.push(match invited {
        Some(_) => AccountAct::Joined { email: arrival.email.as_str().to_owned(), role },
        None => AccountAct::RoleByProvider { before: None, role },
    });
    Ok(Membership::Has)
}

/// Accepts the invitation that waits for the address, if one does; answers its role.
async fn take_invitation(tx: &mut Tx, arrival: &SsoArrival) -> Result<Option<Role>, StoreError> {
    let waiting: Option<(Uuid, String)> = sqlx::query_as(
        "update invitation set accepted_ms = $2
         where email = $1 and accepted_ms is null and revoked_ms is null and expires_ms > $2
         returning id, role",
    )
    .bind(arrival.email.as_str())
    .bind(arrival.at.0)
    .fetch_optional(&mut **tx)
    .await
    .map_err(unavailable)?;
    let Some((invitation, role)) = waiting else { return Ok(None) };
    mail_link::end_of_invitation(tx, invitation, arrival.at).await?;
    Ok(role.parse().ok())
}

/// Whether the person came by an invitation whose role still counts.
async fn was_invited(tx: &mut Tx, arrival: &SsoArrival) -> Result<bool, StoreError> {
    let (invited,): (bool,) = sqlx::query_as(
        "select exists (select from invitation where email = $1 and accepted_ms is not null and revoked_ms is null)",
    )
    .bind(arrival.email.as_str())
    .fetch_one(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(invited)
}

/// From the first role that groups give, they alone decide.
async fn outdate_invitation(tx: &mut Tx, arrival: &SsoArrival) -> Result<(), StoreError> {
    sqlx::query(
        "update invitation set revoked_ms = $2 where email = $1 and accepted_ms is not null and revoked_ms is null",
    )
    .bind(arrival.email.as_str())
    .bind(arrival.at.0)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// Ends the membership with the sessions that the provider opened; whoever belongs to no other tenant is signed out.
async fn remove(tx: &mut Tx, tenant: TenantId, person: PersonId) -> Result<(), StoreError> {
    for statement in [
        "delete from membership where tenant_id = $1 and person_id = $2",
        "delete from session where person_id = $2
            and (sso_tenant = $1 or not exists (select from membership where person_id = $2))",
    ] {
        sqlx::query(statement).bind(tenant.0).bind(person.0).execute(&mut **tx).await.map_err(unavailable)?;
    }
    Ok(())
}
