//! A role file that an agent is to run with: read, examined, probed, and put before a founder.

use crate::{
    Error, Service,
    policy::Action,
    ports::{NewTask, Proposal},
    role_view,
};
use countersign_domain::{
    Act, Actor, AgentId, AgentName, ReviewId, TaskId,
    artifact::ArtifactHash,
    reading::{RoleCheck, SoundRole},
    task::Priority,
};
use countersign_role::{Background, RoleFile};
use serde_json::json;

/// The agent that examines role files, where there is one.
pub(crate) const SECURITY_OFFICER: &str = "cso";
/// What it is asked to do.
const EXAMINE: &str = "examine_role";

pub(crate) fn security_officer() -> AgentName {
    SECURITY_OFFICER.parse().expect("a good name")
}

/// Reads a file that somebody entered; all faults go to the field that it came in.
fn read(text: &str) -> Result<RoleFile, Error> {
    countersign_role::read(text.as_bytes()).map_err(|faults| Error::invalid("text", faults))
}

impl Service {
    /// What the file comes to, and what is wrong with it; nothing is kept.
    pub async fn check_role(&self, actor: &Actor, text: &str) -> Result<RoleCheck, Error> {
        self.allow(actor, Action::ProposeRole)?;
        let file = match countersign_role::read(text.as_bytes()) {
            Ok(file) => file,
            Err(faults) => {
                let (list, more) = role_view::faults(&faults);
                return Ok(RoleCheck::Faults { list, more });
            }
        };
        let base = self.approved_file(actor, &file.role.name).await?;
        let fleet = self.ports.agents.names(actor.tenant).await?;
        let background = Background { approved: base.as_ref(), fleet: &fleet };
        Ok(RoleCheck::Sound(Box::new(SoundRole {
            agent: file.role.name.to_string(),
            sha256: file.hash.to_string(),
            powers: role_view::powers(&file),
            findings: role_view::findings(&file, background),
            changes: base.as_ref().map(|base| role_view::changes(base, &file)).unwrap_or_default(),
        })))
    }

    /// Keeps the file under its hash and opens its review; makes the agent and its queue where it is new. The probe
    /// runs at once, and can be run again where the bus was away.
    pub async fn propose_role(&self, actor: &Actor, text: &str) -> Result<ReviewId, Error> {
        self.allow(actor, Action::ProposeRole)?;
        let file = read(text)?;
        self.propose(actor, file, false).await
    }

    /// The agent's newest role file, to write the next one from.
    pub async fn role_text(&self, actor: &Actor, agent: &AgentName) -> Result<String, Error> {
        self.allow(actor, Action::Read)?;
        if let Some(newest) = self.ports.reviews.of_agent(actor.tenant, agent).await?.into_iter().next() {
            return Ok(self.ports.reviews.find(actor.tenant, newest.id).await?.text);
        }
        let delegates = self.ports.agents.delegates(actor.tenant, agent).await?;
        Ok(template(agent, &delegates))
    }

    pub(crate) async fn propose(&self, actor: &Actor, file: RoleFile, only_new: bool) -> Result<ReviewId, Error> {
        let now = self.ports.clock.now();
        let agent = file.role.name.clone();
        let review = ReviewId(self.ports.entropy.uuid(now));
        let base = self.approved_file(actor, &agent).await?;
        let fleet = self.ports.agents.names(actor.tenant).await?;
        let background = Background { approved: base.as_ref(), fleet: &fleet };
        let act = self.act(actor);
        let sha256 = ArtifactHash(file.hash.0);
        let officer = security_officer();
        let asked = officer != agent && self.examines(actor, &officer).await?;
        let proposal = Proposal {
            review,
            agent: agent.clone(),
            sha256,
            findings: role_view::findings(&file, background),
            only_new,
            agent_id: AgentId(self.ports.entropy.uuid(now)),
            delegates_to: file.role.delegates_to.clone(),
            task: asked.then(|| examination(TaskId(self.ports.entropy.uuid(now)), review, &file, &act)),
            text: file.text.clone(),
            act,
        };
        self.ports.reviews.propose(actor.tenant, proposal).await?;
        if let Err(error) = self.ports.bus.provision(actor.tenant, &agent).await {
            tracing::warn!(agent.name = %agent, %error, "the agent's queue will be made when the bus is back");
        }
        if let Err(error) = self.probe(actor, review, &file).await {
            tracing::warn!(review.id = %review, %error, "the role was not probed; somebody will run the probe by hand");
        }
        Ok(review)
    }

    /// Whether the approved role file of the officer names examinations among the kinds of tasks that it handles.
    async fn examines(&self, actor: &Actor, officer: &AgentName) -> Result<bool, Error> {
        let file = self.approved_file(actor, officer).await?;
        let kinds = file.and_then(|file| file.role.consumes.kinds);
        Ok(kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind.as_str() == EXAMINE)))
    }

    /// The file that the agent may run now.
    pub(crate) async fn approved_file(&self, actor: &Actor, agent: &AgentName) -> Result<Option<RoleFile>, Error> {
        let approved = self.ports.reviews.approved(actor.tenant, agent).await?;
        Ok(approved.and_then(|review| countersign_role::read(review.text.as_bytes()).ok()))
    }
}

/// What the security officer is asked.
fn examination(id: TaskId, review: ReviewId, file: &RoleFile, act: &Act) -> NewTask {
    let agent = &file.role.name;
    let title = format!("Examine the role file of {agent}");
    let payload = json!({
        "task": title, "correlation_id": review.to_string(), "review": review.to_string(), "agent": agent,
        "subject_sha256": file.hash.to_string(), "role": file.text,
    });
    NewTask {
        id,
        agent: security_officer(),
        kind: EXAMINE.parse().expect("a good kind"),
        title: Some(title),
        correlation_id: Some(review.to_string()),
        payload: payload.to_string(),
        not_before: None,
        priority: Priority::default(),
        act: act.clone(),
    }
}

/// The smallest role file of an agent: its own queue and events, and those whom it may give tasks to.
pub(crate) fn template(agent: &AgentName, delegates_to: &[AgentName]) -> String {
    let mut text =
        format!("apiVersion: countersign/v1\nkind: AgentRole\nmetadata: {{ name: {agent} }}\nspec:\n  mission: \"\"\n");
    if !delegates_to.is_empty() {
        let names: Vec<&str> = delegates_to.iter().map(AgentName::as_str).collect();
        text.push_str(&format!("  delegates_to: [{}]\n", names.join(", ")));
    }
    text.push_str("  forbidden_actions:\n");
    for ban in countersign_role::forbidden::Mandatory::ALL {
        text.push_str(&format!("    - {}\n", ban.line()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_role_file_is_a_sound_one() {
        let names = |text: &[&str]| -> Vec<AgentName> { text.iter().map(|name| name.parse().unwrap()).collect() };
        for delegates in [names(&[]), names(&["frontend", "cso"])] {
            let file = countersign_role::read(template(&"backend".parse().unwrap(), &delegates).as_bytes()).unwrap();
            assert_eq!((file.role.name.as_str(), &file.role.delegates_to), ("backend", &delegates));
        }
    }
}
