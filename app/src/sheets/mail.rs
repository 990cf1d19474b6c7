//! The outbox: what was mailed to whom, and what waits.

use super::{form::Form, settings_nav::settings_nav};
use crate::{
    api::mail::show::ShowMail,
    components::{badge::Badge, eager::Erase, icon::Icon, time_ago::TimeAgo},
    view::face::{Face, Tone},
};
use countersign_domain::{
    mail::{MailKind, MailState},
    reading::MailRow,
};
use leptos::{prelude::*, server_fn::ServerFn};

pub fn mail(tenant: &str, rows: Vec<MailRow>) -> AnyView {
    let held = rows.iter().any(|row| row.state == MailState::Held).then(|| {
        view! {
            <p class="notice tone-warn" data-testid="no-mail-server">
                <Icon name="triangle-alert"/>
                <span>"This server has no mail server, so nothing leaves. Whoever runs it can name one with "<code>"--smtp-url"</code>" and "<code>"--mail-from"</code>"; what waits here is sent then. Until then, hand invitations on yourself: show them here."</span>
            </p>
        }
    });
    let list = if rows.is_empty() {
        view! { <p class="muted">"No mail yet. Invitations, and links that members ask for, are listed here for 30 days."</p> }.erased()
    } else {
        let lines = rows.into_iter().map(|row| line(tenant, row)).collect_view();
        view! { <ul class="people">{lines}</ul> }.erased()
    };
    view! {
        {settings_nav(tenant, "/settings/mail")}
        {held}
        <section class="panel" data-live="mails">
            <h2>"Outbox"</h2>
            {list}
        </section>
    }
    .erased()
}

fn line(tenant: &str, row: MailRow) -> AnyView {
    let text = match (&row.text, row.may_show) {
        (Some(text), _) => view! {
            <pre class="payload mail-text" tabindex="0" aria-label="Text of the mail" data-testid="mail-text">{text.clone()}</pre>
            <p class="hint">"Whoever has this link can join as "{row.to.clone()}". It is shown to you for 5 minutes."</p>
        }
        .erased(),
        (None, true) => {
            let hidden = vec![("tenant", tenant.to_owned()), ("id", row.id.to_string())];
            let inside = view! {
                <button class="button small">"Show the mail"<span class="sr">" to "{row.to.clone()}</span></button>
            };
            Form::new(format!("show-{}", row.id), ShowMail::url(), hidden).draw(inside.erased())
        }
        (None, false) => private(&row).erased(),
    };
    let shown = row.shown_at.map(|at| view! { " · shown here "<TimeAgo at/> });
    view! {
        <li class="person" data-item=row.id.to_string() data-testid="mail-row">
            <div class="person-head">
                <span class="person-name">{row.subject.clone()}</span>
                <Badge face=face(&row.state)/>
            </div>
            <p class="person-mail">"To "{row.to.clone()}</p>
            <p class="credential-facts">{row.kind.words()}" · written "<TimeAgo at=row.at/>" · "{state_of_mail(&row.state)}{shown}</p>
            {text}
        </li>
    }
    .erased()
}

/// Why a mail that waits is not shown.
fn private(row: &MailRow) -> Option<AnyView> {
    let waits = !matches!(row.state, MailState::Sent(_) | MailState::GivenUp { .. });
    let is_recovery = row.kind == MailKind::Recovery;
    // Theirs decide nothing; the text is for its reader all the same.
    if matches!(row.kind, MailKind::Notice | MailKind::Digest) {
        return None;
    }
    waits.then(|| {
        let way = is_recovery.then(|| {
            let command = format!("countersign user reset-link {}", row.to);
            view! { " Whoever runs the server can make another with "<code>{command}</code>"." }
        });
        view! { <p class="hint">"Its link would let you into somebody's account, so it is not shown."{way}</p> }
            .erased()
    })
}

fn face(state: &MailState) -> Face {
    match state {
        MailState::Waiting => Face::new("Waiting", "hourglass", Tone::Info),
        MailState::Held => Face::new("Held", "pause", Tone::Warn),
        MailState::Retrying { .. } => Face::new("Retrying", "rotate-cw", Tone::Warn),
        MailState::Sent(_) => Face::new("Sent", "send", Tone::Ok),
        MailState::GivenUp { .. } => Face::new("Given up", "mail-x", Tone::Bad),
    }
}

/// What became of a mail, in words.
pub fn state_of_mail(state: &MailState) -> AnyView {
    match state {
        MailState::Waiting => "about to be sent".erased(),
        MailState::Held => "not mailed: there is no mail server".erased(),
        MailState::Retrying { tries, why, next_at } => {
            let tried = if *tries == 1 { "tried once".to_owned() } else { format!("tried {tries} times") };
            let why = why.clone();
            view! { {tried}", next "<TimeAgo at=*next_at/>". "{why} }.erased()
        }
        MailState::Sent(at) => view! { "mailed "<TimeAgo at=*at/> }.erased(),
        MailState::GivenUp { at, why } => {
            let why = why.clone();
            view! { "given up "<TimeAgo at=*at/>". "{why} }.erased()
        }
    }
}
