//! What happens at a deadline if nobody decided, said before it happens.

use crate::{
    brief::{Brief, BriefOption},
    word::{Category, OptionKey},
};
use std::str::FromStr;

/// What an organization's founders let silence mean in a category. None was said: [`Self::Hold`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CategoryPolicy {
    /// Briefs wait until somebody decides, whatever they say of themselves.
    #[default]
    Hold,
    /// What the brief declares takes effect.
    AsDeclared,
    /// The recommendation takes effect, unless the brief declares that nothing does.
    Recommended,
    /// Somebody whom the founders named decides in their place.
    Delegate,
}

impl CategoryPolicy {
    pub const ALL: [Self; 4] = [Self::Hold, Self::AsDeclared, Self::Recommended, Self::Delegate];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::AsDeclared => "as_declared",
            Self::Recommended => "recommended",
            Self::Delegate => "delegate",
        }
    }
}

impl FromStr for CategoryPolicy {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|policy| policy.as_str() == text).ok_or(())
    }
}

/// Why nothing happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// The category is the founder's alone.
    Reserved,
    /// The author wants it so.
    Declared,
    /// The organization has not said that silence may answer here.
    Policy,
    /// What would take effect cannot be undone.
    Irreversible,
    /// A deadline passed without it.
    Lapsed,
}

/// What happens at the deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silence {
    /// Nothing: the brief keeps waiting, and no work fails by it.
    Holds(Hold),
    /// The option takes effect, by this policy.
    Takes { option: OptionKey, by: CategoryPolicy },
    /// Nothing happens by itself: somebody else decides from then on.
    Delegates,
}

/// What happens at the deadline of `brief`. Of brief, policy and category the most careful one counts.
pub fn silence(brief: &Brief, policy: CategoryPolicy, reserved: bool) -> Silence {
    if reserved || brief.category.is_reserved() {
        return Silence::Holds(Hold::Reserved);
    }
    // Whoever it is decides as a person: what the author declares of silence does not bind them.
    if policy == CategoryPolicy::Delegate {
        return Silence::Delegates;
    }
    let Some(declared) = &brief.at_deadline else { return Silence::Holds(Hold::Declared) };
    let key = match policy {
        CategoryPolicy::Hold | CategoryPolicy::Delegate => return Silence::Holds(Hold::Policy),
        CategoryPolicy::AsDeclared => declared,
        CategoryPolicy::Recommended => &brief.recommendation.key,
    };
    match brief.option(key) {
        Some(BriefOption { reversible: true, .. }) => Silence::Takes { option: key.clone(), by: policy },
        _ => Silence::Holds(Hold::Irreversible),
    }
}

impl Silence {
    /// A sentence for the page, beside the deadline.
    pub fn sentence(&self, brief: &Brief) -> String {
        let category = &brief.category;
        let waits = "If nobody decides by then, nothing happens and the brief keeps waiting";
        match self {
            Self::Holds(Hold::Reserved) => format!("{waits}: only a founder settles {}.", named(category)),
            Self::Holds(Hold::Declared) => format!("{waits}: its author asks for it."),
            Self::Holds(Hold::Policy) => {
                format!("{waits}: no policy lets silence answer in the category {}.", named(category))
            }
            Self::Holds(Hold::Lapsed) => {
                "A deadline passed once, and nothing happened by it. Nothing does later: a person decides.".to_owned()
            }
            Self::Holds(Hold::Irreversible) => format!("{waits}: what would take effect cannot be undone."),
            Self::Delegates => format!("{waits}; from then on whom the founders named may decide it, too."),
            Self::Takes { option, by } => {
                let title = brief.option(option).map_or("", |option| option.title.as_str());
                let what = match by {
                    CategoryPolicy::Recommended => "the recommendation",
                    CategoryPolicy::AsDeclared | CategoryPolicy::Hold | CategoryPolicy::Delegate => {
                        "what its author proposes"
                    }
                };
                format!(
                    "If nobody decides by then, option {option} takes effect: {title}. It can be undone, and the policy for {} is that {what} takes effect at the deadline.",
                    named(category)
                )
            }
        }
    }
}

/// The category as people read it.
fn named(category: &Category) -> String {
    format!("“{}”", category.as_str().replace('_', " "))
}
