//! Pages before the console, for people who are not signed in.
//!
//! The server draws them alone, and no client is loaded: they are there at once, and work without script. What
//! they do, they do by [`Form`](crate::sheets::form::Form)s that post to their own page. To add one: a file with
//! what it must know and how it is drawn, a line in [`Door`], one in [`Door::at`], one in [`Door::draw`].

mod api_docs;
mod api_schema;
mod confirm;
mod invite;
mod recover;
mod set_up;
mod sign_in;
mod sign_in_code;
mod sso;
mod verify;
mod verify_receipt;

pub use api_docs::ApiDocs;
pub use sso::SsoDoor;
pub use verify_receipt::{VERIFY_PATH, VERIFY_SCRIPT};

use crate::{
    api::session::Session,
    components::{eager::Erase, icon::Icon},
};
use countersign_service::Error;
use leptos::prelude::*;

/// One of these pages, with all that it has to know.
#[derive(Debug, Clone)]
pub enum Door {
    Confirm(confirm::ConfirmDoor),
    SignIn(sign_in::SignInDoor),
    SignInCode(sign_in_code::SignInCodeDoor),
    SetUp(set_up::SetUpDoor),
    /// What it knows is the server's to say: [`Door::at`] does not find it.
    ApiDocs(ApiDocs),
    Invite(invite::InviteDoor),
    Verify(verify::VerifyDoor),
    VerifyReceipt,
    Recover(recover::RecoverDoor),
    Sso(SsoDoor),
}

/// What the address says after the `?`.
pub struct Query(pub Vec<(String, String)>);

impl Query {
    /// The first value of this name.
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }
}

impl Door {
    /// The page at an address, if it is one of these.
    pub async fn at(path: &str, query: &Query, session: &Session) -> Result<Option<Self>, Error> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        Ok(Some(match parts[..] {
            ["confirm"] => Self::Confirm(confirm::ConfirmDoor::find(query, session).await?),
            ["sign-in", "code"] => Self::SignInCode(sign_in_code::SignInCodeDoor::new(query, session)),
            ["sign-in"] => Self::SignIn(sign_in::SignInDoor::new(query)),
            ["set-up", token] => Self::SetUp(set_up::SetUpDoor::find(token, session).await?),
            ["invite", token] => Self::Invite(invite::InviteDoor::find(token, session).await?),
            ["verify"] => Self::VerifyReceipt,
            ["verify", token] => Self::Verify(verify::VerifyDoor::find(token, session).await?),
            ["recover"] => Self::Recover(recover::RecoverDoor::Ask),
            ["recover", token] => Self::Recover(recover::RecoverDoor::find(token, session).await?),
            ["sso"] => Self::Sso(SsoDoor::find(query)),
            ["sso", tenant] => Self::Sso(SsoDoor::enter(tenant, query, session).await?),
            _ => return Ok(None),
        }))
    }

    /// For the window.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Confirm(_) => "Confirm that it is you",
            Self::SignIn(_) | Self::SignInCode(_) => "Sign in",
            Self::SetUp(_) => "Set up",
            Self::ApiDocs(_) => "API",
            Self::Invite(_) => "Invitation",
            Self::Verify(_) => "Confirm your address",
            Self::VerifyReceipt => "Check a receipt",
            Self::Recover(_) => "New password",
            Self::Sso(door) => door.heading(),
        }
    }

    /// The HTTP status of the page where nothing is refused.
    pub fn status(&self) -> u16 {
        match self {
            Self::SetUp(door) if !door.is_live() => 404,
            Self::Invite(door) if !door.is_live() => 404,
            Self::Verify(door) if !door.is_live() => 404,
            Self::Recover(door) if !door.is_live() => 404,
            Self::Sso(door) => door.status(),
            _ => 200,
        }
    }

    /// Whether what people enter must not leave their browser.
    pub fn is_private(&self) -> bool {
        matches!(self, Self::VerifyReceipt)
    }

    pub fn draw(self) -> AnyView {
        let (heading, inside) = match self {
            Self::Confirm(door) => ("Confirm that it is you", door.draw()),
            Self::SignIn(door) => ("Sign in", door.draw()),
            Self::SignInCode(door) => ("Enter your code", door.draw()),
            Self::SetUp(door) => ("Set up your organization", door.draw()),
            Self::ApiDocs(docs) => return docs.draw(),
            Self::VerifyReceipt => return verify_receipt::draw(),
            Self::Invite(door) => ("You are invited", door.draw()),
            Self::Verify(door) => ("Confirm your address", door.draw()),
            Self::Recover(door) => ("Set a new password", door.draw()),
            Self::Sso(door) => (door.heading(), door.draw()),
        };
        view! {
            <main class="alone">
                <div class="letter">
                    <p class="letter-mark"><Icon name="mark"/>"Countersign"</p>
                    <h1>{heading}</h1>
                    {inside}
                </div>
            </main>
        }
        .erased()
    }
}

/// A link that does not work (any more): why, and where to go from there.
fn over(why: String, (href, word): (&'static str, &'static str)) -> AnyView {
    view! {
        <p role="alert" data-testid="over">{why}</p>
        <p><a class="button wide" href=href>{word}</a></p>
    }
    .erased()
}
