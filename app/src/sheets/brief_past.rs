//! A brief's versions, what the newest one changed, and what happened to it.

use super::{brief_decision::past, morning::page_of};
use crate::{
    components::{eager::Erase, hash_tag::HashTag, time_ago::TimeAgo, trace_link::TraceLink},
    view::path,
};
use countersign_domain::reading::{BriefChange, BriefEvent, BriefVersion, BriefView};
use leptos::prelude::*;

/// What a version says otherwise, where there is something.
pub fn difference(tenant: &str, brief: &BriefView) -> Option<AnyView> {
    let address = page_of(tenant, &brief.row.id);
    let newest =
        brief.versions.iter().find(|version| version.is_shown).map_or(brief.row.version, |shown| shown.version);
    let rows = brief.difference.iter().map(change).collect_view();
    (!brief.difference.is_empty()).then(|| {
        view! {
            <section class="panel difference" data-testid="difference">
                <h2>{format!("What version {newest} changed")}</h2>
                <dl class="changed">{rows}</dl>
                // Whoever has read an older one has that before them, until they ask for this one. A page that is drawn
                // anew shows this one already: only one that stayed open shows the way to it.
                <p hidden=true data-newest=newest.to_string()><a class="button small" href=address rel="external" data-testid="read-newest">{format!("Read version {newest}")}</a></p>
            </section>
        }
        .erased()
    })
}

pub fn change(change: &BriefChange) -> AnyView {
    let before =
        change.before.clone().map(|text| view! { <dd><del><span class="sr">"Before: "</span>{text}</del></dd> });
    let after = change.after.clone().map(|text| view! { <dd><ins><span class="sr">"Now: "</span>{text}</ins></dd> });
    view! { <div data-testid="change"><dt>{change.what.clone()}</dt>{before}{after}</div> }.erased()
}

pub fn history(tenant: &str, brief: &BriefView) -> AnyView {
    let versions = brief.versions.iter().map(version).collect_view();
    let strip = brief.strip.iter().map(event).collect_view();
    let trace = brief.correlation_id.clone().map(|trace| {
        view! { <p class="hint">"Belongs to the trace "<TraceLink trace/></p> }
    });
    let audit = path::of_tenant(tenant, "/audit?topic=brief");
    view! {
        <ol class="strip-of-acts" data-testid="strip">{strip}</ol>
        {trace}
        {past(brief)}
        <h3>"Versions"</h3>
        <ul class="past" data-testid="versions">{versions}</ul>
        <p class="hint"><a href=audit>"All acts on briefs"</a></p>
    }
    .erased()
}

fn event(event: &BriefEvent) -> AnyView {
    view! { <li><span class="strip-at"><TimeAgo at=event.at/></span><span>{event.words.clone()}</span></li> }.erased()
}

fn version(version: &BriefVersion) -> AnyView {
    let shown = version.is_shown.then(|| view! { <span class="muted">"this one"</span> });
    view! {
        <li>
            <span>{format!("Version {}", version.version)}</span>
            <HashTag hex=version.sha256.clone() groups=2/>
            <span class="past-by"><TimeAgo at=version.at/></span>
            {shown}
        </li>
    }
    .erased()
}
