//! Where a person is signed in, and with what.

use super::{
    address::address,
    factors::{codes, passkeys},
    form::{Entry, Form, Shape},
    settings_nav::settings_nav,
};
use crate::{
    api::account::{change_password::ChangePassword, end_other_sessions::EndOtherSessions, end_session::EndSession},
    components::{badge::Badge, eager::Erase, time_ago::TimeAgo},
    view::{
        face::{Face, Tone},
        path,
    },
};
use countersign_domain::reading::{Address, CodesView, PasskeyRow, SessionRow};
use leptos::{prelude::*, server_fn::ServerFn};

/// What the page of a person's security shows.
pub struct Security {
    pub sessions: Vec<SessionRow>,
    pub passkeys: Vec<PasskeyRow>,
    pub codes: CodesView,
    pub address: Address,
}

pub fn security(tenant: &str, security: Security) -> AnyView {
    view! {
        {settings_nav(tenant, "/settings/security")}
        {sessions(tenant, security.sessions)}
        {passkeys(tenant, security.passkeys)}
        {codes(tenant, security.codes)}
        {password(tenant)}
        <div data-live="address">{address(tenant, security.address)}</div>
        {tokens(tenant)}
    }
    .erased()
}

fn sessions(tenant: &str, rows: Vec<SessionRow>) -> AnyView {
    let others = rows.iter().filter(|row| !row.here).count();
    let lines = rows.into_iter().map(|row| line(tenant, row)).collect_view();
    view! {
        <section class="panel form-panel">
            <h2>"Sessions"</h2>
            <div data-live="sessions"><ul class="credentials">{lines}</ul></div>
            <div class="session-others" data-live="others">{everywhere(tenant, others)}</div>
            <p class="hint">"What was done, by you and by everybody else, stands in the "<a href=path::of_tenant(tenant, "/audit")>"audit"</a>"."</p>
        </section>
    }
    .erased()
}

fn line(tenant: &str, row: SessionRow) -> AnyView {
    let end = if row.here {
        view! { <Badge face=Face::new("This session", "check", Tone::Ok)/> }.erased()
    } else {
        let hidden = vec![("tenant", tenant.to_owned()), ("name", row.name.clone())];
        let inside = view! {
            <button class="button small danger">"Sign out"<span class="sr">" "{row.device.clone()}", "{row.address.clone()}</span></button>
        };
        Form::new(format!("end-{}", row.name), EndSession::url(), hidden).draw(inside.erased())
    };
    view! {
        <li class="credential" data-item=row.name data-testid="session-row">
            <div class="credential-head">
                <span class="session-device">{row.device}</span>
                <code class="key">{row.address}</code>
                <span class="session-end">{end}</span>
            </div>
            <p class="credential-facts">
                "Signed in by "{row.how.words()}" "<TimeAgo at=row.opened_at/>" · last used "<TimeAgo at=row.used_at/>" · ends "<TimeAgo at=row.expires_at/>" at the latest"
            </p>
        </li>
    }
    .erased()
}

/// The way out for somebody who does not know one of them.
fn everywhere(tenant: &str, others: usize) -> AnyView {
    let button = match others {
        0 => return view! { <p class="hint">"You are signed in here alone."</p> }.erased(),
        1 => "Sign out the other session".to_owned(),
        _ => format!("Sign out the {others} other sessions"),
    };
    let inside = view! {
        <button class="button danger">{button}</button>
        <p class="hint">"Whoever uses another session is asked to sign in with their next click. You stay signed in here. If you do not know a session, change your password instead: that signs it out too."</p>
    };
    let hidden = vec![("tenant", tenant.to_owned())];
    Form::new("end-others", EndOtherSessions::url(), hidden).draw(inside.erased())
}

/// The way to what programs sign in with.
fn tokens(tenant: &str) -> AnyView {
    view! {
        <section class="panel form-panel">
            <h2>"Programs"</h2>
            <p class="panel-note">"A program asks the REST API with a token. Founders make and revoke them."</p>
            <a class="button" href=path::of_tenant(tenant, "/settings/tokens")>"API tokens"</a>
        </section>
    }
    .erased()
}

fn password(tenant: &str) -> AnyView {
    let form = Form::new("change-password", ChangePassword::url(), vec![("tenant", tenant.to_owned())]);
    let current = form.field(Entry {
        label: "Your password now",
        name: "current",
        shape: Shape::Password("current-password"),
        ..Entry::default()
    });
    let new = form.field(Entry {
        label: "New password",
        name: "new",
        hint: "At least 12 characters. A short sentence is easy to remember.",
        shape: Shape::Password("new-password"),
        ..Entry::default()
    });
    let inside = view! {
        {current}
        {new}
        <button class="button">"Change password"</button>
        <p class="hint">"Signs you out everywhere but here."</p>
    };
    view! {
        <section class="panel form-panel">
            <h2>"Password"</h2>
            {form.draw(inside.erased())}
        </section>
    }
    .erased()
}
