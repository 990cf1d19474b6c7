//! One decision at its permanent address: what was known when it was made, who made it, and what followed.

use super::{brief_evidence::row as evidence_row, brief_options::shown as options, look_back::look_back};
use crate::{
    components::{badge::Badge, eager::Erase, hash_tag::HashTag, icon::Icon, time_ago::TimeAgo, trace_link::TraceLink},
    view::{brief as words, face::Face, number, path, task_state},
};
use countersign_domain::{
    brief::{BriefChoice, DecisionState},
    reading::{EvidenceCheck, TaskRow, WholeDecision},
};
use leptos::prelude::*;

pub fn decision(tenant: &str, whole: &WholeDecision) -> AnyView {
    let counts = whole.decision.state == DecisionState::Made;
    let after = counts.then(|| {
        view! {
            {look_back(tenant, whole)}
            <div class="drawn" data-live="followed">{followed(tenant, whole)}</div>
        }
    });
    view! {
        <article class="brief record" data-testid="record" data-state=whole.decision.state.as_str()>
            {damaged(whole)}
            {head(tenant, whole)}
            {word(tenant, whole)}
            {after}
            {known(tenant, whole)}
            {take_along(tenant, whole)}
        </article>
    }
    .erased()
}

/// Somebody with the database changed what is kept: said before all else.
fn damaged(whole: &WholeDecision) -> Option<AnyView> {
    let faults = whole.faults.iter().map(|fault| view! { <li>{fault.clone()}</li> }).collect_view();
    (!whole.faults.is_empty()).then(|| {
        view! {
            <div class="notice tone-bad" role="alert" data-testid="record-damaged">
                <Icon name="octagon-x"/>
                <div>
                    <p><strong>"What is kept of this decision was changed in the database. Do not rely on it."</strong></p>
                    <ul>{faults}</ul>
                    <p>"Check the receipt that its founder has kept, check the journal, and call your operator."</p>
                </div>
            </div>
        }
        .erased()
    })
}

fn head(tenant: &str, whole: &WholeDecision) -> AnyView {
    let (decision, brief) = (&whole.decision, &whole.brief);
    let state = match decision.state {
        DecisionState::Made => None,
        DecisionState::Held => Some(Face::new("Held: counts in seconds", "hourglass", crate::view::face::Tone::Info)),
        DecisionState::TakenBack => {
            Some(Face::new("Taken back: does not count", "undo-2", crate::view::face::Tone::Quiet))
        }
        DecisionState::Voided => Some(Face::new("Voided by a newer version", "ban", crate::view::face::Tone::Quiet)),
    };
    let state = state.map(|face| view! { <Badge face/> });
    view! {
        <header class="brief-head">
            <p class="brief-when">{state}<span class="brief-category">{words::category(&brief.category)}</span></p>
            <p class="brief-title">{brief.title.clone()}</p>
            <h1>{brief.question.clone()}</h1>
            <p class="head-note">
                "Asked by "<a class="agent" href=path::agent(tenant, &brief.author)>{brief.author.clone()}</a>
                " as "<a href=path::brief(tenant, &brief.id)>{format!("{}, version {}", brief.name, brief.version)}</a>
                " "<TimeAgo at=brief.asked_at/>
            </p>
            <p class="head-note" data-testid="brief-hash"><span class="sr">"SHA-256 of the brief "</span><HashTag hex=brief.sha256.clone()/></p>
        </header>
    }
    .erased()
}

/// What was said, by whom, and what stands for it.
fn word(tenant: &str, whole: &WholeDecision) -> AnyView {
    let decision = &whole.decision;
    let why = (!decision.rationale.is_empty())
        .then(|| view! { <p class="decision-why" data-testid="rationale"><q>{decision.rationale.clone()}</q></p> });
    let follows = if whole.follows { "As its author recommended" } else { "Otherwise than its author recommended" };
    let silence = decision.by.is_none().then(|| {
        view! { <p class="sub" data-testid="silence">{format!("Nobody decided in time. It took effect by the {}, as the brief had said before.", decision.how)}</p> }
    });
    let mut facts: Vec<(&str, AnyView)> = Vec::new();
    let mut fact = |name, value: AnyView| facts.push((name, value));
    match &decision.by {
        Some(by) => fact("Decided by", view! { <span data-testid="who">{by.clone()}</span> }.erased()),
        None => fact("Decided by", view! { <span data-testid="who">"Nobody: silence"</span> }.erased()),
    }
    if decision.by.is_some() {
        fact("Proved who they are by", view! { <span data-testid="how">{decision.how.clone()}</span> }.erased());
    }
    if let Some(from) = &whole.from {
        fact("From", view! { <span class="mono" data-testid="from">{from.clone()}</span> }.erased());
    }
    if let Some(token) = &whole.token {
        fact("With the token", view! { <span>{token.clone()}</span> }.erased());
    }
    fact("Said", view! { <TimeAgo at=decision.at/> }.erased());
    if let Some(ended) = decision.ended_at {
        let word = if decision.state == DecisionState::Made { "Counts since" } else { "Ended" };
        fact(word, view! { <TimeAgo at=ended/> }.erased());
    }
    if let Some(rule) = &whole.rule {
        fact("May decide by the rule", view! { <span class="mono">{rule.clone()}</span> }.erased());
    }
    if let Some(key) = &whole.key {
        let covers = (key.covers > 1).then(|| format!("One touch signed {} decisions. ", number::grouped(key.covers)));
        let inside = view! {
            <span data-testid="key"><HashTag hex=key.fingerprint.clone()/></span>
            <span class="sub">{covers}"Signed on "{key.origin.clone()}". Compare the fingerprint with the one that its founder told you."</span>
        };
        fact("Signed by the key", inside.erased());
    }
    if let Some(why) = &whole.unsigned {
        fact("Unsigned", view! { <span data-testid="unsigned-why">{why.clone()}</span> }.erased());
    }
    if let Some(sha256) = &decision.decision_sha256 {
        fact("SHA-256 of the decision", view! { <HashTag hex=sha256.clone()/> }.erased());
    }
    if let Some(entry) = whole.entry {
        let href = path::entry(tenant, entry);
        fact(
            "In the journal",
            view! { <a href=href data-testid="entry">{format!("Entry {}", number::grouped(entry))}</a> }.erased(),
        );
    }
    let facts = facts.into_iter().map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> });
    view! {
        <section class="panel acts decided" data-testid="record-decision" data-signed=decision.is_signed.to_string()>
            <h2>"Decided"</h2>
            <div class="said">
                <p class="said-words" data-testid="decision-words">{decision.words.clone()}</p>
                <Badge face=words::signature(decision)/>
            </div>
            {why}
            {silence}
            <p class="sub" data-testid="follows">{follows}</p>
            <dl class="facts record-facts">{facts.collect_view()}</dl>
        </section>
    }
    .erased()
}

/// Tasks of the same trace since.
fn followed(tenant: &str, whole: &WholeDecision) -> AnyView {
    let found = &whole.followed;
    let told = match &found.told {
        Some(task) => view! {
            <p class="sub" data-testid="told">
                {whole.brief.author.clone()}" was told by "<a href=path::task(tenant, &task.id)>"a task"</a>": "<Badge face=task_state::face(task.state)/>
            </p>
        }
        .erased(),
        None => view! { <p class="sub" data-testid="told">"Its author has not been told yet."</p> }.erased(),
    };
    let before = (found.before > 0).then(|| {
        let words =
            number::counted(found.before, "task of the trace came before it", "tasks of the trace came before it");
        view! { <p class="sub">{words}"."</p> }
    });
    let rows = found.tasks.iter().map(|task| line(tenant, task)).collect_view();
    let list = if found.tasks.is_empty() {
        view! { <p class="muted" data-testid="none-followed">"No task of this trace has come since. Work that carries the trace on will stand here with its cost."</p> }.erased()
    } else {
        view! { <ul class="followed">{rows}</ul> }.erased()
    };
    let rest = found.count.saturating_sub(found.tasks.len() as u64);
    let rest =
        (rest > 0).then(|| view! { <p class="sub">{format!("{} more are in the trace.", number::grouped(rest))}</p> });
    let sum = super::look_back::measured(found.count, found.done, found.failed, found.micro_usd);
    view! {
        <section class="panel" aria-labelledby="followed-title" data-testid="followed">
            <h2 id="followed-title">"What followed"</h2>
            <p data-testid="followed-sum">{sum}{(found.open > 0).then(|| format!(", {} open", number::grouped(found.open)))}</p>
            {told}
            {list}
            {rest}
            {before}
            <p class="hint">"The whole story is in the trace "<TraceLink trace=whole.trace.clone()/></p>
        </section>
    }
    .erased()
}

fn line(tenant: &str, task: &TaskRow) -> AnyView {
    let name = task.title.clone().unwrap_or_else(|| task.kind.clone());
    let cost = task.usd.map(|usd| view! { <span class="mono">{number::dollars(usd)}</span> });
    let reason = task.reason.clone().filter(|reason| !reason.is_empty());
    let reason = reason.map(|reason| view! { <span class="followed-reason">{reason}</span> });
    view! {
        <li data-testid="followed-task">
            <Badge face=task_state::face(task.state)/>
            <a href=path::task(tenant, &task.id)>{name}</a>
            <span class="agent">{task.agent.clone()}</span>
            {cost}
            <span class="muted"><TimeAgo at=task.created_at/></span>
            {reason}
        </li>
    }
    .erased()
}

/// What its founder had before them.
fn known(tenant: &str, whole: &WholeDecision) -> AnyView {
    let brief = &whole.brief;
    let chosen = match &whole.decision.choice {
        BriefChoice::Option(key) => Some(key.as_str()),
        BriefChoice::Own(_) | BriefChoice::Rejected => None,
    };
    let key = &brief.recommendation.key;
    let recommended = match brief.options.iter().find(|option| option.key == *key) {
        Some(option) => format!("{key}: {}", option.title),
        None => key.clone(),
    };
    let at_deadline = match &brief.at_deadline {
        Some(key) => format!("If nobody had decided, its author would have had {key} take effect."),
        None => "If nobody had decided, nothing would have happened by its author's word.".to_owned(),
    };
    let context = (!brief.context_html.is_empty()).then(|| {
        // Written element by element by the service: nothing of the author's is in it but text.
        view! {
            <h3>"Context"</h3>
            <div class="prose" inner_html=brief.context_html.clone()></div>
            <details>
                <summary>"As it is written, word for word"</summary>
                <pre class="payload" tabindex="0" aria-label="The context as it is written">{brief.context_source.clone()}</pre>
            </details>
        }
    });
    let sound = whole.evidence.iter().all(|one| one.check == EvidenceCheck::Verified);
    let unsound = whole.evidence.iter().filter(|one| !one.check.is_sound()).count();
    let heading = match (whole.evidence.len(), sound) {
        (0, _) => "Evidence: none".to_owned(),
        (count, true) => format!("Evidence: {count}, all hashes verified just now"),
        (count, false) => format!("Evidence: {count}"),
    };
    let gone = (unsound > 0).then(|| {
        let what = number::counted(unsound as u64, "artifact is", "artifacts are");
        view! {
            <p class="notice tone-bad" data-testid="evidence-gone"><Icon name="octagon-x"/>{format!("{what} not what this decision rested on any more.")}</p>
        }
    });
    let evidence = whole.evidence.iter().map(|one| evidence_row(tenant, one)).collect_view();
    view! {
        <section class="panel" aria-labelledby="known-title" data-testid="known">
            <h2 id="known-title">"What was known"</h2>
            <p class="sub">"Its author recommended"</p>
            <p class="recommended-words" data-testid="recommended">
                {recommended}
                <span class="confidence">"confidence "<span class="mono">{words::confidence(brief.recommendation.confidence_micro)}</span></span>
            </p>
            <p class="recommended-why">{brief.recommendation.why.clone()}</p>
            <p class="sub known-more">{format!("Only a founder could add: {}", brief.input_needed)}</p>
            <p class="sub">{format!("Deadline {}. {at_deadline}", brief.deadline.to_words())}</p>
            <h3>"Options"</h3>
            {options(&brief.options, chosen)}
            {context}
            <h3>{heading}</h3>
            {gone}
            <ul class="evidence">{evidence}</ul>
        </section>
    }
    .erased()
}

/// Files, each a plain link to a download.
fn take_along(tenant: &str, whole: &WholeDecision) -> AnyView {
    let address = path::decision(tenant, &whole.decision.id);
    let file = |rest: &str, word: &'static str, testid: &'static str| {
        let href = format!("{address}{rest}");
        // The browser itself goes there: the router has no page of it.
        view! { <a class="button" href=href rel="external" download="" data-testid=testid><Icon name="download"/>{word}</a> }.erased()
    };
    let receipt = (whole.decision.by.is_some() && whole.decision.state == DecisionState::Made).then(|| {
        view! {
            {file("/receipt.json", "Download the receipt", "download-receipt")}
            <p class="hint">"All that was decided on, and what stands for it. Anybody can "<a href="/verify" rel="external">"check it"</a>" without this server, and years later."</p>
        }
    });
    view! {
        <section class="panel take-along" aria-labelledby="take-title" data-testid="take-along">
            <h2 id="take-title">"Take it along"</h2>
            {receipt}
            {file(".md", "Download as markdown", "download-md")}
            {file(".json", "Download as JSON", "download-json")}
            <p class="hint">"This page as a file: to read, or for a program."</p>
        </section>
    }
    .erased()
}
