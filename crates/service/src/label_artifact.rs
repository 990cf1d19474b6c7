//! Labels: an agent's own names for artifacts.

use crate::{
    AgentError, Service,
    ports::{AgentActor, LabelFact},
    read_artifact::absent,
};
use countersign_domain::{
    AgentName, ArtifactHash,
    artifact::{Label, MAX_LABEL, ReadGrant},
};

/// Labels that are answered at a time.
pub const LABELS_AT_A_TIME: u32 = 100;

impl Service {
    /// Makes the agent's own label name an artifact that it may read; answers the version.
    pub async fn label_artifact(
        &self,
        actor: &AgentActor,
        label: &Label,
        sha256: ArtifactHash,
    ) -> Result<u32, AgentError> {
        self.find_artifact(actor, sha256).await?;
        self.ports.artifacts.label(actor, label, sha256, self.ports.clock.now()).await.map_err(absent)
    }

    /// What a label names: one of its own, or, where its role reads it, one of another agent's.
    pub async fn find_label(
        &self,
        actor: &AgentActor,
        agent: &AgentName,
        label: &Label,
    ) -> Result<LabelFact, AgentError> {
        if *agent != actor.agent && !covered(&self.reads(actor).await?, label) {
            return Err(AgentError::NoArtifact);
        }
        self.ports.artifacts.labelled(actor.tenant, agent, label).await.map_err(absent)
    }

    /// The labels that begin with `prefix`, in their order, from the one after `after` on, and whether there are more.
    pub async fn list_labels(
        &self,
        actor: &AgentActor,
        agent: &AgentName,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<(Vec<LabelFact>, Option<Label>), AgentError> {
        if prefix.chars().count() > MAX_LABEL {
            return Err(AgentError::invalid("prefix", "No label is longer than 200 characters."));
        }
        let own = *agent == actor.agent;
        let reads = if own { None } else { Some(self.reads(actor).await?) };
        let may = |label: &Label| reads.as_ref().is_none_or(|reads| covered(reads, label));
        let (limit, mut after) = (LABELS_AT_A_TIME as usize, after.map(str::to_owned));
        let mut labels = Vec::new();
        // What may not be read is passed over here, so that `next` does not tell its name either.
        while labels.len() <= limit && reads.as_ref().is_none_or(|reads| !reads.allow.is_empty()) {
            let few = LABELS_AT_A_TIME + 1;
            let found = self.ports.artifacts.labels(actor.tenant, agent, prefix, after.as_deref(), few).await?;
            let Some(last) = found.last().map(|last| last.label.to_string()) else { break };
            let was_last = found.len() < few as usize;
            labels.extend(found.into_iter().filter(|fact| may(&fact.label)));
            if was_last {
                break;
            }
            after = Some(last);
        }
        let more = labels.len() > limit;
        labels.truncate(limit);
        let next = labels.last().filter(|_| more).map(|last| last.label.clone());
        Ok((labels, next))
    }
}

fn covered(reads: &ReadGrant, label: &Label) -> bool {
    reads.matches(label.as_str())
}
