//! How the organization's means are shared out among its agents, and which decision said so.

use crate::{
    components::{eager::Erase, icon::Icon, time_ago::TimeAgo},
    view::{number, path},
};
use countersign_domain::{
    allocation::{WHOLE, percent},
    reading::{AllocationChange, AllocationView, ShareRow},
};
use leptos::prelude::*;

pub fn allocation(tenant: &str, read: &AllocationView) -> AnyView {
    let rows = read.shares.iter().map(|share| row(tenant, share)).collect_view();
    let said = said(tenant, read.decided.first());
    let write = read.may_write.then(|| {
        view! {
            <a class="button" href=path::of_tenant(tenant, "/inbox/new?category=resource_allocation") data-testid="write-allocation">
                <Icon name="pencil"/>"Ask for another: write a brief"
            </a>
        }
    });
    let nobody = read.shares.is_empty().then(|| {
        view! { <p class="muted">"There is no agent to share anything out to. "<a href=path::of_tenant(tenant, "/fleet/new")>"Create the first"</a></p> }
    });
    view! {
        <div class="drawn" data-live="said">{said}</div>
        <section class="panel" data-testid="shares">
            <h2>"What each agent gets"</h2>
            <div data-live="nobody">{nobody}</div>
            <table class="table shares narrow-words">
                <caption class="sr">"What each agent gets"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Agent"</th>
                        <th scope="col" class="col-number">"Share"</th>
                        <th scope="col" class="share-bar-head"><span class="sr">"As a bar"</span></th>
                        <th scope="col" class="col-number">"Budget a day"</th>
                    </tr>
                </thead>
                <tbody data-live="shares">{rows}</tbody>
            </table>
            <p class="hint">"A share is a part of all capacity. A budget that nobody decided is the agent's role file's."</p>
        </section>
        <section class="panel" aria-labelledby="change-title">
            <h2 id="change-title">"How it changes"</h2>
            <p>"By a founder's decision, and by nothing else: a brief about resource_allocation or budget says in an option what each agent would get. Ten seconds after a founder chose that option it counts, and everybody is told on "<code>"events.countersign.allocation.changed"</code>". No agent, no policy and no silence changes it."</p>
            <div class="drawn" data-live="write">{write}</div>
        </section>
        <section class="panel" aria-labelledby="past-title" data-testid="past">
            <h2 id="past-title">"What was decided"</h2>
            <div class="drawn" data-live="past">{past(tenant, &read.decided)}</div>
        </section>
    }
    .erased()
}

fn said(tenant: &str, newest: Option<&AllocationChange>) -> AnyView {
    match newest {
        Some(change) => view! {
            <p class="page-note" data-testid="allocation-said" data-decision=change.decision.clone()>
                {change.by.clone()}" decided it with “"<a href=decision(tenant, &change.decision)>{change.title.clone()}</a>"” "<TimeAgo at=change.at/>"."
            </p>
        }
        .erased(),
        None => view! {
            <p class="page-note" data-testid="allocation-said">
                "Nobody has decided how to share out: every agent weighs the same, and has the budget of its role file."
            </p>
        }
        .erased(),
    }
}

fn row(tenant: &str, share: &ShareRow) -> AnyView {
    let budget = match share.budget_micro_usd {
        Some(micro) => dollars(micro),
        None => "the default".to_owned(),
    };
    let of_role = (share.is_of_role && share.budget_micro_usd.is_some())
        .then(|| view! { <span class="sub">"by its role file"</span> });
    view! {
        <tr data-item=share.agent.clone() data-testid="share-row" data-agent=share.agent.clone() data-weight=share.weight.to_string()>
            <th scope="row"><a class="agent" href=path::agent(tenant, &share.agent)>{share.agent.clone()}</a></th>
            <td class="col-number">{percent(share.weight)}</td>
            <td class="share-bar">
                <svg width="100%" height="8" aria-hidden="true">
                    <rect class="share-all" width="100%" height="8" rx="4"/>
                    <rect class="share-own" width=format!("{}%", percent_of(share.weight)) height="8" rx="4"/>
                </svg>
            </td>
            <td class="col-number">{budget}{of_role}</td>
        </tr>
    }
    .erased()
}

/// As SVG writes it.
fn percent_of(weight: u32) -> String {
    format!("{}.{}", weight.min(WHOLE) / 10, weight.min(WHOLE) % 10)
}

fn dollars(micro: i64) -> String {
    let cents = i32::try_from(micro / 10_000).map_or(f64::from(i32::MAX), f64::from);
    number::dollars(cents / 100.0)
}

fn decision(tenant: &str, id: &str) -> String {
    path::of_tenant(tenant, &format!("/decisions/{id}"))
}

fn past(tenant: &str, decided: &[AllocationChange]) -> AnyView {
    if decided.is_empty() {
        return view! { <p class="muted">"Nothing yet. What is decided stays here, with the decision that said it."</p> }.erased();
    }
    let rows = decided.iter().map(|change| {
        view! {
            <li data-item=change.decision.clone() data-testid="past-allocation">
                <p>
                    <a href=decision(tenant, &change.decision)>{change.title.clone()}</a>
                    <span class="sub">" by "{change.by.clone()}" "<TimeAgo at=change.at/>", "<a href=path::brief(tenant, &change.brief)>"its brief"</a></span>
                </p>
                <p class="past-shares">{change.words.clone()}</p>
            </li>
        }
    });
    view! { <ol class="past-allocations">{rows.collect_view()}</ol> }.erased()
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::Millis;

    fn share(agent: &str, weight: u32, budget: Option<i64>, is_of_role: bool) -> ShareRow {
        ShareRow { agent: agent.to_owned(), weight, budget_micro_usd: budget, is_of_role }
    }

    fn drawn(read: &AllocationView) -> String {
        Owner::new().with(|| allocation("acme", read).to_html())
    }

    #[test]
    fn without_a_decision_the_page_says_that_all_weigh_the_same() {
        let shares = vec![share("ceo", 500, Some(5_480_000), true), share("cto", 500, None, true)];
        let html = drawn(&AllocationView { shares, decided: Vec::new(), may_write: false });
        for part in ["Nobody has decided", "50 %", "$5.48", "by its role file", "the default", r#"width="50.0%""#] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(!html.contains("write a brief"), "an observer asks for nothing: {html}");
    }

    #[test]
    fn what_was_decided_leads_to_its_decision_and_titles_stay_text() {
        let change = AllocationChange {
            decision: "d1".to_owned(),
            brief: "b1".to_owned(),
            title: "<b>More</b>".to_owned(),
            by: "Ada".to_owned(),
            at: Millis(0),
            words: "backend 100 % and $20.00 a day".to_owned(),
        };
        let shares = vec![share("backend", 1_000, Some(20_000_000), false)];
        let html = drawn(&AllocationView { shares, decided: vec![change], may_write: true });
        for part in
            ["/t/acme/decisions/d1", "&lt;b&gt;More", "/t/acme/inbox/b1", "$20.00", "category=resource_allocation"]
        {
            assert!(html.contains(part), "{part}: {html}");
        }
    }
}
