//! How an organization signs in through its own identity provider.

use super::{
    form::{Entry, Form, Shape},
    settings_nav::settings_nav,
    sso_door::door,
};
use crate::{
    api::sso::{remove::RemoveSso, save::SaveSso},
    components::{command::Command, eager::Erase},
};
use countersign_domain::{
    Role,
    reading::{SsoSettings, SsoView},
    sso::{MailDomain, RoleRules},
};
use leptos::{prelude::*, server_fn::ServerFn};

/// Where a provider usually names groups.
const USUAL_CLAIM: &str = "groups";

pub fn sso(tenant: &str, settings: SsoSettings) -> AnyView {
    let SsoSettings { redirect_url, start_url, connection } = settings;
    let known = connection.clone();
    let state = connection.map(|view| door(tenant, &start_url, view));
    view! {
        {settings_nav(tenant, "/settings/sso")}
        <p class="page-note">"People of your organization sign in through its own identity provider, by OpenID Connect."</p>
        {state}
        <section class="panel form-panel">
            <h2>{if known.is_some() { "Provider" } else { "Connect a provider" }}</h2>
            <p>"Create a client for a web application at your provider, and give it this redirect address:"</p>
            <Command text=redirect_url label="the redirect address"/>
            {provider(tenant, known.as_ref())}
        </section>
        {known.map(|_| remove(tenant))}
    }
    .erased()
}

fn provider(tenant: &str, known: Option<&SsoView>) -> AnyView {
    let form = Form::new("save-sso", SaveSso::url(), vec![("tenant", tenant.to_owned())]);
    let kept = |value: fn(&SsoView) -> String| known.map(value).unwrap_or_default();
    let issuer = form.field(Entry {
        label: "Issuer",
        name: "issuer",
        hint: "As the provider writes it, such as https://login.example.com. It is compared letter by letter.",
        value: kept(|view| view.issuer.clone()),
        ..Entry::default()
    });
    let client_id = form.field(Entry {
        label: "Client ID",
        name: "client_id",
        value: kept(|view| view.client_id.clone()),
        ..Entry::default()
    });
    let has_secret = known.is_some_and(|view| view.has_secret);
    let secret = form.field(Entry {
        label: "Client secret",
        name: "client_secret",
        hint: if has_secret {
            "One is kept, sealed. Leave this empty to keep it; another issuer or client ID needs its own."
        } else {
            "Kept sealed and never shown again. Leave it empty for a public client."
        },
        optional: true,
        shape: Shape::Password("off"),
        ..Entry::default()
    });
    let domains = form.field(Entry {
        label: "Domains of your people's addresses",
        name: "domains",
        hint: "Such as example.com example.org. Each belongs to one organization; you need a confirmed address in it, or the operator's word.",
        value: kept(|view| view.domains.iter().map(MailDomain::as_str).collect::<Vec<_>>().join(" ")),
        ..Entry::default()
    });
    let inside = view! {
        {issuer}
        {client_id}
        {secret}
        {domains}
        <h3>"Roles"</h3>
        <p class="hint">"Brought up to date at each sign-in; whoever gets none any more is a member no more. The last founder stays a founder, whatever the groups say."</p>
        {roles(&form, known)}
        <button class="button primary">"Save provider"</button>
        <p class="hint">"The provider's discovery document is read first. Another issuer or client ID makes single sign-on optional again until somebody has signed in by it."</p>
    }
    .erased();
    form.draw(inside)
}

fn roles(form: &Form, known: Option<&SsoView>) -> AnyView {
    let none = RoleRules { otherwise: Some(Role::Observer), ..RoleRules::default() };
    let rules = known.map_or(&none, |view| &view.rules);
    let claim = form.field(Entry {
        label: "Claim with the groups",
        name: "group_claim",
        hint: "A list of texts in the ID token or the userinfo answer. Where it is missing, the roles of members stay.",
        value: known.map_or_else(|| USUAL_CLAIM.to_owned(), |view| view.group_claim.clone()),
        optional: true,
        ..Entry::default()
    });
    let groups = |label, name, role: Role| {
        let of = rules.groups.iter().filter(|rule| rule.role == role).map(|rule| rule.group.as_str());
        let value = of.collect::<Vec<_>>().join("\n");
        form.field(Entry { label, name, value, optional: true, shape: Shape::Text(2), ..Entry::default() })
    };
    let otherwise = form.field(Entry {
        label: "Everybody else is",
        name: "otherwise",
        optional: true,
        value: rules.otherwise.map(|role| role.as_str().to_owned()).unwrap_or_default(),
        shape: Shape::Choice(&[("", "nobody, and is refused"), ("observer", "observer"), ("reviewer", "reviewer")]),
        ..Entry::default()
    });
    view! {
        {claim}
        {groups("Groups of founders, one a line", "founders", Role::Founder)}
        {groups("Groups of reviewers", "reviewers", Role::Reviewer)}
        {groups("Groups of observers", "observers", Role::Observer)}
        {otherwise}
    }
    .erased()
}

fn remove(tenant: &str) -> AnyView {
    let inside = view! {
        <button class="button danger">"Remove provider"</button>
        <p class="hint">"Its secret, domains and links to people are forgotten. People and their roles stay; whoever has no password or passkey asks for a new password."</p>
    };
    let form = Form::new("remove-sso", RemoveSso::url(), vec![("tenant", tenant.to_owned())]);
    view! {
        <section class="panel form-panel">
            <h2>"Remove the provider"</h2>
            {form.draw(inside.erased())}
        </section>
    }
    .erased()
}
