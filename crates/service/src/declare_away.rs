//! A founder is away for a while, and says before what silence means meanwhile.

use crate::{
    Error, Service,
    grant_autonomy::dollars_of,
    policy::{Action, rank},
    ports::NewAway,
    reason,
};
use countersign_brief::{Category, CategoryPolicy};
use countersign_domain::{
    Actor, AwayId, Millis, PersonId, Role,
    autonomy::{Caps, LONGEST_AWAY_MS, MOST_A_DAY, MOST_MOVED_PERCENT},
};
use std::collections::BTreeMap;

/// A form that was filled in a while ago begins now.
const JUST_NOW_MS: i64 = 5 * 60 * 1000;
/// Categories of which one absence says something.
const MOST_CHOICES: usize = 100;

/// An absence as a form has it.
#[derive(Debug, Clone, Default)]
pub struct AwayForm {
    /// Now, without one.
    pub from: Option<Millis>,
    pub until: Option<Millis>,
    pub reason: String,
    /// Words of policies by category, `*` for every other one; an empty word keeps the category's policy.
    pub choices: BTreeMap<String, String>,
    /// The address of whoever decides where something is handed to a person.
    pub delegate: String,
    pub most_decisions: u32,
    /// Dollars.
    pub most_cost: String,
    pub most_moved_percent: u32,
}

impl Service {
    /// From then until then silence means what the form says. [`Error::Conflict`] where there is an absence in that time,
    /// or for a category that founders settle alone.
    pub async fn declare_away(&self, actor: &Actor, form: AwayForm) -> Result<AwayId, Error> {
        self.allow(actor, Action::DeclareAway)?;
        let act = self.act(actor);
        let reason = reason::required(&form.reason, "Say why; it is kept in the journal.")?;
        let (from, until) = time_of(&form, act.at)?;
        let caps = caps_of(&form)?;
        let rules = self.rules(actor.tenant, act.at).await?;
        let mut choices = BTreeMap::new();
        let said = form.choices.iter().filter(|(_, word)| !word.trim().is_empty());
        if said.count() > MOST_CHOICES {
            let words = format!("Choose for {MOST_CHOICES} categories at most, and for all others at once.");
            return Err(Error::invalid("choices", words));
        }
        for (name, word) in form.choices.into_iter().filter(|(_, word)| !word.trim().is_empty()) {
            let word: CategoryPolicy = word
                .trim()
                .parse()
                .map_err(|()| Error::invalid("choices", "Choose what happens if nobody decides, for each category."))?;
            if name != "*" {
                let category: Category = name.parse().map_err(|error| Error::invalid("choices", error))?;
                if rules.is_reserved(&category) && word != CategoryPolicy::Hold {
                    return Err(Error::Conflict(format!(
                        "Only founders settle “{category}”, also while they are away."
                    )));
                }
            }
            choices.insert(name, word.as_str().to_owned());
        }
        let is_handed = choices.values().any(|word| word == CategoryPolicy::Delegate.as_str());
        let delegate = if is_handed { Some(self.delegate_of(actor, &form.delegate).await?) } else { None };
        let id = AwayId(self.ports.entropy.uuid(act.at));
        let proven_at = actor.proven_at;
        let away = NewAway { id, from, until, reason, choices, delegate, caps, proven_at, act };
        self.ports.autonomy.declare(actor.tenant, away).await?;
        Ok(id)
    }

    /// Another founder or a reviewer, by address. [`Error::Invalid`] about `delegate` for anybody else.
    pub(crate) async fn delegate_of(&self, actor: &Actor, address: &str) -> Result<PersonId, Error> {
        let address = address.trim().to_lowercase();
        let members = self.ports.members.list(actor.tenant).await?;
        let found = members.into_iter().find(|member| member.email.to_lowercase() == address);
        found
            .filter(|member| member.person != actor.person && rank(member.role) >= rank(Role::Reviewer))
            .map(|member| member.person)
            .ok_or_else(|| Error::invalid("delegate", "Name another founder, or a reviewer, by their address."))
    }
}

fn time_of(form: &AwayForm, now: Millis) -> Result<(Millis, Millis), Error> {
    let from = form.from.unwrap_or(now);
    if from.0 < now.0 - JUST_NOW_MS {
        return Err(Error::invalid("from", "Choose a moment that lies ahead, or leave it out: then it begins now."));
    }
    let from = Millis(from.0.max(now.0));
    if from.0 - now.0 > LONGEST_AWAY_MS {
        return Err(Error::invalid("from", "Choose a moment within 60 days. Say it again when it is nearer."));
    }
    let until = form.until.ok_or_else(|| Error::invalid("until", "Say when you are back."))?;
    if until <= from || until.0 - from.0 > LONGEST_AWAY_MS {
        return Err(Error::invalid("until", "Choose a moment after that, within 60 days."));
    }
    Ok((from, until))
}

fn caps_of(form: &AwayForm) -> Result<Caps, Error> {
    if form.most_decisions > MOST_A_DAY {
        return Err(Error::invalid("most_decisions", format!("Choose a number from 0 to {MOST_A_DAY}.")));
    }
    if form.most_moved_percent > MOST_MOVED_PERCENT {
        return Err(Error::invalid("most_moved_percent", format!("Choose a number from 0 to {MOST_MOVED_PERCENT}.")));
    }
    let cost_micro_usd = dollars_of(&form.most_cost)
        .ok_or_else(|| Error::invalid("most_cost", "Write dollars as a number, as in 40 or 5.48."))?;
    Ok(Caps { decisions: form.most_decisions, cost_micro_usd, moved_percent: form.most_moved_percent })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absence_lies_ahead_and_ends_within_sixty_days() {
        let now = Millis(100_000_000);
        let form = |from: Option<i64>, until: i64| AwayForm {
            from: from.map(Millis),
            until: Some(Millis(until)),
            ..AwayForm::default()
        };
        assert_eq!(time_of(&form(None, now.0 + 1), now).unwrap(), (now, Millis(now.0 + 1)));
        assert_eq!(time_of(&form(Some(now.0 - 60_000), now.0 + 1), now).unwrap().0, now, "it begins now");
        for (from, until) in [
            (None, now.0),
            (Some(now.0 + 5), now.0 + 5),
            (Some(1), now.0 + 1),
            (None, now.0 + LONGEST_AWAY_MS + 1),
            (Some(now.0 + LONGEST_AWAY_MS + 1), now.0 + LONGEST_AWAY_MS + 2),
        ] {
            assert!(time_of(&form(from, until), now).is_err(), "{from:?} {until}");
        }
    }

    #[test]
    fn a_cap_has_an_upper_end() {
        let form = |most_decisions, most_moved_percent, cost: &str| AwayForm {
            most_decisions,
            most_moved_percent,
            most_cost: cost.to_owned(),
            ..AwayForm::default()
        };
        let caps = caps_of(&form(3, 20, "5.48")).unwrap();
        assert_eq!((caps.decisions, caps.cost_micro_usd, caps.moved_percent), (3, 5_480_000, 20));
        for (decisions, moved, cost) in [(101, 0, "1"), (1, 21, "1"), (1, 1, "a lot"), (1, 1, "-1"), (1, 1, "")] {
            assert!(caps_of(&form(decisions, moved, cost)).is_err(), "{decisions} {moved} {cost}");
        }
    }
}
