//! How many founders approve a role file, and the way to ask for more of them.

use super::form::{Entry, Form, Shape};
use crate::{
    api::review::ask_approvals::AskApprovals,
    components::{eager::Erase, time_ago::TimeAgo},
};
use countersign_domain::{reading::Quorum, review::MOST_APPROVALS};
use leptos::{prelude::*, server_fn::ServerFn};

pub fn quorum(tenant: &str, quorum: &Quorum, may_decide: bool) -> AnyView {
    let form = may_decide.then(|| ask(tenant, quorum));
    let asked = quorum.asked.iter().map(|one| {
        let who = if one.is_you { "You ask".to_owned() } else { format!("{} asks", one.by) };
        let later = (!one.counts).then_some(", which does not count yet");
        view! { <li>{who}" for "{one.approvals}{later}</li> }
    });
    let asked = (!quorum.asked.is_empty()).then(|| {
        view! { <ul class="asked" data-testid="approvals-asked">{asked.collect_view()}</ul> }
    });
    view! {
        <section class="panel acts quorum" aria-labelledby="quorum-title" data-testid="quorum">
            <h2 id="quorum-title">"Who approves"</h2>
            <div data-live="quorum">
                <p data-testid="quorum-rule">{rule(quorum)}</p>
                {asked}
                {changes(quorum)}
            </div>
            {form}
        </section>
    }
    .erased()
}

/// Who counts not yet, and who counts still.
fn changes(quorum: &Quorum) -> Option<AnyView> {
    let new = quorum.newcomers.iter().map(|one| {
        let whose = if one.is_you { "Your".to_owned() } else { format!("{}’s", one.name) };
        view! { <li>{whose}" approval counts from "<TimeAgo at=one.counts_from/>" on: 3 days after they became a founder or were linked to an account for single sign-on."</li> }.erased()
    });
    let gone = quorum.leavers.iter().map(|(name, until)| {
        view! { <li>{name.clone()}" is no founder any more, and counts as one until "<TimeAgo at=*until/>", so that nobody is removed for the sake of one approval."</li> }.erased()
    });
    let rows: Vec<AnyView> = new.chain(gone).collect();
    (!rows.is_empty()).then(|| view! { <ul class="asked" data-testid="founders-change">{rows}</ul> }.erased())
}

/// What holds now, in words.
fn rule(quorum: &Quorum) -> String {
    let (founders, wanted, needed) = (quorum.founders, quorum.wanted(), quorum.needed());
    if founders < 2 {
        let later = if wanted > 1 { format!(" {wanted} will, once there are enough founders.") } else { String::new() };
        return format!(
            "One founder counts, and approves alone; a file of their own is marked as self-approved.{later}"
        );
    }
    if needed < wanted {
        return format!(
            "{wanted} are asked for, and {founders} founders count: all but the author approve a role file."
        );
    }
    let verb = if needed == 1 { "approves" } else { "approve" };
    format!("{needed} of {founders} founders {verb} a role file, never its author.")
}

fn ask(tenant: &str, quorum: &Quorum) -> AnyView {
    let form = Form::new("ask-approvals", AskApprovals::url(), vec![("tenant", tenant.to_owned())]);
    let open = form.is_refused();
    let own = quorum.asked.iter().find(|one| one.is_you).map_or(1, |one| one.approvals);
    let approvals = form.field(Entry {
        label: "Founders who have to approve a role file",
        name: "approvals",
        hint: "Without its author; 1 to 9",
        value: own.to_string(),
        shape: Shape::Number(1, MOST_APPROVALS),
        ..Entry::default()
    });
    let reason = form.field(Entry { label: "Reason", name: "reason", hint: "Kept in the journal", ..Entry::default() });
    let inside = view! {
        {approvals}
        {reason}
        <button class="button primary">"Ask for so many"</button>
        <p class="hint">"Counts for every file that is not approved yet. The highest number that a founder asks for holds: while you are a founder, you alone can lower what you ask for."</p>
    };
    view! {
        <details open=open>
            <summary>"Ask for more or fewer"</summary>
            {form.draw(inside.erased())}
        </details>
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::reading::ApprovalsAsked;

    fn asked(founders: u32, asked: &[u32]) -> Quorum {
        let one = |approvals: &u32| ApprovalsAsked {
            by: "Ada".to_owned(),
            approvals: *approvals,
            is_you: false,
            counts: true,
        };
        Quorum { founders, asked: asked.iter().map(one).collect(), ..Quorum::default() }
    }

    #[test]
    fn the_rule_says_who_has_to_approve_whatever_is_asked_for() {
        for (founders, numbers, words) in [
            (1, &[][..], "One founder counts, and approves alone"),
            (1, &[2], "2 will, once there are enough founders."),
            (2, &[], "1 of 2 founders approves a role file, never its author."),
            (2, &[2], "2 are asked for, and 2 founders count: all but the author"),
            (3, &[1, 2], "2 of 3 founders approve a role file, never its author."),
        ] {
            let said = rule(&asked(founders, numbers));
            assert!(said.contains(words), "{founders} {numbers:?}: {said}");
        }
    }
}
