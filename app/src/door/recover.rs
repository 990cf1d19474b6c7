//! `/recover`: the way back in for somebody who forgot their password.

use super::over;
use crate::{
    api::{
        account::{ask_recovery::AskRecovery, recover::Recover},
        session::Session,
    },
    components::eager::Erase,
    sheets::form::{Entry, Form, Shape},
};
use countersign_service::Error;
use leptos::{prelude::*, server_fn::ServerFn};

#[derive(Debug, Clone)]
pub enum RecoverDoor {
    Ask,
    /// What is said to everybody who asked.
    Sent,
    /// Whose password the link of the token sets.
    Set {
        token: String,
        email: String,
    },
    Over(String),
    Done,
}

impl RecoverDoor {
    pub async fn find(token: &str, session: &Session) -> Result<Self, Error> {
        match token {
            "sent" => return Ok(Self::Sent),
            "done" => return Ok(Self::Done),
            _ => {}
        }
        match session.service.read_recovery(token).await {
            Ok(email) => Ok(Self::Set { token: token.to_owned(), email }),
            Err(Error::Conflict(sentence)) => Ok(Self::Over(sentence)),
            Err(error) => Err(error),
        }
    }

    pub fn is_live(&self) -> bool {
        !matches!(self, Self::Over(_))
    }

    pub fn draw(self) -> AnyView {
        match self {
            Self::Ask => ask(),
            Self::Sent => view! {
                <p role="status">"If there is an account with that address, a mail with a link is on its way. The link works for 30 minutes."</p>
                <p class="hint">"No mail after a few minutes? Look among the unwanted ones, or ask a founder of your organization: where there is no mail server, whoever runs this one can make you a link."</p>
                <p><a href="/recover">"Ask again"</a>" · "<a href="/sign-in">"Sign in"</a></p>
            }
            .erased(),
            Self::Over(sentence) => over(sentence, ("/recover", "Ask for another link")),
            Self::Done => view! {
                <p role="status">"Your new password is set. You were signed out everywhere."</p>
                <p><a class="button primary wide" href="/sign-in">"Sign in"</a></p>
            }
            .erased(),
            Self::Set { token, email } => set(token, email),
        }
    }
}

fn ask() -> AnyView {
    let form = Form::new("ask-recovery", AskRecovery::url(), Vec::new());
    let email = form.field(Entry {
        label: "E-mail",
        name: "email",
        shape: Shape::Known("email", "username"),
        ..Entry::default()
    });
    let inside = view! {
        {email}
        <button class="button primary wide">"Send me a link"</button>
        <p class="hint">"We mail you a link to set a new password. A passkey still works without one."</p>
        <p><a href="/sign-in">"Back to sign-in"</a></p>
    };
    form.draw(inside.erased())
}

fn set(token: String, email: String) -> AnyView {
    let form = Form::new("recover", Recover::url(), vec![("token", token)]);
    let password = form.field(Entry {
        label: "New password",
        name: "password",
        hint: "At least 12 characters. A short sentence is easy to remember.",
        shape: Shape::Password("new-password"),
        ..Entry::default()
    });
    let inside = view! {
        <input type="hidden" name="email" autocomplete="username" value=email.clone()/>
        <p>"For "<b>{email}</b></p>
        {password}
        <button class="button primary wide">"Set password"</button>
        <p class="hint">"Signs you out everywhere. Passkeys and codes stay as they are."</p>
    };
    form.draw(inside.erased())
}
