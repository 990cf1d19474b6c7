//! Links in mails: made with the mail, used once.

use crate::{db::unavailable, projection::Tx};
use countersign_domain::{Millis, PersonId};
use countersign_service::ports::{Digest, Fate, NewLink, NewMail, StoreError};
use sqlx::Postgres;
use uuid::Uuid;

/// What a link opens, and as what it is kept.
pub(crate) enum Opens {
    Invitation { tenant: Uuid, invitation: Uuid },
    Verification(PersonId),
    Recovery(PersonId),
}

impl Opens {
    fn kind(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::Verification(_) => "verification",
            Self::Recovery(_) => "recovery",
        }
    }
}

/// Keeps a link that is sent to `email`, in the mail if there is one.
pub(crate) async fn put(
    tx: &mut Tx,
    opens: Opens,
    email: &str,
    link: NewLink,
    mail: Option<Uuid>,
    now: Millis,
) -> Result<(), StoreError> {
    let (tenant, invitation, person) = match opens {
        Opens::Invitation { tenant, invitation } => (Some(tenant), Some(invitation), None),
        Opens::Verification(person) | Opens::Recovery(person) => (None, None, Some(person.0)),
    };
    sqlx::query(
        "insert into mail_link (digest, kind, email, tenant_id, invitation_id, person_id, mail_id, made_ms, expires_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(link.digest.as_slice())
    .bind(opens.kind())
    .bind(email)
    .bind(tenant)
    .bind(invitation)
    .bind(person)
    .bind(mail)
    .bind(now.0)
    .bind(link.until.0)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// What a link was, when it was used: once.
#[derive(sqlx::FromRow)]
pub(crate) struct UsedLink {
    pub email: String,
    pub tenant_id: Option<Uuid>,
    pub invitation_id: Option<Uuid>,
    pub person_id: Option<Uuid>,
    pub mail_id: Option<Uuid>,
}

/// Uses a live link up: of several at the same moment, one. [`StoreError::NotFound`] where it is not live.
pub(crate) async fn use_up(tx: &mut Tx, link: Digest, kind: &str, now: Millis) -> Result<UsedLink, StoreError> {
    sqlx::query_as(
        "update mail_link set used_ms = $3
         where digest = $1 and kind = $2 and used_ms is null and ended_ms is null and expires_ms > $3
         returning email, tenant_id, invitation_id, person_id, mail_id",
    )
    .bind(link.as_slice())
    .bind(kind)
    .bind(now.0)
    .fetch_one(&mut **tx)
    .await
    .map_err(unavailable)
}

/// Ends the person's live links of a kind, and forgets the mails that they are in.
pub(crate) async fn end_of_person(tx: &mut Tx, person: PersonId, kind: &str, now: Millis) -> Result<(), StoreError> {
    end(tx, "person_id", person.0, kind, now).await
}

pub(crate) async fn end_of_invitation(tx: &mut Tx, invitation: Uuid, now: Millis) -> Result<(), StoreError> {
    end(tx, "invitation_id", invitation, "invitation", now).await
}

async fn end(tx: &mut Tx, column: &'static str, id: Uuid, kind: &str, now: Millis) -> Result<(), StoreError> {
    // A mail that was not sent yet would bring a link that does not work.
    let sql = format!(
        "with ended as (update mail_link set ended_ms = $3
                        where {column} = $1 and kind = $2 and used_ms is null and ended_ms is null
                        returning mail_id)
         update mail set given_up_ms = $3, sealed = null, note = 'Another took its place, or it was taken back.'
         where id in (select mail_id from ended) and sent_ms is null and given_up_ms is null"
    );
    sqlx::query::<Postgres>(sqlx::AssertSqlSafe(sql))
        .bind(id)
        .bind(kind)
        .bind(now.0)
        .execute(&mut **tx)
        .await
        .map_err(unavailable)?;
    Ok(())
}

/// Writes a mail into the outbox.
pub(crate) async fn post(tx: &mut Tx, mail: &NewMail) -> Result<(), StoreError> {
    sqlx::query(
        "insert into mail (id, kind, recipient, subject, sealed, tenant_id, person_id, made_ms, expires_ms, next_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8)",
    )
    .bind(mail.id.0)
    .bind(mail.kind.as_str())
    .bind(&mail.to)
    .bind(&mail.subject)
    .bind(&mail.sealed)
    .bind(mail.tenant.map(|tenant| tenant.0))
    .bind(mail.person.map(|person| person.0))
    .bind(mail.at.0)
    .bind(mail.until.0)
    .execute(&mut **tx)
    .await
    .map_err(unavailable)?;
    Ok(())
}

/// What became of a link, by its row's moments.
pub(crate) fn fate(used: Option<i64>, ended: Option<i64>, expires: i64, now: Millis) -> Fate {
    match (used, ended) {
        (Some(_), _) => Fate::Used,
        (None, Some(_)) => Fate::Ended,
        (None, None) if expires <= now.0 => Fate::Expired,
        (None, None) => Fate::Live,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_lives_until_it_is_used_ended_or_late() {
        let now = Millis(10);
        assert_eq!(fate(None, None, 11, now), Fate::Live);
        assert_eq!(fate(None, None, 10, now), Fate::Expired);
        assert_eq!(fate(None, Some(1), 11, now), Fate::Ended);
        assert_eq!(fate(Some(2), Some(1), 1, now), Fate::Used);
    }
}
