//! What founders said before about what happens without them, for the page where they say it.

use crate::{
    Error, Service,
    grant_check::{Keys, is_signed, is_sound},
    policy::{Action, rank},
    ports::{AwayRecord, GrantRecord},
};
use countersign_brief::money::dollars;
use countersign_domain::{
    Actor, ArtifactHash, Millis, Role, TenantId,
    autonomy::SealedGrant,
    reading::{Autonomy, AwayNotice, AwayRow, GrantRow, Stand},
};
use std::collections::BTreeSet;

/// So many of each are shown, besides all grants that count.
const SHOWN: u32 = 20;
/// An absence that was over so long ago is not spoken of above the inbox. Milliseconds.
const LATELY_MS: i64 = 7 * 86_400_000;

impl Service {
    pub async fn read_autonomy(&self, actor: &Actor) -> Result<Autonomy, Error> {
        let policies = self.brief_policies(actor).await?;
        let now = self.ports.clock.now();
        let tenant = actor.tenant;
        let aways = self.ports.autonomy.aways(tenant, SHOWN).await?;
        let grants = self.ports.autonomy.grants(tenant, SHOWN).await?;
        let keys = self.keys_of(&grants).await?;
        let agents: Vec<String> =
            self.ports.agents.names(tenant).await?.into_iter().map(|name| name.to_string()).collect();
        let members = self.ports.members.list(tenant).await?;
        let people = members
            .into_iter()
            .filter(|member| member.person != actor.person && rank(member.role) >= rank(Role::Reviewer))
            .map(|member| (member.email, member.name))
            .collect();
        let asked = self.ports.autonomy.categories(tenant).await?;
        let open: BTreeSet<String> = policies
            .iter()
            .filter(|row| !row.is_reserved)
            .map(|row| row.category.clone())
            .chain(asked.into_iter().filter(|name| !policies.iter().any(|row| row.category == *name)))
            .collect();
        Ok(Autonomy {
            aways: aways.iter().map(|away| away_row(away, now)).collect(),
            grants: grants.iter().map(|grant| grant_row(tenant, grant, &keys, now)).collect(),
            people,
            agents,
            categories: open.into_iter().collect(),
            may_sign: self.may_sign(actor).await?,
            policies,
        })
    }

    /// The absence that is on, or was over lately.
    pub(crate) async fn away_notice(&self, actor: &Actor, now: Millis) -> Result<Option<AwayNotice>, Error> {
        let aways = self.ports.autonomy.aways(actor.tenant, SHOWN).await?;
        let began = aways.into_iter().filter(|away| away.from <= now);
        let newest = began.max_by_key(|away| (away.is_on(now), away.end()));
        Ok(newest.filter(|away| away.is_on(now) || now.since(away.end()) < LATELY_MS).map(|away| AwayNotice {
            id: away.id.to_string(),
            by: away.by.1.clone(),
            from: away.from,
            end: away.end(),
            is_on: away.is_on(now),
            may_end: away.is_on(now) && rank(actor.role) >= rank(Action::EndAway.needs()),
        }))
    }
}

pub(crate) fn away_row(away: &AwayRecord, now: Millis) -> AwayRow {
    let stand = match away.is_on(now) {
        true => Stand::On,
        // One whose founder left before it began ended then.
        false if now < away.from && away.from < away.end() => Stand::Ahead,
        false => Stand::Over,
    };
    AwayRow {
        id: away.id.to_string(),
        by: away.by.1.clone(),
        from: away.from,
        until: away.until,
        ended: away.ended.clone(),
        stand,
        reason: away.reason.clone(),
        choices: away.choices.clone().into_iter().collect(),
        delegate: away.delegate.as_ref().map(|(_, name)| name.clone()),
        most_decisions: away.caps.decisions,
        most_cost: dollars(away.caps.cost_micro_usd),
        most_moved_percent: away.caps.moved_percent,
    }
}

fn grant_row(tenant: TenantId, grant: &GrantRecord, keys: &Keys, now: Millis) -> GrantRow {
    let terms = &grant.terms;
    let sha256 = SealedGrant::read(&grant.canonical).map(|sealed| ArtifactHash(sealed.sha256()).to_string());
    GrantRow {
        id: grant.id.to_string(),
        by: grant.by.1.clone(),
        at: grant.at,
        agent: terms.agent.to_string(),
        category: terms.category.clone(),
        least_confidence_micro: terms.least_confidence_micro,
        most_cost: dollars(terms.most_cost_micro_usd),
        most_a_day: terms.most_a_day,
        until: terms.until,
        sha256: sha256.unwrap_or_default(),
        // Whoever takes a passkey away later makes nothing of what is over a forgery.
        is_damaged: if grant.is_live(now) { !is_sound(tenant, grant, keys) } else { !is_signed(tenant, grant) },
        stand: if grant.is_live(now) { Stand::On } else { Stand::Over },
        ended: grant.ended.clone(),
        used_today: grant.used_today,
        used: grant.used,
    }
}
