//! One artifact.

use crate::{
    components::{eager::Erase, hash_tag::HashTag, icon::Icon, time_ago::TimeAgo, trace_link::TraceLink},
    view::{number, path},
};
use countersign_domain::reading::{ArtifactDetail, ArtifactLabel, ArtifactSource, ArtifactText, DiffLine, LineChange};
use leptos::prelude::*;

pub fn artifact(tenant: &str, detail: ArtifactDetail) -> AnyView {
    let label = detail.labels.iter().find(|label| is_current(label, &detail.sha256)).or(detail.labels.first());
    let name = label.map_or_else(|| "Artifact without a label".to_owned(), |label| label.label.clone());
    let removed = detail.removed_at.map(|at| {
        view! { <p class="head-note" data-testid="artifact-removed">"Removed "<TimeAgo at/></p> }
    });
    let (content, facts) = (content(tenant, &detail, &name), facts(tenant, &detail));
    let (labels, sources, pins) = (labels(tenant, &detail), sources(tenant, &detail), pins(tenant, &detail));
    view! {
        <header class="page-head artifact-head" data-testid="artifact-head" data-kind=detail.kind.as_str()>
            <h1>{name}</h1>
            {removed}
        </header>
        <div class="columns">
            <div>
                <section class="panel" data-testid="artifact-content">
                    <h2>"Content"</h2>
                    {content}
                </section>
            </div>
            <div>
                <aside class="panel artifact-facts" aria-label="Facts">{facts}</aside>
                <section class="panel"><h2>"Labels"</h2>{labels}</section>
                <section class="panel"><h2>"Where it came from"</h2>{sources}</section>
                <section class="panel"><h2>"What names it"</h2>{pins}</section>
            </div>
        </div>
    }
    .erased()
}

/// Whether the label still names this artifact.
fn is_current(label: &ArtifactLabel, sha256: &str) -> bool {
    label.newest.as_deref().is_none_or(|newest| newest == sha256)
}

fn content(tenant: &str, detail: &ArtifactDetail, name: &str) -> AnyView {
    let shown = match &detail.text {
        ArtifactText::Plain { text } => {
            view! { <pre class="payload artifact-text" tabindex="0" aria-label="Content">{text.clone()}</pre> }.erased()
        }
        // Written element by element by the service: nothing of the author's is in it but text.
        ArtifactText::Markdown { html } => view! { <div class="prose" inner_html=html.clone()></div> }.erased(),
        ArtifactText::Diff { lines } => diff(lines),
        ArtifactText::Image => {
            let source = path::artifact_content(tenant, &detail.sha256) + "?drawn=true";
            view! { <img class="artifact-image" src=source alt=format!("The picture {name}")/> }.erased()
        }
        ArtifactText::Nothing { why } => view! { <p class="muted" data-testid="artifact-not-shown">{why.clone()}</p> }.erased(),
        ArtifactText::Damaged => view! {
            <p class="notice tone-bad" role="alert" data-testid="artifact-damaged">
                <Icon name="octagon-x"/>
                "What is kept under this hash is not what was put there, so nothing of it is shown. Have whoever made it put it again, and look after the disk or store that it is on."
            </p>
        }
        .erased(),
    };
    let cut = detail.cut.then(|| {
        view! { <p class="hint" data-testid="artifact-cut">"Only the first part is shown; the hash is that of the whole. Download it to read the rest."</p> }
    });
    view! { {shown}{cut} }.erased()
}

/// As it was written, each changed line with its sign.
fn diff(lines: &[DiffLine]) -> AnyView {
    let drawn = lines.iter().map(|DiffLine { change, text }| match change {
        LineChange::Same => view! { <span class="diff-line">{format!("  {text}\n")}</span> }.erased(),
        LineChange::Removed => view! { <del class="diff-line">{format!("− {text}\n")}</del> }.erased(),
        LineChange::Added => view! { <ins class="diff-line">{format!("+ {text}\n")}</ins> }.erased(),
    });
    view! { <pre class="payload diff artifact-text" tabindex="0" aria-label="Changes">{drawn.collect_view()}</pre> }
        .erased()
}

fn facts(tenant: &str, detail: &ArtifactDetail) -> AnyView {
    let there = detail.removed_at.is_none() && detail.text != ArtifactText::Damaged;
    let download = there.then(|| {
        // The browser itself follows it: a file is no page.
        view! {
            <a class="button" rel="external" download="" href=path::artifact_content(tenant, &detail.sha256) data-testid="artifact-download">
                <Icon name="download"/>
                "Download"
            </a>
        }
    });
    view! {
        <h2>"Facts"</h2>
        <dl class="facts">
            <div><dt>"SHA-256"</dt><dd data-testid="artifact-hash"><HashTag hex=detail.sha256.clone()/></dd></div>
            <div><dt>"Kind"</dt><dd>{detail.kind.words()}</dd></div>
            <div><dt>"Size"</dt><dd class="mono">{number::bytes(detail.size)}</dd></div>
            <div><dt>"First put"</dt><dd><TimeAgo at=detail.first_at/></dd></div>
        </dl>
        {download}
    }
    .erased()
}

fn labels(tenant: &str, detail: &ArtifactDetail) -> AnyView {
    if detail.labels.is_empty() {
        return view! { <p class="muted">"No agent has given it a label."</p> }.erased();
    }
    let lines = detail.labels.iter().map(|label| {
        let moved = (!is_current(label, &detail.sha256)).then(|| {
            let newest = label.newest.clone().unwrap_or_default();
            view! { <span class="sub">"now names "<a href=path::artifact(tenant, &newest)>"a newer one"</a></span> }
        });
        view! {
            <li data-testid="artifact-label">
                <code>{label.label.clone()}</code>
                <span class="sub">{format!("version {} by ", label.version)}<a class="agent" href=path::agent(tenant, &label.agent)>{label.agent.clone()}</a>", "<TimeAgo at=label.at/></span>
                {moved}
            </li>
        }
    });
    view! { <ul class="artifact-lines">{lines.collect_view()}</ul> }.erased()
}

fn sources(tenant: &str, detail: &ArtifactDetail) -> AnyView {
    let lines = detail.sources.iter().map(|source| {
        let maker = match (&source.agent, &source.person) {
            (Some(agent), _) => view! { <a class="agent" href=path::agent(tenant, agent)>{agent.clone()}</a> }.erased(),
            (None, Some(person)) => view! { <strong>{person.clone()}</strong> }.erased(),
            (None, None) => "Somebody who is gone".erased(),
        };
        let (task, trace) = work(tenant, source);
        view! {
            <li data-testid="artifact-source">
                {maker}" "<TimeAgo at=source.at/>
                <span class="sub">{task}{trace}<a href=path::entry(tenant, source.seq)>{format!("Entry {}", number::grouped(source.seq))}</a></span>
            </li>
        }
    });
    view! { <ul class="artifact-lines">{lines.collect_view()}</ul> }.erased()
}

/// The task that it was made for, and the trace of that.
fn work(tenant: &str, source: &ArtifactSource) -> (Option<AnyView>, Option<AnyView>) {
    let task = source.task.as_ref().map(|id| {
        let short: String = id.chars().take(8).collect();
        view! { <a href=path::task(tenant, id)>"Task "<code>{short}</code></a>" · " }.erased()
    });
    let trace = source.trace.clone().map(|trace| view! { "Trace "<TraceLink trace/>" · " }.erased());
    (task, trace)
}

fn pins(tenant: &str, detail: &ArtifactDetail) -> AnyView {
    if detail.pins.is_empty() {
        let words = if detail.labels.iter().any(|label| is_current(label, &detail.sha256)) {
            "Its label. As long as that names it, it stays."
        } else {
            "Nothing. It is removed when its time is over."
        };
        return view! { <p class="muted">{words}</p> }.erased();
    }
    let lines = detail.pins.iter().map(|(kind, id)| {
        let short: String = id.chars().take(8).collect();
        let words = format!("{}{}", kind[..1].to_uppercase(), &kind[1..]);
        let named = if kind == "task" {
            view! { <a href=path::task(tenant, id)>{words}" "<code>{short}</code></a> }.erased()
        } else {
            view! { <span>{words}" "<code>{short}</code></span> }.erased()
        };
        view! { <li data-testid="artifact-pin">{named}</li> }
    });
    view! {
        <ul class="artifact-lines">{lines.collect_view()}</ul>
        <p class="hint">"What is named stays, whatever its age."</p>
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::{
        Millis,
        artifact::{ArtifactContent, ArtifactKind},
    };

    fn detail(text: ArtifactText) -> ArtifactDetail {
        ArtifactDetail {
            sha256: "0f".repeat(32),
            size: 12,
            content: ArtifactContent::Text,
            kind: ArtifactKind::Text,
            first_at: Millis(0),
            removed_at: None,
            sources: Vec::new(),
            labels: Vec::new(),
            pins: Vec::new(),
            text,
            cut: false,
        }
    }

    #[test]
    fn a_text_stays_text_and_damage_is_said_in_its_place() {
        let owner = Owner::new();
        let drawn = |text| owner.with(|| artifact("acme", detail(text)).to_html());
        let html = drawn(ArtifactText::Plain { text: "<b>1</b>".to_owned() });
        assert!(html.contains("&lt;b&gt;1&lt;/b&gt;") && html.contains("Download"), "{html}");
        let html = drawn(ArtifactText::Damaged);
        assert!(html.contains("is not what was put there") && !html.contains("Download"), "{html}");
    }
}
