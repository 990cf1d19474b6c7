//! What the task list shows, as its address says it. Times stay as they were written (`now-24h`), so
//! that a link keeps its meaning; the server resolves them.

use super::path::escape;
use countersign_domain::{Millis, reading::TaskQuery, task::TaskState};
use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

/// The time spans that the filter offers, as written in the address and in words.
pub const SPANS: [(&str, &str); 4] =
    [("", "Any time"), ("now-1h", "Last hour"), ("now-24h", "Last 24 hours"), ("now-7d", "Last 7 days")];

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskFilter {
    pub state: Vec<TaskState>,
    pub agent: String,
    pub kind: String,
    pub text: String,
    pub trace: String,
    /// Epoch milliseconds, `now`, or `now-` and a number with `m`, `h`, `d` or `w`.
    pub from: String,
    pub to: String,
    pub older: String,
    pub newer: String,
}

impl TaskFilter {
    /// Reads the query part of the list's address. What cannot be read does not narrow.
    pub fn from_params(params: &ParamsMap) -> Self {
        let one = |name: &str| params.get(name).unwrap_or_default().trim().to_owned();
        let states = params.get_all("state").unwrap_or_default();
        Self {
            state: states.iter().filter_map(|word| word.parse().ok()).collect(),
            agent: one("agent"),
            kind: one("kind"),
            text: one("text"),
            trace: one("trace"),
            from: one("from"),
            to: one("to"),
            older: one("older"),
            newer: one("newer"),
        }
    }

    /// The address part that shows exactly this, `?…` or nothing.
    pub fn to_address(&self) -> String {
        let states = self.state.iter().map(|state| ("state", state.as_str()));
        let rest = [
            ("agent", self.agent.as_str()),
            ("kind", &self.kind),
            ("text", &self.text),
            ("trace", &self.trace),
            ("from", &self.from),
            ("to", &self.to),
            ("older", &self.older),
            ("newer", &self.newer),
        ];
        let parts: Vec<_> = states
            .chain(rest)
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", escape(value)))
            .collect();
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }

    /// Whether something narrows the list; the position in it does not.
    pub fn narrows(&self) -> bool {
        self.first_page() != Self::default()
    }

    /// Whether this is the page with the newest tasks.
    pub fn is_first_page(&self) -> bool {
        self.older.is_empty() && self.newer.is_empty()
    }

    /// The same list from its newest task on.
    #[must_use]
    pub fn first_page(&self) -> Self {
        Self { older: String::new(), newer: String::new(), ..self.clone() }
    }

    #[must_use]
    pub fn older_than(&self, cursor: &str) -> Self {
        Self { older: cursor.to_owned(), ..self.first_page() }
    }

    #[must_use]
    pub fn newer_than(&self, cursor: &str) -> Self {
        Self { newer: cursor.to_owned(), ..self.first_page() }
    }

    /// The question to the read model, with times resolved at `now`.
    pub fn to_query(&self, now: Millis) -> TaskQuery {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        TaskQuery {
            state: self.state.clone(),
            agent: some(&self.agent),
            kind: some(&self.kind),
            text: some(&self.text),
            trace: some(&self.trace),
            from: moment(&self.from, now),
            to: moment(&self.to, now),
            older_than: some(&self.older),
            newer_than: some(&self.newer),
        }
    }
}

/// The moment that `text` means at `now`.
fn moment(text: &str, now: Millis) -> Option<Millis> {
    if let Ok(epoch) = text.parse() {
        return Some(Millis(epoch));
    }
    let rest = text.strip_prefix("now")?;
    if rest.is_empty() {
        return Some(now);
    }
    let amount = rest.strip_prefix('-')?;
    let (digits, unit) = amount.split_at_checked(amount.len().checked_sub(1)?)?;
    let unit_ms: i64 = match unit {
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 7 * 86_400_000,
        _ => return None,
    };
    let distance = digits.parse::<u32>().ok()?;
    Some(Millis(now.0.checked_sub(i64::from(distance).checked_mul(unit_ms)?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_relative_or_epoch_milliseconds() {
        let now = Millis(1_000_000_000);
        assert_eq!(moment("now-24h", now), Some(Millis(1_000_000_000 - 86_400_000)));
        assert_eq!(moment("now", now), Some(now));
        assert_eq!(moment("12345", now), Some(Millis(12_345)));
        for odd in ["", "now-", "now-h", "now-5y", "yesterday", "now-é", "now+1h"] {
            assert_eq!(moment(odd, now), None, "{odd}");
        }
    }

    #[test]
    fn an_address_reads_back_as_the_filter_that_wrote_it() {
        let filter = TaskFilter {
            state: vec![TaskState::Dead, TaskState::Failed],
            text: "log in & out".to_owned(),
            from: "now-24h".to_owned(),
            ..TaskFilter::default()
        };
        assert_eq!(filter.to_address(), "?state=dead&state=failed&text=log%20in%20%26%20out&from=now-24h");
        assert_eq!(TaskFilter::default().to_address(), "");
    }

    #[test]
    fn turning_the_page_does_not_narrow_the_list() {
        let page = TaskFilter::default().older_than("abc");
        assert!(!page.narrows());
        assert!(!page.is_first_page());
        assert_eq!(page.newer_than("x").to_address(), "?newer=x");
    }
}
