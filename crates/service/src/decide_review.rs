//! A founder's word about a role file. The database checks it once more: no code leads around it.

use crate::{
    Error, Service,
    policy::Action,
    ports::{NewApprovalsAsked, NewReviewDecision},
    reason,
};
use countersign_domain::{
    Actor, AgentName, ReviewId,
    artifact::ArtifactHash,
    review::{MOST_APPROVALS, ReviewDecision, ReviewState},
};

/// What came of a founder's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub agent: AgentName,
    /// Open still, where more founders have to approve it.
    pub state: ReviewState,
}

impl Service {
    /// Approves, rejects or revokes exactly the content with the hash `sha256`, with the founder's reason. An approval
    /// lets credentials be issued, once as many founders have given theirs as have to; a revocation ends those that are,
    /// and the bus cuts their holders off.
    pub async fn decide_review(
        &self,
        actor: &Actor,
        review: ReviewId,
        decision: ReviewDecision,
        sha256: &str,
        why: &str,
    ) -> Result<Decided, Error> {
        self.allow(actor, Action::DecideReview)?;
        let why = reason::required(why, "Say why; it stands beside the decision for good.")?;
        let sha256: ArtifactHash = sha256.parse().map_err(|error| Error::invalid("sha256", error))?;
        let record = self.ports.reviews.find(actor.tenant, review).await?;
        let file =
            countersign_role::read(record.text.as_bytes()).map_err(|faults| Error::Conflict(faults.to_string()))?;
        let new = NewReviewDecision {
            review,
            sha256,
            decision,
            reason: why,
            proven_at: actor.proven_at,
            delegates_to: file.role.delegates_to.clone(),
            act: self.act(actor),
        };
        let state = self.ports.reviews.decide(actor.tenant, new).await?;
        if decision == ReviewDecision::Revoked {
            self.cut_off(actor).await?;
        }
        Ok(Decided { agent: record.agent, state })
    }

    /// How many founders have to approve a role file, as this one asks for it from now on. The highest number that a
    /// founder asks for counts: care is never outvoted.
    pub async fn ask_approvals(&self, actor: &Actor, approvals: u32, why: &str) -> Result<(), Error> {
        self.allow(actor, Action::AskApprovals)?;
        if !(1..=MOST_APPROVALS).contains(&approvals) {
            return Err(Error::invalid("approvals", format!("Choose a number from 1 to {MOST_APPROVALS}.")));
        }
        let reason = reason::required(why, "Say why; it is kept in the journal.")?;
        let asked = NewApprovalsAsked { approvals, reason, proven_at: actor.proven_at, act: self.act(actor) };
        Ok(self.ports.reviews.ask_approvals(actor.tenant, asked).await?)
    }

    /// Tells the bus which keys must not connect any more; whoever is connected with one is cut off at once.
    pub(crate) async fn cut_off(&self, actor: &Actor) -> Result<(), Error> {
        let revocations = async || self.ports.agents.revocations(actor.tenant, self.ports.clock.now()).await;
        let mut revoked = revocations().await?;
        // Another request may have told the bus more meanwhile, which this one has just taken back.
        for _ in 0..3 {
            self.ports.bus.revoke(actor.tenant, revoked.clone()).await.map_err(|error| {
                tracing::warn!(%error, "a revocation waits for the bus");
                Error::Conflict(
                    "It is recorded, and the credentials are marked as revoked, but the bus is not answering. They will be cut off as soon as the bus is back."
                        .to_owned(),
                )
            })?;
            let now = revocations().await?;
            if now == revoked {
                break;
            }
            revoked = now;
        }
        Ok(())
    }
}
