//! What a replay would do, before it is ordered.

use super::form::{Entry, Form};
use crate::{
    api::replay::start::{ASKS_TWICE, StartReplay},
    components::{eager::Erase, icon::Icon, time_ago::TimeAgo},
    view::{
        duration, letter,
        letter_filter::{LetterFilter, RATES},
        number, path,
    },
};
use countersign_domain::reading::ReplayPreview;
use leptos::{prelude::*, server_fn::ServerFn};

pub fn preview(tenant: &str, filter: &LetterFilter, plan: Result<ReplayPreview, String>) -> AnyView {
    let inside = match plan {
        Ok(plan) if plan.count == 0 => view! { <p class="muted">"No letter that waits is chosen."</p> }.erased(),
        Ok(plan) => facts(tenant, filter, &plan),
        Err(problem) => view! { <p class="form-error" role="alert">{problem}</p> }.erased(),
    };
    view! {
        <aside class="panel preview" aria-label="Preview of the replay" data-testid="replay-preview">
            <h2>"Preview"</h2>
            {inside}
        </aside>
    }
    .erased()
}

fn facts(tenant: &str, filter: &LetterFilter, plan: &ReplayPreview) -> AnyView {
    let letters = number::counted(plan.count, "letter", "letters");
    let by_agent = plan.by_agent.iter().map(|(agent, count)| {
        view! { <li><span class="agent">{agent.clone()}</span>" "<b class="mono">{number::grouped(*count)}</b></li> }
    });
    let seconds = i64::try_from(plan.seconds).unwrap_or(i64::MAX / 1000);
    let length = match seconds {
        0 => "at once".to_owned(),
        1..60 => format!("within {seconds} s"),
        more => format!("within {}", duration::words(more * 1000)),
    };
    let span = plan.oldest.zip(plan.newest).map(|(oldest, newest)| {
        view! { <dt>"Died"</dt><dd>"from "<TimeAgo at=oldest/>" to "<TimeAgo at=newest/></dd> }
    });
    let sample = plan.sample.iter().map(|row| {
        view! { <li><a href=path::letter(tenant, &row.id)>{letter::name(row)}</a></li> }
    });
    let rest = plan.count.saturating_sub(plan.sample.len() as u64);
    let held = plan.held_agents.iter().map(|agent| {
        view! {
            <p class="notice tone-warn" data-testid="held-agent">
                <Icon name="pause"/>
                <span><a href=path::agent(tenant, agent)>{agent.clone()}</a>" is held: its new tasks wait until its queue is handed out again."</span>
            </p>
        }
    });
    view! {
        <p class="preview-words">{format!("{letters} would be done again as {}. Nothing has been sent.", if plan.count == 1 { "a new task" } else { "new tasks" })}</p>
        {held.collect_view()}
        <dl class="facts stacked">
            <dt>"By agent"</dt>
            <dd><ul class="by-agent">{by_agent.collect_view()}</ul></dd>
            {span}
            <dt>"On the bus"</dt>
            <dd>{format!("{length}, {} a second, oldest first", filter.rate())}</dd>
            <dt>"First of them"</dt>
            <dd>
                <ul>{sample.collect_view()}</ul>
                {(rest > 0).then(|| format!("and {} more", number::grouped(rest)))}
            </dd>
        </dl>
        {rates(tenant, filter)}
        {order(tenant, filter, plan.count)}
    }
    .erased()
}

fn rates(tenant: &str, filter: &LetterFilter) -> AnyView {
    let links = RATES.map(|rate| {
        let other = LetterFilter { rate: rate.to_owned(), ..filter.clone() };
        let on = rate.parse() == Ok(filter.rate());
        let href = path::letters(tenant, &other.to_address());
        view! { <a class="chip" class:is-on=on href=href aria-current=on.then_some("true")>{rate}</a> }
    });
    view! { <p class="chips rates"><span>"Letters a second"</span>{links.into_iter().collect_view()}</p> }.erased()
}

fn order(tenant: &str, filter: &LetterFilter, count: u64) -> AnyView {
    let mut hidden = vec![("tenant", tenant.to_owned())];
    hidden.extend(filter.fields());
    let form = Form::new("start-replay", StartReplay::url(), hidden);
    let typed = (count > ASKS_TWICE).then(|| {
        form.field(Entry {
            label: "Type the number of letters",
            name: "typed",
            hint: "So that many are not replayed by a slip",
            ..Entry::default()
        })
    });
    let inside = view! {
        <input type="hidden" name="expected" value=count.to_string()/>
        {typed}
        <button class="button primary wide" data-testid="start-replay-button">{format!("Replay {}", number::grouped(count))}</button>
        <p class="hint">"Each letter closes when its new task succeeds, and waits again if that ends badly. You can stop it on the way."</p>
    };
    form.draw(inside.erased())
}
