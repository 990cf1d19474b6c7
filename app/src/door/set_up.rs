//! `/set-up/<token>`: the first page of a new server, where its first founder comes from.

use crate::{
    api::{account::set_up::SetUp, session::Session},
    components::{eager::Erase, empty_state::EmptyState},
    sheets::form::{Entry, Form, Shape},
};
use countersign_service::Error;
use leptos::{prelude::*, server_fn::ServerFn};

#[derive(Debug, Clone)]
pub struct SetUpDoor {
    token: String,
    /// Whether the link still works.
    live: bool,
}

impl SetUpDoor {
    pub async fn find(token: &str, session: &Session) -> Result<Self, Error> {
        Ok(Self { token: token.to_owned(), live: session.service.set_up_link_is_live(token).await? })
    }

    pub fn is_live(&self) -> bool {
        self.live
    }

    pub fn draw(self) -> AnyView {
        if !self.live {
            return view! {
                <EmptyState icon="hourglass" title="This link does not work any more">
                    <p>"It was used already, or a newer one was printed. The server's log has the newest; if the organization is set up, sign in."</p>
                    <p><a class="button" href="/sign-in">"Sign in"</a></p>
                </EmptyState>
            }
            .erased();
        }
        let form = Form::new("set-up", SetUp::url(), vec![("token", self.token)]);
        let field = |label, name, shape, hint| form.field(Entry { label, name, hint, shape, ..Entry::default() });
        let organization = field(
            "Organization",
            "organization",
            Shape::Known("text", "organization"),
            "Shown in the console and part of its addresses.",
        );
        let name = field("Your name", "name", Shape::Known("text", "name"), "");
        let email = field("E-mail", "email", Shape::Known("email", "username"), "");
        let password = field(
            "Password",
            "password",
            Shape::Password("new-password"),
            "At least 12 characters. A short sentence is easy to remember.",
        );
        let inside = view! {
            {organization}
            {name}
            {email}
            {password}
            <button class="button primary wide">"Create organization"</button>
            <p class="hint">"You become its founder and are signed in. The link stops working."</p>
        };
        form.draw(inside.erased())
    }
}
