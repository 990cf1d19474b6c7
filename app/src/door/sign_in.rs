//! `/sign-in`

use super::Query;
use crate::{
    api::account::sign_in::SignIn,
    components::eager::Erase,
    sheets::form::{Entry, Form, Shape},
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
        let form = Form::new("sign-in", SignIn::url(), vec![("next", self.next)]);
        let email = form.field(Entry {
            label: "E-mail",
            name: "email",
            shape: Shape::Known("email", "username"),
            ..Entry::default()
        });
        let password = form.field(Entry {
            label: "Password",
            name: "password",
            shape: Shape::Password("current-password"),
            ..Entry::default()
        });
        let inside = view! {
            {email}
            {password}
            <button class="button primary wide">"Sign in"</button>
            <p><a href="/recover">"Forgot your password?"</a></p>
        };
        form.draw(inside.erased())
    }
}
