//! What waits, and who is told of it.

use super::{NewMail, StoreError};
use async_trait::async_trait;
use countersign_domain::{
    Millis, PersonId, TenantId,
    notice::{
        Notice, NoticePrefs,
        plan::{Listener, Mailed, Message, Told},
    },
};

/// All that a plan is made of.
#[derive(Debug, Clone)]
pub struct NoticeDesk {
    pub tenant_name: String,
    pub tenant_slug: String,
    /// Members with a confirmed address, and that.
    pub listeners: Vec<(Listener, String)>,
    /// What waits still.
    pub notices: Vec<Notice>,
    /// What was told of it.
    pub told: Vec<Told>,
}

#[async_trait]
pub trait Notices: Send + Sync {
    /// Finds what began to wait, and what does not any more, by the clock of the database: all servers agree on that. What
    /// began is on its way to the tenant's webhooks with the same transaction; what waits again goes on as it was. Answers
    /// whether anything waits.
    async fn gather(&self, tenant: TenantId) -> Result<bool, StoreError>;
    async fn desk(&self, tenant: TenantId) -> Result<NoticeDesk, StoreError>;
    /// Puts the mail into the outbox, unless the person was told some of it meanwhile, or got another mail than those in
    /// `mailed`, or belongs to the tenant no more: then nothing happens, and the answer is `false`.
    async fn tell(
        &self,
        tenant: TenantId,
        message: &Message,
        mailed: Mailed,
        mail: NewMail,
        now: Millis,
    ) -> Result<bool, StoreError>;
    /// What the person said they want, and whether their address is known to be theirs.
    async fn prefs(&self, tenant: TenantId, person: PersonId) -> Result<(Option<NoticePrefs>, bool), StoreError>;
    async fn keep_prefs(
        &self,
        tenant: TenantId,
        person: PersonId,
        prefs: &NoticePrefs,
        now: Millis,
    ) -> Result<(), StoreError>;
    /// Puts a mail into the outbox by which the person tries theirs, unless there was one since then.
    async fn test(
        &self,
        tenant: TenantId,
        person: PersonId,
        mail: NewMail,
        since: Millis,
        now: Millis,
    ) -> Result<bool, StoreError>;
    /// Forgets what settled before, with what was told and sent of it.
    async fn tidy(&self, tenant: TenantId, before: Millis) -> Result<(), StoreError>;
}
