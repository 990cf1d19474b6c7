//! What silence means for briefs of a category: said by a founder, before it happens.

use crate::{
    Error, Service,
    policy::Action,
    ports::{CategoryRule, NewBriefPolicy},
    reason,
};
use countersign_brief::{Category, CategoryPolicy, word::RESERVED};
use countersign_domain::{Actor, reading::BriefPolicyRow};

impl Service {
    /// The rules as they stand: those that every organization has, and what founders said.
    pub async fn brief_policies(&self, actor: &Actor) -> Result<Vec<BriefPolicyRow>, Error> {
        self.allow(actor, Action::Read)?;
        let said = self.ports.briefs.rules(actor.tenant).await?;
        let fixed = RESERVED.into_iter().map(|name| BriefPolicyRow {
            category: name.to_owned(),
            is_reserved: true,
            is_fixed: true,
            silence: CategoryPolicy::Hold.as_str().to_owned(),
            delegate: None,
        });
        let said = said.into_iter().filter(|rule| !RESERVED.contains(&rule.category.as_str())).map(|rule| {
            let CategoryRule { category, reserved, silence, delegate } = rule;
            let delegate = delegate.map(|(_, name)| name);
            BriefPolicyRow { category, is_reserved: reserved, is_fixed: false, silence, delegate }
        });
        Ok(fixed.chain(said).collect())
    }

    /// From now on silence means this for briefs of the category. `reserved` leaves it to founders alone; then silence
    /// means nothing. [`Error::Conflict`] for what is the founders' alone everywhere.
    pub async fn set_brief_policy(
        &self,
        actor: &Actor,
        category: &str,
        reserved: bool,
        silence: &str,
        why: &str,
    ) -> Result<(), Error> {
        self.set_rule(actor, category, reserved, silence, "", why).await
    }

    /// As [`Service::set_brief_policy`], for silence that hands the category to a person: `delegate` is the address of
    /// another founder, or of a reviewer.
    pub async fn delegate_category(
        &self,
        actor: &Actor,
        category: &str,
        delegate: &str,
        why: &str,
    ) -> Result<(), Error> {
        self.set_rule(actor, category, false, CategoryPolicy::Delegate.as_str(), delegate, why).await
    }

    async fn set_rule(
        &self,
        actor: &Actor,
        category: &str,
        reserved: bool,
        silence: &str,
        delegate: &str,
        why: &str,
    ) -> Result<(), Error> {
        self.allow(actor, Action::SetBriefPolicy)?;
        let category: Category = category.trim().parse().map_err(|error| Error::invalid("category", error))?;
        let known = || Error::invalid("silence", "Choose what happens if nobody decides.");
        let silence: CategoryPolicy = silence.parse().map_err(|()| known())?;
        let reason = reason::required(why, "Say why; it is kept in the journal.")?;
        if category.is_reserved() {
            return Err(Error::Conflict(format!("Only founders settle “{category}”, in every organization.")));
        }
        let silence = if reserved { CategoryPolicy::Hold } else { silence };
        let delegate = match silence {
            CategoryPolicy::Delegate => Some((self.delegate_of(actor, delegate).await?, String::new())),
            CategoryPolicy::Hold | CategoryPolicy::AsDeclared | CategoryPolicy::Recommended => None,
        };
        let silence = silence.as_str().to_owned();
        let rule = CategoryRule { category: category.to_string(), reserved, silence, delegate };
        let policy = NewBriefPolicy { rule, reason, proven_at: actor.proven_at, act: self.act(actor) };
        Ok(self.ports.briefs.set_rule(actor.tenant, policy).await?)
    }
}
