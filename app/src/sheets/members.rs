//! Who belongs to the tenant, in which role, and who was asked to join.

use super::{
    form::{Entry, Form, Shape},
    mail::state_of_mail,
    settings_nav::settings_nav,
};
use crate::{
    api::{
        invitation::{renew::RenewInvitation, revoke::RevokeInvitation},
        member::{change_role::ChangeRole, invite::InviteMember, remove::RemoveMember},
    },
    components::{badge::Badge, eager::Erase, time_ago::TimeAgo},
    view::face::{Face, Tone},
};
use countersign_domain::{
    Millis, Role,
    reading::{InvitationRow, MemberRow, Members},
};
use leptos::{prelude::*, server_fn::ServerFn};

/// Roles as they are chosen, the least first.
const ROLES: &[(&str, &str)] =
    &[("observer", "Observer: reads all"), ("reviewer", "Reviewer: reads, reviews"), ("founder", "Founder: decides")];

/// `organization` is the tenant's name.
pub fn members(tenant: &str, organization: &str, reading: Members, now: Millis) -> AnyView {
    let Members { members, invitations, may_change } = reading;
    let people = members.into_iter().map(|row| member(tenant, organization, row, may_change)).collect_view();
    let waiting = (!invitations.is_empty()).then(|| {
        let rows = invitations.into_iter().map(|row| invitation(tenant, row, may_change, now)).collect_view();
        view! {
            <section class="panel">
                <h2>"Invitations that wait"</h2>
                <ul class="people">{rows}</ul>
            </section>
        }
    });
    let invite = may_change.then(|| invite(tenant));
    view! {
        {settings_nav(tenant, "/settings/members")}
        <div class=if may_change { "columns" } else { "drawn" }>
            <div data-live="people">
                <section class="panel">
                    <h2>"Members"</h2>
                    <ul class="people">{people}</ul>
                </section>
                {waiting}
            </div>
            {invite}
        </div>
    }
    .erased()
}

fn member(tenant: &str, organization: &str, row: MemberRow, may_change: bool) -> AnyView {
    let seen = match row.seen_at {
        Some(at) => view! { "last seen "<TimeAgo at/> }.erased(),
        None => "never seen here".erased(),
    };
    let you = row.is_you.then(|| view! { <span class="you">"you"</span> });
    let doubt = (!row.verified).then(|| view! { <span class="doubt">" (not confirmed)"</span> });
    let factors = factors(row.passkeys, row.has_password, row.has_codes);
    let change = may_change.then(|| change(tenant, organization, &row));
    view! {
        <li class="person" data-item=row.person.to_string() data-testid="member-row">
            <div class="person-head">
                <span class="person-name">{row.name}{you}</span>
                <span class="role" data-testid="member-role">{row.role.as_str()}</span>
            </div>
            <p class="person-mail">{row.email}{doubt}</p>
            <p class="credential-facts">"Signs in with "{factors}" · "{seen}</p>
            {change}
        </li>
    }
    .erased()
}

/// What somebody proves with who they are.
fn factors(passkeys: u32, has_password: bool, has_codes: bool) -> String {
    let passkeys = match passkeys {
        0 => None,
        1 => Some("a passkey".to_owned()),
        more => Some(format!("{more} passkeys")),
    };
    let password = match (has_password, has_codes) {
        (false, _) => None,
        (true, true) => Some("password and code"),
        (true, false) => Some("a password alone"),
    };
    match (passkeys, password) {
        (Some(passkeys), Some(password)) => format!("{passkeys}, or {password}"),
        (Some(passkeys), None) => passkeys,
        (None, Some(password)) => password.to_owned(),
        (None, None) => "the identity provider".to_owned(),
    }
}

/// Behind a summary: lists are read more often than changed.
fn change(tenant: &str, organization: &str, row: &MemberRow) -> AnyView {
    let hidden = || vec![("tenant", tenant.to_owned()), ("id", row.person.to_string())];
    let role = Form::new(format!("role-{}", row.person), ChangeRole::url(), hidden());
    let remove = Form::new(format!("remove-{}", row.person), RemoveMember::url(), hidden());
    let open = role.is_refused() || remove.is_refused();
    let choice = role_choice(&role, row.role);
    let give = view! {
        {choice}
        <button class="button small">"Change role"</button>
        <p class="hint">"Counts from their next click on."</p>
    };
    let end = view! {
        <button class="button small danger">{format!("Remove from {organization}")}</button>
        <p class="hint">"Ends their access at once. Their API tokens and the invitations that they sent end too. What they did stays in the journal. If they sign in through your identity provider, take them out there as well."</p>
    };
    view! {
        <details class="person-change" open=open>
            <summary>"Change"<span class="sr">" "{row.name.clone()}</span></summary>
            <div class="person-forms">
                {role.draw(give.erased())}
                {remove.draw(end.erased())}
            </div>
        </details>
    }
    .erased()
}

fn role_choice(form: &Form, now: Role) -> AnyView {
    form.field(Entry {
        label: "Role",
        name: "role",
        value: now.as_str().to_owned(),
        shape: Shape::Choice(ROLES),
        ..Entry::default()
    })
}

fn invitation(tenant: &str, row: InvitationRow, may_change: bool, now: Millis) -> AnyView {
    let hidden = || vec![("tenant", tenant.to_owned()), ("id", row.id.to_string())];
    let acts = may_change.then(|| {
        let again = view! { <button class="button small">"Send again"<span class="sr">" to "{row.email.clone()}</span></button> };
        let revoke = view! { <button class="button small danger">"Revoke"<span class="sr">" the invitation of "{row.email.clone()}</span></button> };
        view! {
            <div class="person-acts">
                {Form::new(format!("renew-{}", row.id), RenewInvitation::url(), hidden()).draw(again.erased())}
                {Form::new(format!("revoke-{}", row.id), RevokeInvitation::url(), hidden()).draw(revoke.erased())}
            </div>
        }
    });
    let until = if now >= row.expires_at {
        view! { <Badge face=Face::new("Expired", "hourglass", Tone::Warn)/> }.erased()
    } else {
        view! { "ends "<TimeAgo at=row.expires_at/> }.erased()
    };
    view! {
        <li class="person" data-item=row.id.to_string() data-testid="invitation-row">
            <div class="person-head">
                <span class="person-name">{row.email.clone()}</span>
                <span class="role">{row.role.as_str()}</span>
            </div>
            <p class="credential-facts">"Invited by "{row.invited_by.clone()}" "<TimeAgo at=row.sent_at/>" · "{until}</p>
            <p class="credential-facts">{state_of_mail(&row.mail)}</p>
            {acts}
        </li>
    }
    .erased()
}

fn invite(tenant: &str) -> AnyView {
    let form = Form::new("invite", InviteMember::url(), vec![("tenant", tenant.to_owned())]);
    let email =
        form.field(Entry { label: "E-mail", name: "email", shape: Shape::Known("email", "off"), ..Entry::default() });
    let role = role_choice(&form, Role::Observer);
    let inside = view! {
        {email}
        {role}
        <button class="button primary">"Send invitation"</button>
        <p class="hint">"They get a mail with a link that works once, for 7 days, and for this address only."</p>
    };
    view! {
        <aside class="panel" aria-label="Invite somebody">
            <h2>"Invite somebody"</h2>
            {form.draw(inside.erased())}
        </aside>
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::factors;

    #[test]
    fn a_member_signs_in_with_what_they_have() {
        assert_eq!(factors(0, true, false), "a password alone");
        assert_eq!(factors(0, true, true), "password and code");
        assert_eq!(factors(1, true, false), "a passkey, or a password alone");
        assert_eq!(factors(2, true, true), "2 passkeys, or password and code");
        assert_eq!(factors(1, false, false), "a passkey");
        assert_eq!(factors(0, false, false), "the identity provider");
    }
}
