//! The form that gives a task.

use super::form::{Entry, Form, Shape};
use crate::{api::task::create::CreateTask, components::eager::Erase};
use countersign_domain::{Millis, task::Priority};
use leptos::{prelude::*, server_fn::ServerFn};

/// What an empty payload looks like.
const PAYLOAD: &str = "{\n  \"task\": \"\"\n}";

pub fn new_task(tenant: &str, agents: Vec<String>, kinds: Vec<String>, now: Millis) -> AnyView {
    let form = Form::new("create-task", CreateTask::url(), vec![("tenant", tenant.to_owned())]);
    let fields = [
        Entry {
            label: "Agent",
            name: "agent",
            hint: "Whose queue it goes to",
            shape: Shape::Suggested(agents),
            ..Entry::default()
        },
        Entry {
            label: "Kind",
            name: "kind",
            hint: "a to z, 0 to 9, _ and -: what its workers listen for",
            shape: Shape::Suggested(kinds),
            ..Entry::default()
        },
        Entry {
            label: "Payload",
            name: "payload",
            hint: "A JSON object; “task” or “title” names it in lists",
            value: PAYLOAD.to_owned(),
            shape: Shape::Text(8),
            ..Entry::default()
        },
        Entry {
            label: "Trace",
            name: "correlation_id",
            hint: "The correlation id of the work it belongs to; left out, it begins one of its own",
            optional: true,
            ..Entry::default()
        },
        Entry {
            label: "Not before, in UTC",
            name: "not_before",
            hint: "Left out, now",
            optional: true,
            shape: Shape::Moment,
            ..Entry::default()
        },
        Entry {
            label: "Priority",
            name: "priority",
            hint: "0 to 9; 9 goes first among this agent's tasks that are not on the bus yet",
            value: "0".to_owned(),
            shape: Shape::Number(0, Priority::MOST.into()),
            ..Entry::default()
        },
    ]
    .map(|entry| form.field(entry));
    let utc = now.to_words();
    let inside = view! {
        {fields.into_iter().collect_view()}
        <button class="button primary">"Create task"</button>
        <p class="hint">{format!("It goes to the bus when it is due; while the bus is away it waits here. It is {utc} now.")}</p>
    };
    view! { <section class="panel form-panel">{form.draw(inside.erased())}</section> }.erased()
}
