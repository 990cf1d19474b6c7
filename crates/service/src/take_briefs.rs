//! Briefs that agents have sent: read, judged, and kept for a founder, or sent back with all reasons. The founder's
//! inbox has none that cannot be decided.

use crate::{
    Error, Service,
    brief_row::Rules,
    ports::{AskedEvent, BriefFault, BriefMark, BriefRefusal, NewBrief, Taken},
};
use countersign_brief::{Background, Brief, Draft, EvidenceState, Faults, Lint, Rule, lint, read};
use countersign_domain::{ArtifactHash, BriefId, TaskId, TenantId};
use std::collections::{BTreeMap, btree_map::Entry};

/// So many are looked at before others have a turn.
const AT_A_TIME: u32 = 50;

impl Service {
    /// Deals with what agents have asked since the last time, in the order of the bus; answers how much that was. Done
    /// by several servers at once, each event is dealt with once.
    pub async fn take_briefs(&self, tenant: TenantId) -> Result<usize, Error> {
        let events = self.ports.briefs.asked(tenant, AT_A_TIME).await?;
        if events.is_empty() {
            return Ok(0);
        }
        let rules = self.rules(tenant, self.ports.clock.now()).await?;
        for event in &events {
            self.take_brief(tenant, event, &rules).await?;
        }
        Ok(events.len())
    }

    async fn take_brief(&self, tenant: TenantId, event: &AskedEvent, rules: &Rules) -> Result<(), Error> {
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
                match refused(self.ports.briefs.take(tenant, event, new, now).await?) {
                    None => return Ok(()),
                    Some(faults) => faults,
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
        Ok(self.ports.briefs.refuse(tenant, event, refusal, now).await?)
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

/// What shows only where a brief is to be kept.
fn refused(taken: Taken) -> Option<Faults> {
    match taken {
        Taken::New | Taken::Newer | Taken::Same => None,
        Taken::Decided => Some(Faults::one(
            Rule::AlreadyDecided,
            "/brief",
            "What you call so was decided before.",
            "Ask a new question under another name.",
        )),
        Taken::TooMany => Some(Faults::one(
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
