//! Where a founder answers a brief: the recommendation, an option, an answer of their own, or nothing of it.

use super::{
    brief_options::{cards, choices},
    commit::{Commit, sign_button},
    form::{Entry, Form, Shape},
    morning::back,
};
use crate::{
    api::brief::decide::DecideBrief,
    components::{eager::Erase, icon::Icon},
    view::path,
};
use countersign_domain::{brief::BriefState, reading::BriefView};
use leptos::{prelude::*, server_fn::ServerFn};

/// Where it is said why nothing can be decided now.
const BLOCKED: &str = "blocked";

/// One of the forms about the brief. `which` tells it from the others when it comes back.
pub fn form(which: &'static str, tenant: &str, brief: &BriefView) -> Form {
    let mut hidden = vec![("tenant", tenant.to_owned()), ("brief", brief.row.id.clone()), ("form", which.to_owned())];
    hidden.extend(back());
    Form::new(which, DecideBrief::url(), hidden)
}

/// The word is about exactly this version. Not among what tells a form from others: one that was about another version
/// is refused in the place where it stands.
pub fn version(brief: &BriefView) -> AnyView {
    view! { <input type="hidden" name="sha256" value=brief.row.sha256.clone()/> }.erased()
}

/// The buttons of a form about the brief.
fn commit(tenant: &str, brief: &BriefView, sign: String, unsigned: String, is_refusal: bool) -> AnyView {
    let done = path::brief(tenant, &brief.row.id);
    // To say that nothing of it is to be done needs no evidence.
    let blocked_by = (is_blocked(brief) && !is_refusal).then_some(BLOCKED);
    Commit { tenant, done: &done, sign, unsigned, may_sign: brief.may_sign, is_refusal, blocked_by }.draw()
}

/// Whether an option, or an answer of one's own, can be chosen now.
pub fn is_blocked(brief: &BriefView) -> bool {
    brief.blocked.is_some()
}

/// The form that takes the recommendation as it stands. Its button is in the bar, until it asks for more.
pub fn accept(tenant: &str, brief: &BriefView) -> Option<AnyView> {
    let form = form("accept", tenant, brief);
    if !brief.may_decide {
        return form.missed();
    }
    let key = &brief.recommendation.key;
    let again = form.is_refused().then(|| {
        let (sign, unsigned) = (format!("Accept {key} and sign"), format!("Accept {key}, unsigned"));
        commit(tenant, brief, sign, unsigned, false)
    });
    let inside = view! {
        <input type="hidden" name="choice" value=key.clone()/>
        {version(brief)}
        {again}
    };
    Some(form.draw(inside.erased()))
}

/// The options, to be chosen from where the reader may; and what else can be said.
pub fn decide(tenant: &str, brief: &BriefView) -> AnyView {
    if !brief.may_decide {
        let missed = form("decide", tenant, brief).missed().or_else(|| form("reject", tenant, brief).missed());
        let waits = matches!(brief.row.state, BriefState::Open | BriefState::Snoozed);
        let reads = waits.then(|| {
            view! { <p class="muted" data-testid="may-not-decide">"A founder decides it. Your role may read it."</p> }
        });
        return view! {
            <section class="panel" aria-labelledby="decide-title">
                <h2 id="decide-title">"Options"</h2>
                {missed}
                {cards(brief)}
                {reads}
            </section>
        }
        .erased();
    }
    let form = form("decide", tenant, brief);
    let answer = answer(&form, brief);
    let buttons = commit(tenant, brief, "Decide and sign".to_owned(), "Decide, unsigned".to_owned(), false);
    let inside = view! {
        {version(brief)}
        {answer}
        {buttons}
    };
    view! {
        <section class="panel acts decide" id="decide" tabindex="-1" aria-labelledby="decide-title" data-testid="decide-panel">
            <h2 id="decide-title">"Decide"</h2>
            {form.draw(inside.erased())}
            {reject(tenant, brief)}
        </section>
    }
    .erased()
}

/// What a founder fills in: the choice, why, and what they expect; with what stands in the way of it.
pub fn answer(form: &Form, brief: &BriefView) -> AnyView {
    let rationale = form.field(Entry {
        label: "Why",
        name: "rationale",
        hint: "May be left out. Kept with the decision, and told to its author",
        optional: true,
        shape: Shape::Text(3),
        ..Entry::default()
    });
    let prediction = form.field(Entry {
        label: "What you expect to happen",
        name: "prediction",
        hint: "May be left out. Kept with the decision, to be held against what happens",
        optional: true,
        ..Entry::default()
    });
    let look_back = form.field(Entry {
        label: "Look back on",
        name: "check_at",
        hint: "May be left out. A day within two years",
        optional: true,
        shape: Shape::Known("date", "off"),
        ..Entry::default()
    });
    let open = form.entered("prediction").is_some_and(|text| !text.is_empty()) || form.is_wrong("check_at");
    let why = brief.blocked.clone().map(|why| {
        view! {
            <p class="notice tone-bad" id=BLOCKED data-testid="blocked"><Icon name="octagon-x"/>{why}</p>
        }
    });
    let choices = choices(form, brief);
    view! {
        {why}
        {choices}
        {rationale}
        <details class="look-back" open=open>
            <summary>"Predict what happens, and look back"</summary>
            {prediction}
            {look_back}
        </details>
    }
    .erased()
}

fn reject(tenant: &str, brief: &BriefView) -> AnyView {
    let form = form("reject", tenant, brief);
    let open = form.is_refused();
    let reason = form.field(Entry {
        label: "Why nothing of it is to be done",
        name: "rationale",
        hint: "Its author will read it",
        shape: Shape::Text(3),
        ..Entry::default()
    });
    let inside = view! {
        <input type="hidden" name="choice" value="none"/>
        {version(brief)}
        {reason}
        {commit(tenant, brief, "Reject and sign".to_owned(), "Reject, unsigned".to_owned(), true)}
    };
    view! {
        <details open=open data-testid="reject">
            <summary data-key="r">"Reject all of it with a reason"</summary>
            {form.draw(inside.erased())}
        </details>
    }
    .erased()
}

/// At the lower edge wherever one reads: the recommendation as one press, and the ways to all else.
pub fn bar(tenant: &str, brief: &BriefView) -> Option<AnyView> {
    if !brief.may_decide {
        return None;
    }
    let key = &brief.recommendation.key;
    let id = form("accept", tenant, brief).id();
    let blocked_by = is_blocked(brief).then_some(BLOCKED);
    let done = path::brief(tenant, &brief.row.id);
    let sign = brief
        .may_sign
        .then(|| sign_button(format!("Accept {key} and sign"), &done, Some(id.clone()), Some("e"), blocked_by));
    let lacks = if brief.may_sign { "button primary passkeys-lack" } else { "button primary" };
    let links = [
        ("#decide", "list-checks", "Other", None),
        ("#ask-question", "send", "Ask", Some("a")),
        ("#snooze", "clock", "Snooze", Some("h")),
    ];
    let links = links.map(|(href, icon, word, key)| {
        // The browser itself goes there.
        let shown = key.map(|key| view! { <kbd aria-hidden="true">{key}</kbd> });
        view! { <a class="button" href=href rel="external" data-key=key><Icon name=icon/><span>{word}</span>{shown}</a> }
    });
    Some(
        view! {
            <div class="brief-bar" role="group" aria-label="Decide" data-testid="brief-bar">
                {sign}
                <button class=lacks form=id data-key="e" disabled=blocked_by.is_some() aria-describedby=blocked_by data-testid="accept-unsigned">
                    <Icon name="stamp"/><span>{format!("Accept {key}, unsigned")}</span><kbd aria-hidden="true">"e"</kbd>
                </button>
                {links.collect_view()}
            </div>
        }
        .erased(),
    )
}

#[cfg(test)]
mod tests {
    use super::super::brief::tests::{decided, drawn, view};
    use super::*;
    use crate::api::{ApiError, refusal::Refusal};
    use countersign_domain::brief::DecisionState;

    fn tags<'h>(html: &'h str, testid: &str) -> Vec<&'h str> {
        let mark = format!(r#"data-testid="{testid}""#);
        html.split('<').filter(|tag| tag.contains(&mark)).collect()
    }

    #[test]
    fn each_option_has_a_key_and_none_is_chosen_before_somebody_chooses() {
        let html = drawn(view(BriefState::Open));
        for (key, value) in [("1", "A"), ("2", "B"), ("3", "own")] {
            let radio =
                html.split('<').find(|tag| tag.starts_with("input") && tag.contains(&format!(r#"data-key="{key}""#)));
            assert!(
                radio.is_some_and(|tag| tag.contains(&format!(r#"value="{value}""#)) && !tag.contains(" checked")),
                "{html}"
            );
        }
    }

    #[test]
    fn without_a_passkey_a_decision_is_said_to_be_unsigned_before_it_is_made() {
        let html = drawn(view(BriefState::Open));
        assert!(tags(&html, "decide-sign").is_empty(), "{html}");
        assert!(html.contains("Decide, unsigned") && html.contains("Add a passkey"), "{html}");
        let mut signing = view(BriefState::Open);
        signing.may_sign = true;
        let html = drawn(signing);
        assert_eq!(tags(&html, "decide-sign").len(), 3, "{html}");
        assert!(html.contains("Accept B and sign") && html.contains("Decide, unsigned"), "{html}");
    }

    #[test]
    fn on_evidence_that_is_gone_nothing_can_be_chosen_but_all_can_be_rejected() {
        let mut blocked = view(BriefState::Open);
        (blocked.blocked, blocked.may_sign) = (Some("The evidence “<x>” is not there any more.".to_owned()), true);
        let html = drawn(blocked);
        let disabled = |testid| tags(&html, testid).iter().filter(|tag| tag.contains(" disabled")).count();
        assert!(html.contains("The evidence “&lt;x&gt;” is not there any more."), "{html}");
        assert_eq!((disabled("decide-sign"), tags(&html, "decide-sign").len()), (2, 3), "{html}");
        assert_eq!((disabled("decide-unsigned"), tags(&html, "decide-unsigned").len()), (1, 2), "{html}");
        assert_eq!((disabled("accept-unsigned"), tags(&html, "accept-unsigned").len()), (1, 1), "{html}");
    }

    #[test]
    fn whoever_may_not_decide_reads_the_options_and_has_no_form() {
        let mut reading = view(BriefState::Open);
        reading.may_decide = false;
        let html = drawn(reading);
        assert!(html.contains("A founder decides it.") && html.contains("Wait &amp; see"), "{html}");
        assert!(!html.contains("<form") && !html.contains("brief-bar\""), "{html}");
        let html = drawn(decided(DecisionState::Made, true));
        assert!(!html.contains("<form"), "{html}");
    }

    #[test]
    fn a_choice_survives_a_question_who_one_is_and_is_made_anew_for_another_version() {
        let refused = |error| {
            Owner::new().with(|| {
                let entered = [
                    ("tenant", "acme"),
                    ("brief", "7"),
                    ("form", "decide"),
                    ("choice", "A"),
                    ("rationale", "I know <why>"),
                ];
                let entered = entered.map(|(name, value)| (name.to_owned(), value.to_owned()));
                provide_context(Refusal::new(DecideBrief::url().to_owned(), error, entered.into()));
                decide("acme", &view(BriefState::Open)).to_html()
            })
        };
        let checked = |html: &str| {
            html.split('<')
                .any(|tag| tag.starts_with("input") && tag.contains(r#"value="A""#) && tag.contains(" checked"))
        };
        let html = refused(ApiError::Invalid { field: "check_at".to_owned(), message: "Choose a day.".to_owned() });
        assert!(
            checked(&html) && html.contains("I know &lt;why>") && html.contains("<details open class=\"look-back\""),
            "{html}"
        );
        let html = refused(ApiError::Conflict { message: "The brief changed since you opened it.".to_owned() });
        assert!(!checked(&html) && html.contains("I know &lt;why>") && html.contains("The brief changed"), "{html}");
    }
}
