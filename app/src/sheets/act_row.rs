//! One act in the list.

use crate::{
    components::{eager::Erase, hash_tag::HashTag, time_ago::TimeAgo},
    view::path,
};
use countersign_domain::{
    audit::Part,
    reading::{ActRow, Named},
};
use leptos::prelude::*;

pub fn row(tenant: &str, act: &ActRow) -> AnyView {
    let sentence = act.what.iter().map(|part| spoken(tenant, act, part)).collect_view();
    let reason = act.reason.clone().map(|reason| view! { <span class="act-reason">{reason}</span> });
    let email = act.by.as_ref().map(|by| view! { <span class="sub">{by.email.clone()}</span> });
    let way = act.via.as_ref().map(|via| {
        let from = (!via.from.is_empty()).then(|| view! { <code class="sub">{via.from.clone()}</code> });
        view! { <span class="act-how">{via.words()}</span>{from} }
    });
    let unknown = (act.via.is_none() && act.by.is_some()).then(|| {
        view! { <span class="sub" title="From before this was kept">"not kept"</span> }
    });
    let seq = act.seq.unsigned_abs();
    view! {
        <tr data-item=act.seq.to_string() data-testid="act-row" data-kind=act.kind.clone()>
            <td class="act-time"><TimeAgo at=act.at/></td>
            <td class="act-who"><span class=if act.by.is_some() { "act-name" } else { "act-server" }>{act.actor().to_owned()}</span>{email}</td>
            <td class="act-what">{sentence}{reason}</td>
            <td class="act-way">{way}{unknown}</td>
            <td class="act-entry">
                <a href=path::entry(tenant, seq) data-row-link="" aria-label=format!("Entry {seq}")>{format!("#{seq}")}</a>
                <HashTag hex=act.hash.clone() groups=2/>
            </td>
        </tr>
    }
    .erased()
}

fn spoken(tenant: &str, act: &ActRow, part: &Part) -> AnyView {
    let short = |id: &str| id.chars().take(8).collect::<String>();
    match part {
        Part::Text(text) => view! { <span>{text.clone()}</span> }.erased(),
        Part::Task(id) => {
            let id = id.to_string();
            view! { <a href=path::task(tenant, &id)>"task "<code>{short(&id)}</code></a> }.erased()
        }
        Part::Letter(id) => {
            let id = id.to_string();
            view! { <a href=path::letter(tenant, &id)>"dead letter "<code>{short(&id)}</code></a> }.erased()
        }
        Part::Agent(name) => view! { <a class="agent" href=path::agent(tenant, name)>{name.clone()}</a> }.erased(),
        Part::Person(_) => {
            let who = act.whom.as_ref().map_or("somebody who is gone", |Named { name, .. }| name).to_owned();
            view! { <strong>{who}</strong> }.erased()
        }
    }
}
