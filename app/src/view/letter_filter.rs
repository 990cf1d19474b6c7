//! Which dead letters the desk shows, and what it proposes to do with them, as its address says it.

use super::path::escape;
use countersign_domain::reading::LetterQuery;
use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

/// Letters a second that a preview reckons with where the address says nothing.
pub const RATE: &str = "5";
/// The rates that the desk offers.
pub const RATES: [&str; 4] = ["1", RATE, "20", "100"];

/// All of it is text, since it is an address, and since a form sends it back entry by entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LetterFilter {
    pub agent: String,
    pub kind: String,
    pub cause: String,
    pub fingerprint: String,
    /// Ids of letters that were ticked, with commas between them.
    pub ids: String,
    pub older: String,
    /// Letters a second; where it is given, the desk shows what a replay would do.
    pub rate: String,
}

impl LetterFilter {
    /// Reads the query part of the desk's address. Each ticked letter is an entry of its own.
    pub fn from_params(params: &ParamsMap) -> Self {
        let one = |name: &str| params.get(name).unwrap_or_default().trim().to_owned();
        Self {
            agent: one("agent"),
            kind: one("kind"),
            cause: one("cause"),
            fingerprint: one("fingerprint"),
            ids: params.get_all("ids").unwrap_or_default().join(","),
            older: one("older"),
            rate: one("rate"),
        }
    }

    /// Its entries that are not empty, by the names that the address has for them.
    fn entries(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("agent", &self.agent),
            ("kind", &self.kind),
            ("cause", &self.cause),
            ("fingerprint", &self.fingerprint),
            ("ids", &self.ids),
            ("older", &self.older),
            ("rate", &self.rate),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.clone())).collect()
    }

    /// The entries of a form that sends what is chosen and the rate, for an argument called `filter`.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("filter[agent]", self.agent.clone()),
            ("filter[kind]", self.kind.clone()),
            ("filter[cause]", self.cause.clone()),
            ("filter[fingerprint]", self.fingerprint.clone()),
            ("filter[ids]", self.ids.clone()),
            ("filter[rate]", self.rate().to_string()),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The address part that shows exactly this, `?…` or nothing.
    pub fn to_address(&self) -> String {
        let entries = self.entries();
        let parts: Vec<_> = entries.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }

    /// Whether something narrows the desk; the position in it and the rate do not.
    pub fn narrows(&self) -> bool {
        self.whole() != Self::default()
    }

    /// Whether a replay is being thought about.
    pub fn chooses(&self) -> bool {
        !self.fingerprint.is_empty() || !self.ids.is_empty() || !self.rate.is_empty()
    }

    /// The same letters from the newest on, with no replay in mind.
    #[must_use]
    pub fn whole(&self) -> Self {
        Self { older: String::new(), rate: String::new(), ..self.clone() }
    }

    /// Letters a second that a replay would put on the bus. Nought for what is no number.
    pub fn rate(&self) -> u32 {
        let text = if self.rate.is_empty() { RATE } else { &self.rate };
        text.parse().unwrap_or_default()
    }

    /// The question to the read model.
    pub fn to_query(&self) -> LetterQuery {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        LetterQuery {
            agent: some(&self.agent),
            kind: some(&self.kind),
            cause: self.cause.parse().ok(),
            fingerprint: some(&self.fingerprint),
            ids: self.ids.split(',').map(str::trim).filter_map(some).collect(),
            older_than: some(&self.older),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::letter::LetterCause;

    #[test]
    fn ticked_letters_are_entries_of_their_own_in_the_address_of_a_plain_form() {
        let params = ParamsMap::from_iter([("ids", "a".to_owned()), ("ids", "b".to_owned())]);
        let filter = LetterFilter::from_params(&params);
        assert_eq!(filter.to_query().ids, ["a", "b"]);
        assert!(filter.narrows() && filter.chooses());
        assert_eq!(filter.to_address(), "?ids=a%2Cb");
    }

    #[test]
    fn a_page_further_down_narrows_nothing_and_proposes_nothing() {
        let filter = LetterFilter { older: "cursor".to_owned(), ..LetterFilter::default() };
        assert!(!filter.narrows() && !filter.chooses());
        assert_eq!(filter.rate(), 5);
        assert_eq!(LetterFilter { rate: "lots".to_owned(), ..filter }.rate(), 0);
    }

    #[test]
    fn a_cause_that_there_is_not_does_not_narrow() {
        let of = |cause: &str| LetterFilter { cause: cause.to_owned(), ..LetterFilter::default() }.to_query().cause;
        assert_eq!((of("given_up"), of("bored")), (Some(LetterCause::GivenUp), None));
    }
}
