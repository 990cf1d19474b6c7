//! Sharing a tenant's work among serving processes, by rows with the database's own time.

use crate::db::{Db, unavailable};
use async_trait::async_trait;
use countersign_domain::TenantId;
use countersign_service::ports::{Duties, Duty, StoreError};
use sqlx::{Postgres, Transaction};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use uuid::Uuid;

type Tx = Transaction<'static, Postgres>;

/// [`Duties`] over Postgres.
#[derive(Debug, Clone)]
pub struct PgDuties {
    db: Db,
}

impl PgDuties {
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

/// The living replica that a duty belongs to. Each tenant has the replicas in an order of its own (by a hash
/// over both), and its duties go round in it: the duties of one tenant are shared out as far as they go, and
/// the tenants as a whole evenly.
fn rightful(tenant: TenantId, duty: usize, living: &[Uuid]) -> Option<Uuid> {
    let mut order: Vec<Uuid> = living.to_vec();
    order.sort_by_cached_key(|replica| {
        let mut hasher = DefaultHasher::new();
        (tenant.0, replica).hash(&mut hasher);
        hasher.finish()
    });
    order.get(duty % order.len().max(1)).copied()
}

async fn others_live(tx: &mut Tx, replica: Uuid) -> Result<bool, StoreError> {
    let (live,): (bool,) =
        sqlx::query_as("select exists (select from replica where id <> $1 and seen > now() - interval '4 seconds')")
            .bind(replica)
            .fetch_one(&mut **tx)
            .await
            .map_err(unavailable)?;
    Ok(live)
}

/// Gives all duties back, and counts as living no longer.
async fn leave(tx: &mut Tx, replica: Uuid) -> Result<(), StoreError> {
    for statement in ["delete from duty where holder = $1", "delete from replica where id = $1"] {
        sqlx::query(statement).bind(replica).execute(&mut **tx).await.map_err(unavailable)?;
    }
    Ok(())
}

#[async_trait]
impl Duties for PgDuties {
    async fn hold(&self, replica: Uuid, tenants: &[TenantId], fit: bool) -> Result<Vec<(TenantId, Duty)>, StoreError> {
        let mut tx = self.db.tx().await?;
        if !fit && others_live(&mut tx, replica).await? {
            leave(&mut tx, replica).await?;
            tx.commit().await.map_err(unavailable)?;
            return Ok(Vec::new());
        }
        sqlx::query("insert into replica (id, seen) values ($1, now()) on conflict (id) do update set seen = now()")
            .bind(replica)
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        let living: Vec<(Uuid,)> =
            sqlx::query_as("select id from replica where seen > now() - interval '4 seconds' order by id")
                .fetch_all(&mut *tx)
                .await
                .map_err(unavailable)?;
        let living: Vec<Uuid> = living.into_iter().map(|(id,)| id).collect();
        let (mut mine, mut others) = ((Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
        for tenant in tenants {
            for (place, duty) in Duty::ALL.into_iter().enumerate() {
                let list = if rightful(*tenant, place, &living) == Some(replica) { &mut mine } else { &mut others };
                list.0.push(tenant.0);
                list.1.push(duty.as_str());
            }
        }
        // What belongs to another is given back at once; it takes over at its next beat.
        sqlx::query(
            "delete from duty d using unnest($2::uuid[], $3::text[]) as n (tenant_id, duty)
             where d.tenant_id = n.tenant_id and d.duty = n.duty and d.holder = $1",
        )
        .bind(replica)
        .bind(&others.0)
        .bind(&others.1)
        .execute(&mut *tx)
        .await
        .map_err(unavailable)?;
        let held: Vec<(Uuid, String)> = sqlx::query_as(
            "insert into duty as d (tenant_id, duty, holder, until)
             select n.tenant_id, n.duty, $1, now() + interval '4 seconds' from unnest($2::uuid[], $3::text[]) as n (tenant_id, duty)
             on conflict (tenant_id, duty) do update set holder = excluded.holder, until = excluded.until
             where d.holder = excluded.holder or d.until < now()
             returning tenant_id, duty",
        )
        .bind(replica)
        .bind(&mine.0)
        .bind(&mine.1)
        .fetch_all(&mut *tx)
        .await
        .map_err(unavailable)?;
        sqlx::query("delete from replica where seen < now() - interval '1 hour'")
            .execute(&mut *tx)
            .await
            .map_err(unavailable)?;
        tx.commit().await.map_err(unavailable)?;
        let held: HashSet<(Uuid, String)> = held.into_iter().collect();
        let all = tenants.iter().flat_map(|tenant| Duty::ALL.map(|duty| (*tenant, duty)));
        Ok(all.filter(|(tenant, duty)| held.contains(&(tenant.0, duty.as_str().to_owned()))).collect())
    }

    async fn release(&self, replica: Uuid) -> Result<(), StoreError> {
        let mut tx = self.db.tx().await?;
        leave(&mut tx, replica).await?;
        tx.commit().await.map_err(unavailable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_duties_of_one_tenant_and_of_many_are_shared_out() {
        let replicas: Vec<Uuid> = (1..=3).map(Uuid::from_u128).collect();
        let mut shares = [0; 3];
        for tenant in (100..200).map(|n| TenantId(Uuid::from_u128(n))) {
            let holders: HashSet<Uuid> =
                (0..Duty::ALL.len()).filter_map(|duty| rightful(tenant, duty, &replicas[..2])).collect();
            assert_eq!(holders.len(), 2, "two replicas, and each does a part");
            let first = rightful(tenant, 0, &replicas).unwrap();
            shares[replicas.iter().position(|id| *id == first).unwrap()] += 1;
        }
        assert!(shares.iter().all(|share| *share > 20), "{shares:?}");
        assert_eq!(rightful(TenantId(Uuid::nil()), 0, &[]), None);
    }
}
