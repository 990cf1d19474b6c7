//! `/sso`, `/sso/<organization>`, and what its provider's answer comes to: signing in through the organization's own
//! identity provider.

use super::Query;
use crate::{
    api::{ApiError, session::Session, sso::find::FindSso},
    components::{eager::Erase, icon::Icon},
    sheets::form::{Entry, Form, Shape},
    view::path,
};
use countersign_service::{Error, SsoLink, SsoOffer};
use leptos::{prelude::*, server_fn::ServerFn};

/// Which of these pages.
#[derive(Debug, Clone)]
pub enum SsoDoor {
    /// Whose provider it is, the address says.
    Find { next: String },
    /// An organization's own entrance.
    Enter { offer: SsoOffer, next: String, again: bool, link: Option<SsoLink> },
    /// No organization of this name has a provider.
    Nobody,
    /// On the way to the provider at `url`.
    Leave { url: String },
    /// It did not come to a session.
    Refused { error: ApiError, tenant: String },
}

impl SsoDoor {
    pub fn find(query: &Query) -> Self {
        Self::Find { next: query.get("next").unwrap_or_default() }
    }

    pub async fn enter(slug: &str, query: &Query, session: &Session) -> Result<Self, Error> {
        match session.service.sso_of_tenant(slug).await {
            Ok(offer) => {
                let (next, again) = (query.get("next").unwrap_or_default(), query.get("again").is_some());
                let (token, client) = (session.context.token.as_deref(), &session.context.client);
                // Whoever only proves anew who they are has been here before.
                let link = if again { None } else { session.service.sso_link(slug, token, client).await? };
                Ok(Self::Enter { offer, next, again, link })
            }
            Err(Error::NotFound) => Ok(Self::Nobody),
            Err(error) => Err(error),
        }
    }

    pub fn heading(&self) -> &'static str {
        match self {
            Self::Find { .. } | Self::Enter { .. } | Self::Nobody => "Single sign-on",
            Self::Leave { .. } => "On to your organization",
            Self::Refused { .. } => "You are not signed in",
        }
    }

    pub fn status(&self) -> u16 {
        match self {
            Self::Nobody => 404,
            Self::Refused { error, .. } => error.status(),
            _ => 200,
        }
    }

    pub fn draw(self) -> AnyView {
        match self {
            Self::Find { next } => find(next),
            Self::Enter { offer, next, again, link } => enter(offer, next, again, link),
            Self::Nobody => view! {
                <p>"No organization of this name signs in through a provider of its own."</p>
                {back("/sign-in".to_owned(), "Sign in another way")}
            }
            .erased(),
            Self::Leave { url } => leave(url),
            Self::Refused { error, tenant } => view! {
                <p class="form-error" role="alert" data-testid="sso-refused">{error.to_string()}</p>
                {back("/sso".to_owned(), "Start again")}
                {back(path::sign_in(&path::sso(&tenant, "")), "Sign in another way")}
            }
            .erased(),
        }
    }
}

fn find(next: String) -> AnyView {
    let away = path::sign_in(if path::is_local(&next) { &next } else { "/" });
    let form = Form::new("find-sso", FindSso::url(), vec![("next", next)]);
    let email = form.field(Entry {
        label: "E-mail",
        name: "email",
        hint: "Its domain says which organization's sign-in it is.",
        shape: Shape::Known("email", "username"),
        ..Entry::default()
    });
    let inside = view! {
        {email}
        <button class="button primary wide">"Continue"</button>
    };
    view! {
        {form.draw(inside.erased())}
        {back(away, "Sign in another way")}
    }
    .erased()
}

/// A form of its own kind: its answer leads to another site.
fn enter(offer: SsoOffer, next: String, again: bool, link: Option<SsoLink>) -> AnyView {
    let SsoOffer { tenant_slug, tenant_name, enforced } = offer;
    let away = path::sign_in(if path::is_local(&next) { &next } else { "/" });
    let words = if again {
        format!("The sign-in service of {tenant_name} asks you once more who you are.")
    } else if enforced {
        format!("{tenant_name} requires that its people sign in through its own service.")
    } else {
        format!("{tenant_name} has a sign-in service of its own.")
    };
    let links = link.as_ref().is_some_and(|link| link.may);
    let here = path::sso(&tenant_slug, &next);
    view! {
        <p>{words}</p>
        {link.map(|link| confirm(link, &tenant_name, &here))}
        <form class="act" method="post" action=format!("/sso/{tenant_slug}/start") data-testid="enter-sso">
            <input type="hidden" name="next" value=next/>
            {links.then(|| view! { <input type="hidden" name="link" value="1"/> })}
            {again.then(|| view! { <input type="hidden" name="again" value="1"/> })}
            <button class="button primary wide">{format!("Continue through {tenant_name}")}</button>
        </form>
        {back(away, if enforced { "Sign in to another organization" } else { "Sign in another way" })}
    }
    .erased()
}

/// What going on says, for whoever is signed in; or what they need first, to be able to say it. `here` leads back.
fn confirm(SsoLink { email, may }: SsoLink, tenant: &str, here: &str) -> AnyView {
    if may {
        return view! {
            <p class="hint" data-testid="sso-confirm">"You are signed in as "<b>{email}</b>". By going on you confirm that from now on whoever "{tenant.to_owned()}"'s service says is you may sign in to this account, for "{tenant.to_owned()}"."</p>
        }
        .erased();
    }
    let href = path::with_next("/confirm", here);
    view! {
        <p class="hint" data-testid="sso-confirm">"You are signed in as "<b>{email}</b>". If you belong to another organization too, "<a href=href>"confirm that it is you"</a>" first, with your password or a passkey; whoever has neither adds a passkey at “Your security”."</p>
    }
    .erased()
}

fn leave(url: String) -> AnyView {
    let host = url.split('/').nth(2).unwrap_or_default().to_owned();
    view! {
        <p>"You go on to "<strong>{host}</strong>" and come back here signed in."</p>
        <p><a class="button primary wide" href=url data-testid="leave-sso">"Continue"<Icon name="arrow-right"/></a></p>
    }
    .erased()
}

fn back(href: String, words: &'static str) -> AnyView {
    view! { <p class="door-link"><a href=href>{words}</a></p> }.erased()
}
