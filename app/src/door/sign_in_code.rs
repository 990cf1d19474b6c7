//! `/sign-in/code`: the second step, for who has an authenticator app.

use super::Query;
use crate::{
    api::{account::sign_in_code::SignInCode, session::Session},
    components::{eager::Erase, empty_state::EmptyState},
    sheets::form::{Entry, Form, Shape},
    view::path,
};
use leptos::{prelude::*, server_fn::ServerFn};

#[derive(Debug, Clone)]
pub struct SignInCodeDoor {
    next: String,
    /// Whether a password was entered before.
    begun: bool,
}

impl SignInCodeDoor {
    pub fn new(query: &Query, session: &Session) -> Self {
        Self { next: query.get("next").unwrap_or_default(), begun: session.context.step.is_some() }
    }

    pub fn draw(self) -> AnyView {
        let back = path::sign_in(&self.next);
        if !self.begun {
            return view! {
                <EmptyState icon="hourglass" title="Begin with your password">
                    <p>"A code is asked for after the password, within ten minutes."</p>
                    <p><a class="button" href=back>"Sign in"</a></p>
                </EmptyState>
            }
            .erased();
        }
        let form = Form::new("sign-in-code", SignInCode::url(), vec![("next", self.next)]);
        let code = form.field(Entry {
            label: "Code",
            name: "code",
            hint: "The six digits that your authenticator app shows now. Lost the device? Enter one of your recovery codes.",
            shape: Shape::Known("text", "one-time-code"),
            ..Entry::default()
        });
        let inside = view! {
            {code}
            <button class="button primary wide">"Go on"</button>
            <p class="hint"><a href=back>"Begin again"</a></p>
        };
        form.draw(inside.erased())
    }
}
