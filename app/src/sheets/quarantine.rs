//! Messages that could not be understood.

use super::form::{Entry, Form, Shape};
use crate::{
    api::quarantine::{dismiss::DismissMessage, requeue::RequeueMessage},
    components::{eager::Erase, empty_state::EmptyState, message_text::MessageText, time_ago::TimeAgo},
};
use countersign_domain::reading::QuarantineRow;
use leptos::{prelude::*, server_fn::ServerFn};

pub fn quarantine(tenant: &str, rows: Vec<QuarantineRow>) -> AnyView {
    let count = rows.len().to_string();
    let nothing = rows.is_empty().then(|| {
        view! {
            <EmptyState icon="check" title="Nothing in quarantine">
                <p>"Every message on the bus was understood, or you have dealt with it."</p>
            </EmptyState>
        }
    });
    let messages = rows.into_iter().map(|row| message(tenant, row)).collect_view();
    view! {
        <div class="drawn" data-live="empty"><span hidden=true data-quarantined=count></span>{nothing}</div>
        <div class="quarantine" data-live="messages">{messages}</div>
    }
    .erased()
}

fn message(tenant: &str, row: QuarantineRow) -> AnyView {
    let hidden = || vec![("tenant", tenant.to_owned()), ("id", row.id.clone())];
    let requeue = Form::new(format!("requeue-{}", row.id), RequeueMessage::url(), hidden());
    let dismiss = Form::new(format!("dismiss-{}", row.id), DismissMessage::url(), hidden());
    let open = requeue.is_refused() || dismiss.is_refused();
    let forms = view! {
        {mend(requeue, &row.subject, row.editable.clone())}
        {let_go(dismiss)}
    };
    view! {
        <details class="panel" open=open data-item=row.id data-testid="quarantine-row">
            <summary data-row-link="">
                <code>{row.subject}</code>
                <span class="reason">{row.reason}</span>
                <TimeAgo at=row.at/>
            </summary>
            <MessageText payload=row.payload headers=row.headers/>
            <div class="mending">{forms}</div>
        </details>
    }
    .erased()
}

fn mend(form: Form, subject: &str, editable: Option<String>) -> AnyView {
    // Of `tasks.<agent>.<kind>`, as far as the message kept to it.
    let mut parts = subject.split('.').skip(1);
    let (agent, kind) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let fields = [
        Entry { label: "Agent", name: "agent", value: agent.to_owned(), ..Entry::default() },
        Entry { label: "Kind", name: "kind", value: kind.to_owned(), ..Entry::default() },
        Entry {
            label: "Mended payload",
            name: "payload",
            hint: "A JSON object",
            value: editable.unwrap_or_else(|| "{}".to_owned()),
            shape: Shape::Text(8),
            ..Entry::default()
        },
    ]
    .map(|entry| form.field(entry));
    let inside = view! {
        {fields.into_iter().collect_view()}
        <button class="button">"Requeue message"</button>
        <p class="hint">"Makes a task of it as it stands here. The message as it came stays in the journal."</p>
    };
    view! {
        <section>
            <h3>"Mend it"</h3>
            {form.draw(inside.erased())}
        </section>
    }
    .erased()
}

fn let_go(form: Form) -> AnyView {
    let reason = form.field(Entry {
        label: "Why nothing is to be done",
        name: "reason",
        hint: "Kept with the message and in the journal",
        ..Entry::default()
    });
    let inside = view! {
        {reason}
        <button class="button danger">"Dismiss message"</button>
        <p class="hint">"Takes it from this list for good."</p>
    };
    view! {
        <section>
            <h3>"Or let it go"</h3>
            {form.draw(inside.erased())}
        </section>
    }
    .erased()
}
