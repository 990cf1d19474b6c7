//! Whether what is kept of a grant is what its founder's passkey signed. A row can be changed by whoever has the
//! database; what was signed cannot.

use crate::ports::GrantRecord;
use countersign_domain::{TenantId, autonomy::SealedGrant};
use countersign_receipt::signed;

/// Nothing follows from a grant that is not.
pub(crate) fn is_sound(tenant: TenantId, record: &GrantRecord) -> bool {
    let Some(sealed) = SealedGrant::read(&record.canonical) else { return false };
    let (said, terms) = (sealed.grant(), &record.terms);
    said.tenant == tenant
        && said.id == record.id
        && said.founder == record.by.0
        && said.at_ms == record.at
        && said.agent == terms.agent
        && said.category == terms.category
        && said.least_confidence_micro == terms.least_confidence_micro
        && said.most_cost_micro_usd == terms.most_cost_micro_usd
        && said.most_a_day == terms.most_a_day
        && said.until_ms == terms.until
        && signed(&record.seal, &sealed.sha256()).is_ok()
}
