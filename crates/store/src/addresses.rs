//! People's addresses: whether they are theirs, and the way back in that they are.

use crate::{
    account,
    db::{Db, taken, unavailable},
    mail_link::{self, Opens},
    projection::Tx,
};
use async_trait::async_trait;
use countersign_domain::{Act, Millis, PersonId, account::AccountAct, reading::Address};
use countersign_service::ports::{Addresses, Digest, NewLink, NewMail, PersonLink, RecoveryRequest, StoreError};
use sqlx::PgExecutor;
use uuid::Uuid;

/// [`Addresses`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgAddresses {
    db: Db,
}

impl PgAddresses {
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    async fn person_link(&self, link: Digest, kind: &str, now: Millis) -> Result<PersonLink, StoreError> {
        let (person, email, sent_to, expires, used, ended): (Uuid, String, String, i64, Option<i64>, Option<i64>) =
            sqlx::query_as(
                "select p.id, p.email, l.email, l.expires_ms, l.used_ms, l.ended_ms
                 from mail_link l join person p on p.id = l.person_id
                 where l.digest = $1 and l.kind = $2",
            )
            .bind(link.as_slice())
            .bind(kind)
            .fetch_one(self.db.pool())
            .await
            .map_err(unavailable)?;
        let fate = mail_link::fate(used, ended, expires, now);
        Ok(PersonLink { person: PersonId(person), email, sent_to, fate })
    }
}

/// Refuses an address by which its person would get around the single sign-on of an organization of theirs.
async fn check_move<'c>(by: impl PgExecutor<'c>, person: PersonId, email: &str) -> Result<(), StoreError> {
    let held: Option<(String,)> = sqlx::query_as(
        "select t.name
         from person p
         join sso_domain d on d.domain = split_part(p.email, '@', 2) and d.enforced
         join tenant t on t.id = d.tenant_id
         join membership m on m.tenant_id = t.id and m.person_id = p.id
         where p.id = $1
           and not exists (select from sso_domain n where n.tenant_id = t.id and n.domain = split_part($2, '@', 2))
         limit 1",
    )
    .bind(person.0)
    .bind(email)
    .fetch_optional(by)
    .await
    .map_err(unavailable)?;
    match held {
        Some((tenant,)) => Err(StoreError::Refused(format!(
            "{tenant} requires single sign-on, so your address has to stay in one of its domains. Ask a founder of {tenant}."
        ))),
        None => Ok(()),
    }
}

/// Notes that whoever holds the mailbox is the person. What was added to the account before that may be somebody
/// else's, who was only sent the same invitation: it ends. Says whether the address was unproven until now.
async fn prove_address(tx: &mut Tx, person: PersonId, at: Millis) -> Result<bool, StoreError> {
    let proven = sqlx::query("update person set verified_ms = $2 where id = $1 and verified_ms is null")
        .bind(person.0)
        .bind(at.0)
        .execute(&mut **tx)
        .await
        .map_err(unavailable)?;
    if proven.rows_affected() == 0 {
        return Ok(false);
    }
    for planted in [
        "delete from passkey where person_id = $1",
        "delete from code_secret where person_id = $1",
        "delete from recovery_code where person_id = $1",
    ] {
        sqlx::query(planted).bind(person.0).execute(&mut **tx).await.map_err(unavailable)?;
    }
    Ok(true)
}

#[async_trait]
impl Addresses for PgAddresses {
    async fn of(&self, person: PersonId, now: Millis) -> Result<Address, StoreError> {
        let (email, verified): (String, Option<i64>) =
            sqlx::query_as("select email, verified_ms from person where id = $1")
                .bind(person.0)
                .fetch_one(self.db.pool())
                .await
                .map_err(unavailable)?;
        let asked: Option<(String, i64, bool)> = sqlx::query_as(
            "select l.email, l.expires_ms, coalesce(m.held, false)
             from mail_link l left join mail m on m.id = l.mail_id
             where l.person_id = $1 and l.kind = 'verification' and l.used_ms is null and l.ended_ms is null
               and l.expires_ms > $2
             order by l.made_ms desc limit 1",
        )
        .bind(person.0)
        .bind(now.0)
        .fetch_optional(self.db.pool())
        .await
        .map_err(unavailable)?;
        let held = asked.as_ref().is_some_and(|(.., held)| *held);
        let asked = asked.map(|(email, until, _)| (email, Millis(until)));
        Ok(Address { email, verified_at: verified.map(Millis), asked, held })
    }

    async fn of_session(&self, session: Digest, now: Millis, idle_ms: i64) -> Result<(PersonId, String), StoreError> {
        let (person, email): (Uuid, String) = sqlx::query_as(
            "select p.id, p.email from session s join person p on p.id = s.person_id
             where s.id = $1 and s.expires_ms > $2 and s.used_ms > $2 - $3",
        )
        .bind(session.as_slice())
        .bind(now.0)
        .bind(idle_ms)
        .fetch_one(self.db.pool())
        .await
        .map_err(unavailable)?;
        Ok((PersonId(person), email))
    }

    async fn ask(
        &self,
        person: PersonId,
        email: &str,
        link: NewLink,
        mails: Vec<NewMail>,
        act: Act,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        mail_link::end_of_person(&mut tx, person, "verification", act.at).await?;
        let first = mails.first().map(|mail| mail.id.0);
        mail_link::put(&mut tx, Opens::Verification(person), email, link, first, act.at).await?;
        for mail in &mails {
            mail_link::post(&mut tx, mail).await?;
        }
        account::journal(&mut tx, person, &act, AccountAct::AddressAsked { email: email.to_owned() }).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn check_move(&self, person: PersonId, email: &str) -> Result<(), StoreError> {
        check_move(self.db.pool(), person, email).await
    }

    async fn verification(&self, link: Digest, now: Millis) -> Result<PersonLink, StoreError> {
        self.person_link(link, "verification", now).await
    }

    async fn confirm(&self, link: Digest, person: PersonId, act: Act) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        let used = mail_link::use_up(&mut tx, link, "verification", act.at).await?;
        if used.person_id != Some(person.0) {
            return Err(StoreError::NotFound);
        }
        check_move(&mut *tx, person, &used.email).await?;
        sqlx::query("update person set email = $2, verified_ms = $3 where id = $1")
            .bind(person.0)
            .bind(&used.email)
            .bind(act.at.0)
            .execute(&mut *tx)
            .await
            .map_err(taken("person_email_taken", format!("{} is the address of another account.", used.email)))?;
        // What was sent to the address before lets nobody in any more.
        mail_link::end_of_person(&mut tx, person, "recovery", act.at).await?;
        account::journal(&mut tx, person, &act, AccountAct::AddressConfirmed { email: used.email }).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn request_recovery(&self, request: RecoveryRequest) -> Result<(), StoreError> {
        sqlx::query("insert into recovery_request (id, email, address, at_ms) values ($1, $2, $3, $4)")
            .bind(request.id)
            .bind(request.email)
            .bind(request.address)
            .bind(request.at.0)
            .execute(self.db.pool())
            .await
            .map_err(unavailable)?;
        Ok(())
    }

    async fn next_recovery(&self) -> Result<Option<RecoveryRequest>, StoreError> {
        let row: Option<(Uuid, String, String, i64)> =
            sqlx::query_as("select id, email, address, at_ms from recovery_request order by at_ms, id limit 1")
                .fetch_optional(self.db.pool())
                .await
                .map_err(unavailable)?;
        Ok(row.map(|(id, email, address, at)| RecoveryRequest { id, email, address, at: Millis(at) }))
    }

    async fn live_recoveries(&self, person: PersonId, now: Millis) -> Result<u32, StoreError> {
        let (live,): (i64,) = sqlx::query_as(
            "select count(*) from mail_link
             where person_id = $1 and kind = 'recovery' and used_ms is null and ended_ms is null and expires_ms > $2",
        )
        .bind(person.0)
        .bind(now.0)
        .fetch_one(self.db.pool())
        .await
        .map_err(unavailable)?;
        Ok(u32::try_from(live).unwrap_or(u32::MAX))
    }

    async fn answer_recovery(
        &self,
        request: &RecoveryRequest,
        answer: Option<(PersonId, NewLink, NewMail, Act)>,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        let answered = sqlx::query("delete from recovery_request where id = $1")
            .bind(request.id)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        // Another replica was quicker.
        if answered.rows_affected() == 0 {
            return Ok(());
        }
        if let Some((person, link, mail, act)) = answer {
            let opens = Opens::Recovery(person);
            mail_link::put(&mut tx, opens, &request.email, link, Some(mail.id.0), act.at).await?;
            mail_link::post(&mut tx, &mail).await?;
            account::journal(&mut tx, person, &act, AccountAct::RecoveryAsked).await?;
        }
        tx.commit().await.map_err(unavailable)
    }

    async fn put_recovery(&self, person: PersonId, email: &str, link: NewLink, act: Act) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        mail_link::put(&mut tx, Opens::Recovery(person), email, link, None, act.at).await?;
        account::journal(&mut tx, person, &act, AccountAct::RecoveryAsked).await?;
        tx.commit().await.map_err(unavailable)
    }

    async fn recovery(&self, link: Digest, now: Millis) -> Result<PersonLink, StoreError> {
        self.person_link(link, "recovery", now).await
    }

    async fn recover(&self, link: Digest, hash: &str, notice: NewMail, act: Act) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        let used = mail_link::use_up(&mut tx, link, "recovery", act.at).await?;
        let person = PersonId(used.person_id.ok_or(StoreError::NotFound)?);
        crate::people::replace_password(&mut tx, person, hash, act.at).await?;
        if used.mail_id.is_some() && prove_address(&mut tx, person, act.at).await? {
            account::journal(&mut tx, person, &act, AccountAct::AddressConfirmed { email: used.email }).await?;
        }
        mail_link::post(&mut tx, &notice).await?;
        account::journal(&mut tx, person, &act, AccountAct::PasswordReset).await?;
        tx.commit().await.map_err(unavailable)
    }
}
