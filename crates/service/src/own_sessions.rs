//! What a person sees of their own sessions, and ending those.

use crate::{
    Error, Service,
    authenticate::IDLE_MS,
    policy::Action,
    ports::{Digest, LiveSession},
    sign_in::digest,
};
use countersign_domain::{Actor, reading::SessionRow};
use data_encoding::HEXLOWER;

/// The first bytes of what is kept of the session's token: enough to tell a person's sessions apart.
fn name(id: &Digest) -> String {
    HEXLOWER.encode(&id[..8])
}

impl Service {
    /// The actor's live sessions, in all tenants, the one last used first. `token` is the one that is asked with.
    pub async fn list_sessions(&self, actor: &Actor, token: Option<&str>) -> Result<Vec<SessionRow>, Error> {
        self.allow(actor, Action::EndOwnSession)?;
        let here = token.map(digest);
        let row = |session: LiveSession| SessionRow {
            name: name(&session.id),
            device: session.client.device,
            address: session.client.address,
            how: session.how,
            opened_at: session.created_at,
            used_at: session.used_at,
            expires_at: session.expires_at,
            here: here == Some(session.id),
        };
        Ok(self.own_sessions(actor).await?.into_iter().map(row).collect())
    }

    /// Ends one of the actor's sessions: whoever holds its cookie is signed out with their next request.
    /// [`Error::Conflict`] where none of theirs lives under that name.
    pub async fn end_own_session(&self, actor: &Actor, named: &str) -> Result<(), Error> {
        self.allow(actor, Action::EndOwnSession)?;
        let session = self.own_sessions(actor).await?.into_iter().find(|session| name(&session.id) == named);
        let gone = || Error::Conflict("This session has ended already.".to_owned());
        Ok(self.ports.sessions.end(session.ok_or_else(gone)?.id, Some(self.act(actor))).await?)
    }

    /// Ends all of the actor's sessions but the one of `token`; answers how many there were.
    pub async fn end_other_sessions(&self, actor: &Actor, token: &str) -> Result<u64, Error> {
        self.allow(actor, Action::EndOwnSession)?;
        Ok(self.ports.sessions.end_others(digest(token), self.act(actor)).await?)
    }

    async fn own_sessions(&self, actor: &Actor) -> Result<Vec<LiveSession>, Error> {
        Ok(self.ports.sessions.of(actor.person, self.ports.clock.now(), IDLE_MS).await?)
    }
}
