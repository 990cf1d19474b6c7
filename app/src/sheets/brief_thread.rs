//! What founders asked a brief's author, and what it answered.

use super::{
    form::{Entry, Form, Shape},
    morning::back,
};
use crate::{
    api::brief::ask::AskAuthor,
    components::{eager::Erase, icon::Icon, time_ago::TimeAgo},
    view::path,
};
use countersign_domain::reading::{BriefAnswer, BriefView};
use leptos::{prelude::*, server_fn::ServerFn};

pub fn thread(tenant: &str, brief: &BriefView) -> AnyView {
    let author = &brief.row.author;
    let rows = brief.thread.iter().map(|one| question(tenant, author, one)).collect_view();
    let ask = brief.may_decide.then(|| match &brief.row.written_by {
        Some(name) => view! { <p class="muted">{format!("{name} wrote this brief: ask them in person.")}</p> }.erased(),
        None => ask(tenant, brief),
    });
    let none = (brief.thread.is_empty() && !brief.may_decide).then(|| {
        view! { <p class="muted">"Nobody asked its author anything."</p> }
    });
    // Another brief may be drawn meanwhile where no address names one.
    let part = |name: &str| format!("{name} {}", brief.row.id);
    view! {
        <ul class="thread" data-live=part("thread") data-testid="thread">{rows}</ul>
        {none}
        <div class="drawn" data-live=part("ask")>{ask}</div>
    }
    .erased()
}

fn question(tenant: &str, author: &str, one: &BriefAnswer) -> AnyView {
    let answer = match (&one.answer, &one.failed) {
        (Some(text), _) => view! {
            <div class="thread-answer" data-testid="answer">
                <p class="sub"><span class="agent">{author.to_owned()}</span>" answered "{one.answered_at.map(|at| view! { <TimeAgo at/> })}</p>
                <p class="thread-text">{text.clone()}</p>
            </div>
        }
        .erased(),
        (None, Some(why)) => view! {
            <p class="thread-state tone-bad" data-testid="answer-failed"><Icon name="octagon-x"/><span>"There will be no answer: "{why.clone()}</span></p>
        }
        .erased(),
        (None, None) => view! {
            <p class="thread-state tone-quiet" data-testid="answer-waits">
                <Icon name="hourglass"/>
                <span>{author.to_owned()}" was asked by "<a href=path::task(tenant, &one.task)>"a task"</a>". The answer appears here."</span>
            </p>
        }
        .erased(),
    };
    view! {
        <li data-item=one.task.clone() data-testid="thread-row">
            <p class="sub">{one.by.clone()}" asked "<TimeAgo at=one.at/></p>
            <p class="thread-text thread-question">{one.question.clone()}</p>
            {answer}
        </li>
    }
    .erased()
}

fn ask(tenant: &str, brief: &BriefView) -> AnyView {
    let mut hidden = vec![("tenant", tenant.to_owned()), ("brief", brief.row.id.clone())];
    hidden.extend(back());
    let form = Form::new("ask", AskAuthor::url(), hidden);
    let field = form.field(Entry {
        label: "Ask its author",
        name: "question",
        hint: "Becomes a task. The deadline goes on",
        shape: Shape::Text(2),
        ..Entry::default()
    });
    let inside = view! {
        {field}
        <button class="button"><Icon name="send"/>"Ask "{brief.row.author.clone()}</button>
    };
    form.draw(inside.erased())
}
