//! Briefs that agents have sent: read, judged, and kept for a founder, or sent back with all reasons. The founder's
//! inbox has none that cannot be decided.

use crate::{
    Error, Service,
    brief_row::Rules,
    ports::{AskedEvent, BriefFault, BriefMark, BriefRefusal, NewBrief, Taken},
};
use countersign_brief::{Background, Brief, Draft, EvidenceState, Faults, Lint, Rule, lint, read};
use countersign_domain::{AgentName, ArtifactHash, BriefId, TaskId, TenantId, brief::MOST_VERSIONS};
use std::collections::{BTreeMap, btree_map::Entry};

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
        let now = self.ports.clock.now();
        let draft = read(event.author.clone(), event.payload.as_bytes());
        let (name, title) = (draft.name().map(ToString::to_string), draft.title().map(str::to_owned));
        let known = self.evidence_named(tenant, event, &draft).await?;
        let evidence = |sha256: &ArtifactHash| known.get(sha256).copied().unwrap_or(EvidenceState::Absent);
        let background = Background { now, reserved: &rules.reserved(), evidence: &evidence };
        let Lint { outcome, score, reading_s, .. } = lint(draft, &background);
        let mark = BriefMark { score, reading_s };
        let faults = match outcome {
            Err(faults) => faults,
            Ok(brief) => {
                let id = BriefId(self.ports.entropy.uuid(now));
                let new = new_brief(id, &brief, mark)?;
                let key = (event.author.clone(), new.name.clone());
                let taken = match waiting.0.get(&key) {
                    // One of them waits: those after it do too.
                    Some(versions) => Taken::Waits { versions: *versions },
                    None => self.ports.briefs.take(tenant, event, new, now).await?,
                };
                match refused(waiting.note(key, taken)) {
                    Refused::No => return Ok(true),
                    Refused::NotYet => return Ok(false),
                    Refused::Yes(faults) => faults,
                }
            }
        };
        let refusal = BriefRefusal {
            name,
            title,
            more: faults.more,
            faults: faults.list.into_iter().map(fault).collect(),
            mark,
            task: TaskId(self.ports.entropy.uuid(now)),
        };
        self.ports.briefs.refuse(tenant, event, refusal, now).await?;
        Ok(true)
    }

    async fn evidence_named(
        &self,
        tenant: TenantId,
        event: &AskedEvent,
        draft: &Draft,
    ) -> Result<BTreeMap<ArtifactHash, EvidenceState>, Error> {
        let reads = self.reads_of_agent(tenant, &event.author).await?;
        let mut known = BTreeMap::new();
        for sha256 in draft.artifacts() {
            if let Entry::Vacant(unknown) = known.entry(sha256) {
                unknown.insert(self.evidence_state(tenant, &event.author, &reads, sha256).await?);
            }
        }
        Ok(known)
    }
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
struct Waiting(BTreeMap<(AgentName, String), u32>);

impl Waiting {
    /// No more wait than would be taken.
    fn note(&mut self, key: (AgentName, String), taken: Taken) -> Taken {
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

enum Refused {
    No,
    NotYet,
    Yes(Faults),
}

/// What shows only where a brief is to be kept.
fn refused(taken: Taken) -> Refused {
    match taken {
        Taken::New | Taken::Newer | Taken::Same => Refused::No,
        Taken::Waits { .. } => Refused::NotYet,
        Taken::TooOften => Refused::Yes(Faults::one(
            Rule::TooManyVersions,
            "/brief",
            "You ask this anew more often than a founder can read it.",
            "Wait an hour, and then say it as it is to be decided.",
        )),
        Taken::Decided => Refused::Yes(Faults::one(
            Rule::AlreadyDecided,
            "/brief",
            "What you call so was decided before.",
            "Ask a new question under another name.",
        )),
        Taken::TooMany => Refused::Yes(Faults::one(
            Rule::TooManyOpen,
            "",
            "You ask so much already that nobody could decide it all.",
            "Wait until some of it is decided, or send newer versions of what waits.",
        )),
    }
}

fn fault(fault: countersign_brief::Fault) -> BriefFault {
    BriefFault { rule: fault.rule.as_str().to_owned(), pointer: fault.pointer, why: fault.why, fix: fault.fix }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_versions_wait_than_would_be_taken() {
        let mut waiting = Waiting::default();
        let key = || ("ceo".parse().unwrap(), "q".to_owned());
        let mut note = |waiting: &mut Waiting| {
            let versions = waiting.0.get(&key()).copied().unwrap_or(3);
            waiting.note(key(), Taken::Waits { versions })
        };
        assert_eq!(note(&mut waiting), Taken::Waits { versions: 3 });
        assert_eq!(note(&mut waiting), Taken::Waits { versions: 4 });
        assert_eq!(note(&mut waiting), Taken::TooOften);
        assert_eq!(waiting.note(key(), Taken::Newer), Taken::Newer);
    }
}
