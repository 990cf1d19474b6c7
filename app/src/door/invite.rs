//! `/invite/<token>`: where somebody who was asked to join does so.

use super::over;
use crate::{
    api::{
        account::{accept_invitation::AcceptInvitation, join_tenant::JoinTenant, sign_out::SignOut},
        session::Session,
    },
    components::eager::Erase,
    sheets::form::{Entry, Form, Shape},
    view::path,
};
use countersign_domain::reading::InvitationOffer;
use countersign_service::Error;
use leptos::{prelude::*, server_fn::ServerFn};

#[derive(Debug, Clone)]
pub struct InviteDoor {
    token: String,
    /// Or why it does not work (any more).
    offer: Result<InvitationOffer, String>,
    /// The address of whoever is signed in.
    here: Option<String>,
}

impl InviteDoor {
    pub async fn find(token: &str, session: &Session) -> Result<Self, Error> {
        let offer = match session.service.read_invitation(token).await {
            Err(Error::Conflict(sentence)) => Err(sentence),
            answer => Ok(answer?),
        };
        let here = match session.service.session_person(session.context.token.as_deref()).await {
            Err(Error::SignedOut) => None,
            answer => Some(answer?.1),
        };
        Ok(Self { token: token.to_owned(), offer, here })
    }

    pub fn is_live(&self) -> bool {
        self.offer.is_ok()
    }

    pub fn draw(self) -> AnyView {
        let offer = match self.offer {
            Ok(offer) => offer,
            Err(sentence) => return over(sentence, ("/sign-in", "Sign in")),
        };
        let what = view! {
            <p>{offer.invited_by.clone()}" asks you to join "<b>{offer.tenant_name.clone()}</b>", as "{offer.role.as_str()}"."</p>
        };
        let how = match self.here {
            _ if offer.sso.is_some() => by_provider(&offer),
            Some(here) if here == offer.email => join(self.token, &offer),
            Some(here) => another(&here, &offer),
            None if offer.has_account => sign_in(&self.token, &offer),
            None => new_account(self.token, &offer),
        };
        view! { {what}{how} }.erased()
    }
}

fn by_provider(offer: &InvitationOffer) -> AnyView {
    let href = path::sso(offer.sso.as_deref().unwrap_or_default(), "");
    view! {
        <p>{offer.tenant_name.clone()}" is entered through its own sign-in. Your invitation counts when you come through it as "<b>{offer.email.clone()}</b>"."</p>
        <p><a class="button primary wide" href=href>"Sign in through "{offer.tenant_name.clone()}</a></p>
    }
    .erased()
}

fn new_account(token: String, offer: &InvitationOffer) -> AnyView {
    let form = Form::new("accept", AcceptInvitation::url(), vec![("token", token)]);
    let name =
        form.field(Entry { label: "Your name", name: "name", shape: Shape::Known("text", "name"), ..Entry::default() });
    let password = form.field(Entry {
        label: "Password",
        name: "password",
        hint: "At least 12 characters. A short sentence is easy to remember.",
        shape: Shape::Password("new-password"),
        ..Entry::default()
    });
    let inside = view! {
        // So that a password manager keeps both together.
        <input type="hidden" name="email" autocomplete="username" value=offer.email.clone()/>
        <p class="hint">"Your account is for "<b>{offer.email.clone()}</b>", the address that the invitation was sent to."</p>
        {name}
        {password}
        <button class="button primary wide">{format!("Join {}", offer.tenant_name)}</button>
        <p class="hint">"You are signed in, and this link stops working."</p>
    };
    form.draw(inside.erased())
}

fn join(token: String, offer: &InvitationOffer) -> AnyView {
    let inside = view! {
        <button class="button primary wide">{format!("Join {}", offer.tenant_name)}</button>
        <p class="hint">"You are signed in as "{offer.email.clone()}". This link stops working."</p>
    };
    Form::new("join", JoinTenant::url(), vec![("token", token)]).draw(inside.erased())
}

fn sign_in(token: &str, offer: &InvitationOffer) -> AnyView {
    let href = path::sign_in(&format!("/invite/{token}"));
    view! {
        <p>{offer.email.clone()}" has an account. Sign in with it, then you can join."</p>
        <p><a class="button primary wide" href=href>"Sign in"</a></p>
    }
    .erased()
}

fn another(here: &str, offer: &InvitationOffer) -> AnyView {
    view! {
        <p class="form-error" role="alert" data-testid="wrong-account">
            "You are signed in as "<b>{here.to_owned()}</b>". This invitation is for "<b>{offer.email.clone()}</b>"."
        </p>
        <p class="hint">"Sign out, then open the link in the mail again."</p>
        <form method="post" action=SignOut::url()>
            <button class="button wide">"Sign out"</button>
        </form>
    }
    .erased()
}
