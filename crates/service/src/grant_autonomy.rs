//! A founder lets an agent act on its own recommendations in one category: signed by their passkey as decisions are, capped,
//! and for a time. Without a passkey there is no grant.

use crate::{
    Error, Service,
    decide_brief::nonce,
    grant_check::is_sound,
    passkey_ceremony::{Question, refused},
    policy::Action,
    ports::{GrantRecord, NewGrant},
};
use countersign_brief::Category;
use countersign_domain::{
    Actor, AgentName, ArtifactHash, GrantId, How, Millis, TaskId, TenantId,
    autonomy::{Grant, LONGEST_GRANT_MS, MOST_A_DAY, SealedGrant, Terms},
};
use countersign_receipt::{seal_text, signed};
use serde::{Deserialize, Serialize};
use webauthn_rs::prelude::{PasskeyAuthentication, PublicKeyCredential, RequestChallengeResponse};

const SIGN: &str = "passkey:grant";
/// The dearest decision that can be granted, in dollars.
const DEAREST_USD: i64 = 1_000_000;

/// A grant as a form has it.
#[derive(Debug, Clone, Default)]
pub struct GrantForm {
    pub agent: String,
    pub category: String,
    /// From 0 to 1.
    pub confidence: String,
    /// Dollars.
    pub most_cost: String,
    pub most_a_day: u32,
    pub until: Option<Millis>,
}

/// What is signed, until it is.
#[derive(Serialize, Deserialize)]
struct Signing {
    state: PasskeyAuthentication,
    tenant: TenantId,
    canonical: String,
}

impl Service {
    /// What the browser must know to have the grant signed by one of the actor's passkeys. [`Error::Conflict`] without a
    /// passkey, and for what is never granted.
    pub async fn ask_for_grant(
        &self,
        actor: &Actor,
        form: GrantForm,
    ) -> Result<Question<RequestChallengeResponse>, Error> {
        self.allow(actor, Action::GrantAutonomy)?;
        let now = self.ports.clock.now();
        let (terms, category) = terms_of(&form, now)?;
        if self.rules(actor.tenant, now).await?.is_reserved(&category) || !category.may_be_granted() {
            return Err(Error::Conflict(format!("“{category}” is never granted to an agent: founders settle it.")));
        }
        if !self.ports.agents.names(actor.tenant).await?.contains(&terms.agent) {
            return Err(no_agent());
        }
        let id = GrantId(self.ports.entropy.uuid(now));
        let journal = self.ports.decisions.basis(actor.tenant).await?.journal;
        let nonce = nonce(&self.ports.entropy.bytes32());
        let sealed = Grant::seal(actor.tenant, id, actor.person, now, terms, journal, nonce).map_err(refused)?;
        let lacking = "A grant is signed, and you have no passkey. Add one under “Your security” first.";
        let (options, state) = self.challenge(actor, &sealed.sha256(), lacking).await?;
        let canonical = String::from_utf8(sealed.canonical().to_vec()).map_err(refused)?;
        let signing = Signing { state, tenant: actor.tenant, canonical };
        self.ask_passkey(SIGN, Some(actor.person), &signing, options).await
    }

    /// Gives the grant that the passkey signed. [`Error::Invalid`] about `passkey` where nothing was signed.
    pub async fn sign_grant(&self, actor: &Actor, ceremony: &str, answer: &str) -> Result<GrantId, Error> {
        self.allow(actor, Action::GrantAutonomy)?;
        let (signing, shown): (Signing, PublicKeyCredential) =
            self.answered((ceremony, SIGN), Some(actor.person), answer).await?;
        if signing.tenant != actor.tenant {
            return Err(refused("another organization's"));
        }
        let assertion = self.assertion_of(actor, &shown, &signing.state).await?;
        let sealed = SealedGrant::read(signing.canonical.as_bytes()).ok_or_else(|| refused("no grant"))?;
        let seal = seal_text(&assertion).map_err(refused)?;
        // What is asked each time before it is acted by it is asked here first.
        signed(&seal, &sealed.sha256()).map_err(refused)?;
        let mut act = self.act(actor);
        act.via.how = How::Passkey;
        let grant = sealed.grant();
        let terms = Terms {
            agent: grant.agent.clone(),
            category: grant.category.clone(),
            least_confidence_micro: grant.least_confidence_micro,
            most_cost_micro_usd: grant.most_cost_micro_usd,
            most_a_day: grant.most_a_day,
            until: grant.until_ms,
        };
        let new = NewGrant {
            id: grant.id,
            terms,
            canonical: sealed.canonical().to_vec(),
            sha256: ArtifactHash(sealed.sha256()),
            seal,
            task: TaskId(self.ports.entropy.uuid(act.at)),
            name: actor.name.clone(),
            at: grant.at_ms,
            act,
        };
        let record = GrantRecord {
            id: new.id,
            by: (actor.person, String::new()),
            at: new.at,
            terms: new.terms.clone(),
            canonical: new.canonical.clone(),
            seal: new.seal.clone(),
            ended: None,
            used_today: 0,
            used: 0,
            frees: Millis(0),
            is_journaled: true,
        };
        let keys = self.keys_of(std::slice::from_ref(&record)).await?;
        if !is_sound(actor.tenant, &record, &keys) {
            return Err(refused("another grant"));
        }
        let id = new.id;
        self.ports.autonomy.give(actor.tenant, new).await?;
        Ok(id)
    }
}

fn no_agent() -> Error {
    Error::invalid("agent", "Choose one of your agents.")
}

fn terms_of(form: &GrantForm, now: Millis) -> Result<(Terms, Category), Error> {
    let agent: AgentName = form.agent.trim().parse().map_err(|_| no_agent())?;
    let category: Category = form.category.trim().parse().map_err(|error| Error::invalid("category", error))?;
    let confidence = dollars_of(&form.confidence).and_then(|micro| u32::try_from(micro).ok());
    let least_confidence_micro = confidence
        .filter(|micro| *micro <= 1_000_000)
        .ok_or_else(|| Error::invalid("confidence", "Write a number from 0 to 1, as in 0.9."))?;
    let most_cost_micro_usd = dollars_of(&form.most_cost)
        .filter(|micro| *micro <= DEAREST_USD * 1_000_000)
        .ok_or_else(|| Error::invalid("most_cost", "Write dollars as a number, as in 40 or 5.48."))?;
    if form.most_a_day == 0 || form.most_a_day > MOST_A_DAY {
        return Err(Error::invalid("most_a_day", format!("Choose a number from 1 to {MOST_A_DAY}.")));
    }
    let until = form.until.filter(|until| *until > now && until.0 - now.0 <= LONGEST_GRANT_MS);
    let until = until.ok_or_else(|| Error::invalid("until", "Choose a day that lies ahead, within 90 days."))?;
    let most_a_day = form.most_a_day;
    let terms =
        Terms { agent, category: category.to_string(), least_confidence_micro, most_cost_micro_usd, most_a_day, until };
    Ok((terms, category))
}

/// A number that is not less than nothing, with six decimal places at most, in millionths.
pub(crate) fn dollars_of(text: &str) -> Option<i64> {
    let text = text.trim().trim_start_matches('$');
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || part.len() > 6 || !is_number(whole) || !is_number(part) {
        return None;
    }
    let part = format!("{part:0<6}");
    Some(whole.parse::<i64>().ok()? * 1_000_000 + part.parse::<i64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_exactly_or_not_at_all() {
        for (text, micro) in
            [("40", 40_000_000), ("$5.48", 5_480_000), ("0.9", 900_000), ("0.000001", 1), ("1.", 1_000_000)]
        {
            assert_eq!(dollars_of(text), Some(micro), "{text}");
        }
        for bad in ["", ".5", "-1", "1e9", "1,5", "0.0000001", "9999999999", "NaN", "1.2.3"] {
            assert_eq!(dollars_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_grant_has_bounds_on_every_side() {
        let now = Millis(1_000);
        let good = GrantForm {
            agent: "cto".to_owned(),
            category: "refactoring".to_owned(),
            confidence: "0.9".to_owned(),
            most_cost: "5".to_owned(),
            most_a_day: 3,
            until: Some(Millis(now.0 + LONGEST_GRANT_MS)),
        };
        assert_eq!(terms_of(&good, now).unwrap().0.least_confidence_micro, 900_000);
        for bad in [
            GrantForm { agent: "No agent".to_owned(), ..good.clone() },
            GrantForm { category: "Re-factoring".to_owned(), ..good.clone() },
            GrantForm { confidence: "1.1".to_owned(), ..good.clone() },
            GrantForm { most_cost: "1000001".to_owned(), ..good.clone() },
            GrantForm { most_a_day: 0, ..good.clone() },
            GrantForm { most_a_day: 101, ..good.clone() },
            GrantForm { until: None, ..good.clone() },
            GrantForm { until: Some(now), ..good.clone() },
            GrantForm { until: Some(Millis(now.0 + LONGEST_GRANT_MS + 1)), ..good.clone() },
        ] {
            assert!(terms_of(&bad, now).is_err(), "{bad:?}");
        }
    }
}
