//! `/sign-in`

use super::Query;
use crate::{
    api::account::{sign_in::SignIn, sign_in_passkey::SignInPasskey},
    components::eager::Erase,
    sheets::{
        form::{Entry, Form, Shape},
        passkey::passkey_button,
    },
    view::path,
};
use leptos::{prelude::*, server_fn::ServerFn};

#[derive(Debug, Clone)]
pub struct SignInDoor {
    /// Where to go on.
    next: String,
}

impl SignInDoor {
    pub fn new(query: &Query) -> Self {
        Self { next: query.get("next").unwrap_or_default() }
    }

    pub fn draw(self) -> AnyView {
        let sso = path::with_next("/sso", &self.next);
        let form = Form::new("sign-in", SignIn::url(), vec![("next", self.next.clone())]);
        let email = form.field(Entry {
            label: "E-mail",
            name: "email",
            // Browsers offer passkeys where they offer addresses.
            shape: Shape::Known("email", "username webauthn"),
            ..Entry::default()
        });
        let password = form.field(Entry {
            label: "Password",
            name: "password",
            hint: "Leave it empty to sign in through your organization.",
            optional: true,
            shape: Shape::Password("current-password"),
            ..Entry::default()
        });
        let inside = view! {
            {email}
            {password}
            <button class="button primary wide">"Sign in"</button>
            <p><a href="/recover">"Forgot your password?"</a></p>
        };
        let by_password = form.draw(inside.erased());
        view! {
            {by_password}
            {by_passkey(self.next)}
            <p class="door-link"><a href=sso>"Sign in through your organization"</a></p>
        }
        .erased()
    }
}

/// A passkey needs no address, and no password.
fn by_passkey(next: String) -> AnyView {
    let form = Form::new("sign-in-passkey", SignInPasskey::url(), vec![("next", next)]).listening();
    let inside = view! {
        <input type="hidden" name="ceremony" data-passkey-ceremony=""/>
        <input type="hidden" name="answer" data-passkey-answer=""/>
        {passkey_button("sign-in", "Sign in with a passkey")}
    };
    view! {
        <div class="letter-or needs-passkeys"><span>"or"</span></div>
        {form.draw(inside.erased())}
    }
    .erased()
}
