//! What a brief rests on: artifacts by their hash, and whether their bytes still have it.

use crate::{
    components::{badge::Badge, eager::Erase, hash_tag::HashTag, icon::Icon},
    view::{brief as words, number, path},
};
use countersign_domain::reading::{EvidenceCheck, EvidenceView};
use leptos::prelude::*;

pub fn evidence(tenant: &str, evidence: &[EvidenceView]) -> AnyView {
    if evidence.is_empty() {
        return view! {
            <p class="notice tone-warn" data-testid="no-evidence"><Icon name="circle-alert"/>"It names no evidence: nothing shows that it is so."</p>
        }
        .erased();
    }
    let unsound = evidence.iter().filter(|one| !one.check.is_sound()).count();
    let summary = (unsound > 0).then(|| {
        let what = number::counted(unsound as u64, "artifact is", "artifacts are");
        view! {
            <p class="notice tone-bad" role="alert" data-testid="evidence-unsound">
                <Icon name="octagon-x"/>
                {format!("{what} not what this brief rests on any more. No option can be chosen until its author puts them again, or asks anew without them.")}
            </p>
        }
    });
    let rows = evidence.iter().map(|one| row(tenant, one)).collect_view();
    view! { {summary}<ul class="evidence">{rows}</ul> }.erased()
}

/// How many there are, and that all are whole, in the heading.
pub fn heading(evidence: &[EvidenceView]) -> String {
    let all = evidence.iter().all(|one| one.check == EvidenceCheck::Verified);
    match (evidence.len(), all) {
        (0, _) => "Evidence".to_owned(),
        (count, true) => format!("Evidence: {count}, all hashes verified"),
        (count, false) => format!("Evidence: {count}"),
    }
}

/// One artifact, and whether its bytes have the hash that names it.
pub fn row(tenant: &str, one: &EvidenceView) -> AnyView {
    let there = !matches!(one.check, EvidenceCheck::Missing);
    let name = if there {
        view! { <a class="evidence-title" href=path::artifact(tenant, &one.sha256)>{one.title.clone()}</a> }.erased()
    } else {
        view! { <span class="evidence-title">{one.title.clone()}</span> }.erased()
    };
    let facts = there.then(|| {
        let kind = if one.content.is_empty() { String::new() } else { format!("{}, ", one.content) };
        view! { <span class="sub">{kind}{number::bytes(one.size)}</span> }
    });
    let face = words::evidence(one.check);
    view! {
        <li class=format!("evidence-row {}", face.tone.class()) data-testid="evidence-row" data-check=format!("{:?}", one.check)>
            <p class="evidence-head">{name}<Badge face/></p>
            <p class="evidence-facts"><span class="sr">"SHA-256 "</span><HashTag hex=one.sha256.clone()/>{facts}</p>
        </li>
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(checks: &[EvidenceCheck]) -> String {
        let view = |check: &EvidenceCheck| EvidenceView {
            sha256: "0f".repeat(32),
            title: "Report".to_owned(),
            content: "text/plain".to_owned(),
            size: 12,
            check: *check,
        };
        let all: Vec<EvidenceView> = checks.iter().map(view).collect();
        Owner::new().with(|| heading(&all) + &evidence("acme", &all).to_html())
    }

    #[test]
    fn evidence_that_is_not_what_it_was_is_said_first_and_leads_nowhere_where_it_is_gone() {
        let html = drawn(&[EvidenceCheck::Missing, EvidenceCheck::Damaged, EvidenceCheck::Verified]);
        for part in ["Evidence: 3<", "2 artifacts are not what this brief rests on", "Missing", "Damaged: another hash"]
        {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert_eq!(html.matches("/t/acme/artifacts/").count(), 2, "{html}");
    }

    #[test]
    fn nothing_is_said_to_be_verified_that_was_not_looked_at() {
        assert!(drawn(&[EvidenceCheck::Verified]).contains("all hashes verified"));
        let html = drawn(&[EvidenceCheck::CheckedOnReading]);
        assert!(!html.contains("verified") && html.contains("Checked when read"), "{html}");
        assert!(drawn(&[]).contains("It names no evidence"));
    }
}
