use crate::components::eager::Erase;
use crate::{
    api::quarantine::list::list_quarantine,
    components::{
        empty_state::EmptyState,
        loaded::Loaded,
        message_text::MessageText,
        nav::{Counts, Tenant},
        page_head::PageHead,
        time_ago::TimeAgo,
    },
    live::{Topic, follow},
};
use countersign_domain::reading::QuarantineRow;
use leptos::prelude::*;

#[component]
pub fn QuarantinePage() -> impl IntoView {
    let tenant = Tenant::here();
    let source = Resource::new(move || tenant.get(), list_quarantine);
    view! {
        <PageHead title="Quarantine"/>
        <p class="page-note">"Messages that could not be understood, kept whole. They never stop the others."</p>
        <Loaded source show=|first| view! { <Messages first/> }/>
    }
    .erased()
}

#[component]
fn Messages(first: Vec<QuarantineRow>) -> impl IntoView {
    let tenant = Tenant::here().get_untracked();
    let counts = expect_context::<Counts>();
    let messages = RwSignal::new(first);
    follow(
        Topic::All,
        move || list_quarantine(tenant.clone()),
        move |fresh| {
            messages.try_set(fresh);
        },
    );
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
