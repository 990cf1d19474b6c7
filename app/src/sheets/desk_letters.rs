//! The letters that wait, to be opened or ticked.

use crate::{
    components::{eager::Erase, icon::Icon, time_ago::TimeAgo},
    view::{
        letter,
        letter_filter::{LetterFilter, RATE},
        number, path,
    },
};
use countersign_domain::reading::{DeadLetters, LetterRow};
use leptos::prelude::*;

/// A plain form whose ticks are the address of a preview. It is not seen while it has no row.
pub fn letters(tenant: &str, filter: &LetterFilter, found: &DeadLetters) -> AnyView {
    let ticked: Vec<&str> = filter.ids.split(',').collect();
    let rows = found.letters.iter().map(|row| line(tenant, row, ticked.contains(&row.id.as_str()))).collect_view();
    let pager = found.older.as_ref().map(|cursor| {
        let next = LetterFilter { older: cursor.clone(), rate: String::new(), ..filter.clone() };
        let href = path::letters(tenant, &next.to_address());
        view! { <a class="button" rel="next" href=href>"Older"<Icon name="chevron-right"/></a> }
    });
    let newest = (!filter.older.is_empty()).then(|| {
        let href = path::letters(tenant, &filter.whole().to_address());
        view! { <a class="button" rel="prev" href=href><Icon name="chevron-left"/>"Newest"</a> }
    });
    let all = LetterFilter { rate: RATE.to_owned(), ..filter.whole() };
    let all = path::letters(tenant, &all.to_address());
    view! {
        <form class="letters" method="get" action=path::letters(tenant, "")>
            <div class="letters-head">
                <h2 data-live="count" data-testid="letter-count">{number::counted(found.count, "letter", "letters")}</h2>
                <div class="letters-acts">
                    <button class="button" data-testid="preview-ticked">"Preview replay of the ticked"</button>
                    <a class="button" href=all data-testid="preview-all">"Preview replay of all"</a>
                </div>
            </div>
            <table class="table tasks">
                <caption class="sr">"Dead letters, newest first"</caption>
                <thead>
                    <tr>
                        <th scope="col" class="col-tick"><span class="sr">"Tick"</span></th>
                        <th scope="col">"Letter"</th>
                        <th scope="col" class="col-agent">"Agent"</th>
                        <th scope="col" class="col-number wide">"Attempts"</th>
                        <th scope="col" class="col-time">"Died"</th>
                    </tr>
                </thead>
                <tbody data-live="letters">{rows}</tbody>
            </table>
            <nav class="pager" aria-label="Pages of letters">{newest}{pager}</nav>
        </form>
    }
    .erased()
}

fn line(tenant: &str, row: &LetterRow, ticked: bool) -> AnyView {
    let name = letter::name(row);
    let reason = row.reason.clone().unwrap_or_else(|| letter::default_reason(row.cause).to_owned());
    view! {
        <tr data-item=row.id.clone() data-testid="letter-row" data-state=row.state.as_str()>
            <td class="col-tick">
                <label class="tick">
                    <input type="checkbox" name="ids" value=row.id.clone() checked=ticked/>
                    <span class="sr">{format!("Tick {name}")}</span>
                </label>
            </td>
            <td class="col-task">
                <a class="row-link" href=path::letter(tenant, &row.id) data-row-link="">{name}</a>
                <span class="task-meta">
                    <span class="task-agent">{row.agent.clone()}" · "</span>
                    <code>{row.kind.clone()}</code>
                    <span class="task-reason">{reason}</span>
                </span>
            </td>
            <td class="col-agent"><span class="agent">{row.agent.clone()}</span></td>
            <td class="col-number wide">{row.attempts}</td>
            <td class="col-time"><TimeAgo at=row.at/></td>
        </tr>
    }
    .erased()
}
