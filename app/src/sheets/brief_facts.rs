//! The founders' facts beside a brief: what it rests on, and what came after it.

use super::form::Form;
use crate::{
    api::brief::ask::AskAuthor,
    components::{eager::Erase, icon::Icon, time_ago::TimeAgo},
    view::path,
};
use countersign_domain::reading::{BriefFact, BriefView};
use leptos::{prelude::*, server_fn::ServerFn};

/// Characters of a fact that are told to the author with the question; it reads the whole at the console.
const TOLD: usize = 300;

pub fn facts(tenant: &str, brief: &BriefView) -> Option<AnyView> {
    if brief.facts.is_empty() {
        return None;
    }
    let rows = brief.facts.iter().map(row).collect_view();
    let late: Vec<&BriefFact> = brief.facts.iter().filter(|fact| fact.is_late).collect();
    let asks = brief.may_decide && !late.is_empty() && brief.row.written_by.is_none();
    let ask = asks.then(|| ask(tenant, brief, &late));
    Some(
        view! {
            <section class="panel brief-facts" aria-labelledby="brief-facts-title" data-testid="brief-facts">
                <h2 id="brief-facts-title">"Facts of the founders"</h2>
                <ul class="facts">{rows}</ul>
                {ask}
                <p class="hint"><a href=path::of_tenant(tenant, "/context")>"All facts"</a></p>
            </section>
        }
        .erased(),
    )
}

fn row(fact: &BriefFact) -> AnyView {
    let late = match (fact.is_late, fact.is_used, fact.withdrawn) {
        (false, ..) => None,
        (true, true, true) => Some("A fact that this brief rests on was taken back:"),
        (true, true, false) => Some("A fact that this brief rests on is another now:"),
        (true, false, _) => Some("A fact came after this brief:"),
    };
    let late = late.map(|words| view! { <p class="fact-late" data-testid="fact-late"><Icon name="triangle-alert"/><span>{words}</span></p> });
    view! {
        <li class="fact" class:is-late=fact.is_late data-testid="brief-fact" data-fact=fact.id.clone()>
            {late}
            <p class="fact-text">{fact.text.clone()}</p>
            <p class="sub">{fact.kind.label()}" · "{fact.by.clone()}" "<TimeAgo at=fact.at/></p>
        </li>
    }
    .erased()
}

/// One press asks the author for a version that knows them.
fn ask(tenant: &str, brief: &BriefView, late: &[&BriefFact]) -> AnyView {
    let each = |fact: &&BriefFact| {
        let mut text: String = fact.text.chars().take(TOLD).collect();
        if text.len() < fact.text.len() {
            text.push('…');
        }
        format!("{} ({}): {text}", fact.kind.label(), fact.id)
    };
    let told: Vec<String> = late.iter().take(2).map(each).collect();
    let question = format!(
        "What founders know has changed since you asked. Send a newer version of this brief that takes it into account, \
         and name the facts in it. {}",
        told.join(" / ")
    );
    let hidden = vec![("tenant", tenant.to_owned()), ("brief", brief.row.id.clone()), ("question", question)];
    let form = Form::new("ask-anew", AskAuthor::url(), hidden);
    let author = brief.row.author.clone();
    let inside = view! {
        <button class="button" data-testid="ask-anew"><Icon name="send"/>{format!("Ask {author} for a new version")}</button>
        <p class="hint">"Becomes a task. A newer version takes the place of this one; until then it can be decided as it is."</p>
    };
    form.draw(inside.erased())
}
