//! What a person proves with beside a password: passkeys, and codes of an app.

use super::{
    form::{Entry, Form, Shape},
    passkey::passkey_button,
};
use crate::{
    api::{
        account::{
            add_passkey::AddPasskey, begin_codes::BeginCodes, confirm_codes::ConfirmCodes, drop_codes::DropCodes,
            make_recovery_codes::MakeRecoveryCodes, remove_passkey::RemovePasskey,
        },
        revealed::Revealed,
    },
    components::{badge::Badge, eager::Erase, time_ago::TimeAgo},
    view::face::{Face, Tone},
};
use countersign_domain::reading::{CodesView, PasskeyRow};
use leptos::{prelude::*, server_fn::ServerFn};

fn here(tenant: &str) -> Vec<(&'static str, String)> {
    vec![("tenant", tenant.to_owned())]
}

pub fn passkeys(tenant: &str, rows: Vec<PasskeyRow>) -> AnyView {
    let none = rows.is_empty().then(|| {
        view! { <p class="panel-note">"None yet. A passkey signs you in with your fingerprint, face or device PIN: no password to type, and none to give away to a copy of this page."</p> }
    });
    let lines = rows.into_iter().map(|row| passkey(tenant, row)).collect_view();
    let form = Form::new("add-passkey", AddPasskey::url(), here(tenant));
    let name = form.field(Entry {
        label: "Name of a new passkey",
        name: "name",
        hint: "Where it lives, such as “Laptop”.",
        ..Entry::default()
    });
    let inside = view! {
        <input type="hidden" name="ceremony" data-passkey-ceremony=""/>
        <input type="hidden" name="answer" data-passkey-answer=""/>
        {name}
        {passkey_button("add", "Add a passkey")}
        <p class="hint passkeys-lack">"To add one, open this page in a browser that knows passkeys, with JavaScript."</p>
    };
    view! {
        <section class="panel form-panel">
            <h2>"Passkeys"</h2>
            <div data-live="no-passkeys">{none}</div>
            <ul class="credentials" data-live="passkeys">{lines}</ul>
            {form.draw(inside.erased())}
        </section>
    }
    .erased()
}

fn passkey(tenant: &str, row: PasskeyRow) -> AnyView {
    let mut hidden = here(tenant);
    hidden.push(("id", row.id.clone()));
    let inside =
        view! { <button class="button small danger">"Remove"<span class="sr">" "{row.name.clone()}</span></button> };
    let remove = Form::new(format!("remove-{}", row.id), RemovePasskey::url(), hidden).draw(inside.erased());
    let used = match row.used_at {
        Some(at) => view! { " · last used "<TimeAgo at/> }.erased(),
        None => view! { " · not used yet" }.erased(),
    };
    view! {
        <li class="credential" data-item=row.id data-testid="passkey-row">
            <div class="credential-head">
                <span class="session-device">{row.name}</span>
                <span class="session-end">{remove}</span>
            </div>
            <p class="credential-facts">"Added "<TimeAgo at=row.added_at/>{used}</p>
        </li>
    }
    .erased()
}

pub fn codes(tenant: &str, codes: CodesView) -> AnyView {
    let made = Revealed::by(ConfirmCodes::url()).or_else(|| Revealed::by(MakeRecoveryCodes::url()));
    let made = made.map(|codes| recovery_codes(&codes));
    let body = match codes {
        CodesView::Off => off(tenant),
        CodesView::Pending { drawing, secret } => pending(tenant, drawing, &secret),
        CodesView::On { since, recovery_codes } => {
            let on = view! {
                <p class="panel-note"><Badge face=Face::new("On", "check", Tone::Ok)/>" since "<TimeAgo at=since/>". After your password, a code is asked for."</p>
            };
            view! { {on} {on_forms(tenant, recovery_codes)} }.erased()
        }
    };
    view! {
        <section class="panel form-panel" id="codes">
            <h2>"Authenticator app"</h2>
            {made}
            <div data-live="codes">{body}</div>
        </section>
    }
    .erased()
}

fn off(tenant: &str) -> AnyView {
    let inside = view! { <button class="button">"Set up an app"</button> };
    view! {
        <p class="panel-note">"Off. With an app on your phone, a six-digit code is asked for after your password: whoever learns the password alone stays outside."</p>
        {Form::new("begin-codes", BeginCodes::url(), here(tenant)).draw(inside.erased())}
    }
    .erased()
}

fn pending(tenant: &str, drawing: String, secret: &str) -> AnyView {
    let form = Form::new("confirm-codes", ConfirmCodes::url(), here(tenant));
    let code = form.field(Entry {
        label: "The code that the app shows",
        name: "code",
        shape: Shape::Known("text", "one-time-code"),
        ..Entry::default()
    });
    let groups = secret.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned());
    let inside = view! {
        {code}
        <button class="button primary">"Switch codes on"</button>
        <p class="hint">"Next you get ten recovery codes, for the day on which the phone is lost."</p>
    };
    let stop = view! { <button class="button quiet">"Do without"</button> };
    view! {
        <p class="panel-note">"Scan the square with your authenticator app, or type the key into it. Nothing changes until the app's first code was seen here."</p>
        <div class="code-square" role="img" aria-label="The key as a square to scan" inner_html=drawing></div>
        <p class="code-secret"><span class="sr">"Key: "</span><code data-testid="code-secret">{groups.collect::<Vec<_>>().join(" ")}</code></p>
        {form.draw(inside.erased())}
        {Form::new("drop-codes", DropCodes::url(), here(tenant)).draw(stop.erased())}
    }
    .erased()
}

fn on_forms(tenant: &str, left: u32) -> AnyView {
    let left = match left {
        0 => "No recovery code is left. Make new ones before you lose the phone.".to_owned(),
        1 => "1 recovery code is left.".to_owned(),
        left => format!("{left} recovery codes are left."),
    };
    let make = view! {
        <button class="button">"Make new recovery codes"</button>
        <p class="hint">{left}" New ones end those from before."</p>
    };
    let off = view! {
        <button class="button danger">"Switch codes off"</button>
        <p class="hint">"Your password alone signs you in again. The recovery codes end."</p>
    };
    view! {
        {Form::new("make-recovery-codes", MakeRecoveryCodes::url(), here(tenant)).draw(make.erased())}
        {Form::new("drop-codes", DropCodes::url(), here(tenant)).draw(off.erased())}
    }
    .erased()
}

/// The only sight of them.
fn recovery_codes(codes: &str) -> AnyView {
    let lines = codes.lines().map(|code| view! { <li><code>{code.to_owned()}</code></li> }).collect_view();
    view! {
        <div class="recovery" data-testid="recovery-codes">
            <h3 tabindex="-1" autofocus=true>"Keep these recovery codes now"</h3>
            <p class="panel-note">"They are shown this once. Print them or write them down, and keep them apart from your phone. Each signs you in once in place of a code."</p>
            <ol>{lines}</ol>
        </div>
    }
    .erased()
}
