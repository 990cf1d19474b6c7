//! What a founder can do to a letter that waits.

use super::form::{Entry, Form, Shape};
use crate::{
    api::letter::{dismiss::DismissLetter, mend::MendLetter, replay::ReplayLetter},
    components::{eager::Erase, icon::Icon},
};
use countersign_domain::reading::DeadLetterDetail;
use leptos::{prelude::*, server_fn::ServerFn};

pub fn letter_acts(tenant: &str, detail: &DeadLetterDetail) -> AnyView {
    let hidden = || vec![("tenant", tenant.to_owned()), ("id", detail.letter.id.clone())];
    let replay = Form::new("replay", ReplayLetter::url(), hidden());
    let mend = detail.editable.clone().map(|text| mend(Form::new("mend", MendLetter::url(), hidden()), text));
    let dismiss = Form::new("dismiss", DismissLetter::url(), hidden());
    let open = dismiss.is_refused();
    let reason = dismiss.field(Entry {
        label: "Why nothing is to be done",
        name: "reason",
        hint: "Kept with the letter and in the journal",
        ..Entry::default()
    });
    let replay = replay.draw(
        view! {
            <button class="button primary" data-testid="replay-button"><Icon name="rotate-cw"/>"Replay letter"</button>
            <p class="hint">"Makes a new task with the same payload. The letter closes when that succeeds."</p>
        }
        .erased(),
    );
    let dismiss = dismiss.draw(
        view! {
            {reason}
            <button class="button danger">"Dismiss letter"</button>
            <p class="hint">"Closes the letter for good. It cannot be replayed after that."</p>
        }
        .erased(),
    );
    view! {
        <section class="panel acts" aria-label="What to do with it" data-testid="letter-acts">
            <h2>"What to do with it"</h2>
            {replay}
            {mend}
            <details open=open>
                <summary>"Dismiss it with a reason"</summary>
                {dismiss}
            </details>
        </section>
    }
    .erased()
}

fn mend(form: Form, text: String) -> AnyView {
    let open = form.is_refused();
    let payload = form.field(Entry {
        label: "New payload",
        name: "payload",
        hint: "A JSON object",
        value: text,
        shape: Shape::Text(14),
        ..Entry::default()
    });
    let inside = view! {
        {payload}
        <button class="button">"Replay with this payload"</button>
        <p class="hint">"Makes a new task with the payload as it stands here. The old one stays in the journal."</p>
    };
    view! {
        <details open=open data-testid="mend-details">
            <summary>"Edit the payload first"</summary>
            {form.draw(inside.erased())}
        </details>
    }
    .erased()
}
