//! Labels: an agent's own names for artifacts.

use crate::{
    AgentError, Service,
    ports::{AgentActor, LabelFact},
    read_artifact::absent,
};
use countersign_domain::{
    AgentName, ArtifactHash,
    artifact::{Label, LabelPattern, MAX_LABEL},
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
        if *agent != actor.agent && !covered(&self.ports.read_grants.reads(actor).await?, label) {
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
        let reads = self.ports.read_grants.reads(actor).await?;
        let limit = LABELS_AT_A_TIME;
        let mut labels = self.ports.artifacts.labels(actor.tenant, agent, prefix, after, limit + 1).await?;
        let more = labels.len() > limit as usize;
        labels.truncate(limit as usize);
        let next = labels.last().filter(|_| more).map(|last| last.label.clone());
        if *agent != actor.agent {
            labels.retain(|label| covered(&reads, &label.label));
        }
        Ok((labels, next))
    }
}

fn covered(reads: &[LabelPattern], label: &Label) -> bool {
    reads.iter().any(|pattern| pattern.matches(label.as_str()))
}
