//! Tokens with which programs ask the REST API.

use super::{
    form::{Entry, Form, Shape, Tick},
    settings_nav::settings_nav,
    token_row::token_row,
};
use crate::{
    api::{revealed::Revealed, token::make::MakeToken},
    components::{command::Command, eager::Erase},
};
use countersign_domain::{api_token::Scope, reading::Tokens};
use leptos::{prelude::*, server_fn::ServerFn};

/// Days that a token lives if nobody chooses otherwise.
const USUAL_DAYS: u32 = 90;
const MOST_DAYS: u32 = 365;

/// `once` names the form, so that it makes one token however often it is sent.
pub fn tokens(tenant: &str, desk: Tokens, once: &str) -> AnyView {
    let made = Revealed::by(MakeToken::url()).map(|token| made(&token, &desk.console_url));
    let none = desk.tokens.is_empty().then(|| view! { <p class="muted">"None yet."</p> });
    let lines = desk.tokens.into_iter().map(|row| token_row(tenant, row)).collect_view();
    view! {
        {settings_nav(tenant, "/settings/tokens")}
        <p class="page-note">
            "With a token, a program of yours asks the "<a href="/api/docs" rel="external">"REST API"</a>
            " in the name of the person who made it: never more than that person may do, and never what asks for a password or passkey."
        </p>
        {made}
        <section class="panel token-panel">
            <h2>"Tokens"</h2>
            <div data-live="none">{none}</div>
            <ul class="credentials" data-live="tokens">{lines}</ul>
        </section>
        {form(tenant, once)}
    }
    .erased()
}

/// The only sight of a new token.
fn made(token: &str, console_url: &str) -> AnyView {
    let example = format!("curl --header \"Authorization: Bearer {token}\" {console_url}/api/v1/tasks");
    view! {
        <section class="panel token-panel token-made" data-testid="token-made">
            <h2 tabindex="-1" autofocus=true>"Copy the token now"</h2>
            <p class="panel-note">"It is shown this once and kept nowhere. If it is lost, revoke it and make another."</p>
            <Command text=token.to_owned() label="token"/>
            <h3>"Try it"</h3>
            <Command text=example label="example"/>
        </section>
    }
    .erased()
}

fn form(tenant: &str, once: &str) -> AnyView {
    let form = Form::new("make-token", MakeToken::url(), vec![("tenant", tenant.to_owned())]);
    let name = form.field(Entry {
        label: "Name",
        name: "name",
        hint: "What will use it, such as “nightly import”",
        ..Entry::default()
    });
    let scope = |scope: &Scope| Tick { value: scope.as_str(), label: scope.words(), on: *scope == Scope::Read };
    let scopes = form.ticks("scopes", "It may", Scope::ALL.iter().map(scope).collect());
    let days = form.field(Entry {
        label: "Expires after, in days",
        name: "days",
        hint: "1 to 365",
        value: USUAL_DAYS.to_string(),
        shape: Shape::Number(1, MOST_DAYS),
        ..Entry::default()
    });
    // Not among what tells this form from others: the page that refuses it has another.
    let once = view! { <input type="hidden" name="once" value=once.to_owned()/> };
    let inside = view! {
        {once}
        {name}
        {scopes}
        {days}
        <button class="button primary">"Make token"</button>
        <p class="hint">"You see it once, on the next page. It stops when it expires, when somebody revokes it, or when you leave the organization."</p>
    };
    view! {
        <section class="panel form-panel">
            <h2>"New token"</h2>
            {form.draw(inside.erased())}
        </section>
    }
    .erased()
}
