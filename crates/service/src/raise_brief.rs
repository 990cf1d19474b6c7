//! Briefs beside the bus: an agent's over the API, and a person's own. They are read by the same rules as those of the
//! bus, and whoever asks hears at once what came of it.

use crate::{
    AgentError, Error, Service,
    policy::Action,
    ports::{AgentActor, AskedEvent, BESIDE_THE_BUS, BriefFault},
    take_briefs::{Asked, Fate, Kept, Waiting, fault},
};
use countersign_brief::{Advice, Faults};
use countersign_domain::{
    Act, Actor, BriefAuthor, TenantId,
    artifact::Label,
    reading::{BriefCheck, FaultView},
};

/// What came of a brief.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raised {
    /// It waits for a founder.
    Taken {
        kept: Kept,
        /// Its author's own name for it.
        name: String,
        /// From 0 to 100, and in seconds.
        score: u8,
        reading_s: u32,
        /// What would read better: where, and a sentence.
        advice: Vec<(String, &'static str)>,
    },
    /// Nothing was kept; all that is wrong with it, and how much more there was.
    Refused { faults: Vec<BriefFault>, more: usize },
    /// The agent's role file does not let it ask.
    Forbidden,
}

impl Service {
    /// An agent asks. `payload` is that of `events.<agent>.brief.prepared`; sent twice, it is one brief.
    pub async fn raise_brief(&self, actor: &AgentActor, payload: String) -> Result<Raised, AgentError> {
        if !self.may_raise(actor).await? {
            return Ok(Raised::Forbidden);
        }
        let event = self.asked(actor.agent.clone().into(), payload, None);
        let raised = self.raise(actor.tenant, &event, true).await;
        raised.map_err(AgentError::of)
    }

    /// A founder asks, by a page or by a token: of the founders, themselves among them.
    pub async fn write_brief(&self, actor: &Actor, payload: String) -> Result<Raised, Error> {
        self.allow(actor, Action::WriteBrief)?;
        let event = self.asked(BriefAuthor::founder(), payload, Some(self.act(actor)));
        self.raise(actor.tenant, &event, false).await
    }

    /// Whether the form is for them at all.
    pub fn may_write_brief(&self, actor: &Actor) -> Result<(), Error> {
        self.allow(actor, Action::WriteBrief)
    }

    /// What would come of it; keeps nothing.
    pub async fn check_brief(&self, actor: &Actor, payload: String) -> Result<BriefCheck, Error> {
        self.allow(actor, Action::WriteBrief)?;
        let event = self.asked(BriefAuthor::founder(), payload, None);
        let rules = self.rules(actor.tenant, self.ports.clock.now()).await?;
        let asked = self.judge(actor.tenant, &event, &rules).await?;
        let faults = asked.lint.outcome.err().map(|faults| faults.list).unwrap_or_default();
        let told = |fault: countersign_brief::Fault| FaultView {
            pointer: fault.pointer,
            words: format!("{} {}", fault.why, fault.fix),
        };
        Ok(BriefCheck { faults: faults.into_iter().map(told).collect() })
    }

    /// A name for a brief that somebody begins to write: whoever sends the same form twice writes one brief.
    pub fn brief_name(&self) -> String {
        format!("by-hand-{}", self.ports.entropy.uuid(self.ports.clock.now()).simple())
    }

    /// The artifact that a person names: by its SHA-256, or as `agent:label`. What names nothing is left as it is, for
    /// the linter to say so.
    pub async fn artifact_named(&self, actor: &Actor, text: &str) -> Result<String, Error> {
        self.allow(actor, Action::Read)?;
        let named =
            text.split_once(':').and_then(|(agent, label)| Some((agent.parse().ok()?, label.parse::<Label>().ok()?)));
        let Some((agent, label)) = named else { return Ok(text.to_owned()) };
        match self.ports.artifacts.labelled(actor.tenant, &agent, &label).await {
            Ok(fact) => Ok(fact.sha256.to_string()),
            Err(crate::ports::StoreError::NotFound) => Ok(text.to_owned()),
            Err(error) => Err(error.into()),
        }
    }

    /// Names under which agents keep artifacts, as [`Service::artifact_named`] takes them: those of each agent that
    /// come first, up to `limit`.
    pub async fn artifact_names(&self, actor: &Actor, limit: u32) -> Result<Vec<String>, Error> {
        self.allow(actor, Action::Read)?;
        let mut names = Vec::new();
        for agent in self.ports.agents.names(actor.tenant).await? {
            let found = self.ports.artifacts.labels(actor.tenant, &agent, "", None, limit).await?;
            names.extend(found.into_iter().map(|fact| format!("{agent}:{}", fact.label)));
        }
        names.truncate(limit as usize);
        Ok(names)
    }

    async fn raise(&self, tenant: TenantId, event: &AskedEvent, counts: bool) -> Result<Raised, Error> {
        let rules = self.rules(tenant, self.ports.clock.now()).await?;
        let asked = self.judge(tenant, event, &rules).await?;
        match self.keep(tenant, event, &asked, &mut Waiting::default()).await? {
            Fate::Kept(kept) => Ok(taken(&asked, kept)),
            Fate::Waits => Err(Error::Conflict(
                "A founder's decision about the version before is held. Send this again in ten seconds.".to_owned(),
            )),
            Fate::Refused(faults) => {
                // What a person has not written well yet is between them and the form.
                if counts {
                    self.send_back(tenant, event, &asked, faults.clone(), None).await?;
                }
                Ok(refused(faults))
            }
        }
    }

    /// As the bus would let it: by the subject of the event.
    async fn may_raise(&self, actor: &AgentActor) -> Result<bool, AgentError> {
        let role = self.ports.approvals.running(actor).await?.ok_or(AgentError::NotApproved)?;
        let file = countersign_role::read(role.text.as_bytes()).map_err(|_| AgentError::NotApproved)?;
        let subject = format!("events.{}.brief.prepared", actor.agent);
        Ok(countersign_role::compile(&file.role).bus.publish.permit(&subject))
    }

    fn asked(&self, author: BriefAuthor, payload: String, by: Option<Act>) -> AskedEvent {
        let at = self.ports.clock.now();
        // The low half of a UUID: 62 random bits, and never less than nought.
        let (_, low) = self.ports.entropy.uuid(at).as_u64_pair();
        let sequence = i64::try_from(low >> 1).unwrap_or_default();
        AskedEvent { epoch: BESIDE_THE_BUS, sequence, author, by, at, payload, correlation_id: None }
    }
}

fn taken(asked: &Asked, kept: Kept) -> Raised {
    Raised::Taken {
        kept,
        name: asked.name.clone().unwrap_or_default(),
        score: asked.lint.score,
        reading_s: asked.lint.reading_s,
        advice: advice(asked),
    }
}

fn refused(faults: Faults) -> Raised {
    Raised::Refused { more: faults.more, faults: faults.list.into_iter().map(fault).collect() }
}

fn advice(asked: &Asked) -> Vec<(String, &'static str)> {
    let one = |advice: &Advice| (advice.pointer.clone(), advice.words);
    asked.lint.advice.iter().map(one).collect()
}
