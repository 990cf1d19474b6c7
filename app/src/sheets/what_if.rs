//! What of the past would have gone otherwise under a role file.

use crate::{
    components::{eager::Erase, empty_state::EmptyState, time_ago::TimeAgo},
    view::{duration, number, path, task_row},
};
use countersign_domain::reading::{RoleWhatIf, WhatIfRow};
use leptos::prelude::*;

pub fn what_if(tenant: &str, found: &RoleWhatIf) -> AnyView {
    let nothing = (found.refused == 0 && found.newly_allowed == 0).then(|| {
        view! {
            <EmptyState icon="check" title="Nothing would have gone otherwise">
                <p>"Every task that concerns the agent is allowed as it was, and none that was refused would be let through."</p>
            </EmptyState>
        }
    });
    view! {
        <p class="what-if-words" data-testid="what-if">{sentence(found)}</p>
        <p class="hint">{format!("Looked through in {}. Nothing was done again.", duration::words(found.took_ms))}</p>
        {nothing}
        {list(tenant, "refused", "Would have been refused", found.refused, &found.refused_list)}
        {list(tenant, "newly-allowed", "Newly allowed", found.newly_allowed, &found.newly_allowed_list)}
    }
    .erased()
}

fn sentence(found: &RoleWhatIf) -> String {
    let concern = match found.concerned {
        1 => "1 concerns".to_owned(),
        many => format!("{} concern", number::grouped(many)),
    };
    format!(
        "Of the last {}, {concern} this agent: {} would have been refused, {} newly allowed.",
        number::counted(found.tasks, "task", "tasks"),
        number::grouped(found.refused),
        number::grouped(found.newly_allowed)
    )
}

fn list(tenant: &str, testid: &'static str, title: &'static str, count: u64, rows: &[WhatIfRow]) -> Option<AnyView> {
    if rows.is_empty() {
        return None;
    }
    let more = count.saturating_sub(rows.len() as u64);
    let more = (more > 0).then(|| view! { <p class="hint">{format!("and {} more", number::grouped(more))}</p> });
    let lines = rows.iter().map(|row| line(tenant, row)).collect_view();
    let drawn = view! {
        <section data-testid=testid>
            <h2>{title}</h2>
            <table class="table what-if">
                <caption class="sr">{title}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Task"</th>
                        <th scope="col">"Kind"</th>
                        <th scope="col">"From"</th>
                        <th scope="col">"To"</th>
                        <th scope="col" class="col-time">"Came"</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
            {more}
        </section>
    };
    Some(drawn.erased())
}

fn line(tenant: &str, row: &WhatIfRow) -> AnyView {
    let side = if row.sending { "sent by the agent" } else { "taken by the agent" };
    let sender = row.sender.clone().unwrap_or_else(|| "not known".to_owned());
    view! {
        <tr data-testid="what-if-row">
            <td>
                <a class="row-link" data-row-link="" href=path::task(tenant, &row.task)><code>{task_row::short_id(&row.task)}</code></a>
                <span class="sub">{side}</span>
            </td>
            <td>{row.kind.clone()}</td>
            <td>{sender}</td>
            <td>{row.recipient.clone()}</td>
            <td class="col-time"><TimeAgo at=row.at/></td>
        </tr>
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_make_one_sentence() {
        let found =
            RoleWhatIf { tasks: 24_500, concerned: 312, refused: 41, newly_allowed: 3, ..RoleWhatIf::default() };
        assert_eq!(
            sentence(&found),
            "Of the last 24,500 tasks, 312 concern this agent: 41 would have been refused, 3 newly allowed."
        );
    }
}
