//! What the clock alone does with what waits: it finds out, and has people told of it as they want it. Any number of
//! servers may do it at once; nobody is told twice.

use crate::{
    Error, Service,
    mail::{About, waiting},
    ports::NoticeDesk,
};
use countersign_domain::{
    Millis, TenantId,
    email::Email,
    notice::{
        Notice,
        plan::{Listener, Message, plan},
    },
};

/// A mail that could not leave for so long does not leave: what waits still is told anew, outside quiet hours.
const MAIL_MS: i64 = 60 * 60 * 1000;
/// What settled longer ago is forgotten.
const KEPT_MS: i64 = 90 * 24 * 60 * 60 * 1000;

impl Service {
    /// Finds what waits, and puts mails about it into the outbox.
    pub async fn keep_notices(&self, tenant: TenantId) -> Result<(), Error> {
        if !self.ports.notices.gather(tenant).await? {
            return Ok(());
        }
        let now = self.ports.clock.now();
        let desk = self.ports.notices.desk(tenant).await?;
        let listeners: Vec<Listener> = desk.listeners.iter().map(|(listener, _)| listener.clone()).collect();
        for message in plan(now, &listeners, &desk.notices, &desk.told) {
            self.tell(tenant, &desk, &message, now).await?;
        }
        Ok(())
    }

    async fn tell(&self, tenant: TenantId, desk: &NoticeDesk, message: &Message, now: Millis) -> Result<(), Error> {
        let to = desk.listeners.iter().find(|(listener, _)| listener.person == message.person);
        let Some((listener, email)) = to else { return Ok(()) };
        let Ok(email) = email.parse::<Email>() else { return Ok(()) };
        let find = |id: &_| desk.notices.iter().find(|notice| notice.id == *id);
        let notices: Vec<&Notice> = message.notices.iter().filter_map(find).collect();
        let draft = waiting(desk, &notices, message.step, &self.ports.connect.console_url);
        let mail = self.seal_mail(draft, &email, About::Member(tenant, message.person), Millis(now.0 + MAIL_MS))?;
        self.ports.notices.tell(tenant, message, listener.mailed, mail, now).await?;
        Ok(())
    }

    /// Forgets what nobody needs any more.
    pub async fn tidy_notices(&self, tenant: TenantId) -> Result<(), Error> {
        Ok(self.ports.notices.tidy(tenant, Millis(self.ports.clock.now().0 - KEPT_MS)).await?)
    }
}
