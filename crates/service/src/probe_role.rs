//! The probe: a throw-away credential of the very file tries on the real bus what it must not be able to do.

use crate::{Error, Service, policy::Action};
use countersign_domain::{
    Actor, ReviewId,
    review::{ProbeLine, ProbeReport},
};
use countersign_role::{
    RoleFile, compile,
    probe::{Expected, Proof, Verb},
    probe_plan,
};

impl Service {
    /// Probes the file of an open review again.
    pub async fn probe_review(&self, actor: &Actor, review: ReviewId) -> Result<(), Error> {
        self.allow(actor, Action::ProbeRole)?;
        let record = self.ports.reviews.find(actor.tenant, review).await?;
        let file =
            countersign_role::read(record.text.as_bytes()).map_err(|faults| Error::Conflict(faults.to_string()))?;
        self.probe(actor, review, &file).await
    }

    pub(crate) async fn probe(&self, actor: &Actor, review: ReviewId, file: &RoleFile) -> Result<(), Error> {
        let fleet = self.ports.agents.names(actor.tenant).await?;
        let plan = probe_plan(&file.role, &fleet);
        let began = self.ports.clock.now();
        let refused = self
            .ports
            .bus
            .probe(actor.tenant, &compile(&file.role), &plan)
            .await
            .map_err(|error| Error::Unavailable { what: "The bus", cause: error.into() })?;
        let lines = plan.iter().zip(refused).map(|(attempt, was_refused)| ProbeLine {
            proof: words(&attempt.proof),
            verb: verb(attempt.verb).to_owned(),
            subject: attempt.subject.clone(),
            must_be_refused: attempt.expected == Expected::Refused,
            was_refused,
        });
        let act = self.act(actor);
        let report = ProbeReport::of(lines.collect(), act.at.since(began));
        Ok(self.ports.reviews.keep_probe(actor.tenant, review, report, act).await?)
    }
}

fn verb(verb: Verb) -> &'static str {
    match verb {
        Verb::Publish => "publish",
        Verb::Request => "request",
        Verb::Subscribe => "subscribe",
    }
}

/// What an attempt is to prove.
fn words(proof: &Proof) -> String {
    match proof {
        Proof::ForbiddenAction(action) => return format!("forbidden: {action}"),
        Proof::OthersTasks => "gives tasks to its delegates alone",
        Proof::OthersEvents => "broadcasts under its own name alone",
        Proof::OtherTopics => "broadcasts its own topics alone",
        Proof::CountersignsEvents => "does not speak for Countersign",
        Proof::DeadLetters => "has no part in dead letters",
        Proof::OthersConsumers => "takes no other agent's tasks",
        Proof::OwnConsumer => "does not change its own queue",
        Proof::OthersInboxes => "reads no other agent's answers",
        Proof::WideSubscriptions => "hears nothing that is not for it",
        Proof::BusAdministration => "changes no streams",
        Proof::SystemAccount => "has no part in the system account",
        Proof::OwnWork => "can do its own work",
    }
    .to_owned()
}
