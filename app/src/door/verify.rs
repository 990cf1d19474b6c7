//! `/verify/<token>`: where a person confirms that an address is theirs. Opening it changes nothing: programs that look
//! into mails open links too.

use super::over;
use crate::{
    api::{account::confirm_address::ConfirmAddress, session::Session},
    components::eager::Erase,
    sheets::form::Form,
    view::path,
};
use countersign_service::Error;
use leptos::{prelude::*, server_fn::ServerFn};

#[derive(Debug, Clone)]
pub enum VerifyDoor {
    /// The address that the link of the token confirms.
    Confirm {
        token: String,
        email: String,
    },
    SignIn {
        token: String,
    },
    Over(String),
    Done,
}

impl VerifyDoor {
    pub async fn find(token: &str, session: &Session) -> Result<Self, Error> {
        if token == "done" {
            return Ok(Self::Done);
        }
        let token = token.to_owned();
        match session.service.read_verification(&token, session.context.token.as_deref()).await {
            Ok(email) => Ok(Self::Confirm { token, email }),
            Err(Error::SignedOut) => Ok(Self::SignIn { token }),
            Err(Error::Conflict(sentence)) => Ok(Self::Over(sentence)),
            Err(error) => Err(error),
        }
    }

    pub fn is_live(&self) -> bool {
        !matches!(self, Self::Over(_))
    }

    pub fn draw(self) -> AnyView {
        match self {
            Self::Over(sentence) => over(sentence, ("/", "Go to your overview")),
            Self::Done => view! {
                <p role="status">"Your address is confirmed. You sign in with it from now on."</p>
                <p><a class="button primary wide" href="/">"Go to your overview"</a></p>
            }
            .erased(),
            Self::SignIn { token } => {
                let href = path::sign_in(&format!("/verify/{token}"));
                view! {
                    <p>"Sign in to the account that the address is for. With a new address, sign in with the one that you had."</p>
                    <p><a class="button primary wide" href=href>"Sign in"</a></p>
                }
                .erased()
            }
            Self::Confirm { token, email } => {
                let inside = view! {
                    <p>"Is "<b>{email}</b>" your address?"</p>
                    <button class="button primary wide">"Confirm address"</button>
                    <p class="hint">"You sign in with it, and links to a new password are sent there."</p>
                };
                Form::new("verify", ConfirmAddress::url(), vec![("token", token)]).draw(inside.erased())
            }
        }
    }
}
