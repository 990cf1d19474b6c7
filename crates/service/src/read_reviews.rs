//! What waits for a founder's review, and one review with all that they need.

use crate::{
    Error, Service,
    policy::{Action, allow},
    ports::ReviewRecord,
    propose_role::security_officer,
    role_view, visible_line,
};
use countersign_domain::{
    Actor, Millis, ReviewId,
    reading::{
        CheckRow, Examination, Quorum, ReviewBase, ReviewDecisionRow, ReviewDetail, ReviewRow, Reviews, RoleWhatIf,
        WhatIfRow,
    },
    review::{Examined, Finding, PROBE_COUNTS_MS, ReviewDecision, ReviewState, Severity, alone_later, counts_later},
};
use countersign_role::{
    RoleFile, compile,
    what_if::{Because, Otherwise, PastTask, what_if},
};
use std::collections::BTreeSet;

/// So many tasks of the past are tried under changed powers.
const MOST_PAST: u32 = 100_000;

/// A review as a line.
pub(crate) fn row(record: &ReviewRecord, waiting: &BTreeSet<String>) -> ReviewRow {
    let agent = record.agent.to_string();
    ReviewRow {
        id: record.id.to_string(),
        sha256: record.sha256.to_string(),
        author: record.author_name.clone(),
        requested_at: record.requested_at,
        state: record.state,
        ended_at: record.ended_at,
        gravest: record.findings.iter().map(|finding| finding.severity).min(),
        findings: record.findings.len(),
        probe_wrong: record.probe.as_ref().map(|probe| probe.wrong),
        approvals: u32::try_from(record.approved_by.len()).unwrap_or(u32::MAX),
        needed: record.needed,
        self_approved: record.self_approved,
        is_stale: record.state == ReviewState::Approved && waiting.contains(&agent),
        agent,
    }
}

/// The agents of which a newer file waits.
pub(crate) fn waiting(records: &[ReviewRecord]) -> BTreeSet<String> {
    records.iter().filter(|r| r.state == ReviewState::Open).map(|r| r.agent.to_string()).collect()
}

/// The file of a record. What is kept was read once, so it reads again.
fn file(record: &ReviewRecord) -> Result<RoleFile, Error> {
    countersign_role::read(record.text.as_bytes())
        .map_err(|faults| Error::Conflict(format!("The kept role file cannot be read any more: {faults}")))
}

impl Service {
    pub async fn read_reviews(&self, actor: &Actor) -> Result<Reviews, Error> {
        self.allow(actor, Action::Read)?;
        let records = self.ports.reviews.list(actor.tenant).await?;
        let waiting = waiting(&records);
        let of = |wanted: fn(ReviewState) -> bool| -> Vec<ReviewRow> {
            records.iter().filter(|record| wanted(record.state)).map(|record| row(record, &waiting)).collect()
        };
        let mut open = of(|state| state == ReviewState::Open);
        open.sort_by_key(|row| (row.gravest.unwrap_or(Severity::Low), row.requested_at));
        let mut standing = of(|state| state == ReviewState::Approved);
        standing.sort_by(|a, b| a.agent.cmp(&b.agent));
        let ended = of(|state| !matches!(state, ReviewState::Open | ReviewState::Approved));
        let quorum = self.ports.reviews.quorum(actor.tenant, actor.person).await?;
        Ok(Reviews { open, standing, ended, quorum, may_decide: self.may_decide(actor) })
    }

    /// Whether the role may decide; a proof that is too old can be given.
    fn may_decide(&self, actor: &Actor) -> bool {
        !matches!(
            allow(actor, Action::DecideReview, self.ports.clock.now()),
            Err(Error::Forbidden(_) | Error::OutOfScope(_))
        )
    }

    pub async fn read_review(&self, actor: &Actor, id: ReviewId) -> Result<ReviewDetail, Error> {
        self.allow(actor, Action::Read)?;
        let reviews = &self.ports.reviews;
        let now = self.ports.clock.now();
        let record = reviews.find(actor.tenant, id).await?;
        let of_agent = reviews.of_agent(actor.tenant, &record.agent).await?;
        let base = of_agent.iter().find(|other| other.state == ReviewState::Approved && other.id != record.id);
        let (new, old) = (file(&record)?, base.map(file).transpose()?);
        let waiting = waiting(&of_agent);
        let mut examinations =
            vec![Examination { by: None, at: record.requested_at, verdict: None, findings: record.findings.clone() }];
        let officer = security_officer();
        for event in reviews.examined(actor.tenant, &officer, id).await? {
            let Ok(said) = serde_json::from_str::<Examined>(&event.payload) else { continue };
            if said.review != record.id.to_string() || said.subject_sha256 != record.sha256 {
                continue;
            }
            examinations.push(Examination {
                by: Some(officer.to_string()),
                at: event.at,
                verdict: Some(said.verdict),
                findings: said.findings.into_iter().take(MOST_FINDINGS).map(visible).collect(),
            });
        }
        let quorum = reviews.quorum(actor.tenant, actor.person).await?;
        let credentials = reviews.live_credentials(actor.tenant, &record.agent, record.sha256, now).await?;
        let decisions = reviews.decisions(actor.tenant, id).await?;
        let mut row = row(&record, &waiting);
        let all = examinations.iter().flat_map(|one| &one.findings);
        (row.findings, row.gravest) = (all.clone().count(), all.map(|finding| finding.severity).min());
        Ok(ReviewDetail {
            row,
            title: new.role.title.as_deref().map(visible_line),
            mission: visible_line(&new.role.mission),
            text: role_view::visible(&record.text),
            base: base.map(|base| ReviewBase {
                review: base.id.to_string(),
                sha256: base.sha256.to_string(),
                approved_at: base.ended_at.unwrap_or(base.requested_at),
            }),
            changes: old.as_ref().map(|old| role_view::changes(old, &new)).unwrap_or_default(),
            text_diff: old.as_ref().map(|old| role_view::lines(&old.text, &new.text)).unwrap_or_default(),
            bans: role_view::bans(old.as_ref(), &new),
            powers: role_view::powers(&new),
            examinations,
            checklist: if record.state == ReviewState::Open {
                checklist(&record, &quorum, actor, now)
            } else {
                Vec::new()
            },
            policy: policy(&record, &quorum, &decisions),
            decisions,
            history: of_agent.iter().map(|other| self::row(other, &waiting)).collect(),
            live_credentials: credentials.of_file,
            other_credentials: credentials.of_others,
            other_credentials_end: credentials.others_end,
            may_decide: self.may_decide(actor),
            probe: record.probe,
            probed_at: record.probed_at,
        })
    }

    /// What of the organization's tasks would have gone otherwise under the reviewed file, against what is approved.
    pub async fn read_what_if(&self, actor: &Actor, id: ReviewId) -> Result<RoleWhatIf, Error> {
        self.allow(actor, Action::Read)?;
        // One at a time of an organization: each has a long list in hand.
        let turn = self.what_ifs.of(actor.tenant);
        let _turn = turn.acquire().await;
        let began = self.ports.clock.now();
        let record = self.ports.reviews.find(actor.tenant, id).await?;
        let approved = self.ports.reviews.approved(actor.tenant, &record.agent).await?;
        let old = approved.filter(|base| base.id != record.id).as_ref().map(file).transpose()?;
        let (old, new) = (old.map(|old| compile(&old.role)), compile(&file(&record)?.role));
        let past = self.ports.reviews.past(actor.tenant, MOST_PAST).await?;
        let tasks = past.iter().map(|task| PastTask {
            recipient: &task.recipient,
            kind: &task.kind,
            sender: task.sender.as_deref(),
        });
        let found = what_if(old.as_ref(), &new, tasks);
        let rows = |list: Vec<Otherwise>| -> Vec<WhatIfRow> {
            let row = |one: Otherwise| {
                let task = past.get(usize::try_from(one.number).ok()?)?;
                Some(WhatIfRow {
                    task: task.id.to_string(),
                    recipient: one.recipient,
                    kind: one.kind,
                    sender: one.sender,
                    at: task.at,
                    sending: one.because == Because::Sending,
                })
            };
            list.into_iter().filter_map(row).collect()
        };
        Ok(RoleWhatIf {
            tasks: found.tasks,
            concerned: found.concerned,
            refused: found.refused,
            newly_allowed: found.newly_allowed,
            refused_list: rows(found.refused_list),
            newly_allowed_list: rows(found.newly_allowed_list),
            took_ms: self.ports.clock.now().since(began),
        })
    }
}

/// A page shows no more findings of one examination.
const MOST_FINDINGS: usize = 200;

/// A finding of an agent, with nothing in it that misleads.
fn visible(finding: Finding) -> Finding {
    Finding {
        rule: visible_line(&finding.rule),
        path: visible_line(&finding.path),
        why: visible_line(&finding.why),
        fix: visible_line(&finding.fix),
        ..finding
    }
}

/// Who has to approve it, and who has.
fn policy(record: &ReviewRecord, quorum: &Quorum, decisions: &[ReviewDecisionRow]) -> String {
    let (founders, needed) = (quorum.founders, record.needed);
    if record.state != ReviewState::Open {
        let people = if needed == 1 { "1 founder".to_owned() } else { format!("{needed} founders") };
        return format!("{people} had to approve it.");
    }
    if founders < 2 {
        return "One founder approves it. There is one only who counts, and who may approve a file of their own: it is marked as self-approved."
            .to_owned();
    }
    let verb = if needed == 1 { "approves" } else { "approve" };
    let rule = format!("{needed} of {founders} founders {verb} it, never its author.");
    let mut names: Vec<&str> =
        decisions.iter().filter(|row| row.decision == ReviewDecision::Approved).map(|row| row.by.as_str()).collect();
    names.dedup();
    if names.is_empty() {
        return rule;
    }
    format!("{rule} So far: {}.", names.join(", "))
}

/// What has to hold before it can be approved.
fn checklist(record: &ReviewRecord, quorum: &Quorum, actor: &Actor, now: Millis) -> Vec<CheckRow> {
    let row = |holds, words: &str| CheckRow { holds, words: words.to_owned() };
    let probed = match (&record.probe, record.probed_at) {
        (Some(probe), Some(_)) if probe.wrong > 0 => CheckRow {
            holds: false,
            words: format!("{} attempts of the probe went wrong: the bus does not do what the file says.", probe.wrong),
        },
        (Some(probe), Some(at)) if now.since(at) <= PROBE_COUNTS_MS => {
            CheckRow { holds: true, words: format!("Probed on the bus: {} attempts went as they must.", probe.right) }
        }
        (Some(_), Some(_)) => row(false, "Its probe is older than an hour. Run it again."),
        _ => row(false, "It was not probed on the bus yet. Run the probe."),
    };
    let critical = record.findings.iter().filter(|finding| finding.severity == Severity::Critical).count();
    let examined = match critical {
        0 => "Examined by the built-in rules: nothing critical.".to_owned(),
        many => format!("Examined by the built-in rules: {many} critical. Read them before you approve."),
    };
    let mut rows = vec![
        row(true, "The file can be read, and forbids what every role must forbid."),
        CheckRow { holds: true, words: examined },
        probed,
    ];
    if let Some(you) = quorum.newcomers.iter().find(|one| one.is_you) {
        rows.push(CheckRow { holds: false, words: counts_later(you.counts_from, now) });
    } else if record.author == actor.person {
        rows.push(match quorum.alone_from() {
            Some(at) => CheckRow { holds: false, words: alone_later(at, now) },
            None if quorum.founders > 1 => row(false, "You proposed it. Another founder has to approve it."),
            None => {
                row(true, "You proposed it and are the only founder who counts: it will be marked as self-approved.")
            }
        });
    } else if record.approved_by.contains(&actor.person) && record.approved_by.len() < record.needed as usize {
        rows.push(row(false, "You approved it. Another founder has to approve it too."));
    }
    rows
}
