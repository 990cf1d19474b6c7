//! The list of artifacts.

use super::artifact_filter::address;
use crate::{
    components::{
        choice::{Choice, named},
        eager::Erase,
        empty_state::EmptyState,
        hash_tag::HashTag,
        icon::Icon,
        time_ago::TimeAgo,
    },
    view::{number, path},
};
use countersign_domain::reading::{ArtifactList, ArtifactQuery, ArtifactRow};
use leptos::prelude::*;

pub fn artifacts(tenant: &str, filter: &ArtifactQuery, found: &ArtifactList) -> AnyView {
    let rows = found.rows.iter().map(|artifact| row(tenant, artifact)).collect_view();
    let used = found.any.then(|| {
        view! { <p class="hint" data-testid="artifacts-used">{format!("All that are kept have {}.", number::bytes(found.used))}</p> }
    });
    // Each part is followed: the first artifact may come while the page is read.
    view! {
        <div class="drawn" data-live="filter">{found.any.then(|| filters(tenant, filter, found))}</div>
        <div class="drawn" data-live="empty">{nothing(tenant, found)}</div>
        <div class="artifact-list">
            <table class="table artifacts">
                <caption class="sr">"Artifacts, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Artifact"</th>
                        <th scope="col" class="wide">"SHA-256"</th>
                        <th scope="col" class="col-fact">"Kind"</th>
                        <th scope="col" class="col-number wide">"Size"</th>
                        <th scope="col" class="col-fact">"Agent"</th>
                        <th scope="col" class="col-time">"Put"</th>
                    </tr>
                </thead>
                <tbody data-live="artifacts">{rows}</tbody>
            </table>
        </div>
        <nav class="pager" data-live="pages" aria-label="Pages of artifacts">{pages(tenant, filter, found)}</nav>
        <div class="drawn" data-live="used">{used}</div>
    }
    .erased()
}

fn row(tenant: &str, artifact: &ArtifactRow) -> AnyView {
    let name = artifact.label.clone().unwrap_or_else(|| "Without a label".to_owned());
    let removed = artifact.removed_at.map(|_| view! { <span class="sub">"removed"</span> });
    let agent = || artifact.agent.clone().map(|agent| view! { <span class="agent">{agent}</span> });
    let kind = artifact.kind.words();
    view! {
        <tr data-item=artifact.sha256.clone() data-testid="artifact-row">
            <th scope="row">
                <a class="row-link" data-row-link="" href=path::artifact(tenant, &artifact.sha256)>{name}</a>
                {removed}
                // What the columns say that a small screen has no room for.
                <span class="artifact-meta">{format!("{kind} · {} · ", number::bytes(artifact.size))}{agent()}</span>
            </th>
            <td class="wide"><HashTag hex=artifact.sha256.clone() groups=2/></td>
            <td class="col-fact">{kind}</td>
            <td class="col-number wide">{number::bytes(artifact.size)}</td>
            <td class="col-fact">{agent()}</td>
            <td class="col-time"><TimeAgo at=artifact.at/></td>
        </tr>
    }
    .erased()
}

/// The filter: a plain form whose entries are the address.
fn filters(tenant: &str, filter: &ArtifactQuery, found: &ArtifactList) -> AnyView {
    let base = path::of_tenant(tenant, "/artifacts");
    let narrows = !filter.agent.is_empty() || !filter.label.is_empty();
    let clear = narrows.then(|| view! { <a class="button quiet" href=base.clone()>"Clear"</a> });
    view! {
        <form class="filter" method="get" action=base role="search" aria-label="Filter artifacts">
            <div class="filter-line">
                <label class="search">
                    <span class="sr">"Label"</span>
                    <Icon name="search"/>
                    <input name="label" type="search" placeholder="Label begins with, as docs/adr/" value=filter.label.clone() autocomplete="off" data-key="/"/>
                </label>
                <Choice name="agent" label="Agent" options=named("Any agent", &found.agents, &filter.agent) chosen=filter.agent.clone()/>
                <button class="button">"Filter artifacts"</button>
                {clear}
            </div>
        </form>
    }
    .erased()
}

/// What stands where artifacts would be.
fn nothing(tenant: &str, found: &ArtifactList) -> Option<AnyView> {
    if !found.rows.is_empty() {
        return None;
    }
    if found.any {
        let all = path::of_tenant(tenant, "/artifacts");
        let empty = view! {
            <EmptyState icon="search" title="No artifact matches">
                <p>"None of that agent has a label that begins so."</p>
                <p><a class="button" href=all>"Clear the filter"</a></p>
            </EmptyState>
        };
        return Some(empty.erased());
    }
    let empty = view! {
        <EmptyState icon="archive" title="No artifact yet">
            <p>"When an agent puts its work through the Workspace API, or hands it in with a task, it shows here under its hash."</p>
        </EmptyState>
    };
    Some(empty.erased())
}

fn pages(tenant: &str, filter: &ArtifactQuery, found: &ArtifactList) -> AnyView {
    let whole = ArtifactQuery { older: String::new(), ..filter.clone() };
    let newest = (!filter.older.is_empty()).then(|| {
        view! { <a class="button" href=address(tenant, &whole)><Icon name="chevron-left"/>"Newest"</a> }
    });
    let last = found.rows.last().filter(|_| found.more).map(|row| row.sha256.clone());
    let older = last.map(|older| {
        let next = address(tenant, &ArtifactQuery { older, ..whole.clone() });
        view! { <a class="button" rel="next" href=next>"Older"<Icon name="chevron-right"/></a> }
    });
    view! { {newest}{older} }.erased()
}
