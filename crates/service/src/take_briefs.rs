//! Briefs that agents have sent: read, judged, and kept for a founder, or sent back with all reasons. The founder's
//! inbox has none that cannot be decided.

use crate::{
    Error, Service,
    brief_row::Rules,
    change_context,
    ports::{AskedEvent, BriefFault, BriefMark, BriefRefusal, NewBrief, Taken},
};
use countersign_brief::{Background, Brief, Draft, EvidenceState, Faults, Lint, Rule, lint, read};
use countersign_domain::{
    ArtifactHash, BriefAuthor, BriefId, ContextFactId, Millis, TaskId, TenantId, brief::MOST_VERSIONS,
};
use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

/// So many are looked at before others have a turn.
const AT_A_TIME: u32 = 50;

impl Service {
    /// Deals with what agents have asked since the last time, in the order of the bus; answers how much that was. Done
    /// by several servers at once, each event is dealt with once. What is asked anew while a founder's word is held waits.
    pub async fn take_briefs(&self, tenant: TenantId) -> Result<usize, Error> {
        let events = self.ports.briefs.asked(tenant, AT_A_TIME).await?;
        if events.is_empty() {
            return Ok(0);
        }
        let rules = self.rules(tenant, self.ports.clock.now()).await?;
        let mut waiting = Waiting::default();
        let mut done = 0;
        for event in &events {
            done += usize::from(self.take_brief(tenant, event, &rules, &mut waiting).await?);
        }
        if done > 0 {
            self.ports.briefs.mark_asked(tenant).await?;
        }
        Ok(done)
    }

    /// False where it waits.
    async fn take_brief(
        &self,
        tenant: TenantId,
        event: &AskedEvent,
        rules: &Rules,
        waiting: &mut Waiting,
    ) -> Result<bool, Error> {
        let asked = self.judge(tenant, event, rules).await?;
        match self.keep(tenant, event, &asked, waiting).await? {
            Fate::Kept(_) => Ok(true),
            Fate::Waits => Ok(false),
            Fate::Refused(faults) => {
                let task = TaskId(self.ports.entropy.uuid(asked.now));
                self.send_back(tenant, event, &asked, faults, Some(task)).await?;
                Ok(true)
            }
        }
    }

    /// Holds what somebody asks against the contract; keeps nothing.
    pub(crate) async fn judge(&self, tenant: TenantId, event: &AskedEvent, rules: &Rules) -> Result<Asked, Error> {
        let now = self.ports.clock.now();
        let draft = read(event.author.clone(), event.payload.as_bytes());
        let (name, title) = (draft.name().map(ToString::to_string), draft.title().map(str::to_owned));
        let known = self.evidence_named(tenant, event, &draft).await?;
        let evidence = |sha256: &ArtifactHash| known.get(sha256).copied().unwrap_or(EvidenceState::Absent);
        let agents = self.ports.agents.names(tenant).await?.into_iter().collect();
        let facts = self.facts_that_hold(tenant, &draft).await?;
        let reserved = rules.reserved();
        let background = Background { now, reserved: &reserved, agents: &agents, facts: &facts, evidence: &evidence };
        Ok(Asked { name, title, lint: lint(draft, &background), now })
    }

    /// Keeps it for a founder; or answers with all that is wrong with it, and keeps nothing.
    pub(crate) async fn keep(
        &self,
        tenant: TenantId,
        event: &AskedEvent,
        asked: &Asked,
        waiting: &mut Waiting,
    ) -> Result<Fate, Error> {
        let brief = match &asked.lint.outcome {
            Ok(brief) => brief,
            Err(faults) => return Ok(Fate::Refused(faults.clone())),
        };
        let id = BriefId(self.ports.entropy.uuid(asked.now));
        let new = new_brief(id, brief, asked.mark())?;
        let sha256 = new.sha256;
        let key = (event.author.clone(), new.name.clone());
        let taken = match waiting.0.get(&key) {
            // One of them waits: those after it do too.
            Some(versions) => Taken::Waits { versions: *versions },
            None => self.ports.briefs.take(tenant, event, new, asked.now).await?,
        };
        Ok(fate(waiting.note(key, taken), sha256))
    }

    /// Counts it; `task` is the one by which its author hears why, where it does not hear at once.
    pub(crate) async fn send_back(
        &self,
        tenant: TenantId,
        event: &AskedEvent,
        asked: &Asked,
        faults: Faults,
        task: Option<TaskId>,
    ) -> Result<(), Error> {
        let refusal = BriefRefusal {
            name: asked.name.clone(),
            title: asked.title.clone(),
            more: faults.more,
            faults: faults.list.into_iter().map(fault).collect(),
            mark: asked.mark(),
            task,
        };
        Ok(self.ports.briefs.refuse(tenant, event, refusal, asked.now).await?)
    }

    /// None are read for a brief that names none.
    async fn facts_that_hold(&self, tenant: TenantId, draft: &Draft) -> Result<BTreeSet<ContextFactId>, Error> {
        if !draft.has_facts() {
            return Ok(BTreeSet::new());
        }
        let rows = change_context::rows(self.ports.context_facts.all(tenant).await?, self.ports.clock.now());
        Ok(rows.iter().filter(|row| !row.withdrawn).filter_map(|row| row.id.parse().ok()).collect())
    }

    async fn evidence_named(
        &self,
        tenant: TenantId,
        event: &AskedEvent,
        draft: &Draft,
    ) -> Result<BTreeMap<ArtifactHash, EvidenceState>, Error> {
        let reader = match event.author.agent() {
            Some(agent) => Some((self.reads_of_agent(tenant, &agent).await?, agent)),
            // People read everything of their organization.
            None => None,
        };
        let mut known = BTreeMap::new();
        for sha256 in draft.artifacts() {
            if let Entry::Vacant(unknown) = known.entry(sha256) {
                unknown.insert(match &reader {
                    Some((reads, agent)) => self.evidence_state(tenant, agent, reads, sha256).await?,
                    None => self.evidence_for_people(tenant, sha256).await?,
                });
            }
        }
        Ok(known)
    }
}

/// What somebody asks, and how it was judged.
pub(crate) struct Asked {
    pub name: Option<String>,
    pub title: Option<String>,
    pub lint: Lint,
    pub now: Millis,
}

impl Asked {
    pub fn mark(&self) -> BriefMark {
        BriefMark { score: self.lint.score, reading_s: self.lint.reading_s }
    }
}

/// A brief that waits for a founder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// `new`, `newer` or `same`.
    pub outcome: &'static str,
    pub brief: BriefId,
    pub version: u32,
    pub sha256: ArtifactHash,
}

fn new_brief(id: BriefId, brief: &Brief, mark: BriefMark) -> Result<NewBrief, Error> {
    // The linter lets none through that has no canonical form.
    let frozen = brief.freeze().map_err(|error| Error::Conflict(error.to_string()))?;
    Ok(NewBrief {
        id,
        name: brief.name.to_string(),
        title: brief.title.clone(),
        category: brief.category.to_string(),
        deadline: brief.deadline,
        text: frozen.bytes().to_vec(),
        sha256: frozen.sha256(),
        evidence: brief.evidence.iter().map(|evidence| evidence.sha256).collect(),
        mark,
    })
}

/// Briefs of which newer versions wait, with how many versions there are of each, those included.
#[derive(Default)]
pub(crate) struct Waiting(BTreeMap<(BriefAuthor, String), u32>);

impl Waiting {
    /// No more wait than would be taken.
    fn note(&mut self, key: (BriefAuthor, String), taken: Taken) -> Taken {
        match taken {
            Taken::Waits { versions } if versions >= MOST_VERSIONS => Taken::TooOften,
            Taken::Waits { versions } => {
                self.0.insert(key, versions + 1);
                taken
            }
            taken => taken,
        }
    }
}

/// What became of what somebody asks.
pub(crate) enum Fate {
    Kept(Kept),
    /// A founder's word about the version before is held: nothing was kept or noted.
    Waits,
    Refused(Faults),
}

/// What shows only where a brief is to be kept.
fn fate(taken: Taken, sha256: ArtifactHash) -> Fate {
    match taken {
        Taken::New(brief) => Fate::Kept(Kept { outcome: "new", brief, version: 1, sha256 }),
        Taken::Newer(brief, version) => Fate::Kept(Kept { outcome: "newer", brief, version, sha256 }),
        Taken::Same(brief, version) => Fate::Kept(Kept { outcome: "same", brief, version, sha256 }),
        Taken::Waits { .. } => Fate::Waits,
        Taken::TooOften => Fate::Refused(Faults::one(
            Rule::TooManyVersions,
            "/brief",
            "You ask this anew more often than a founder can read it.",
            "Wait an hour, and then say it as it is to be decided.",
        )),
        Taken::Decided => Fate::Refused(Faults::one(
            Rule::AlreadyDecided,
            "/brief",
            "What you call so was decided before.",
            "Ask a new question under another name.",
        )),
        Taken::TooMany => Fate::Refused(Faults::one(
            Rule::TooManyOpen,
            "",
            "You ask so much already that nobody could decide it all.",
            "Wait until some of it is decided, or send newer versions of what waits.",
        )),
    }
}

pub(crate) fn fault(fault: countersign_brief::Fault) -> BriefFault {
    BriefFault { rule: fault.rule.as_str().to_owned(), pointer: fault.pointer, why: fault.why, fix: fault.fix }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::AgentName;

    #[test]
    fn no_more_versions_wait_than_would_be_taken() {
        let mut waiting = Waiting::default();
        let key = || (BriefAuthor::from("ceo".parse::<AgentName>().unwrap()), "q".to_owned());
        let note = |waiting: &mut Waiting| {
            let versions = waiting.0.get(&key()).copied().unwrap_or(3);
            waiting.note(key(), Taken::Waits { versions })
        };
        assert_eq!(note(&mut waiting), Taken::Waits { versions: 3 });
        assert_eq!(note(&mut waiting), Taken::Waits { versions: 4 });
        assert_eq!(note(&mut waiting), Taken::TooOften);
        let newer = Taken::Newer(BriefId(uuid::Uuid::nil()), 2);
        assert_eq!(waiting.note(key(), newer), newer);
    }
}
