use super::eager::Erase;
use super::{badge::Badge, time_ago::TimeAgo};
use crate::{
    api::credential::revoke::RevokeCredential,
    view::{clock::Clock, credential},
};
use countersign_domain::reading::{CredentialRow, CredentialState};
use leptos::{form::ActionForm, prelude::*};

/// An agent's credentials, newest first, each with its way out.
#[component]
pub fn CredentialList(
    credentials: Vec<CredentialRow>,
    /// The agent's state, which names the live one.
    state: CredentialState,
    agent: String,
    tenant: String,
    revoke: ServerAction<RevokeCredential>,
) -> impl IntoView {
    let lines = credentials
        .into_iter()
        .map(|row| {
            let (tenant, agent, state) = (tenant.clone(), agent.clone(), state.clone());
            view! { <CredentialLine row state agent tenant revoke/> }
        })
        .collect_view();
    view! { <ul class="credentials">{lines}</ul> }.erased()
}

#[component]
fn CredentialLine(
    row: CredentialRow,
    state: CredentialState,
    agent: String,
    tenant: String,
    revoke: ServerAction<RevokeCredential>,
) -> impl IntoView {
    let clock = Clock::here();
    let expires_at = row.expires_at;
    let is_over = Memo::new(move |_| clock.get().is_some_and(|now| now >= expires_at));
    let way_out = row.revoked_at.is_none().then(|| {
        let credential = row.id.clone();
        move || {
            let (credential, agent, tenant) = (credential.clone(), agent.clone(), tenant.clone());
            (!is_over.get()).then(|| view! { <RevokeForm credential agent tenant revoke/> })
        }
    });
    let face = {
        let row = row.clone();
        move || view! { <Badge face=credential::row_face(&row, &state, clock.get())/> }
    };
    view! {
        <li class="credential" data-testid="credential-row">
            <div class="credential-head">
                {face}
                <code class="key">{row.public_key}</code>
                {way_out}
            </div>
            <p class="credential-facts">
                "Issued "<TimeAgo at=row.issued_at/>" by "{row.issued_by}" · expires "<TimeAgo at=expires_at/>
                {row.revoked_at.map(|at| view! { " · revoked "<TimeAgo at/> })}
            </p>
        </li>
    }
    .erased()
}

#[component]
fn RevokeForm(
    credential: String,
    agent: String,
    tenant: String,
    revoke: ServerAction<RevokeCredential>,
) -> impl IntoView {
    let fields = view! {
        <input type="hidden" name="tenant" value=tenant/>
        <input type="hidden" name="agent" value=agent/>
        <input type="hidden" name="credential" value=credential/>
        <button class="button small danger">"Revoke credential"</button>
    }
    .erased();
    view! {
        <ActionForm action=revoke>{fields}</ActionForm>
    }
    .erased()
}
