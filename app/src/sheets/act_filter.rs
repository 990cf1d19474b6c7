//! Which acts a page shows, as its address says it.

use crate::view::path::escape;
use countersign_domain::{
    Millis,
    reading::{ActPlace, ActQuery, Turn, Who},
    time::days,
};
use leptos_router::location::Url;

/// What stands for the server where a person's id would.
pub const SERVER: &str = "server";
const DAY_MS: i64 = 86_400_000;

/// All of it is text, as somebody wrote it. What makes no sense does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActFilter {
    pub who: String,
    pub topic: String,
    /// Days, `2026-11-26`, by UTC; both belong to it.
    pub from: String,
    pub to: String,
    pub text: String,
    pub older: String,
    pub newer: String,
}

impl ActFilter {
    /// Reads the query part of an address (`application/x-www-form-urlencoded`).
    pub fn read(query: &str) -> Self {
        let mut filter = Self::default();
        for pair in query.trim_start_matches('?').split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = Url::unescape(&value.replace('+', " ")).trim().to_owned();
            match name {
                "who" => filter.who = value,
                "topic" => filter.topic = value,
                "from" => filter.from = value,
                "to" => filter.to = value,
                "text" => filter.text = value,
                "older" => filter.older = value,
                "newer" => filter.newer = value,
                _ => {}
            }
        }
        filter
    }

    /// The address part that shows exactly this, `?…` or nothing.
    pub fn to_address(&self) -> String {
        let all = [
            ("who", &self.who),
            ("topic", &self.topic),
            ("from", &self.from),
            ("to", &self.to),
            ("text", &self.text),
            ("older", &self.older),
            ("newer", &self.newer),
        ];
        let parts: Vec<String> = all
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", escape(value)))
            .collect();
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }

    /// The same acts from the newest on.
    #[must_use]
    pub fn whole(&self) -> Self {
        Self { older: String::new(), newer: String::new(), ..self.clone() }
    }

    pub fn narrows(&self) -> bool {
        self.to_query() != ActQuery::default()
    }

    /// The question to the read model.
    pub fn to_query(&self) -> ActQuery {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        ActQuery {
            who: if self.who == SERVER { Some(Who::Server) } else { self.who.parse().ok().map(Who::Person) },
            topic: some(&self.topic),
            from: day(&self.from).map(Millis),
            to: day(&self.to).map(|start| Millis(start + DAY_MS)),
            text: some(&self.text),
        }
    }

    pub fn turn(&self) -> Turn {
        let older = ActPlace::parse(&self.older).map(Turn::Older);
        older.or_else(|| ActPlace::parse(&self.newer).map(Turn::Newer)).unwrap_or_default()
    }
}

/// The first millisecond of a day, by UTC, as `<input type="date">` writes days.
pub fn day(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let exists = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    exists.then(|| days(year, month, day) * DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_a_form_sent() {
        let filter = ActFilter::read("?who=server&topic=&from=2026-11-22&to=2026-11-22&text=a+%26+b%2Bc");
        assert_eq!(filter.text, "a & b+c");
        let query = filter.to_query();
        assert_eq!((query.who, query.topic.clone()), (Some(Who::Server), None));
        assert_eq!(query.to.unwrap().0 - query.from.unwrap().0, DAY_MS);
        assert_eq!(query.from.unwrap().to_rfc3339(), "2026-11-22T00:00:00Z");
        assert_eq!(ActFilter::read(&filter.to_address()), filter);
    }

    #[test]
    fn nonsense_narrows_nothing() {
        for query in [
            "",
            "?",
            "&&=&",
            "?who=nobody",
            "?from=tomorrow&to=2026-13-01",
            "?from=99999999999-1-1",
            "?older=x&newer=y",
        ] {
            let filter = ActFilter::read(query);
            assert!(!filter.narrows(), "{query}");
            assert_eq!(filter.turn(), Turn::Newest, "{query}");
        }
    }
}
