//! Which artifacts a page shows, as its address says it.

use crate::view::path::{escape, of_tenant};
use countersign_domain::reading::ArtifactQuery;
use leptos_router::location::Url;

/// Reads the query part of an address (`application/x-www-form-urlencoded`).
pub fn read_filter(query: &str) -> ArtifactQuery {
    let mut filter = ArtifactQuery::default();
    for pair in query.trim_start_matches('?').split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        // No character of number zero is in any name; Postgres takes none.
        let value = Url::unescape(&value.replace('+', " ")).replace('\0', "").trim().to_owned();
        match name {
            "agent" => filter.agent = value,
            "label" => filter.label = value,
            "older" => filter.older = value,
            _ => {}
        }
    }
    filter
}

/// The page that shows exactly this.
pub fn address(tenant: &str, filter: &ArtifactQuery) -> String {
    let all = [("agent", &filter.agent), ("label", &filter.label), ("older", &filter.older)];
    let parts: Vec<String> = all
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", escape(value)))
        .collect();
    let query = if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) };
    of_tenant(tenant, &format!("/artifacts{query}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_a_form_sent() {
        let filter = read_filter("?agent=cso&label=docs%2Fadr+a%00&nonsense=1&older=");
        assert_eq!((filter.agent.as_str(), filter.label.as_str()), ("cso", "docs/adr a"));
        assert_eq!(address("acme", &filter), "/t/acme/artifacts?agent=cso&label=docs%2Fadr%20a");
        assert_eq!(address("acme", &read_filter("&&=&")), "/t/acme/artifacts");
    }
}
