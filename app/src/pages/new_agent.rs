use crate::components::eager::Erase;
use crate::{
    api::{ApiError, agent::create::CreateAgent},
    components::{field::Field, nav::Tenant, page_head::PageHead},
    view::path,
};
use leptos::{form::ActionForm, prelude::*};

#[component]
pub fn NewAgentPage() -> impl IntoView {
    let tenant = Tenant::here();
    let create = ServerAction::<CreateAgent>::new();
    let error = Signal::derive(move || create.value().with(|value| value.as_ref()?.as_ref().err().cloned()));
    let about = move |field: &'static str| Signal::derive(move || error.get()?.about(field));
    let message = move || {
        let error = error.get().filter(|error| !matches!(error, ApiError::Invalid { field, .. } if !field.is_empty()));
        error.map(|error| view! { <p class="form-error" role="alert" data-testid="form-error">{error.to_string()}</p> })
    };
    let fields = view! {
                <input type="hidden" name="tenant" value=move || tenant.get()/>
                <Field label="Name" name="name" error=about("name")
                    hint="a to z, 0 to 9, _ and -, at most 32 characters. It is part of the agent's subjects and cannot be changed."/>
                <Field label="May put tasks into the queues of" name="delegates_to" required=false error=about("delegates_to")
                    hint="Names of agents, with commas between them. Its own queue needs no mention."/>
                {message}
                <button class="button primary" disabled=move || create.pending().get()>"Create agent"</button>
                <p class="hint">"Writes a small role file for it, makes its queue on the bus, and opens the review of that file. It cannot connect before a founder has approved it."</p>
                <p class="hint"><a href=move || path::of_tenant(&tenant.get(), "/roles/new")>"Write the whole role file"</a>" instead"</p>
            }
    .erased();
    view! {
        <p class="crumb"><a href=move || path::of_tenant(&tenant.get(), "/fleet")>"Fleet"</a></p>
        <PageHead title="Create agent"/>
        <section class="panel form-panel">
            <ActionForm action=create>{fields}</ActionForm>
        </section>
    }
    .erased()
}
