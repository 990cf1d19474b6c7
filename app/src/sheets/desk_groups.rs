//! Letters by their error.

use crate::{
    components::{badge::Badge, eager::Erase, time_ago::TimeAgo},
    view::{letter, letter_filter::LetterFilter, number, path},
};
use countersign_domain::reading::LetterGroup;
use leptos::prelude::*;

/// The groups that the filter lets through; the chosen one is marked.
pub fn groups(tenant: &str, filter: &LetterFilter, groups: &[LetterGroup]) -> Option<AnyView> {
    let shown = groups.iter().filter(|group| {
        (filter.agent.is_empty() || filter.agent == group.agent)
            && (filter.kind.is_empty() || filter.kind == group.kind)
            && (filter.cause.is_empty() || filter.cause == group.cause.as_str())
    });
    let rows: Vec<_> = shown.map(|group| line(tenant, filter, group)).collect();
    if rows.is_empty() {
        return None;
    }
    Some(
        view! {
            <section>
                <h2>"By error"</h2>
                <table class="table groups">
                    <caption class="sr">"Letters by error, most frequent first"</caption>
                    <thead>
                        <tr>
                            <th scope="col" class="col-number">"Letters"</th>
                            <th scope="col">"Error"</th>
                            <th scope="col" class="wide">"Cause"</th>
                            <th scope="col" class="col-time">"First"</th>
                            <th scope="col" class="col-time">"Last"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
        }
        .erased(),
    )
}

fn line(tenant: &str, filter: &LetterFilter, group: &LetterGroup) -> AnyView {
    let chosen = filter.fingerprint == group.fingerprint;
    let narrowed = LetterFilter { fingerprint: group.fingerprint.clone(), ids: String::new(), ..filter.whole() };
    let address = path::letters(tenant, &narrowed.to_address());
    let reason = group.reason.clone().unwrap_or_else(|| letter::default_reason(group.cause).to_owned());
    view! {
        <tr data-testid="letter-group" data-fingerprint=group.fingerprint.clone() data-count=group.count.to_string()>
            <td class="col-number group-count">{number::grouped(group.count)}</td>
            <td class="col-error">
                <a class="row-link" href=address data-row-link="" aria-current=chosen.then_some("true")>{reason}</a>
                <span class="task-meta"><span class="agent">{group.agent.clone()}</span>" · "<code>{group.kind.clone()}</code></span>
            </td>
            <td class="wide"><Badge face=letter::cause(group.cause)/></td>
            <td class="col-time"><TimeAgo at=group.first_at/></td>
            <td class="col-time"><TimeAgo at=group.last_at/></td>
        </tr>
    }
    .erased()
}
