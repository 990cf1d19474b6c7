//! The founders' facts beside a brief: those that it names, and those that came after it.

use crate::{Error, Service, brief_row::Thawed, change_context::rows};
use countersign_domain::{Millis, TenantId, reading::BriefFact};
use std::collections::BTreeSet;

impl Service {
    /// `frozen_at` is when the version was frozen. A brief that waits hears of every fact that came later; one that is
    /// decided, of what became of those that it named.
    pub(crate) async fn facts_beside(
        &self,
        tenant: TenantId,
        thawed: &Thawed,
        frozen_at: Millis,
    ) -> Result<Vec<BriefFact>, Error> {
        let now = self.ports.clock.now();
        let used: BTreeSet<String> = thawed.brief.facts.iter().map(ToString::to_string).collect();
        let waits = !thawed.record.is_decided;
        let mut facts = Vec::new();
        for row in rows(self.ports.context_facts.all(tenant).await?, now) {
            let is_used = used.contains(&row.id);
            let is_late = row.at > frozen_at;
            let is_over = row.withdrawn || row.until.is_some_and(|until| until <= now);
            // What was taken back, and was not named, changes nothing about the brief.
            if is_used || (waits && is_late && !is_over) {
                facts.push(BriefFact {
                    id: row.id,
                    kind: row.kind,
                    text: row.text,
                    by: row.by,
                    at: row.at,
                    is_used,
                    is_late,
                    withdrawn: row.withdrawn,
                });
            }
        }
        Ok(facts)
    }
}
