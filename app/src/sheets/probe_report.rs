//! What a probe of a role came to.

use super::form::Form;
use crate::{
    api::review::probe::ProbeReview,
    components::{badge::Badge, eager::Erase, icon::Icon, time_ago::TimeAgo},
    view::{duration, number, review as words},
};
use countersign_domain::{
    reading::ReviewDetail,
    review::{PROBE_COUNTS_MS, ProbeLine, ProbeReport, ReviewState},
};
use leptos::{prelude::*, server_fn::ServerFn};

pub fn probe_report(tenant: &str, detail: &ReviewDetail) -> AnyView {
    let report = match &detail.probe {
        Some(report) => came_to(report, detail),
        None => view! { <p class="muted" data-testid="probe-none">"It was not probed yet."</p> }.erased(),
    };
    let run = (detail.row.state == ReviewState::Open).then(|| run(tenant, detail));
    view! { {report}{run} }.erased()
}

fn came_to(report: &ProbeReport, detail: &ReviewDetail) -> AnyView {
    let (wrong, all) = (u64::from(report.wrong), u64::from(report.right) + u64::from(report.wrong));
    let attempts = number::counted(all, "attempt", "attempts");
    let sentence = match wrong {
        0 => format!("{attempts}, and each went as it must."),
        1 => format!("1 of {attempts} went otherwise than it must, which closes the gate."),
        many => {
            format!("{} of {attempts} went otherwise than they must, which closes the gate.", number::grouped(many))
        }
    };
    let at = detail.probed_at.map(|at| view! { <span class="since"><TimeAgo at/></span> });
    let wrong_lines = report.lines.iter().filter(|line| !line.is_right()).map(line).collect_view();
    let wrong_list =
        (wrong > 0).then(|| view! { <ul class="probe-lines" data-testid="probe-wrong">{wrong_lines}</ul> });
    let lines = report.lines.iter().map(line).collect_view();
    let took = duration::words(report.took_ms);
    view! {
        <p data-testid="probe-sentence"><Badge face=words::probe(Some(report.wrong))/>" "{sentence}{at}</p>
        {wrong_list}
        <details data-testid="probe-lines">
            <summary>{format!("All {attempts}, tried in {took}")}</summary>
            <ul class="probe-lines">{lines}</ul>
        </details>
    }
    .erased()
}

fn line(line: &ProbeLine) -> AnyView {
    let (tone, icon) = if line.is_right() { ("tone-ok", "check") } else { ("tone-bad", "x") };
    let came = match (line.must_be_refused, line.was_refused) {
        (true, true) => "was refused, as it must",
        (true, false) => "was let through, and must be refused",
        (false, false) => "was let through, as it must",
        (false, true) => "was refused, and must be let through",
    };
    view! {
        <li class=tone data-testid="probe-line">
            <Icon name=icon/>
            <span>{line.proof.clone()}<span class="sub"><code>{line.verb.clone()}" "{line.subject.clone()}</code>" "{came}</span></span>
        </li>
    }
    .erased()
}

fn run(tenant: &str, detail: &ReviewDetail) -> AnyView {
    let word = if detail.probe.is_some() { "Run the probe again" } else { "Run the probe" };
    let counts = duration::words(PROBE_COUNTS_MS);
    let inside = view! {
        <button class="button" data-testid="probe-button"><Icon name="play"/>{word}</button>
        <p class="hint">
            {format!("A credential that is made of this very file and lives for a minute connects to the bus, tries what must be refused and what must not, and is thrown away. What it came to counts for {counts}.")}
        </p>
    };
    let hidden = vec![("tenant", tenant.to_owned()), ("review", detail.row.id.clone())];
    Form::new("probe", ProbeReview::url(), hidden).draw(inside.erased())
}

#[cfg(test)]
mod tests {
    use super::super::review::tests::detail;
    use super::*;
    use countersign_domain::Millis;

    fn tried(subject: &str, was_refused: bool) -> ProbeLine {
        let (proof, verb, subject) = ("Cannot <deploy>.".to_owned(), "publish".to_owned(), subject.to_owned());
        ProbeLine { proof, verb, subject, must_be_refused: true, was_refused }
    }

    #[test]
    fn what_went_wrong_comes_first_and_in_full() {
        let mut review = detail(ReviewState::Open);
        review.probe = Some(ProbeReport::of(vec![tried("right.one", true), tried("wrong.one", false)], 340));
        review.probed_at = Some(Millis(0));
        let html = Owner::new().with(|| probe_report("acme", &review).to_html());
        assert!(html.contains("1 of 2 attempts went otherwise") && html.contains("Cannot &lt;deploy&gt;."), "{html}");
        let (wrong, folded) = html.split_once("<details").unwrap();
        assert!(wrong.contains("wrong.one") && !wrong.contains("right.one"), "{html}");
        assert!(folded.contains("right.one") && folded.contains("Run the probe again"), "{html}");
    }
}
