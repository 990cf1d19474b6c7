//! A founder's word about a review.

use super::form::{Entry, Form};
use crate::{
    api::review::{approve::ApproveReview, reject::RejectReview, revoke::RevokeReview},
    components::{eager::Erase, icon::Icon, time_ago::TimeAgo},
    view::{hash, number},
};
use countersign_domain::{reading::ReviewDetail, review::ReviewState};
use leptos::{prelude::*, server_fn::ServerFn};

/// What can be decided now, if anything.
pub fn decision(tenant: &str, detail: &ReviewDetail) -> Option<AnyView> {
    let missed = missed(tenant, detail);
    let forms = match (detail.row.state, detail.may_decide) {
        (ReviewState::Open, true) => view! { {approve(tenant, detail)}{reject(tenant, detail)} }.erased(),
        (ReviewState::Open, false) => {
            view! { <p class="muted" data-testid="may-not-decide">"A founder decides it. Your role may read it."</p> }
                .erased()
        }
        (ReviewState::Approved, true) => revoke(tenant, detail),
        _ => return missed,
    };
    let title = if detail.row.state == ReviewState::Open { "Decide" } else { "Take the approval back" };
    let drawn = view! {
        <section class="panel acts decide" id="decide" data-testid="review-decision" aria-labelledby="decide-title">
            <h2 id="decide-title">{title}</h2>
            {missed}
            {forms}
        </section>
    };
    Some(drawn.erased())
}

/// Why a word did not count that came too late to be said here still.
fn missed(tenant: &str, detail: &ReviewDetail) -> Option<AnyView> {
    let word = |name, act| form(name, act, tenant, detail).missed();
    match detail.row.state {
        ReviewState::Open => word("revoke", RevokeReview::url()),
        ReviewState::Approved => word("approve", ApproveReview::url()).or_else(|| word("reject", RejectReview::url())),
        _ => word("approve", ApproveReview::url())
            .or_else(|| word("reject", RejectReview::url()))
            .or_else(|| word("revoke", RevokeReview::url())),
    }
}

/// On a small screen, from wherever one reads: the way back to the decision.
pub fn bar(detail: &ReviewDetail) -> Option<AnyView> {
    let waits = detail.row.state == ReviewState::Open && detail.may_decide;
    let lacks = detail.checklist.iter().filter(|row| !row.holds).count();
    waits.then(|| {
        let note = match lacks {
            0 => "Ready to be decided".to_owned(),
            1 => "1 thing lacks".to_owned(),
            many => format!("{many} things lack"),
        };
        view! {
            <p class="decide-bar">
                <span>{note}</span>
                // The browser itself goes there.
                <a class="button primary" href="#decide" rel="external">"Decide"<span class="mono">{short(detail)}</span></a>
            </p>
        }
        .erased()
    })
}

fn short(detail: &ReviewDetail) -> String {
    hash::grouped(&detail.row.sha256, 2)
}

fn form(name: &'static str, act: &'static str, tenant: &str, detail: &ReviewDetail) -> Form {
    Form::new(name, act, vec![("tenant", tenant.to_owned()), ("review", detail.row.id.clone())])
}

/// The word is about exactly this content. Not among what tells a form from others: one that was about other content
/// is refused in the place where it stands.
fn content(detail: &ReviewDetail) -> AnyView {
    view! { <input type="hidden" name="sha256" value=detail.row.sha256.clone()/> }.erased()
}

fn approve(tenant: &str, detail: &ReviewDetail) -> AnyView {
    let form = form("approve", ApproveReview::url(), tenant, detail);
    let reason = form.field(Entry {
        label: "Why it may run",
        name: "reason",
        hint: "Kept with the review and in the journal",
        ..Entry::default()
    });
    let lacking = detail.checklist.iter().filter(|row| !row.holds).map(|row| {
        view! { <li>{row.words.clone()}</li> }
    });
    let ready = detail.is_ready();
    let after = match (ready, &detail.base) {
        (true, _) if detail.lacking_after_next() > 0 => {
            let more = number::counted(detail.lacking_after_next().into(), "more founder", "more founders");
            view! { <p class="hint" data-testid="approve-lacking">"It may run once "{more}" approved exactly this file too."{runs_on(detail)}</p> }.erased()
        }
        (false, _) => view! {
            <div class="hint lacking" id="approve-lacks" data-testid="approve-lacks">
                <p>"It cannot be approved yet:"</p>
                <ul>{lacking.collect_view()}</ul>
            </div>
        }
        .erased(),
        (true, None) => {
            view! { <p class="hint">"From then on credentials can be issued for exactly this file."{runs_on(detail)}</p> }.erased()
        }
        (true, Some(base)) => view! {
            <p class="hint">
                "From then on credentials can be issued for exactly this file. It takes the place of "
                <code>{hash::grouped(&base.sha256, 2)}</code>", which is approved now."
                {runs_on(detail)}
            </p>
        }
        .erased(),
    };
    let inside = view! {
        {content(detail)}
        {reason}
        <button class="button primary" disabled=!ready aria-describedby=(!ready).then_some("approve-lacks") data-testid="approve-button">
            <Icon name="stamp"/>"Approve sha256 "<span class="mono">{short(detail)}</span>
        </button>
        {after}
    };
    form.draw(inside.erased())
}

/// What an approval does not end.
fn runs_on(detail: &ReviewDetail) -> Option<AnyView> {
    let end = detail.other_credentials_end?;
    let (count, runs) = match detail.other_credentials {
        1 => ("1 credential".to_owned(), "runs"),
        many => (number::counted(many.into(), "credential", "credentials"), "run"),
    };
    let drawn = view! {
        " "<span data-testid="runs-on">{count}" of the files before "{runs}" on, at the longest until "<TimeAgo at=end/>". Revoke them on the agent's page to end them now."</span>
    };
    Some(drawn.erased())
}

fn reject(tenant: &str, detail: &ReviewDetail) -> AnyView {
    let form = form("reject", RejectReview::url(), tenant, detail);
    let open = form.is_refused();
    let reason = form.field(Entry {
        label: "Why it may not run",
        name: "reason",
        hint: "Its author will read it",
        ..Entry::default()
    });
    let goes_on = if detail.base.is_some() { " What is approved now goes on." } else { "" };
    let inside = view! {
        {content(detail)}
        {reason}
        <button class="button danger">"Reject sha256 "<span class="mono">{short(detail)}</span></button>
        <p class="hint">"Closes the review. The author can propose a changed file."{goes_on}</p>
    };
    view! {
        <details open=open>
            <summary>"Reject it with a reason"</summary>
            {form.draw(inside.erased())}
        </details>
    }
    .erased()
}

fn revoke(tenant: &str, detail: &ReviewDetail) -> AnyView {
    let form = form("revoke", RevokeReview::url(), tenant, detail);
    let reason = form.field(Entry {
        label: "Why it may run no longer",
        name: "reason",
        hint: "Kept with the review and in the journal",
        ..Entry::default()
    });
    let agent = &detail.row.agent;
    let live = match (detail.live_credentials + detail.other_credentials, detail.other_credentials) {
        (0, _) => format!("No credential of {agent} counts now."),
        (1, _) => format!("1 credential of {agent} counts now: it ends at once, and the bus disconnects its holder."),
        (many, others) => format!(
            "{} of {agent} count now{}: every one of them ends at once, and the bus disconnects their holders.",
            number::counted(many.into(), "credential", "credentials"),
            if others > 0 { format!(", {others} of files before among them") } else { String::new() }
        ),
    };
    let inside = view! {
        {content(detail)}
        {reason}
        <button class="button danger">"Revoke sha256 "<span class="mono">{short(detail)}</span></button>
        <p class="hint" data-testid="revoke-consequence">{live}" It cannot be undone: propose the file again to have it approved anew."</p>
    };
    form.draw(inside.erased())
}

#[cfg(test)]
mod tests {
    use super::super::review::tests::{detail, drawn};
    use super::*;
    use countersign_domain::{Millis, reading::ReviewBase};

    /// The tag of the button that approves.
    fn button(html: &str) -> Option<&str> {
        let place = html.find(r#"data-testid="approve-button""#)?;
        let start = html[..place].rfind("<button")?;
        html[start..].split('>').next()
    }

    #[test]
    fn what_is_not_ready_cannot_be_approved_and_says_why() {
        let mut review = detail(ReviewState::Open);
        let html = drawn(review.clone());
        assert!(button(&html).is_some_and(|tag| tag.contains(" disabled")), "{html}");
        assert!(html.contains("It cannot be approved yet"), "{html}");
        review.checklist.iter_mut().for_each(|row| row.holds = true);
        let html = drawn(review);
        assert!(button(&html).is_some_and(|tag| !tag.contains(" disabled")), "{html}");
        assert!(!html.contains("It cannot be approved yet"), "{html}");
    }

    #[test]
    fn only_a_founder_has_the_forms_and_only_while_there_is_something_to_decide() {
        let mut review = detail(ReviewState::Open);
        review.may_decide = false;
        let html = drawn(review);
        assert!(button(&html).is_none() && html.contains("A founder decides it"), "{html}");
        let html = drawn(detail(ReviewState::Rejected));
        assert!(button(&html).is_none() && !html.contains("revoke-consequence"), "{html}");
        assert!(drawn(detail(ReviewState::Approved)).contains("revoke-consequence"));
    }

    #[test]
    fn what_goes_on_and_what_ends_is_counted() {
        let mut review = detail(ReviewState::Open);
        review.checklist.iter_mut().for_each(|row| row.holds = true);
        review.base = Some(ReviewBase { review: "r".into(), sha256: "ab".repeat(32), approved_at: Millis(0) });
        assert!(!drawn(review.clone()).contains("runs-on"));
        (review.other_credentials, review.other_credentials_end) = (1, Some(Millis(0)));
        let html = drawn(review.clone());
        assert!(html.contains("runs-on") && html.contains("at the longest until "), "{html}");
        (review.other_credentials, review.live_credentials, review.row.state) = (2, 1, ReviewState::Approved);
        let html = drawn(review);
        assert!(html.contains("3 credentials of backend count now, 2 of files before among them"), "{html}");
    }
}
