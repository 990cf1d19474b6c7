//! What a founder can do to a task that has not ended.

use super::form::{Entry, Form, Shape};
use crate::{
    api::task::{cancel::CancelTask, reprioritise::ReprioritiseTask},
    components::eager::Erase,
};
use countersign_domain::{
    reading::TaskDetail,
    task::{Priority, TaskState},
};
use leptos::{prelude::*, server_fn::ServerFn};

pub fn task_acts(tenant: &str, detail: &TaskDetail) -> Option<AnyView> {
    if detail.row.state.is_final() {
        return None;
    }
    let hidden = || vec![("tenant", tenant.to_owned()), ("id", detail.row.id.clone())];
    let cancel = Form::new("cancel", CancelTask::url(), hidden());
    let reason = cancel.field(Entry {
        label: "Reason",
        name: "reason",
        hint: "May be left out",
        optional: true,
        ..Entry::default()
    });
    let with_worker = matches!(detail.row.state, TaskState::Running);
    let then = if with_worker {
        "A worker has it and may finish, but nothing will follow from that."
    } else {
        "Takes it out of the line. No worker will get it."
    };
    let inside = view! {
        {reason}
        <button class="button danger">"Cancel task"</button>
        <p class="hint">{then}</p>
    };
    let cancel = cancel.draw(inside.erased());
    let scheduled = detail.row.state == TaskState::Scheduled;
    let priority =
        scheduled.then(|| priority(Form::new("priority", ReprioritiseTask::url(), hidden()), detail.priority));
    Some(
        view! {
            <section class="panel acts" aria-label="Change it" data-testid="task-acts">
                {priority}
                {cancel}
            </section>
        }
        .erased(),
    )
}

fn priority(form: Form, now: u8) -> AnyView {
    let field = form.field(Entry {
        label: "Priority",
        name: "priority",
        hint: "0 to 9; 9 goes first",
        value: now.to_string(),
        shape: Shape::Number(0, Priority::MOST.into()),
        ..Entry::default()
    });
    let inside = view! {
        {field}
        <button class="button">"Change priority"</button>
        <p class="hint">"Counts among this agent's tasks that are not on the bus yet."</p>
    };
    form.draw(inside.erased())
}
