//! A credential for an agent: a file to download once.

use crate::{Error, Service, policy::Action, ports::NewCredential};
use countersign_domain::{Actor, AgentName, CredentialId, Millis, reading::IssuedCredential};
use secrecy::ExposeSecret;

/// The shortest and longest life of a credential, in hours.
pub const HOURS: std::ops::RangeInclusive<u32> = 1..=720;

impl Service {
    /// Mints a credential that ends after `hours`. Credentials issued before stay valid.
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
        let delegates = self.ports.agents.delegates(actor.tenant, agent).await?;
        let now = self.ports.clock.now();
        let expires_at = Millis(now.0 + i64::from(hours) * 3_600_000);
        let unavailable = |cause| Error::Unavailable { what: "The bus", cause };
        let minted = self
            .ports
            .bus
            .mint(actor.tenant, agent, &delegates, expires_at)
            .await
            .map_err(|error| unavailable(error.into()))?;
        let record = NewCredential {
            id: CredentialId(self.ports.entropy.uuid(now)),
            public_key: minted.public_key,
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
}
