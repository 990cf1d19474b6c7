//! The outbox of mails: sending what is due, and what people see of it.

use crate::{
    Error, Service,
    policy::{Action, FRESH_MS},
    ports::{DueMail, MailError, Mailer, Outgoing, Tried, seal_name},
};
use countersign_domain::{Actor, MailId, Millis, mail::MailState, reading::MailRow};
use secrecy::ExposeSecret;

/// After so many tries a mail is given up: the last comes about a day after the first.
const MOST_TRIES: u32 = 10;
/// Rows are forgotten after so long.
const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// A page of the outbox.
const PAGE: u32 = 100;

/// How long after try number `tries` the next one is due: from 30 s, three times as long each time, to 4 hours. Other
/// replicas leave the mail alone for as long.
fn backoff_ms(tries: u32) -> i64 {
    (30_000 * 3_i64.saturating_pow(tries.saturating_sub(1))).min(4 * 60 * 60 * 1000)
}

impl Service {
    /// Sends what is due through the mail server, if there is one, and holds it otherwise. Any number of replicas may do so: each mail is with
    /// one of them at a time. It may be sent twice where one dies in between; both have the same message id.
    pub async fn send_due_mail(&self) -> Result<(), Error> {
        loop {
            let now = self.ports.clock.now();
            // How often it was tried is known when it is taken; this is what the try itself may last.
            let Some(mail) = self.ports.post.take(now, Millis(now.0 + backoff_ms(2))).await? else { return Ok(()) };
            let (id, kind, tries) = (mail.id, mail.kind.as_str(), mail.tries);
            let tried = match self.ports.mailer.as_deref() {
                None => {
                    // Never the text: there is a link in it.
                    tracing::warn!(mail.id = %id, mail.kind = kind, "a mail waits: there is no mail server (--smtp-url)");
                    Tried::Held
                }
                Some(mailer) => self.try_mail(mail, mailer).await,
            };
            match &tried {
                Tried::Sent => tracing::info!(mail.id = %id, mail.kind = kind, "mail sent"),
                Tried::Failed { why, again_at: Some(_) } => {
                    tracing::warn!(mail.id = %id, mail.kind = kind, mail.tries = tries, %why, "mail not sent yet");
                }
                Tried::Failed { why, again_at: None } => {
                    tracing::error!(mail.id = %id, mail.kind = kind, mail.tries = tries, %why, "mail given up");
                }
                Tried::Held => {}
            }
            self.ports.post.note(id, tried, self.ports.clock.now()).await?;
        }
    }

    async fn try_mail(&self, mail: DueMail, mailer: &dyn Mailer) -> Tried {
        let Ok(text) = self.ports.seal.open(&seal_name(mail.id), &mail.sealed) else {
            let why = "It was sealed with another secret key than this server has.".to_owned();
            return Tried::Failed { why, again_at: None };
        };
        let DueMail { id, to, subject, tries, .. } = mail;
        match mailer.send(Outgoing { id, to, subject, text }).await {
            Ok(()) => Tried::Sent,
            Err(MailError::Later(why)) if tries < MOST_TRIES => {
                Tried::Failed { why, again_at: Some(Millis(self.ports.clock.now().0 + backoff_ms(tries))) }
            }
            Err(MailError::Later(why) | MailError::Never(why)) => Tried::Failed { why, again_at: None },
        }
    }

    /// What was held for want of a mail server is due, if there is one now.
    pub async fn release_mail(&self) -> Result<(), Error> {
        if self.ports.mailer.is_some() {
            self.ports.post.release(self.ports.clock.now()).await?;
        }
        Ok(())
    }

    /// Forgets what nobody needs any more.
    pub async fn tidy_mail(&self) -> Result<(), Error> {
        let now = self.ports.clock.now();
        Ok(self.ports.post.tidy(now, Millis(now.0 - KEPT_MS)).await?)
    }

    /// The newest mails about the tenant and to its members. With the texts of those that the actor has just asked for.
    pub async fn list_mail(&self, actor: &Actor) -> Result<Vec<MailRow>, Error> {
        self.allow(actor, Action::ReadMail)?;
        let mut rows = self.ports.post.list(actor.tenant, PAGE).await?;
        if self.ports.mailer.is_none() {
            // True from the moment they are written: nobody need have tried to send them.
            rows.iter_mut().filter(|row| row.state == MailState::Waiting).for_each(|row| row.state = MailState::Held);
        }
        if self.allow(actor, Action::ShowMail).is_ok() {
            let since = Millis(self.ports.clock.now().0 - FRESH_MS);
            for (id, sealed) in self.ports.post.shown(actor.tenant, actor.person, since).await? {
                let text = self.ports.seal.open(&seal_name(id), &sealed)?.expose_secret().to_owned();
                if let Some(row) = rows.iter_mut().find(|row| row.id == id) {
                    row.text = Some(text);
                }
            }
        }
        Ok(rows)
    }

    /// Shows the actor, for a few minutes, the text of an invitation that their tenant sends. Mails about an account are
    /// for its person alone: their links would let the reader be that person.
    pub async fn show_mail(&self, actor: &Actor, mail: MailId) -> Result<(), Error> {
        self.allow(actor, Action::ShowMail)?;
        Ok(self.ports.post.show(actor.tenant, mail, self.act(actor)).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_become_rarer_and_end_after_about_a_day() {
        let waits: Vec<i64> = (1..MOST_TRIES).map(backoff_ms).collect();
        assert!(waits.is_sorted() && waits[0] == 30_000, "{waits:?}");
        let hours = waits.iter().sum::<i64>() / 3_600_000;
        assert!((12..=30).contains(&hours), "{hours} h");
    }
}
