use super::eager::Erase;
use super::{badge::Badge, nav::Tenant, time_ago::TimeAgo};
use crate::view::{clock::Clock, number, path, task_row, task_state};
use countersign_domain::reading::TaskRow;
use leptos::prelude::*;

/// Tasks as a table. A row keeps its elements while its task changes.
#[component]
pub fn TaskTable(
    #[prop(into)] rows: Signal<Vec<TaskRow>>,
    /// What the table lists, for those who hear the page.
    caption: &'static str,
) -> impl IntoView {
    view! {
        <div class="task-table">
            <table class="table tasks">
                <caption class="sr">{caption}</caption>
                <thead>
                    <tr>
                        <th scope="col" class="col-state">"State"</th>
                        <th scope="col">"Task"</th>
                        <th scope="col" class="col-agent">"Agent"</th>
                        <th scope="col" class="col-number wide spare">"Attempts"</th>
                        <th scope="col" class="col-number wide">"Took"</th>
                        <th scope="col" class="col-number wide spare">"Cost"</th>
                        <th scope="col" class="col-time">"Received"</th>
                    </tr>
                </thead>
                <tbody>
                    <For each=move || rows.get() key=|row| row.id.clone() let(first)>
                        <TaskLine first rows/>
                    </For>
                </tbody>
            </table>
        </div>
    }
    .erased()
}

#[component]
fn TaskLine(first: TaskRow, rows: Signal<Vec<TaskRow>>) -> impl IntoView {
    let (id, created_at) = (first.id.clone(), first.created_at);
    let address = path::task(&Tenant::here().get_untracked(), &id);
    let clock = Clock::here();
    let row = Memo::new({
        let id = id.clone();
        move |before: Option<&TaskRow>| {
            rows.with(|rows| rows.iter().find(|row| row.id == id).cloned())
                .or_else(|| before.cloned())
                .unwrap_or_else(|| first.clone())
        }
    });
    let reason = move || row.with(task_row::reason).map(|reason| view! { <span class="task-reason">{reason}</span> });
    let took = move || {
        // Only what is open depends on the clock.
        let now = row.with(|row| row.ended_at.is_none()).then(|| clock.get()).flatten();
        row.with(|row| task_row::took(row, now)).unwrap_or_else(|| "–".to_owned())
    };
    view! {
        <tr data-testid="task-row" data-task-id=id data-state=move || row.with(|row| row.state.as_str())>
            <td class="col-state">{move || view! { <Badge face=task_state::face(row.with(|row| row.state))/> }}</td>
            <td class="col-task">
                <a class="row-link" href=address data-row-link="">{move || row.with(task_row::name)}</a>
                <span class="task-meta">
                    {move || {
                        let face = task_state::face(row.with(|row| row.state));
                        view! { <span class=format!("task-word {}", face.tone.class())>{face.word}" · "</span> }
                    }}
                    <span class="task-agent">{move || row.with(|row| row.agent.clone())}" · "</span>
                    <code>{move || row.with(|row| row.kind.clone())}</code>
                    {reason}
                </span>
            </td>
            <td class="col-agent"><span class="agent">{move || row.with(|row| row.agent.clone())}</span></td>
            <td class="col-number wide spare">{move || row.with(|row| row.attempts)}</td>
            <td class="col-number wide">{took}</td>
            <td class="col-number wide spare">{move || row.with(|row| row.usd).map_or_else(|| "–".to_owned(), number::dollars)}</td>
            <td class="col-time"><TimeAgo at=created_at/></td>
        </tr>
    }
    .erased()
}
