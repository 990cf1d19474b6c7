//! The journal as people read it: who did what, in a sentence. What the bus and its workers report a thousand
//! times a day is no act; it is read where the tasks are.

use crate::{
    Act, Millis, PersonId, TaskId,
    account::AccountAct,
    breaker::BreakerState,
    brief::BriefAct,
    journal::{Entry, What},
    letter::LetterCause,
    review::ReviewDecision,
};

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Text(String),
    /// Something that has a page.
    Task(TaskId),
    Letter(TaskId),
    Agent(String),
    /// The person whom it was done to.
    Person(PersonId),
}

/// Whether somebody would ask who did it, or when it happened.
pub fn is_act(what: &What) -> bool {
    !matches!(
        what,
        What::Received { .. }
            | What::TaskIssued { .. }
            | What::AttemptReported { .. }
            // Of what the server gave, that is told which it follows from.
            | What::TaskCreated { by: None, .. }
            | What::ArtifactPut { by: None, .. }
            | What::ArtifactLabelled { .. }
            | What::ArtifactPinned { .. }
    )
}

/// Who did it; nobody for what the server found out by itself.
pub fn who(what: &What) -> Option<PersonId> {
    match what {
        What::Received { .. }
        | What::GapFound { .. }
        | What::StreamRecreated { .. }
        | What::TaskIssued { .. }
        | What::AttemptReported { .. }
        | What::DeadLettered { .. }
        | What::TenantCreated { .. }
        | What::ArtifactLabelled { .. }
        | What::ArtifactPinned { .. }
        | What::ArtifactRemoved { .. }
        | What::CredentialRenewed { .. }
        | What::BriefRefused { .. }
        | What::SsoRefused { .. } => None,
        What::FounderCreated { person, .. } => Some(*person),
        What::BreakerMoved { by, .. }
        | What::AgentPaused { by, .. }
        | What::ArtifactPut { by, .. }
        | What::TaskCreated { by, .. }
        | What::Webhook { by, .. }
        | What::Brief { by, .. }
        | What::Autonomy { by, .. } => *by,
        What::TaskReprioritised { by, .. }
        | What::TaskCancelled { by, .. }
        | What::LetterReplayed { by, .. }
        | What::ReplayStopped { by, .. }
        | What::LetterDismissed { by, .. }
        | What::QuarantineRequeued { by, .. }
        | What::QuarantineDismissed { by, .. }
        | What::AgentResumed { by, .. }
        | What::AgentCreated { by, .. }
        | What::CredentialIssued { by, .. }
        | What::CredentialRevoked { by, .. }
        | What::RoleProposed { by, .. }
        | What::ReviewProbed { by, .. }
        | What::ReviewDecided { by, .. }
        | What::ApprovalsAsked { by, .. }
        | What::FleetStopped { by, .. }
        | What::StopLifted { by, .. }
        | What::JournalChecked { by, .. }
        | What::JournalExported { by, .. }
        | What::SsoChanged { by, .. }
        | What::SsoEnforced { by, .. }
        | What::SsoRemoved { by }
        | What::BriefPolicySet { by, .. }
        | What::ContextFact { by, .. }
        | What::Account { by, .. } => Some(*by),
    }
}

/// The person whom it was done to, where that is not who did it.
pub fn whom(what: &What) -> Option<PersonId> {
    match what {
        What::Account { by, person, .. } if by != person => Some(*person),
        _ => None,
    }
}

/// The kind's first word, by which acts are filtered: `task` of `task.cancelled`.
pub fn topic(kind: &str) -> &str {
    kind.split('.').next().unwrap_or(kind)
}

/// Why, where it had to be said.
pub fn reason(what: &What) -> Option<&str> {
    match what {
        What::TaskCancelled { reason, .. } => reason.as_deref(),
        What::LetterDismissed { reason, .. }
        | What::QuarantineDismissed { reason, .. }
        | What::AgentPaused { reason, .. }
        | What::ReviewDecided { reason, .. }
        | What::ApprovalsAsked { reason, .. }
        | What::BriefPolicySet { reason, .. }
        | What::FleetStopped { reason, .. }
        | What::Brief { act: BriefAct::Reversed { reason, .. }, .. } => Some(reason),
        What::Autonomy { act, .. } => act.reason(),
        What::Brief { act: BriefAct::Decided(decided), .. } => {
            Some(decided.rationale.as_str()).filter(|rationale| !rationale.is_empty())
        }
        What::Brief { act: BriefAct::LookedBack { note, .. }, .. } => {
            Some(note.as_str()).filter(|note| !note.is_empty())
        }
        What::BreakerMoved { cause, .. } => Some(cause),
        What::SsoRefused { why } => Some(why.words()),
        _ => None,
    }
}

/// The entry without what no list shows: a task's payload may have 256 KiB.
pub fn without_payload(entry: &Entry) -> Entry {
    let mut entry = entry.clone();
    match &mut entry.what {
        What::TaskCreated { payload, .. } => payload.clear(),
        What::Brief { act: BriefAct::Taken { text, .. }, .. } => text.clear(),
        What::RoleProposed { text, findings, .. } => {
            text.clear();
            findings.clear();
        }
        _ => {}
    }
    entry
}

/// What was done. Texts in it are as somebody wrote them.
pub fn sentence(what: &What) -> Vec<Part> {
    let text = |text: &str| Part::Text(text.to_owned());
    let agent = |name: &dyn ToString| Part::Agent(name.to_string());
    match what {
        What::TaskCreated { task, agent: to, kind, title, replay_of: None, .. } => {
            let named = title.as_deref().map(str::trim).filter(|title| !title.is_empty()).unwrap_or(kind.as_str());
            vec![text("Gave "), agent(to), text(" the task "), Part::Task(*task), Part::Text(format!(": {named}"))]
        }
        What::TaskCreated { task, replay_of: Some(letter), .. } => {
            vec![text("Gave "), Part::Letter(*letter), text(" again as "), Part::Task(*task)]
        }
        What::TaskReprioritised { task, priority, .. } => {
            vec![text("Gave "), Part::Task(*task), Part::Text(format!(" the priority {}", priority.get()))]
        }
        What::TaskCancelled { task, .. } => vec![text("Cancelled "), Part::Task(*task)],
        What::DeadLettered { task, cause, .. } => {
            let why = match cause {
                LetterCause::Exhausted => " became a dead letter: its attempts were used up",
                LetterCause::GivenUp => " became a dead letter: its worker gave it up",
                LetterCause::Undeliverable => " became a dead letter: there was no agent of that name",
            };
            vec![Part::Letter(*task), text(why)]
        }
        What::LetterReplayed { letter, task, edited, .. } => {
            let how = if *edited { ", mended, as " } else { " as " };
            vec![text("Replayed "), Part::Letter(*letter), text(how), Part::Task(*task)]
        }
        What::ReplayStopped { letter, .. } => vec![text("Stopped the replay of "), Part::Letter(*letter)],
        What::LetterDismissed { letter, .. } => vec![text("Dismissed "), Part::Letter(*letter)],
        What::QuarantineRequeued { task, .. } => {
            vec![text("Mended a message in quarantine, now "), Part::Task(*task)]
        }
        What::QuarantineDismissed { .. } => vec![text("Dismissed a message in quarantine")],
        What::BreakerMoved { agent: of, state, by, .. } => {
            let done = match (state, by) {
                (BreakerState::Closed, Some(_)) => "Closed the breaker of ",
                (BreakerState::Open, Some(_)) => "Opened the breaker of ",
                (BreakerState::HalfOpen, Some(_)) => "Half opened the breaker of ",
                (BreakerState::Closed, None) => "The breaker closed by itself: ",
                (BreakerState::Open, None) => "The breaker opened by itself: ",
                (BreakerState::HalfOpen, None) => "The breaker lets one task through: ",
            };
            vec![text(done), agent(of)]
        }
        What::AgentPaused { agent: of, by: Some(_), .. } => vec![text("Paused "), agent(of)],
        What::AgentPaused { agent: of, by: None, .. } => vec![agent(of), text(" was paused by the server")],
        What::AgentResumed { agent: of, .. } => vec![text("Resumed "), agent(of)],
        What::AgentCreated { agent: of, .. } => vec![text("Created the agent "), agent(of)],
        What::CredentialIssued { .. }
        | What::CredentialRevoked { .. }
        | What::CredentialRenewed { .. }
        | What::RoleProposed { .. }
        | What::ReviewProbed { .. }
        | What::ReviewDecided { .. }
        | What::ApprovalsAsked { .. }
        | What::FleetStopped { .. }
        | What::StopLifted { .. } => about_roles(what),
        What::GapFound { stream, from, to, .. } => {
            let count = (to + 1).saturating_sub(*from);
            let were = if count == 1 { "message was" } else { "messages were" };
            vec![Part::Text(format!("{count} {were} never read from {stream}"))]
        }
        What::StreamRecreated { stream, .. } => vec![Part::Text(format!("The stream {stream} was made anew"))],
        What::TenantCreated { name } => vec![Part::Text(format!("The organization {name} began"))],
        What::FounderCreated { .. } => vec![text("Set the organization up and became its founder")],
        What::JournalChecked { through, head, fault, .. } => vec![Part::Text(match fault {
            Some(fault) => {
                format!("Checked the journal: broken from entry {} to {}. {}", fault.from, fault.to, fault.what)
            }
            None if through == head => format!("Checked the journal: all {through} entries in order"),
            None => format!("Checked the journal: {through} of {head} entries in order before the time was up"),
        })],
        What::JournalExported { form, query, .. } if query.is_empty() => {
            vec![Part::Text(format!("Exported the journal as {form}"))]
        }
        What::JournalExported { form, query, .. } => vec![Part::Text(format!("Exported acts as {form}: {query}"))],
        What::SsoChanged { .. } | What::SsoEnforced { .. } | What::SsoRemoved { .. } | What::SsoRefused { .. } => {
            about_sso(what)
        }
        What::Webhook { name, host, act, .. } => {
            vec![Part::Text(format!("{} the webhook “{name}” to {host}", act.words()))]
        }
        What::ArtifactPut { .. }
        | What::ArtifactLabelled { .. }
        | What::ArtifactPinned { .. }
        | What::ArtifactRemoved { .. } => about_artifacts(what),
        What::BriefRefused { .. }
        | What::BriefPolicySet { .. }
        | What::ContextFact { .. }
        | What::Brief { .. }
        | What::Autonomy { .. } => about_briefs(what),
        What::Account { act, .. } => account(what, act),
        What::Received { .. } | What::TaskIssued { .. } | What::AttemptReported { .. } => vec![Part::Text(said(what))],
    }
}

fn about_artifacts(what: &What) -> Vec<Part> {
    match what {
        What::ArtifactPut { sha256, .. } => {
            vec![Part::Text(format!("Put the artifact {}", short(&sha256.to_string())))]
        }
        What::ArtifactLabelled { agent: of, label, sha256, .. } => {
            vec![
                Part::Agent(of.to_string()),
                Part::Text(format!(" labelled {} as {label}", short(&sha256.to_string()))),
            ]
        }
        What::ArtifactPinned { sha256, kind, .. } => {
            vec![Part::Text(format!("A {} named the artifact {}", kind.as_str(), short(&sha256.to_string())))]
        }
        What::ArtifactRemoved { sha256, .. } => {
            let words = format!("Removed the artifact {}: nothing named it any more", short(&sha256.to_string()));
            vec![Part::Text(words)]
        }
        _ => Vec::new(),
    }
}

/// Of role files, their reviews and credentials, and stops.
fn about_roles(what: &What) -> Vec<Part> {
    let text = |text: &str| Part::Text(text.to_owned());
    let agent = |name: &dyn ToString| Part::Agent(name.to_string());
    match what {
        What::CredentialIssued { agent: of, expires_at, public_key, .. } => {
            let key = format!(" ({}), good until {}", short(public_key), expires_at.to_words());
            vec![text("Issued a credential to "), agent(of), Part::Text(key)]
        }
        What::CredentialRevoked { agent: of, public_key, .. } => {
            vec![text("Revoked the credential "), Part::Text(short(public_key)), text(" of "), agent(of)]
        }
        What::CredentialRenewed { agent: of, expires_at, public_key, .. } => {
            let key = format!(" had its credential {} renewed until {}", short(public_key), expires_at.to_words());
            vec![agent(of), Part::Text(key)]
        }
        What::RoleProposed { agent: of, sha256, .. } => {
            vec![text("Proposed the role file "), Part::Text(short(&sha256.to_string())), text(" for "), agent(of)]
        }
        What::ReviewProbed { agent: of, right, wrong: 0, .. } => {
            vec![
                text("Probed the role file of "),
                agent(of),
                Part::Text(format!(": {right} attempts went as they must")),
            ]
        }
        What::ReviewProbed { agent: of, right, wrong, .. } => {
            let count = format!(": {wrong} of {} attempts went wrong", right + wrong);
            vec![text("Probed the role file of "), agent(of), Part::Text(count)]
        }
        What::ReviewDecided { agent: of, sha256, decision, self_approved, lacking, .. } => {
            let done = match decision {
                ReviewDecision::Approved => "Approved the role file ",
                ReviewDecision::Rejected => "Rejected the role file ",
                ReviewDecision::Revoked => "Revoked the approval of the role file ",
            };
            let more = match (lacking, self_approved) {
                (None, false) => String::new(),
                (None, true) => ", their own".to_owned(),
                (Some(1), _) => "; one more founder has to".to_owned(),
                (Some(many), _) => format!("; {many} more founders have to"),
            };
            vec![text(done), Part::Text(short(&sha256.to_string())), text(" of "), agent(of), Part::Text(more)]
        }
        What::ApprovalsAsked { approvals: 1, .. } => vec![text("Asked for one founder's approval of a role file")],
        What::ApprovalsAsked { approvals, .. } => {
            vec![Part::Text(format!("Asked for {approvals} founders' approvals of a role file"))]
        }
        What::FleetStopped { agent: Some(of), ended, .. } => {
            vec![text("Stopped "), agent(of), Part::Text(format!(" at once; credentials that ended: {ended}"))]
        }
        What::FleetStopped { agent: None, ended, .. } => {
            vec![Part::Text(format!("Stopped all agents at once; credentials that ended: {ended}"))]
        }
        What::StopLifted { agent: Some(of), .. } => vec![text("Lifted the stop of "), agent(of)],
        What::StopLifted { agent: None, except, .. } => {
            let mut parts = vec![text("Lifted the stop of all agents")];
            for (number, stopped) in except.iter().enumerate() {
                parts.push(text(if number == 0 { " but " } else { ", " }));
                parts.push(agent(stopped));
            }
            parts
        }
        _ => vec![Part::Text(said(what))],
    }
}

/// Of decision briefs.
fn about_briefs(what: &What) -> Vec<Part> {
    match what {
        What::BriefRefused { author, rules, .. } => {
            vec![
                Part::Agent(author.to_string()),
                Part::Text(format!(" sent a brief that cannot be decided: {}", rules.join(", "))),
            ]
        }
        What::BriefPolicySet { category, reserved: true, .. } => {
            vec![Part::Text(format!("Left briefs about {category} to founders alone"))]
        }
        What::BriefPolicySet { category, silence, .. } => {
            vec![Part::Text(format!("Let silence mean “{silence}” for briefs about {category}"))]
        }
        What::ContextFact { fact, .. } => {
            let did = match (fact.withdrawn, fact.version) {
                (true, _) => "Took a fact back",
                (false, 1) => "Added a fact",
                (false, _) => "Changed a fact",
            };
            vec![Part::Text(format!("{did}: {}", fact.text))]
        }
        What::Brief { act, .. } => vec![Part::Text(act.words())],
        What::Autonomy { act, .. } => vec![Part::Text(act.words())],
        _ => vec![Part::Text(said(what))],
    }
}

/// Of single sign-on.
fn about_sso(what: &What) -> Vec<Part> {
    let text = |text: &str| Part::Text(text.to_owned());
    match what {
        What::SsoChanged { issuer, domains, .. } => {
            vec![Part::Text(format!("Connected the identity provider {issuer} for {}", domains.join(", ")))]
        }
        What::SsoEnforced { enforced: true, ended, .. } => {
            vec![Part::Text(format!("Required single sign-on; other sessions that ended: {ended}"))]
        }
        What::SsoEnforced { enforced: false, .. } => vec![text("Made single sign-on optional")],
        What::SsoRemoved { .. } => vec![text("Removed the identity provider")],
        What::SsoRefused { .. } => vec![text("Single sign-on let nobody in")],
        _ => vec![Part::Text(said(what))],
    }
}

fn account(what: &What, act: &AccountAct) -> Vec<Part> {
    let mut sentence = vec![Part::Text(match act {
        AccountAct::SignedIn { device } => format!("Signed in: {device}"),
        AccountAct::SignInRefused { with } => format!("Was refused at sign-in ({})", with.words()),
        AccountAct::SignedOut { sessions: 1 } => "Ended a session".to_owned(),
        AccountAct::SignedOut { sessions } => format!("Ended {sessions} sessions"),
        AccountAct::RecoveryCodeUsed { left } => format!("Used a recovery code; {left} are left"),
        _ => said(what),
    })];
    if let Some(person) = whom(what) {
        sentence.extend([Part::Text(" · account of ".to_owned()), Part::Person(person)]);
    }
    sentence
}

/// The kind in words, with what else the entry says: `Passkey added: YubiKey`.
fn said(what: &What) -> String {
    let kind = Entry::new(Millis(0), what.clone()).kind();
    let words = kind.split_once('.').map_or(kind, |(_, words)| words).replace('_', " ");
    let mut letters = words.chars();
    let mut sentence: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let fields = serde_json::to_value(what).unwrap_or_default();
    let details: Vec<&str> = fields
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| !matches!(name.as_str(), "what" | "act" | "by" | "person" | "tenant" | "token"))
        .filter_map(|(_, value)| value.as_str())
        .collect();
    if !details.is_empty() {
        sentence = format!("{sentence}: {}", details.join(", "));
    }
    sentence
}

/// Enough of a public key to know it by.
fn short(key: &str) -> String {
    key.chars().take(8).collect::<String>() + "…"
}

/// Where a check found the chain broken: nothing from `from` to `to` is proven.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Broken {
    /// In a sentence.
    pub what: String,
    pub from: i64,
    pub to: i64,
}

/// What a check of the chain came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The number of the last entry when it began.
    pub head: i64,
    /// All entries up to this one are in order.
    pub through: i64,
    /// The hash of that entry, in hexadecimal digits.
    pub hash: String,
    pub took_ms: i64,
    pub broken: Option<Broken>,
}

impl Checked {
    pub fn entry(self, act: &Act) -> What {
        let Self { head, through, hash, took_ms, broken: fault } = self;
        What::JournalChecked { by: act.by, head, through, hash, took_ms, fault }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn words(what: &What) -> String {
        let part = |part| match part {
            Part::Text(text) | Part::Agent(text) => text,
            Part::Task(_) => "[task]".to_owned(),
            Part::Letter(_) => "[letter]".to_owned(),
            Part::Person(_) => "[person]".to_owned(),
        };
        sentence(what).into_iter().map(part).collect()
    }

    const ADA: PersonId = PersonId(Uuid::from_u128(1));
    const BOB: PersonId = PersonId(Uuid::from_u128(2));

    #[test]
    fn an_act_reads_as_a_sentence() {
        let task = TaskId(Uuid::from_u128(3));
        let cancelled = What::TaskCancelled { by: ADA, task, reason: Some("Too late".to_owned()) };
        assert_eq!((words(&cancelled).as_str(), reason(&cancelled)), ("Cancelled [task]", Some("Too late")));
        let gap = What::GapFound { stream: "TASKS".to_owned(), epoch: 1, from: 7, to: 7 };
        assert_eq!(words(&gap), "1 message was never read from TASKS");
        assert_eq!((who(&gap), who(&cancelled)), (None, Some(ADA)));
    }

    #[test]
    fn what_happens_to_an_account_reads_so_without_a_sentence_of_its_own() {
        let act = AccountAct::PasskeyAdded { name: "YubiKey".to_owned() };
        let own = What::Account { by: ADA, person: ADA, act: act.clone() };
        assert_eq!(words(&own), "Passkey added: YubiKey");
        let others = What::Account { by: ADA, person: BOB, act };
        assert_eq!(words(&others), "Passkey added: YubiKey · account of [person]");
        assert_eq!((whom(&own), whom(&others)), (None, Some(BOB)));
    }

    #[test]
    fn a_check_says_how_far_it_came() {
        let check =
            |through, fault| What::JournalChecked { by: ADA, head: 9, through, hash: String::new(), took_ms: 1, fault };
        assert_eq!(words(&check(9, None)), "Checked the journal: all 9 entries in order");
        assert_eq!(words(&check(5, None)), "Checked the journal: 5 of 9 entries in order before the time was up");
        let fault = Broken { what: "Entry 6 is missing.".to_owned(), from: 6, to: 9 };
        assert_eq!(words(&check(5, Some(fault))), "Checked the journal: broken from entry 6 to 9. Entry 6 is missing.");
    }
}
