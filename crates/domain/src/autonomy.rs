//! What happens while founders are away, and what agents may do by themselves: said before, capped, and to be read
//! afterwards.

mod grant;

pub use grant::{GRANT_VERSION, Grant, SealedGrant, Terms};

use crate::{AgentName, ArtifactHash, AwayId, GrantId, Millis, PersonId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// For so long everybody sees that a grant will act, before it does. Milliseconds.
pub const GRANT_WAITS_MS: i64 = 10 * 60 * 1000;
/// A grant ends within so long. Milliseconds.
pub const LONGEST_GRANT_MS: i64 = 90 * 86_400_000;
/// An absence ends within so long. Milliseconds.
pub const LONGEST_AWAY_MS: i64 = 60 * 86_400_000;
/// Caps count what happened within so long. Milliseconds.
pub const CAP_DAY_MS: i64 = 86_400_000;
/// Decisions of one agent in a day, at most, by silence and by a grant alike.
pub const MOST_A_DAY: u32 = 100;
/// Of what is allotted to agents, silence moves so much at most. Percent.
pub const MOST_MOVED_PERCENT: u32 = 20;

/// How much silence may do for one agent within 24 hours of an absence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caps {
    pub decisions: u32,
    /// The sum of what the options cost that take effect; what is saved makes room for nothing.
    pub cost_micro_usd: i64,
    /// Of what is allotted to agents, for an option that moves it.
    pub moved_percent: u32,
}

/// What was done already, or is about to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    pub decisions: u32,
    pub cost_micro_usd: i64,
    pub moved_percent: u32,
}

/// The cap that something would exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cap {
    Decisions,
    Cost,
    Moved,
}

impl Cap {
    pub const ALL: [Self; 3] = [Self::Decisions, Self::Cost, Self::Moved];

    /// As it is kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decisions => "decisions",
            Self::Cost => "cost",
            Self::Moved => "moved",
        }
    }

    /// Why something waits, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Decisions => {
                "Silence has decided as much for this agent within a day as a founder allows while away. The brief waits for a person."
            }
            Self::Cost => {
                "Silence would spend more for this agent within a day than a founder allows while away. The brief waits for a person."
            }
            Self::Moved => {
                "Silence would move more between agents than a founder allows while away. The brief waits for a person."
            }
        }
    }
}

impl std::str::FromStr for Cap {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|cap| cap.as_str() == text).ok_or(())
    }
}

impl Caps {
    /// The cap that `more` would exceed after what was `used` within the day.
    pub fn exceeded(&self, used: Used, more: Used) -> Option<Cap> {
        let cost = used.cost_micro_usd.saturating_add(more.cost_micro_usd.max(0));
        if used.decisions.saturating_add(more.decisions) > self.decisions {
            Some(Cap::Decisions)
        } else if cost > self.cost_micro_usd {
            Some(Cap::Cost)
        } else if used.moved_percent.saturating_add(more.moved_percent) > self.moved_percent.min(MOST_MOVED_PERCENT) {
            Some(Cap::Moved)
        } else {
            None
        }
    }
}

/// Something that changes what happens without a founder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum AutonomyAct {
    AwayDeclared {
        away: AwayId,
        from: Millis,
        until: Millis,
        /// Words of policies by category; `*` is every other one.
        choices: BTreeMap<String, String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        delegate: Option<PersonId>,
        caps: Caps,
        reason: String,
    },
    /// A founder came back before its end.
    AwayEnded { away: AwayId },
    GrantGiven {
        grant: GrantId,
        agent: AgentName,
        category: String,
        least_confidence_micro: u32,
        most_cost_micro_usd: i64,
        most_a_day: u32,
        until: Millis,
        /// Of what the passkey signed.
        sha256: ArtifactHash,
    },
    /// A founder took it back, or it fell.
    GrantEnded { grant: GrantId, agent: AgentName, category: String, why: String },
}

impl AutonomyAct {
    /// The word that the journal's list shows and filters by.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::AwayDeclared { .. } => "away.declared",
            Self::AwayEnded { .. } => "away.ended",
            Self::GrantGiven { .. } => "grant.given",
            Self::GrantEnded { .. } => "grant.ended",
        }
    }

    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::AwayDeclared { reason, .. } => Some(reason),
            Self::GrantEnded { why, .. } => Some(why),
            Self::AwayEnded { .. } | Self::GrantGiven { .. } => None,
        }
    }

    /// What was done, as a sentence begins that says who did it.
    pub fn words(&self) -> String {
        match self {
            Self::AwayDeclared { from, until, .. } => {
                format!("Is away from {} until {}", from.to_words(), until.to_words())
            }
            Self::AwayEnded { .. } => "Is back".to_owned(),
            Self::GrantGiven { agent, category, until, .. } => {
                format!("Lets {agent} act on its own recommendations about {category} until {}", until.to_words())
            }
            Self::GrantEnded { agent, category, .. } => {
                format!("Ended the grant by which {agent} acts about {category}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPS: Caps = Caps { decisions: 3, cost_micro_usd: 100, moved_percent: 20 };

    fn used(decisions: u32, cost_micro_usd: i64, moved_percent: u32) -> Used {
        Used { decisions, cost_micro_usd, moved_percent }
    }

    #[test]
    fn what_fits_a_cap_exactly_fits() {
        assert_eq!(CAPS.exceeded(used(2, 60, 15), used(1, 40, 5)), None);
    }

    #[test]
    fn each_cap_holds_by_itself() {
        assert_eq!(CAPS.exceeded(used(3, 0, 0), used(1, 0, 0)), Some(Cap::Decisions));
        assert_eq!(CAPS.exceeded(used(0, 60, 0), used(1, 41, 0)), Some(Cap::Cost));
        assert_eq!(CAPS.exceeded(used(0, 0, 15), used(1, 0, 6)), Some(Cap::Moved));
        assert_eq!(Caps { decisions: 0, ..CAPS }.exceeded(used(0, 0, 0), used(1, 0, 0)), Some(Cap::Decisions));
    }

    #[test]
    fn what_is_saved_makes_no_room_and_no_number_runs_over() {
        assert_eq!(CAPS.exceeded(used(0, 100, 0), used(1, -50, 0)), None);
        assert_eq!(CAPS.exceeded(used(0, i64::MAX, 0), used(1, i64::MAX, 0)), Some(Cap::Cost));
        assert_eq!(Caps { moved_percent: 99, ..CAPS }.exceeded(used(0, 0, 0), used(1, 0, 21)), Some(Cap::Moved));
    }

    #[test]
    fn what_is_done_survives_the_journal() {
        use crate::journal::{Entry, What};
        use uuid::Uuid;
        let (away, grant) = (AwayId(Uuid::from_u128(1)), GrantId(Uuid::from_u128(2)));
        let (agent, category) = ("cto".parse::<AgentName>().unwrap(), "refactoring".to_owned());
        let declared = AutonomyAct::AwayDeclared {
            away,
            from: Millis(1),
            until: Millis(2),
            choices: [("deploy".to_owned(), "hold".to_owned())].into(),
            delegate: None,
            caps: CAPS,
            reason: "Holiday".to_owned(),
        };
        let given = AutonomyAct::GrantGiven {
            grant,
            agent: agent.clone(),
            category: category.clone(),
            least_confidence_micro: 900_000,
            most_cost_micro_usd: 1,
            most_a_day: 3,
            until: Millis(9),
            sha256: ArtifactHash([1; 32]),
        };
        for (act, kind) in [
            (declared, "away.declared"),
            (AutonomyAct::AwayEnded { away }, "away.ended"),
            (given, "grant.given"),
            (AutonomyAct::GrantEnded { grant, agent, category, why: "No.".to_owned() }, "grant.ended"),
        ] {
            let entry = Entry::new(Millis(5), What::Autonomy { by: None, act });
            assert_eq!(entry.kind(), kind);
            assert_eq!(serde_json::from_slice::<Entry>(&entry.canonical()).unwrap(), entry, "{kind}");
        }
    }
}
