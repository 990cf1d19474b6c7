//! What the server writes to people: plain text, a few sentences, one link.

use crate::{
    Error, Service,
    ports::{NewMail, NoticeDesk, seal_name},
    visible_line,
    webhook_body::link,
};
use countersign_domain::{
    MailId, Millis, PersonId, Role, TenantId,
    email::Email,
    mail::MailKind,
    notice::{Notice, plan::Step},
};
use std::fmt::Write as _;

/// So many are told of in one mail, one by one.
const MOST_LISTED: usize = 50;

/// A mail before it is sealed.
#[derive(Debug)]
pub(crate) struct Draft {
    kind: MailKind,
    subject: String,
    text: String,
}

/// What an invitation says.
pub(crate) struct Invited<'a> {
    pub by: &'a str,
    pub by_email: &'a str,
    pub tenant: &'a str,
    pub role: Role,
}

/// Asks to join. `link` is a whole address.
pub(crate) fn invitation(invited: &Invited<'_>, link: &str, until: Millis) -> Draft {
    let Invited { by, by_email, tenant, role } = invited;
    let (role, until) = (role.as_str(), until.to_words());
    Draft {
        kind: MailKind::Invitation,
        subject: format!("{by} invites you to {tenant}"),
        text: format!(
            "{by} ({by_email}) invites you to join {tenant} on Countersign, as {role}.\n\n\
             Accept the invitation here:\n\n{link}\n\n\
             The link works once, until {until}, and for this address only.\n\
             If you did not expect it, do nothing.\n"
        ),
    }
}

/// Asks whether an address is its person's.
pub(crate) fn verification(link: &str, until: Millis) -> Draft {
    let until = until.to_words();
    Draft {
        kind: MailKind::Verification,
        subject: "Confirm your e-mail address".to_owned(),
        text: format!(
            "Somebody gave this address for their Countersign account. If it was you, confirm it here, signed in:\n\n\
             {link}\n\n\
             The link works once, until {until}.\n\
             If it was not you, do nothing: the address is not used for anything else.\n"
        ),
    }
}

/// Tells the old address that it is to be replaced.
pub(crate) fn address_notice(new: &str, console: &str) -> Draft {
    Draft {
        kind: MailKind::AddressNotice,
        subject: "Your e-mail address is about to change".to_owned(),
        text: format!(
            "You asked to use {new} for your Countersign account. Once you confirm that address, you sign in with it, \
             and this one does not count any more.\n\n\
             If it was not you, somebody else is signed in to your account. Change your password now, under \
             “Your security”; that signs them out:\n\n{console}/sign-in\n"
        ),
    }
}

/// Lets somebody set a new password.
pub(crate) fn recovery(link: &str, from: &str, until: Millis) -> Draft {
    let until = until.to_words();
    Draft {
        kind: MailKind::Recovery,
        subject: "Set a new password".to_owned(),
        text: format!(
            "Somebody asked for a new password for your Countersign account, from the network address {from}. \
             If it was you, set it here:\n\n{link}\n\n\
             The link works once, until {until}. If you use codes of an authenticator app, you are still asked for one \
             when you sign in.\n\
             If it was not you, do nothing: your password stays as it is.\n"
        ),
    }
}

/// Tells that somebody did.
pub(crate) fn password_notice(from: &str, console: &str) -> Draft {
    Draft {
        kind: MailKind::PasswordNotice,
        subject: "Your password was changed".to_owned(),
        text: format!(
            "A new password was set for your Countersign account with a link that was sent to this address, from the \
             network address {from}. Everybody who was signed in to the account is signed out.\n\n\
             If it was not you, somebody else reads your mail. Tell a founder of your organization, and set another \
             password once your mail is yours again:\n\n{console}/recover\n"
        ),
    }
}

/// Says what waits: what, its hash, and where it can be seen. Nothing happens by opening a link.
pub(crate) fn waiting(desk: &NoticeDesk, notices: &[&Notice], step: Step, console: &str) -> Draft {
    let name = visible_line(&desk.tenant_name);
    let subject = match notices {
        [one] => format!("{name}: {}", lowered(one.kind.words())),
        more => format!("{name}: {} things wait", more.len()),
    };
    let lead = match step {
        Step::Mail => format!("What began to wait in {name}:"),
        Step::Digest => format!("What waits in {name}, and was not told before:"),
        Step::Raised => format!("Urgent in {name}, and nobody has touched it yet:"),
    };
    let mut text = format!("{lead}\n\n");
    for notice in notices.iter().take(MOST_LISTED) {
        let _ = writeln!(text, "{}\n    \u{201c}{}\u{201d}", notice.kind.words(), unlinked(&notice.title));
        if let Some(hash) = &notice.sha256 {
            let _ = writeln!(text, "    SHA-256 {hash}");
        }
        if let Some(due) = notice.due {
            let _ = writeln!(text, "    Due {}", due.to_words());
        }
        let _ = writeln!(text, "{}\n", link(console, &desk.tenant_slug, notice));
    }
    if notices.len() > MOST_LISTED {
        let _ = writeln!(text, "And {} more, in the console.\n", notices.len() - MOST_LISTED);
    }
    text.push_str(&why_sent(console, &desk.tenant_slug));
    let kind = if step == Step::Digest { MailKind::Digest } else { MailKind::Notice };
    Draft { kind, subject, text }
}

/// By which somebody sees that mails arrive.
pub(crate) fn test_notice(tenant: &str, console: &str, slug: &str) -> Draft {
    let name = visible_line(tenant);
    let why = why_sent(console, slug);
    let text = format!("You asked for this mail. What waits in {name} reaches you here.\n\n{why}");
    Draft { kind: MailKind::Notice, subject: format!("{name}: a test"), text }
}

fn why_sent(console: &str, slug: &str) -> String {
    format!(
        "A link opens a page, and decides nothing. What is told to you, and when, is yours to say:\n\n\
         {console}/t/{slug}/settings/notifications\n"
    )
}

fn lowered(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// What an agent wrote, as no program for mails takes it for an address to click on.
fn unlinked(title: &str) -> String {
    visible_line(title).replace("://", ": //").replace("www.", "www ")
}

/// Whom or what a mail is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum About {
    Tenant(TenantId),
    Person(PersonId),
    /// What a person is told as a member of the tenant: of use only as long as they are one.
    Member(TenantId, PersonId),
}

impl Service {
    /// The address of a page for people who need not be signed in.
    pub(crate) fn link(&self, page: &str, token: &str) -> String {
        format!("{}/{page}/{token}", self.ports.connect.console_url)
    }

    /// The mail as it is kept.
    pub(crate) fn seal_mail(&self, draft: Draft, to: &Email, about: About, until: Millis) -> Result<NewMail, Error> {
        let at = self.ports.clock.now();
        let id = MailId(self.ports.entropy.uuid(at));
        let (tenant, person) = match about {
            About::Tenant(tenant) => (Some(tenant), None),
            About::Person(person) => (None, Some(person)),
            About::Member(tenant, person) => (Some(tenant), Some(person)),
        };
        let sealed = self.ports.seal.seal(&seal_name(id), &draft.text)?;
        let Draft { kind, subject, .. } = draft;
        Ok(NewMail { id, kind, to: to.as_str().to_owned(), subject, sealed, tenant, person, at, until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_has_its_link_on_a_line_of_its_own_and_says_until_when_it_works() {
        let until = Millis(1_795_390_193_999);
        let invited = Invited { by: "Ada", by_email: "ada@example.com", tenant: "Acme", role: Role::Observer };
        let link = "https://console.example.com/invite/token";
        for draft in
            [invitation(&invited, link, until), verification(link, until), recovery(link, "203.0.113.9", until)]
        {
            assert!(draft.text.lines().any(|line| line == link), "{}", draft.text);
            assert!(draft.text.contains("22 Nov 23:29 UTC"), "{}", draft.text);
            assert!(!draft.subject.contains("token"), "{}", draft.subject);
        }
    }
}
