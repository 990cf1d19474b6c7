//! What examiners found in a role file.

use crate::{
    components::{badge::Badge, eager::Erase, time_ago::TimeAgo},
    view::review as words,
};
use countersign_domain::{reading::Examination, review::Finding};
use leptos::prelude::*;

/// Each examiner under their own name.
pub fn examinations(all: &[Examination]) -> AnyView {
    let alone = all.iter().all(|one| one.by.is_none()).then(|| {
        view! { <p class="hint">"No security officer has examined it; when one does, it stands here beside the rules."</p> }
    });
    let drawn = all.iter().map(examination).collect_view();
    view! { {drawn}{alone} }.erased()
}

fn examination(one: &Examination) -> AnyView {
    let by = match &one.by {
        None => view! { "Built-in rules" }.erased(),
        Some(agent) => view! { <span class="agent">{agent.clone()}</span>" · security officer" }.erased(),
    };
    let verdict = one.verdict.map(|verdict| view! { <Badge face=words::verdict(verdict)/> });
    let found = if one.findings.is_empty() {
        view! { <p class="muted">"Nothing found."</p> }.erased()
    } else {
        finding_list(&one.findings, true)
    };
    view! {
        <section class="examination" data-testid="examination">
            <h3>{by}{verdict}<span class="since"><TimeAgo at=one.at/></span></h3>
            {found}
        </section>
    }
    .erased()
}

/// The gravest first; `linked` where the file stands on the same page.
pub fn finding_list(findings: &[Finding], linked: bool) -> AnyView {
    let mut sorted: Vec<&Finding> = findings.iter().collect();
    sorted.sort_by_key(|finding| finding.severity);
    let lines = sorted.into_iter().map(|finding| line(finding, linked)).collect_view();
    view! { <ul class="findings">{lines}</ul> }.erased()
}

fn line(finding: &Finding, linked: bool) -> AnyView {
    let field = (!finding.path.is_empty()).then(|| view! { <code>{finding.path.clone()}</code> });
    let fix = (!finding.fix.is_empty()).then(|| view! { <p class="fix">{finding.fix.clone()}</p> });
    view! {
        <li class="finding" data-testid="finding" data-severity=finding.severity.as_str()>
            <p class="finding-head">
                <Badge face=words::severity(finding.severity)/>
                <code class="finding-rule">{finding.rule.clone()}</code>
                {place(finding.line, finding.column, linked)}
                {field}
            </p>
            <p>{finding.why.clone()}</p>
            {fix}
        </li>
    }
    .erased()
}

/// `line 12:3`; nothing where no place was told.
pub fn place(line: u32, column: u32, linked: bool) -> Option<AnyView> {
    let words = match (line, column) {
        (0, _) => return None,
        (line, 0) => format!("line {line}"),
        (line, column) => format!("line {line}:{column}"),
    };
    // The browser itself goes there, and opens what the line is folded in.
    let drawn = if linked {
        view! { <a class="place" rel="external" href=format!("#L{line}")>{words}</a> }.erased()
    } else {
        view! { <span class="place">{words}</span> }.erased()
    };
    Some(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::{Millis, review::Severity};

    fn finding(severity: Severity, why: &str) -> Finding {
        let (rule, path, fix) = ("outside-host".to_owned(), "spec.<b>".to_owned(), String::new());
        Finding { rule, severity, line: 12, column: 3, path, why: why.to_owned(), fix }
    }

    #[test]
    fn findings_come_gravest_first_under_their_authors_name_and_stay_text() {
        let findings = vec![finding(Severity::Low, "a <low> one"), finding(Severity::Critical, "a critical one")];
        let all = [Examination { by: Some("cso".to_owned()), at: Millis(0), verdict: None, findings }];
        let html = Owner::new().with(|| examinations(&all).to_html());
        assert!(html.contains("security officer") && !html.contains("No security officer"), "{html}");
        assert!(html.contains("a &lt;low&gt; one") && html.contains("spec.&lt;b&gt;"), "{html}");
        assert!(html.find("a critical one") < html.find("a &lt;low"), "{html}");
        assert!(html.contains("#L12") && html.contains("line 12:3"), "{html}");
    }
}
