//! Whether a founder's word about a review counts, in words. The triggers of the database hold the same.

use crate::{db::unavailable, pen::Pen};
use countersign_domain::{
    AgentName, Millis, PersonId, ReviewId,
    artifact::ArtifactHash,
    review::{PROBE_COUNTS_MS, ReviewDecision, ReviewState, alone_later, counts_later},
};
use countersign_service::ports::{NewReviewDecision, StoreError};
use uuid::Uuid;

/// A review under decision.
pub(crate) struct Found {
    pub agent: AgentName,
    sha256: ArtifactHash,
    pub author: PersonId,
    state: ReviewState,
    probed: Option<Millis>,
    wrong: Option<i32>,
}

impl Found {
    pub async fn lock(pen: &mut Pen, id: ReviewId) -> Result<Self, StoreError> {
        let row: Option<(String, Vec<u8>, Uuid, String, Option<i64>, Option<i32>)> = sqlx::query_as(
            "select agent, sha256, author, state, probed_ms, (probe ->> 'wrong')::int from review where id = $1 for update",
        )
        .bind(id.0)
        .fetch_optional(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        let (agent, sha256, author, state, probed, wrong) = row.ok_or(StoreError::NotFound)?;
        Ok(Self {
            agent: agent.parse().map_err(|_| StoreError::NotFound)?,
            sha256: ArtifactHash(sha256.try_into().map_err(|_| StoreError::NotFound)?),
            author: PersonId(author),
            state: state.parse().map_err(|()| StoreError::NotFound)?,
            probed: probed.map(Millis),
            wrong,
        })
    }

    /// Says in words what the database would refuse without. Of an approval, answers how many founders have to give
    /// theirs after it, if any.
    pub async fn check(&self, pen: &mut Pen, new: &NewReviewDecision) -> Result<Option<u32>, StoreError> {
        let refused = |words: String| Err(StoreError::Refused(words));
        let wanted = if new.decision == ReviewDecision::Revoked { ReviewState::Approved } else { ReviewState::Open };
        if self.state != wanted {
            return refused(match self.state {
                ReviewState::Open => "This review is open: there is no approval to revoke.".to_owned(),
                ReviewState::Approved => self.decided(pen, new, "approved").await?,
                ReviewState::Rejected => self.decided(pen, new, "rejected").await?,
                ReviewState::Revoked => self.decided(pen, new, "revoked").await?,
                ReviewState::Replaced => {
                    "The role file changed since you opened it: a newer one waits. Open its review to see what is different."
                        .to_owned()
                }
            });
        }
        if self.sha256 != new.sha256 {
            return refused("What you saw is not what this review is of. Open it again.".to_owned());
        }
        if new.decision != ReviewDecision::Approved {
            return Ok(None);
        }
        match (self.probed, self.wrong) {
            (Some(at), Some(0)) if at.0 >= new.act.at.0 - PROBE_COUNTS_MS => {}
            (Some(_), Some(0)) => {
                return refused("Its probe is older than an hour. Run it again, then approve.".to_owned());
            }
            (Some(_), _) => {
                return refused(
                    "Its probe found the bus to allow what the role forbids, or the reverse. It cannot be approved."
                        .to_owned(),
                );
            }
            (None, _) => return refused("It was not probed yet. Run the probe, then approve.".to_owned()),
        }
        // The database's clock counts, here as in the trigger.
        let (counts_from, others, alone_from, now): (Option<i64>, bool, Option<i64>, i64) = sqlx::query_as(
            "select approves_from($1, $2), count(c.person_id) > 0,
                    case when bool_and(c.until_ms is not null) then max(c.until_ms) end,
                    (extract(epoch from clock_timestamp()) * 1000)::bigint
             from (select) one left join counted_founders($1) c on c.person_id <> $2",
        )
        .bind(pen.tenant.0)
        .bind(new.act.by.0)
        .fetch_one(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        match counts_from {
            Some(at) if at <= now => {}
            Some(at) => return refused(counts_later(Millis(at), Millis(now))),
            None => return refused("You are no founder any more. Another founder has to approve it.".to_owned()),
        }
        if self.author == new.act.by && others {
            return refused(match alone_from {
                Some(at) => alone_later(Millis(at), Millis(now)),
                None => "You proposed this file. Another founder has to approve it.".to_owned(),
            });
        }
        self.lacking(pen, new).await
    }

    /// How many founders have to approve after this one. Whoever did already counts once.
    async fn lacking(&self, pen: &mut Pen, new: &NewReviewDecision) -> Result<Option<u32>, StoreError> {
        let (needed, others, again): (i32, i64, bool) = sqlx::query_as(
            "select approvals_needed($1, $2), count(distinct d.person_id) filter (where d.person_id <> $4),
                    coalesce(bool_or(d.person_id = $4), false)
             from review_decision d
             join membership m on m.tenant_id = d.tenant_id and m.person_id = d.person_id and m.role = 'founder'
             where d.review_id = $3 and d.decision = 'approved'",
        )
        .bind(pen.tenant.0)
        .bind(self.author.0)
        .bind(new.review.0)
        .bind(new.act.by.0)
        .fetch_one(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        let lacking = u32::try_from(i64::from(needed) - others - 1).unwrap_or(0);
        match (lacking, again) {
            (0, _) => Ok(None),
            (_, true) => {
                Err(StoreError::Refused("You approved it already. Another founder has to approve it too.".to_owned()))
            }
            (lacking, false) => Ok(Some(lacking)),
        }
    }

    /// Who was first.
    async fn decided(&self, pen: &mut Pen, new: &NewReviewDecision, word: &str) -> Result<String, StoreError> {
        let row: Option<(String,)> = sqlx::query_as(
            "select p.name from review_decision d join person p on p.id = d.person_id
             where d.review_id = $1 order by d.seq desc limit 1",
        )
        .bind(new.review.0)
        .fetch_optional(&mut *pen.tx)
        .await
        .map_err(unavailable)?;
        let by = row.map_or_else(String::new, |(name,)| format!(" by {name}"));
        Ok(format!("This review was {word} already{by}. Nothing was changed."))
    }
}
