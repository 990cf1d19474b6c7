//! An agent's credentials, and the form that issues one.

use super::form::Form;
use crate::{
    api::credential::revoke::RevokeCredential,
    components::{badge::Badge, eager::Erase, time_ago::TimeAgo},
    view::{credential, path},
};
use countersign_domain::{
    Millis,
    reading::{AgentDetail, CredentialRow, CredentialState},
};
use leptos::{prelude::*, server_fn::ServerFn};

/// Whether an agent may connect, and until when or since when not.
pub fn credential_note(state: &CredentialState) -> AnyView {
    view! {
        <Badge face=credential::face(state)/>
        {credential::moment(state).map(|(word, at)| view! { <span class="since">{word}" "<TimeAgo at/></span> })}
    }
    .erased()
}

/// Newest first, each with its way out.
pub fn credentials(tenant: &str, detail: &AgentDetail, now: Millis) -> AnyView {
    let lines = detail.credentials.iter().map(|row| line(tenant, &detail.row.name, row, now)).collect_view();
    if detail.credentials.is_empty() {
        return view! { <p class="muted">"None yet. Without one the agent cannot connect."</p> }.erased();
    }
    view! { <ul class="credentials">{lines}</ul> }.erased()
}

fn line(tenant: &str, agent: &str, row: &CredentialRow, now: Millis) -> AnyView {
    let is_over = row.revoked_at.is_some() || now >= row.expires_at;
    let way_out = (!is_over).then(|| {
        let hidden = vec![("tenant", tenant.to_owned()), ("agent", agent.to_owned()), ("credential", row.id.clone())];
        let inside = view! { <button class="button small danger">"Revoke credential"</button> };
        Form::new("revoke", RevokeCredential::url(), hidden).draw(inside.erased())
    });
    view! {
        <li class="credential" data-testid="credential-row">
            <div class="credential-head">
                <Badge face=credential::row_face(row, now)/>
                <code class="key">{row.public_key.clone()}</code>
                {way_out}
            </div>
            <p class="credential-facts">
                "Issued "<TimeAgo at=row.issued_at/>" by "{row.issued_by.clone()}" · expires "<TimeAgo at=row.expires_at/>
                {row.revoked_at.map(|at| view! { " · revoked "<TimeAgo at/> })}
            </p>
        </li>
    }
    .erased()
}

/// A form of its own kind: its answer is the file itself.
pub fn issue_form(tenant: &str, name: &str) -> AnyView {
    let action = path::of_tenant(tenant, &format!("/fleet/{name}/credential"));
    let choices = [("24", "24 hours", false), ("168", "7 days", true), ("720", "30 days", false)]
        .map(|(hours, words, on)| {
            view! {
                <label class="chip">
                    <input type="radio" name="hours" value=hours checked=on/>
                    {words}
                </label>
            }
        })
        .collect_view();
    view! {
        <form class="issue" method="post" action=action>
            <fieldset class="chips">
                <legend>"Expires after"</legend>
                {choices}
            </fieldset>
            <button class="button primary" data-testid="issue-credential">"Issue credential"</button>
            <p class="hint">"Downloads "<code>{format!("{name}.creds")}</code>". The file is made once and not kept here: whoever has it can connect as this agent until it expires or you revoke it."</p>
        </form>
        <p class="hint">"Revoking a credential disconnects its holder at once and cannot be undone."</p>
    }
    .erased()
}
