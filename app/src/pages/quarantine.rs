use crate::components::eager::Erase;
use crate::{
    api::{
        quarantine::list::list_quarantine,
        reading::{Ask, Question},
    },
    components::{
        empty_state::EmptyState,
        loaded::loaded,
        message_text::MessageText,
        nav::{Counts, Tenant},
        page_head::PageHead,
        time_ago::TimeAgo,
    },
    live::{Topic, follow},
};
use countersign_domain::reading::QuarantineRow;
use leptos::prelude::*;

const ASK: Ask = |question| Box::pin(list_quarantine(question.tenant));

#[component]
pub fn QuarantinePage() -> impl IntoView {
    view! {
        <PageHead title="Quarantine"/>
        <p class="page-note">"Messages that could not be understood, kept whole. They never stop the others."</p>
        {loaded(Tenant::question(), ASK, |first, question| view! { <Messages first question/> }.erased())}
    }
    .erased()
}

#[component]
fn Messages(first: Vec<QuarantineRow>, question: Question) -> impl IntoView {
    let counts = expect_context::<Counts>();
    let messages = RwSignal::new(first);
    follow(Topic::All, question, ASK, move |fresh| {
        messages.try_set(fresh);
    });
    Effect::new(move || counts.quarantined.set(messages.with(|messages| u64::try_from(messages.len()).ok())));
    let is_empty = Memo::new(move |_| messages.with(Vec::is_empty));
    view! {
        <Show when=move || is_empty.get()>
            <EmptyState icon="check" title="Nothing in quarantine">
                <p>"Every message on the bus was understood."</p>
            </EmptyState>
        </Show>
        <div class="quarantine">
            <For each=move || messages.get() key=|message| message.id.clone() let(message)>
                <Message message/>
            </For>
        </div>
    }
    .erased()
}

#[component]
fn Message(message: QuarantineRow) -> impl IntoView {
    view! {
        <details class="panel" data-testid="quarantine-row">
            <summary data-row-link="">
                <code>{message.subject}</code>
                <span class="reason">{message.reason}</span>
                <TimeAgo at=message.at/>
            </summary>
            <MessageText payload=message.payload headers=message.headers/>
        </details>
    }
    .erased()
}
