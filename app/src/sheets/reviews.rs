//! All reviews: what waits for a founder, what may run, and what was.

use super::quorum::quorum;
use crate::{
    components::{
        badge::Badge, eager::Erase, empty_state::EmptyState, hash_tag::HashTag, icon::Icon, time_ago::TimeAgo,
    },
    view::{number, path, review as words},
};
use countersign_domain::reading::{ReviewRow, Reviews};
use leptos::prelude::*;

pub fn reviews(tenant: &str, found: Reviews) -> AnyView {
    let Reviews { open, standing, ended, quorum: who, may_decide } = found;
    let nothing = open.is_empty().then(|| nothing(tenant, standing.len()));
    let waiting = if may_decide { "Waiting for you" } else { "Waiting for a founder" };
    let rows = |rows: &[ReviewRow], middle: fn(&ReviewRow) -> AnyView| {
        rows.iter().map(|row| line(tenant, row, middle)).collect_view()
    };
    view! {
        <div class="drawn" data-live="empty">
            <span hidden=true data-reviews=open.len().to_string()></span>
            {nothing}
        </div>
        {group("open", waiting, "Findings", "Probe", "Proposed", rows(&open, examined))}
        {group("standing", "What may run", "State", "Probe", "Approved", rows(&standing, stands))}
        {group("ended", "Ended", "State", "Probe", "Ended", rows(&ended, stands))}
        {quorum(tenant, &who, may_decide)}
    }
    .erased()
}

fn nothing(tenant: &str, standing: usize) -> AnyView {
    let approved = match standing {
        0 => "No role is approved yet, so no agent can connect.".to_owned(),
        1 => "1 role is approved.".to_owned(),
        more => format!("{} roles are approved.", number::grouped(more as u64)),
    };
    let new = path::of_tenant(tenant, "/roles/new");
    view! {
        <EmptyState icon="stamp" title="No role is waiting">
            <p data-testid="none-waits">{approved}</p>
            <p><a class="button" href=new><Icon name="plus"/>"Propose a role file"</a></p>
        </EmptyState>
    }
    .erased()
}

/// A table that takes no place while it is empty. Its rows alone are kept up to date.
fn group(
    name: &'static str,
    title: &'static str,
    middle: &'static str,
    probe: &'static str,
    when: &'static str,
    rows: Vec<AnyView>,
) -> AnyView {
    let heading = format!("reviews-{name}");
    let (labelled, testid) = (heading.clone(), heading.clone());
    view! {
        <section class="review-group" data-testid=testid aria-labelledby=labelled>
            <h2 id=heading>{title}</h2>
            <table class="table reviews">
                <caption class="sr">{title}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Role of"</th>
                        <th scope="col">"SHA-256"</th>
                        <th scope="col">{middle}</th>
                        <th scope="col">{probe}</th>
                        <th scope="col" class="col-time">{when}</th>
                    </tr>
                </thead>
                <tbody data-live=name>{rows}</tbody>
            </table>
        </section>
    }
    .erased()
}

fn line(tenant: &str, row: &ReviewRow, middle: fn(&ReviewRow) -> AnyView) -> AnyView {
    view! {
        <tr data-item=row.id.clone() data-testid="review-row" data-agent=row.agent.clone() data-state=row.state.as_str()>
            <th scope="row">
                <a class="row-link agent" data-row-link="" href=path::review(tenant, &row.id)>{row.agent.clone()}</a>
                <span class="sub">"by "{row.author.clone()}</span>
            </th>
            <td class="review-hash"><HashTag hex=row.sha256.clone() groups=2/></td>
            <td class="review-word">{middle(row)}</td>
            <td class="review-probe"><Badge face=words::probe(row.probe_wrong)/></td>
            <td class="col-time"><TimeAgo at=words::since(row)/></td>
        </tr>
    }
    .erased()
}

/// What was found in it so far.
fn examined(row: &ReviewRow) -> AnyView {
    let gravest = row.gravest.map(|gravest| view! { <Badge face=words::severity(gravest)/> });
    let count = match row.findings {
        0 => "nothing found".to_owned(),
        many => number::counted(many as u64, "finding", "findings"),
    };
    let approvals = (row.needed > 1).then(|| {
        view! { <span class="sub" data-testid="approvals">{format!("{} of {} approvals", row.approvals, row.needed)}</span> }
    });
    view! { {gravest}<span class="since">{count}</span>{approvals} }.erased()
}

fn stands(row: &ReviewRow) -> AnyView {
    view! {
        <Badge face=words::state(row)/>
        {row.self_approved.then(|| view! { <span class="sub" data-testid="self-approved">"self-approved"</span> })}
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::{
        Millis,
        reading::Quorum,
        review::{ReviewState, Severity},
    };

    fn row(agent: &str, state: ReviewState) -> ReviewRow {
        ReviewRow {
            id: "7".to_owned(),
            agent: agent.to_owned(),
            sha256: "ab12cd34".repeat(8),
            author: "<i>Ada</i>".to_owned(),
            requested_at: Millis(0),
            state,
            ended_at: None,
            gravest: Some(Severity::Critical),
            findings: 3,
            probe_wrong: None,
            approvals: 1,
            needed: 2,
            self_approved: false,
            is_stale: false,
        }
    }

    fn reviews_of(standing: Vec<ReviewRow>) -> Reviews {
        let quorum = Quorum { founders: 2, ..Quorum::default() };
        Reviews { open: Vec::new(), standing, ended: Vec::new(), quorum, may_decide: true }
    }

    fn drawn(found: Reviews) -> String {
        Owner::new().with(|| reviews("acme", found).to_html())
    }

    #[test]
    fn what_waits_says_how_grave_it_is_and_a_name_stays_text() {
        let open = vec![row("backend", ReviewState::Open)];
        let html = drawn(Reviews { open, ..reviews_of(Vec::new()) });
        for part in
            ["Waiting for you", "Critical", "3 findings", "1 of 2 approvals", "Not probed", "ab12 cd34", "&lt;i&gt;Ada"]
        {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(html.contains(r#"data-reviews="1""#) && !html.contains("No role is waiting"), "{html}");
    }

    #[test]
    fn an_approval_is_grey_once_a_newer_file_waits_and_says_who_approved_their_own() {
        let mut approved = row("backend", ReviewState::Approved);
        (approved.is_stale, approved.self_approved) = (true, true);
        let html = drawn(reviews_of(vec![approved]));
        assert!(html.contains("Stale: newer file waits") && html.contains("self-approved"), "{html}");
        assert!(html.contains("No role is waiting") && html.contains("1 role is approved."), "{html}");
        assert!(!html.contains("badge tone-ok"), "never green: {html}");
    }
}
