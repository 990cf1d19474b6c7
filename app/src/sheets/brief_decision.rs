//! What was decided about a brief, and the way back while it is held.

use super::{brief::Around, form::Form};
use crate::{
    api::brief::undo::UndoDecision,
    components::{badge::Badge, command::Command, eager::Erase, hash_tag::HashTag, icon::Icon, time_ago::TimeAgo},
    view::{brief as words, path},
};
use countersign_domain::{
    brief::{DecisionState, VoidReason},
    reading::{BriefView, DecisionView},
};
use leptos::{prelude::*, server_fn::ServerFn};

/// What was decided last, if it counts or may count yet.
pub fn decision(tenant: &str, brief: &BriefView, around: &Around) -> Option<AnyView> {
    let decision = brief.decision.as_ref()?;
    let held = decision.state == DecisionState::Held;
    let undo =
        Form::new("undo", UndoDecision::url(), vec![("tenant", tenant.to_owned()), ("decision", decision.id.clone())]);
    // Whoever just decided goes on by pressing Enter.
    let just = decision.may_undo && !undo.is_refused();
    let way_back = match (decision.may_undo, held) {
        (true, _) => {
            let left = (decision.held_until.since(around.now) + 999) / 1000;
            let inside = view! {
                <button class="button" data-key="z">
                    <Icon name="undo-2"/>
                    <span>"Take it back ("<span data-seconds=left.to_string()>{left}</span>" s)"</span>
                </button>
            };
            Some(undo.draw(inside.erased()))
        }
        (false, true) => Some(view! { <p class="hint" data-testid="held">"It counts in some seconds. Until then whoever decided can take it back."</p> }.erased()),
        (false, false) => undo.missed(),
    };
    let title = if held { "Decided, not told yet" } else { "Decided" };
    Some(
        view! {
            <section class="panel acts decided" class:is-held=held data-testid="decision" data-state=decision.state.as_str() data-signed=decision.is_signed.to_string()>
                <h2>{title}</h2>
                {decision.is_damaged.then(damaged)}
                {said(decision)}
                {way_back}
                {around.receipt.clone().map(|text| receipt(tenant, &decision.id, text))}
                {(!held).then(|| record(tenant, &decision.id))}
                {onward(tenant, around.next.as_ref(), just)}
            </section>
        }
        .erased(),
    )
}

/// Somebody with the database changed what is kept.
fn damaged() -> AnyView {
    view! {
        <p class="notice tone-bad" role="alert" data-testid="decision-damaged">
            <Icon name="octagon-x"/>
            <span>"What is kept of this decision is not what was decided: somebody changed it in the database. Nothing more follows from it. Check the receipt that its founder has kept, and call your operator."</span>
        </p>
    }
    .erased()
}

/// Decisions that do not count: taken back, or about an older version.
pub fn past(brief: &BriefView) -> Option<AnyView> {
    let rows = brief.past_decisions.iter().map(|decision| {
        let why = match decision.state {
            DecisionState::TakenBack => "Taken back",
            DecisionState::Voided if decision.void_reason == Some(VoidReason::NoFounder) => {
                "Void: who decided was no founder any more"
            }
            DecisionState::Voided => "Voided by a newer version",
            DecisionState::Held | DecisionState::Made => "Decided",
        };
        view! {
            <li data-testid="past-decision" data-state=decision.state.as_str()>
                <p><strong>{why}</strong>" · "{decision.words.clone()}</p>
                {reasons(decision)}
                <p class="sub">{by(decision)}" "<TimeAgo at=decision.at/>{format!(", about version {}", decision.version)}</p>
            </li>
        }
    });
    (!brief.past_decisions.is_empty()).then(|| {
        view! {
            <h3>"Decisions that do not count"</h3>
            <ul class="decisions">{rows.collect_view()}</ul>
        }
        .erased()
    })
}

/// Who said what, why, and what stands for it.
fn said(decision: &DecisionView) -> AnyView {
    let look_back = decision.check_at.map(|at| view! { <p class="sub">"To be looked back on "{at.to_words()}</p> });
    let prediction = (!decision.prediction.is_empty()).then(|| {
        view! { <p class="decision-why">"Expected: "<q>{decision.prediction.clone()}</q></p> }
    });
    let hash = decision.decision_sha256.clone().map(|sha256| {
        let what = if decision.is_signed { "What the passkey signed: SHA-256 " } else { "SHA-256 of the decision " };
        view! { <p class="decision-hash" data-testid="decision-hash"><span class="sub">{what}</span><HashTag hex=sha256/></p> }
    });
    let unsigned = (decision.by.is_some() && !decision.is_signed).then(|| {
        view! { <p class="sub" data-testid="unsigned">"No passkey signed it: nothing but this server's record shows who decided."</p> }
    });
    view! {
        <div class="said">
            <p class="said-words" data-testid="decision-words">{decision.words.clone()}</p>
            <Badge face=words::signature(decision)/>
        </div>
        {reasons(decision)}
        {prediction}
        <p class="sub">{by(decision)}" "<TimeAgo at=decision.at/>{format!(", about version {}", decision.version)}</p>
        {unsigned}
        {look_back}
        {hash}
    }
    .erased()
}

fn reasons(decision: &DecisionView) -> Option<AnyView> {
    (!decision.rationale.is_empty())
        .then(|| view! { <p class="decision-why"><q>{decision.rationale.clone()}</q></p> }.erased())
}

fn by(decision: &DecisionView) -> String {
    match &decision.by {
        Some(name) => format!("{name}, who proved it by {},", decision.how),
        None => format!("Nobody, by {},", decision.how),
    }
}

/// What its founder keeps, so that others can check it without this server.
pub fn receipt(tenant: &str, id: &str, text: String) -> AnyView {
    let file = format!("{}/receipt.json", path::decision(tenant, id));
    view! {
        <details data-testid="receipt">
            <summary>"Receipt"</summary>
            <p class="hint">"All that was decided on, and what stands for it. Keep the file, and "<a href="/verify" rel="external">"check it"</a>" wherever you like."</p>
            <p><a class="button small" href=file rel="external" download="" data-testid="download-receipt"><Icon name="download"/>"Download the receipt"</a></p>
            <Command text label="receipt"/>
        </details>
    }
    .erased()
}

/// Its permanent address.
fn record(tenant: &str, id: &str) -> AnyView {
    view! { <p class="sub to-record"><a href=path::decision(tenant, id) data-testid="to-record">"The whole record, and what followed"</a></p> }
        .erased()
}

/// The way to what waits still.
fn onward(tenant: &str, next: Option<&(String, String)>, focused: bool) -> AnyView {
    let (href, lead, title) = match next {
        Some((href, title)) => (href.clone(), "Next: ", title.clone()),
        None => (path::of_tenant(tenant, "/inbox"), "Nothing else waits: ", "back to the inbox".to_owned()),
    };
    view! {
        <p class="onward"><a class="button" href=href autofocus=focused data-testid="onward"><span>{lead}{title}</span><Icon name="arrow-right"/></a></p>
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::super::brief::tests::{decided, drawn, view};
    use super::*;
    use countersign_domain::brief::BriefState;

    #[test]
    fn a_held_decision_says_for_how_long_it_can_be_taken_back_and_leads_on() {
        let html = drawn(decided(DecisionState::Held, false));
        for part in [
            "Decided, not told yet",
            r#"data-seconds="9">9<"#,
            r#"data-key="z""#,
            "Next: ",
            "&lt;Next&gt;",
            " autofocus",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn a_decision_without_a_signature_says_so_and_a_signed_one_shows_what_was_signed() {
        let html = drawn(decided(DecisionState::Made, false));
        assert!(html.contains("Unsigned") && html.contains("No passkey signed it"), "{html}");
        assert!(!html.contains("data-testid=\"undo\""), "{html}");
        let html = drawn(decided(DecisionState::Made, true));
        assert!(html.contains("Signed with a passkey") && html.contains("What the passkey signed"), "{html}");
        assert!(html.contains("cdcd cdcd"), "{html}");
    }

    #[test]
    fn what_was_taken_back_is_not_forgotten() {
        let mut brief = view(BriefState::Open);
        brief.past_decisions.extend(decided(DecisionState::TakenBack, true).decision);
        let html = drawn(brief);
        assert!(html.contains("Decisions that do not count") && html.contains("Taken back"), "{html}");
    }
}
