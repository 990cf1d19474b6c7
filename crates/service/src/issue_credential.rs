//! A credential for an agent: a file to download once, and its longer life. Nothing else makes one.

use crate::{
    AgentError, Error, Service,
    policy::Action,
    ports::{AgentActor, NewCredential, StoreError},
};
use countersign_domain::{
    Actor, AgentName, CredentialId, Millis,
    artifact::{ArtifactHash, LabelPattern, ReadGrant},
    reading::IssuedCredential,
};
use countersign_role::{RoleFile, compile};
use secrecy::ExposeSecret;

/// The shortest and longest life of a credential, in hours.
pub const HOURS: std::ops::RangeInclusive<u32> = 1..=720;
/// A credential that its agent renews lives so long. Milliseconds.
pub const RENEWED_MS: i64 = 24 * 60 * 60 * 1000;

impl Service {
    /// Mints a credential of the agent's approved role file that ends after `hours`. Credentials issued before stay
    /// valid. [`Error::Conflict`] where nothing is approved.
    pub async fn issue_credential(
        &self,
        actor: &Actor,
        agent: &AgentName,
        hours: u32,
    ) -> Result<IssuedCredential, Error> {
        self.allow(actor, Action::IssueCredential)?;
        if !HOURS.contains(&hours) {
            return Err(Error::invalid("hours", "Choose between 1 hour and 30 days."));
        }
        if !self.ports.agents.names(actor.tenant).await?.contains(agent) {
            return Err(Error::NotFound);
        }
        let file = self.approved_file(actor, agent).await?.ok_or_else(|| {
            Error::Conflict(format!(
                "No role file of {agent} is approved: without an approval there is no credential. Open its review."
            ))
        })?;
        let now = self.ports.clock.now();
        let expires_at = Millis(now.0 + i64::from(hours) * 3_600_000);
        let unavailable = |cause| Error::Unavailable { what: "The bus", cause };
        let minted = self
            .ports
            .bus
            .mint(actor.tenant, &compile(&file.role), expires_at)
            .await
            .map_err(|error| unavailable(error.into()))?;
        let record = NewCredential {
            id: CredentialId(self.ports.entropy.uuid(now)),
            public_key: minted.public_key,
            role: ArtifactHash(file.hash.0),
            act: self.act(actor),
            expires_at,
        };
        self.ports.agents.add_credential(actor.tenant, agent, record).await?;
        Ok(IssuedCredential {
            agent: agent.to_string(),
            file_name: format!("{agent}.creds"),
            creds: minted.creds.expose_secret().to_owned(),
            expires_at,
        })
    }

    /// New claims for the agent's own key, for [`RENEWED_MS`] from now: as long as the approval of the very file
    /// stands that the credential was compiled from.
    pub async fn renew_credential(&self, actor: &AgentActor) -> Result<(String, Millis), AgentError> {
        let now = self.ports.clock.now();
        let role = self.ports.approvals.running(actor).await?.ok_or(AgentError::NotApproved)?;
        let file = countersign_role::read(role.text.as_bytes()).map_err(|_| AgentError::NotApproved)?;
        let expires_at = Millis(now.0 + RENEWED_MS);
        let public_key = self.ports.approvals.renew(actor, now, expires_at).await.map_err(not_approved)?;
        let jwt = self
            .ports
            .bus
            .renew(actor.tenant, &compile(&file.role), &public_key, expires_at)
            .await
            .map_err(|error| AgentError::Unavailable { what: "The bus", cause: error.into() })?;
        Ok((jwt, expires_at))
    }

    /// What the agent's role lets it read beside its own.
    pub(crate) async fn reads(&self, actor: &AgentActor) -> Result<ReadGrant, AgentError> {
        let role = self.ports.approvals.running(actor).await?;
        let file = role.and_then(|role| countersign_role::read(role.text.as_bytes()).ok());
        Ok(file.as_ref().map(reads_of).unwrap_or_default())
    }
}

/// What an agent that runs with this file may read of others' artifacts, by their labels.
pub(crate) fn reads_of(file: &RoleFile) -> ReadGrant {
    let powers = compile(&file.role).workspace;
    let patterns = |list: &[countersign_role::pattern::PathPattern]| {
        list.iter().map(|pattern| LabelPattern::new(pattern.as_str())).collect()
    };
    ReadGrant { allow: patterns(&powers.allow), deny: patterns(&powers.deny) }
}

fn not_approved(error: StoreError) -> AgentError {
    match error {
        StoreError::Refused(_) => AgentError::NotApproved,
        other => other.into(),
    }
}
