//! `/confirm`: asks who somebody is before something that is no form of a page, such as a download.

use super::Query;
use crate::{
    api::{account::prove::Prove, session::Session},
    components::{eager::Erase, empty_state::EmptyState, nav::Tenant},
    sheets::{form::Form, proof::proof},
    view::path,
};
use countersign_domain::reading::Provable;
use countersign_service::Error;
use leptos::{prelude::*, server_fn::ServerFn};

#[derive(Debug, Clone)]
pub struct ConfirmDoor {
    next: String,
    /// With what they can prove it, and the organization that they used last. None: nobody is signed in.
    with: Option<(Provable, String)>,
}

impl ConfirmDoor {
    pub async fn find(query: &Query, session: &Session) -> Result<Self, Error> {
        let next = query.get("next").unwrap_or_default();
        let context = &session.context;
        let with = match session.service.authenticate(context.token.as_deref(), None, &context.client).await {
            Ok(actor) => Some((session.service.provable(&actor).await?, actor.tenant_slug)),
            Err(Error::SignedOut | Error::NotFound) => None,
            Err(error) => return Err(error),
        };
        Ok(Self { next, with })
    }

    pub fn draw(self) -> AnyView {
        let Some((with, tenant)) = self.with else {
            return view! {
                <EmptyState icon="log-out" title="You are signed out">
                    <p><a class="button" href=path::sign_in(&self.next)>"Sign in"</a></p>
                </EmptyState>
            }
            .erased();
        };
        Tenant::provide(tenant);
        let form = Form::new("confirm", Prove::url(), vec![("next", self.next)]);
        // A refused form asks by itself.
        let asked = (!form.is_refused()).then(|| proof("confirm", with, None));
        let inside = view! {
            {asked}
            <button class="button primary wide">"Go on"</button>
        };
        form.draw(inside.erased())
    }
}
