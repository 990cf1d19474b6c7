//! One at a time of each organization, so that none waits for another.

use countersign_domain::TenantId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Semaphore;

/// Whose turn it is. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Turns(Arc<Mutex<HashMap<TenantId, Arc<Semaphore>>>>);

impl Turns {
    /// The one permit of the organization.
    pub fn of(&self, tenant: TenantId) -> Arc<Semaphore> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(tenant).or_insert_with(|| Arc::new(Semaphore::new(1))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn one_organization_waits_for_itself_alone() {
        let turns = Turns::default();
        let (ours, theirs) = (TenantId(Uuid::from_u128(1)), TenantId(Uuid::from_u128(2)));
        let one = turns.of(ours);
        let held = one.try_acquire();
        assert!(held.is_ok() && turns.clone().of(ours).try_acquire().is_err());
        assert!(turns.of(theirs).try_acquire().is_ok());
    }
}
