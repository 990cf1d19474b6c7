//! One token in the list.

use super::form::Form;
use crate::{
    api::token::revoke::RevokeToken,
    components::{badge::Badge, eager::Erase, time_ago::TimeAgo},
    view::face::{Face, Tone},
};
use countersign_domain::reading::{TokenRow, TokenState};
use leptos::{prelude::*, server_fn::ServerFn};

fn face(state: TokenState) -> Face {
    match state {
        TokenState::Live => Face::new("Live", "check", Tone::Ok),
        TokenState::Expired => Face::new("Expired", "hourglass", Tone::Warn),
        TokenState::Revoked(_) => Face::new("Revoked", "ban", Tone::Bad),
        TokenState::Orphaned => Face::new("Its maker has left", "ban", Tone::Bad),
    }
}

pub fn token_row(tenant: &str, row: TokenRow) -> AnyView {
    let way_out = (row.state == TokenState::Live).then(|| {
        let hidden = vec![("tenant", tenant.to_owned()), ("id", row.id.clone())];
        let inside = view! { <button class="button small danger">"Revoke"<span class="sr">" "{row.name.clone()}</span></button> };
        Form::new(format!("revoke-{}", row.id), RevokeToken::url(), hidden).draw(inside.erased())
    });
    let scopes = row.scopes.iter().map(|scope| view! { <li>{scope.words()}</li> }).collect_view();
    let used = match (row.used_at, row.used_from) {
        (Some(at), from) => view! { "last used "<TimeAgo at/>{from.map(|from| format!(" from {from}"))} }.into_any(),
        _ => view! { "never used" }.into_any(),
    };
    let end = match row.state {
        TokenState::Revoked(at) => view! { "revoked "<TimeAgo at/> }.into_any(),
        TokenState::Expired => view! { "expired "<TimeAgo at=row.expires_at/> }.into_any(),
        _ => view! { "expires "<TimeAgo at=row.expires_at/> }.into_any(),
    };
    view! {
        <li class="credential" data-item=row.id data-testid="token-row">
            <div class="credential-head">
                <Badge face=face(row.state)/>
                <span class="session-device">{row.name}</span>
                <code class="key">{format!("csk_…{}", row.tail)}</code>
                {way_out}
            </div>
            <ul class="token-scopes" aria-label="It may">{scopes}</ul>
            <p class="credential-facts">
                "Made "<TimeAgo at=row.made_at/>" by "{row.made_by}" · "{end}" · "{used}
            </p>
        </li>
    }
    .erased()
}
