//! The people of a tenant, and those who were asked to join.

use crate::{
    account,
    db::{Db, enter, taken, unavailable},
    grants, journal,
    mail_link::{self, Opens},
    pen::Pen,
    post::StateRow,
    projection::Tx,
};
use async_trait::async_trait;
use countersign_domain::{
    Act, InvitationId, Millis, PersonId, Role, TenantId,
    account::AccountAct,
    reading::{InvitationRow, MemberRow},
};
use countersign_service::ports::{Digest, Invitation, Joiner, Members, NewInvitation, NewLink, NewMail, StoreError};
use uuid::Uuid;

/// [`Members`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgMembers {
    db: Db,
}

impl PgMembers {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    email: String,
    role: String,
    verified: bool,
    seen_ms: i64,
    has_password: bool,
    passkeys: i64,
    has_codes: bool,
}

#[derive(sqlx::FromRow)]
struct WaitingRow {
    id: Uuid,
    email: String,
    role: String,
    invited_by: String,
    invitation_sent_ms: i64,
    expires_ms: i64,
    #[sqlx(flatten)]
    mail: StateRow,
}

#[derive(sqlx::FromRow)]
struct LinkRow {
    tenant_id: Uuid,
    tenant_name: String,
    slug: String,
    invitation_id: Uuid,
    email: String,
    expires_ms: i64,
    used_ms: Option<i64>,
    ended_ms: Option<i64>,
    holder: Option<Uuid>,
}

fn role(text: &str) -> Result<Role, StoreError> {
    text.parse().map_err(|()| StoreError::NotFound)
}

/// The role of a member, in the transaction's tenant.
async fn role_of(tx: &mut Tx, tenant: TenantId, person: PersonId) -> Result<Role, StoreError> {
    let (kept,): (String,) = sqlx::query_as("select role from membership where tenant_id = $1 and person_id = $2")
        .bind(tenant.0)
        .bind(person.0)
        .fetch_one(&mut **tx)
        .await
        .map_err(unavailable)?;
    role(&kept)
}

async fn check_last_founder(tx: &mut Tx, tenant: TenantId, person: PersonId) -> Result<(), StoreError> {
    let (others,): (bool,) = sqlx::query_as(
        "select exists (select from membership where tenant_id = $1 and person_id <> $2 and role = 'founder')",
    )
    .bind(tenant.0)
    .bind(person.0)
    .fetch_one(&mut **tx)
    .await
    .map_err(unavailable)?;
    if others {
        return Ok(());
    }
    Err(StoreError::Refused("This is the last founder. Make somebody else a founder first.".to_owned()))
}

/// The account of somebody who joins by an invitation; their address counts as theirs where only they can have
/// read the mail.
async fn person_of(tx: &mut Tx, joiner: Joiner, email: &str, theirs: bool, at: Millis) -> Result<PersonId, StoreError> {
    match joiner {
        Joiner::New { person, name, password_hash } => {
            sqlx::query(
                "insert into person (id, email, name, password_hash, created_ms, verified_ms) values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(person.0)
            .bind(email)
            .bind(name)
            .bind(password_hash)
            .bind(at.0)
            .bind(theirs.then_some(at.0))
            .execute(&mut **tx)
            .await
            .map_err(taken("person_email_taken", format!("{email} has an account. Sign in to join.")))?;
            Ok(person)
        }
        Joiner::Known(person) => {
            let known =
                sqlx::query("update person set verified_ms = coalesce(verified_ms, $3) where id = $1 and email = $2")
                    .bind(person.0)
                    .bind(email)
                    .bind(theirs.then_some(at.0))
                    .execute(&mut **tx)
                    .await
                    .map_err(unavailable)?;
            if known.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(person) }
        }
    }
}

/// Ends what would let somebody who was removed in again: their tokens, should they become a member once more, and
/// invitations that wait, to them and by them.
async fn end_ways_back(tx: &mut Tx, tenant: TenantId, person: PersonId, at: Millis) -> Result<(), StoreError> {
    sqlx::query("update api_token set revoked_ms = $3 where tenant_id = $1 and person_id = $2 and revoked_ms is null")
        .bind(tenant.0)
        .bind(person.0)
        .bind(at.0)
        .execute(&mut **tx)
        .await
        .map_err(unavailable)?;
    let ended: Vec<(Uuid,)> = sqlx::query_as(
        "update invitation set revoked_ms = $3
         where tenant_id = $1 and accepted_ms is null and revoked_ms is null
           and (invited_by = $2 or email = (select email from person where id = $2))
         returning id",
    )
    .bind(tenant.0)
    .bind(person.0)
    .bind(at.0)
    .fetch_all(&mut **tx)
    .await
    .map_err(unavailable)?;
    for (invitation,) in ended {
        mail_link::end_of_invitation(tx, invitation, at).await?;
    }
    Ok(())
}

#[async_trait]
impl Members for PgMembers {
    async fn list(&self, tenant: TenantId) -> Result<Vec<MemberRow>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "select p.id, p.name, p.email, m.role, p.verified_ms is not null as verified, m.seen_ms,
                    p.password_hash is not null as has_password,
                    (select count(*) from passkey k where k.person_id = p.id) as passkeys,
                    exists (select from code_secret c where c.person_id = p.id and c.confirmed_ms is not null) as has_codes
             from membership m join person p on p.id = m.person_id
             where m.tenant_id = $1
             order by array_position(array['founder', 'reviewer', 'observer'], m.role), lower(p.name), p.id",
        )
        .bind(tenant.0)
        .fetch_all(self.db.pool())
        .await
        .map_err(unavailable)?;
        let member = |row: Row| {
            Ok(MemberRow {
                person: PersonId(row.id),
                name: row.name,
                email: row.email,
                role: role(&row.role)?,
                verified: row.verified,
                seen_at: (row.seen_ms > 0).then_some(Millis(row.seen_ms)),
                has_password: row.has_password,
                passkeys: u32::try_from(row.passkeys).unwrap_or(u32::MAX),
                has_codes: row.has_codes,
                is_you: false,
            })
        };
        rows.into_iter().map(member).collect()
    }

    async fn waiting(&self, tenant: TenantId) -> Result<Vec<InvitationRow>, StoreError> {
        let mut tx = self.db.tenant_read(tenant).await?;
        // Mails are forgotten after a while, invitations are not.
        let rows: Vec<WaitingRow> = sqlx::query_as(
            "select i.id, i.email, i.role, p.name as invited_by, i.sent_ms as invitation_sent_ms, i.expires_ms,
                    coalesce(m.tries, 0) as tries, coalesce(m.next_ms, 0) as next_ms, m.note, coalesce(m.held, false) as held,
                    m.sent_ms, m.given_up_ms
             from invitation i join person p on p.id = i.invited_by left join mail m on m.id = i.mail_id
             where i.accepted_ms is null and i.revoked_ms is null
             order by i.sent_ms desc, i.id",
        )
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        let waiting = |row: WaitingRow| {
            Ok(InvitationRow {
                id: InvitationId(row.id),
                email: row.email,
                role: role(&row.role)?,
                invited_by: row.invited_by,
                sent_at: Millis(row.invitation_sent_ms),
                expires_at: Millis(row.expires_ms),
                mail: row.mail.into_state(),
            })
        };
        rows.into_iter().map(waiting).collect()
    }

    async fn invite(&self, tenant: TenantId, invitation: NewInvitation, act: Act) -> Result<(), StoreError> {
        let NewInvitation { id, email, role, link, mail } = invitation;
        let mut tx = journal::alone(&self.db, tenant).await?;
        let (member,): (bool,) = sqlx::query_as(
            "select exists (select from membership m join person p on p.id = m.person_id where m.tenant_id = $1 and p.email = $2)",
        )
        .bind(tenant.0)
        .bind(&email)
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        if member {
            return Err(StoreError::Taken(format!("{email} is a member already.")));
        }
        sqlx::query(
            "insert into invitation (tenant_id, id, email, role, invited_by, mail_id, sent_ms, expires_ms)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(tenant.0)
        .bind(id.0)
        .bind(&email)
        .bind(role.as_str())
        .bind(act.by.0)
        .bind(mail.id.0)
        .bind(act.at.0)
        .bind(link.until.0)
        .execute(&mut *tx)
        .await
        .map_err(taken(
            "invitation_waits",
            format!("{email} has an invitation that waits. Send it again, or revoke it first."),
        ))?;
        let opens = Opens::Invitation { tenant: tenant.0, invitation: id.0 };
        mail_link::put(&mut tx, opens, &email, link, Some(mail.id.0), act.at).await?;
        mail_link::post(&mut tx, &mail).await?;
        let what = AccountAct::Invited { email, role };
        account::journal_in(&mut tx, tenant, act.by, &act, what).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn renew(
        &self,
        tenant: TenantId,
        invitation: InvitationId,
        link: NewLink,
        mail: NewMail,
        act: Act,
    ) -> Result<(), StoreError> {
        let mut tx = journal::alone(&self.db, tenant).await?;
        let (email, kept): (String, String) = sqlx::query_as(
            "update invitation set mail_id = $2, sent_ms = $3, expires_ms = $4, invited_by = $5
             where id = $1 and accepted_ms is null and revoked_ms is null
             returning email, role",
        )
        .bind(invitation.0)
        .bind(mail.id.0)
        .bind(act.at.0)
        .bind(link.until.0)
        .bind(act.by.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        mail_link::end_of_invitation(&mut tx, invitation.0, act.at).await?;
        let opens = Opens::Invitation { tenant: tenant.0, invitation: invitation.0 };
        mail_link::put(&mut tx, opens, &email, link, Some(mail.id.0), act.at).await?;
        mail_link::post(&mut tx, &mail).await?;
        let what = AccountAct::InvitationRenewed { email, role: role(&kept)? };
        account::journal_in(&mut tx, tenant, act.by, &act, what).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn revoke(&self, tenant: TenantId, invitation: InvitationId, act: Act) -> Result<(), StoreError> {
        let mut tx = journal::alone(&self.db, tenant).await?;
        let (email,): (String,) = sqlx::query_as(
            "update invitation set revoked_ms = $2 where id = $1 and accepted_ms is null and revoked_ms is null
             returning email",
        )
        .bind(invitation.0)
        .bind(act.at.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        mail_link::end_of_invitation(&mut tx, invitation.0, act.at).await?;
        account::journal_in(&mut tx, tenant, act.by, &act, AccountAct::InvitationRevoked { email }).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn invitation(&self, link: Digest, now: Millis) -> Result<Invitation, StoreError> {
        let row: LinkRow = sqlx::query_as(
            "select l.tenant_id, t.name as tenant_name, t.slug, l.invitation_id, l.email, l.expires_ms, l.used_ms,
                    l.ended_ms, p.id as holder
             from mail_link l join tenant t on t.id = l.tenant_id left join person p on p.email = l.email
             where l.digest = $1 and l.kind = 'invitation'",
        )
        .bind(link.as_slice())
        .fetch_one(self.db.pool())
        .await
        .map_err(unavailable)?;
        let tenant = TenantId(row.tenant_id);
        let mut tx = self.db.tenant_read(tenant).await?;
        let (kept, invited_by, inviter): (String, Uuid, String) = sqlx::query_as(
            "select i.role, i.invited_by, p.name from invitation i join person p on p.id = i.invited_by where i.id = $1",
        )
        .bind(row.invitation_id)
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        Ok(Invitation {
            tenant,
            tenant_name: row.tenant_name,
            tenant_slug: row.slug,
            email: row.email,
            role: role(&kept)?,
            invited_by: PersonId(invited_by),
            inviter,
            until: Millis(row.expires_ms),
            fate: mail_link::fate(row.used_ms, row.ended_ms, row.expires_ms, now),
            holder: row.holder.map(PersonId),
        })
    }

    async fn join(&self, link: Digest, joiner: Joiner, act: Act) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        let used = mail_link::use_up(&mut tx, link, "invitation", act.at).await?;
        let (Some(tenant), Some(invitation)) = (used.tenant_id, used.invitation_id) else {
            return Err(StoreError::NotFound);
        };
        // Read in the outbox, it may have been used by whoever read it there.
        let (theirs,): (bool,) = sqlx::query_as(
            "select exists (select from mail where id = $1 and sent_ms is not null and shown_ms is null)",
        )
        .bind(used.mail_id)
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        let person = person_of(&mut tx, joiner, &used.email, theirs, act.at).await?;
        enter(&mut tx, TenantId(tenant)).await?;
        let (kept,): (String,) = sqlx::query_as(
            "update invitation set accepted_ms = $2 where id = $1 and accepted_ms is null and revoked_ms is null
             returning role",
        )
        .bind(invitation)
        .bind(act.at.0)
        .fetch_one(&mut *tx)
        .await
        .map_err(unavailable)?;
        sqlx::query(
            "insert into membership (tenant_id, person_id, role, since_ms) values ($1, $2, $3, $4)
             on conflict (person_id, tenant_id) do nothing",
        )
        .bind(tenant)
        .bind(person.0)
        .bind(&kept)
        .bind(act.at.0)
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        // Who was a member already keeps the role that they have.
        let what = AccountAct::Joined { email: used.email, role: role_of(&mut tx, TenantId(tenant), person).await? };
        account::journal_in(&mut tx, TenantId(tenant), person, &act, what).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn note_refusal(&self, tenant: TenantId, email: &str, why: &str, act: Act) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        let what = AccountAct::InvitationRefused { email: email.to_owned(), why: why.to_owned() };
        account::journal_in(&mut tx, tenant, act.by, &act, what).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn change_role(&self, tenant: TenantId, person: PersonId, role: Role, act: Act) -> Result<(), StoreError> {
        let mut tx = journal::alone(&self.db, tenant).await?;
        let before = role_of(&mut tx, tenant, person).await?;
        if before == role {
            return Ok(());
        }
        if before == Role::Founder {
            check_last_founder(&mut tx, tenant, person).await?;
        }
        sqlx::query("update membership set role = $3 where tenant_id = $1 and person_id = $2")
            .bind(tenant.0)
            .bind(person.0)
            .bind(role.as_str())
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        let what = AccountAct::RoleChanged { from: before, to: role };
        account::journal_in(&mut tx, tenant, person, &act, what).await?;
        end_grants(tx, tenant, person, act.at).await
    }

    async fn remove(&self, tenant: TenantId, person: PersonId, act: Act) -> Result<(), StoreError> {
        let mut tx = journal::alone(&self.db, tenant).await?;
        let before = role_of(&mut tx, tenant, person).await?;
        if before == Role::Founder {
            check_last_founder(&mut tx, tenant, person).await?;
        }
        sqlx::query("delete from membership where tenant_id = $1 and person_id = $2")
            .bind(tenant.0)
            .bind(person.0)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        sqlx::query(
            "delete from session where person_id = $1 and not exists (select from membership where person_id = $1)",
        )
        .bind(person.0)
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        end_ways_back(&mut tx, tenant, person, act.at).await?;
        account::journal_in(&mut tx, tenant, person, &act, AccountAct::Removed { role: before }).await?;
        end_grants(tx, tenant, person, act.at).await
    }
}

/// Commits; what grants they gave end with their being a founder, if they are none any more.
async fn end_grants(tx: Tx, tenant: TenantId, person: PersonId, at: Millis) -> Result<(), StoreError> {
    let mut pen = Pen::of(tx, tenant).await?;
    grants::leave(&mut pen, person, at).await?;
    pen.commit(at).await.map(drop)
}
