//! What authors of briefs, and everybody, are told: the texts of the messages.

use countersign_domain::{Millis, brief::BriefChoice};
use countersign_service::ports::{AskedEvent, BriefRecord, BriefRefusal, DecisionRecord, StoreError, Telling};
use countersign_wire::brief::{BriefFaultV1, BriefRejectedV1, ChoiceV1, DecisionMadeV1};
use serde::Serialize;

fn text(message: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(message).map_err(|error| StoreError::Unavailable(error.into()))
}

/// That a brief cannot be decided as it is: title, payload and trace of the author's task.
pub(crate) fn refusal(event: &AskedEvent, refusal: &BriefRefusal) -> Result<(String, String, String), StoreError> {
    let named = refusal.title.as_deref().or(refusal.name.as_deref());
    let title = match named {
        Some(named) => format!("Your brief cannot be decided as it is: {named}"),
        None => "Your brief cannot be decided as it is".to_owned(),
    };
    // Where the event named no trace, what follows from it is one of its own.
    let own = || format!("brief-{}-{}", event.author, event.sequence);
    let trace = event.correlation_id.clone().unwrap_or_else(own);
    let faults: Vec<BriefFaultV1> = refusal
        .faults
        .iter()
        .map(|fault| BriefFaultV1 {
            rule: fault.rule.clone(),
            pointer: fault.pointer.clone(),
            why: fault.why.clone(),
            fix: fault.fix.clone(),
        })
        .collect();
    let told = BriefRejectedV1 {
        v: 1,
        task: title.clone(),
        brief: refusal.name.as_deref(),
        faults: &faults,
        more: refusal.more,
        correlation_id: &trace,
    };
    let payload = text(&told)?;
    Ok((title, payload, trace))
}

/// What was decided: title and payload, of the author's task and of the event alike.
pub(crate) fn decision(
    brief: &BriefRecord,
    decision: &DecisionRecord,
    telling: &Telling,
    at: Millis,
) -> Result<(String, String), StoreError> {
    let title = format!("Decided: {}", telling.title);
    let choice = match &decision.choice {
        BriefChoice::Option(key) => {
            ChoiceV1::Option { key, title: telling.option_title.as_deref().unwrap_or_default() }
        }
        BriefChoice::Own(answer) => ChoiceV1::Own { answer },
        BriefChoice::Rejected => ChoiceV1::Rejected,
    };
    let told = DecisionMadeV1 {
        v: 1,
        task: title.clone(),
        author: brief.author.as_str(),
        brief: &brief.name,
        brief_id: brief.id.to_string(),
        version: decision.version,
        brief_sha256: decision.sha256.to_string(),
        decision: decision.id.to_string(),
        title: &telling.title,
        question: &telling.question,
        category: &telling.category,
        choice,
        rationale: &decision.rationale,
        prediction: &decision.prediction,
        check_at: decision.check_at.map(Millis::to_rfc3339),
        decided_by: decision.by.as_ref().map(|(_, name)| name.as_str()),
        policy: decision.policy.as_deref(),
        decided_for: decision.for_person.as_ref().map(|(_, name)| name.as_str()),
        grant: decision.grant.as_ref().map(|(grant, ..)| grant.to_string()),
        decided_at: at.to_rfc3339(),
        signed: decision.is_signed,
        decision_sha256: decision.canonical_sha256.map(|hash| hash.to_string()),
        correlation_id: &telling.correlation_id,
    };
    let payload = text(&told)?;
    Ok((title, payload))
}
