//! Which decisions a page shows, as its address says it.

use super::act_filter::{SERVER, day};
use crate::view::path::escape;
use countersign_domain::{
    Millis,
    reading::{DecisionPlace, DecisionQuery, DecisionTurn, Who},
};
use leptos_router::location::Url;

const DAY_MS: i64 = 86_400_000;
/// The words by which decisions are told apart that a passkey signed.
pub const SIGNED: &str = "signed";
pub const UNSIGNED: &str = "unsigned";

/// All of it is text, as somebody wrote it. What makes no sense does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DecisionFilter {
    pub text: String,
    pub category: String,
    pub agent: String,
    pub who: String,
    /// Days, `2026-11-26`, by UTC; both belong to it.
    pub from: String,
    pub to: String,
    pub seal: String,
    pub outcome: String,
    pub older: String,
    pub newer: String,
}

impl DecisionFilter {
    /// Reads the query part of an address (`application/x-www-form-urlencoded`).
    pub fn read(query: &str) -> Self {
        let mut filter = Self::default();
        for pair in query.trim_start_matches('?').split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            // No character of number zero is in any text; Postgres takes none.
            let value = Url::unescape(&value.replace('+', " ")).replace('\0', "").trim().to_owned();
            let value: String = value.chars().take(DecisionQuery::MOST_WORD).collect();
            if let Some((_, field)) = filter.fields().into_iter().find(|(known, _)| *known == name) {
                *field = value;
            }
        }
        filter
    }

    fn fields(&mut self) -> [(&'static str, &mut String); 10] {
        [
            ("text", &mut self.text),
            ("category", &mut self.category),
            ("agent", &mut self.agent),
            ("who", &mut self.who),
            ("from", &mut self.from),
            ("to", &mut self.to),
            ("seal", &mut self.seal),
            ("outcome", &mut self.outcome),
            ("older", &mut self.older),
            ("newer", &mut self.newer),
        ]
    }

    /// The address part that shows exactly this, `?…` or nothing.
    pub fn to_address(&self) -> String {
        let mut copy = self.clone();
        let fields = copy.fields();
        let parts: Vec<String> = fields
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", escape(value)))
            .collect();
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }

    /// The same decisions from the newest on.
    #[must_use]
    pub fn whole(&self) -> Self {
        Self { older: String::new(), newer: String::new(), ..self.clone() }
    }

    pub fn narrows(&self) -> bool {
        self.to_query() != DecisionQuery::default()
    }

    /// The question to the service.
    pub fn to_query(&self) -> DecisionQuery {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        DecisionQuery {
            text: some(&self.text),
            category: some(&self.category),
            agent: some(&self.agent),
            who: if self.who == SERVER { Some(Who::Server) } else { self.who.parse().ok().map(Who::Person) },
            from: day(&self.from).map(Millis),
            to: day(&self.to).map(|start| Millis(start + DAY_MS)),
            signed: match self.seal.as_str() {
                SIGNED => Some(true),
                UNSIGNED => Some(false),
                _ => None,
            },
            outcome: self.outcome.parse().ok(),
        }
    }

    pub fn turn(&self) -> DecisionTurn {
        let older = DecisionPlace::parse(&self.older).map(DecisionTurn::Older);
        older.or_else(|| DecisionPlace::parse(&self.newer).map(DecisionTurn::Newer)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::reading::OutcomeFilter;

    #[test]
    fn an_address_says_what_a_form_sent() {
        let filter = DecisionFilter::read(
            "?text=a+%26+b&who=server&seal=unsigned&outcome=due&from=2026-11-22&to=2026-11-22&category=deploy&agent=ceo",
        );
        let query = filter.to_query();
        assert_eq!(
            (query.who, query.signed, query.outcome),
            (Some(Who::Server), Some(false), Some(OutcomeFilter::Due))
        );
        assert_eq!((query.text.as_deref(), query.category.as_deref()), (Some("a & b"), Some("deploy")));
        assert_eq!(query.to.unwrap().0 - query.from.unwrap().0, DAY_MS);
        assert_eq!(DecisionFilter::read(&filter.to_address()), filter);
    }

    #[test]
    fn words_are_cut_to_what_is_looked_for() {
        let filter = DecisionFilter::read(&format!("?text=a%00b{}&agent=c%00eo", "ö".repeat(1_000)));
        assert_eq!((filter.text.chars().count(), filter.agent.as_str()), (DecisionQuery::MOST_WORD, "ceo"));
        assert!(filter.text.starts_with("abö"), "{}", filter.text);
    }

    #[test]
    fn nonsense_narrows_nothing() {
        for query in
            ["", "?", "&&=&", "?who=nobody", "?seal=x&outcome=y", "?older=x&newer=1.y", "?from=tomorrow", "?text=%00+"]
        {
            let filter = DecisionFilter::read(query);
            assert!(!filter.narrows(), "{query}");
            assert_eq!(filter.turn(), DecisionTurn::Newest, "{query}");
        }
    }
}
