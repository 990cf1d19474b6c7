//! Addresses inside the console.

use std::fmt::Write as _;

/// The longest path that somebody is sent to. It is kept while they sign in, and comes from whoever made the link.
const LONGEST: usize = 2048;

/// Where a signed-in person may be sent: a path of this site, and no other. Browsers read `\` as `/`
/// and skip control characters, so an address with either could leave the site.
pub fn is_local(path: &str) -> bool {
    path.len() <= LONGEST
        && path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

/// `/t/<tenant><rest>`; without a tenant, where everybody begins.
pub fn of_tenant(tenant: &str, rest: &str) -> String {
    if tenant.is_empty() {
        return "/".to_owned();
    }
    format!("/t/{tenant}{rest}")
}

pub fn task(tenant: &str, id: &str) -> String {
    format!("/t/{tenant}/tasks/{id}")
}

pub fn agent(tenant: &str, name: &str) -> String {
    format!("/t/{tenant}/fleet/agents/{name}")
}

/// The dead-letter desk, narrowed as `query` says (`?…` or nothing).
pub fn letters(tenant: &str, query: &str) -> String {
    format!("/t/{tenant}/dead-letters{query}")
}

pub fn letter(tenant: &str, id: &str) -> String {
    format!("/t/{tenant}/dead-letters/{id}")
}

/// All that shares a `correlation_id`.
pub fn trace(tenant: &str, id: &str) -> String {
    format!("/t/{tenant}/traces/{}", escape(id))
}

/// One artifact, by its SHA-256.
pub fn artifact(tenant: &str, sha256: &str) -> String {
    format!("/t/{tenant}/artifacts/{sha256}")
}

/// Its bytes.
pub fn artifact_content(tenant: &str, sha256: &str) -> String {
    format!("/t/{tenant}/artifacts/{sha256}/content")
}

pub fn review(tenant: &str, id: &str) -> String {
    format!("/t/{tenant}/reviews/{id}")
}

/// One brief.
pub fn brief(tenant: &str, id: &str) -> String {
    format!("/t/{tenant}/inbox/{id}")
}

/// One decision, for good.
pub fn decision(tenant: &str, id: &str) -> String {
    format!("/t/{tenant}/decisions/{id}")
}

/// The desk, at the brief with this id where one is named.
pub fn desk(tenant: &str, brief: &str) -> String {
    let rest = if brief.is_empty() { String::new() } else { format!("/{brief}") };
    format!("/t/{tenant}/desk{rest}")
}

/// What happened in an absence of the founders.
pub fn away(tenant: &str, id: &str) -> String {
    format!("/t/{tenant}/away/{id}")
}

/// What of the past would have gone otherwise under the file of a review.
pub fn what_if(tenant: &str, review: &str) -> String {
    format!("/t/{tenant}/reviews/{review}/what-if")
}

/// One webhook, and what was sent to it.
pub fn webhook(tenant: &str, id: &str) -> String {
    format!("/t/{tenant}/settings/webhooks/{id}")
}

/// The editor of an agent's role file.
pub fn role(tenant: &str, agent: &str) -> String {
    format!("/t/{tenant}/roles/{agent}")
}

/// One entry of the journal.
pub fn entry(tenant: &str, seq: u64) -> String {
    format!("/t/{tenant}/journal/{seq}")
}

/// The `rel` of a link to a trace: the router takes a path apart when it follows a link, and does not put
/// every text together again as it was; the browser itself does.
pub fn trace_rel(id: &str) -> Option<&'static str> {
    let plain = id.chars().all(|c| c.is_alphanumeric() || "-._~:/@".contains(c));
    (!plain).then_some("external")
}

/// The sign-in page that leads back to `next`.
pub fn sign_in(next: &str) -> String {
    with_next("/sign-in", next)
}

/// A page of the way in, which leads on to `next`.
pub fn with_next(page: &str, next: &str) -> String {
    if next.is_empty() || next == "/" { page.to_owned() } else { format!("{page}?next={}", escape(next)) }
}

/// The entrance of an organization that signs in through its own provider; it leads to `next`.
pub fn sso(tenant: &str, next: &str) -> String {
    with_next(&format!("/sso/{tenant}"), next)
}

/// `text` as part of a query (RFC 3986, section 2.3: only unreserved characters stay).
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte as char),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_survives_the_query() {
        assert_eq!(sign_in("/t/acme/tasks?text=a b&é"), "/sign-in?next=%2Ft%2Facme%2Ftasks%3Ftext%3Da%20b%26%C3%A9");
    }

    #[test]
    fn a_trace_is_one_part_of_its_address_whatever_it_is_called() {
        assert_eq!(trace("acme", "a/b?c#d%e"), "/t/acme/traces/a%2Fb%3Fc%23d%25e");
        assert_eq!((trace_rel("scan-41/a"), trace_rel("100%25")), (None, Some("external")));
    }

    #[test]
    fn only_a_path_of_this_site_is_followed() {
        assert!(is_local("/t/acme/tasks?state=dead"));
        for away in ["", "https://example.com", "//example.com", "/\\example.com", "/\t/example.com", "t/acme"] {
            assert!(!is_local(away), "{away}");
        }
        assert!(is_local(&format!("/{}", "a".repeat(2047))));
        assert!(!is_local(&format!("/{}", "a".repeat(2048))), "nobody has us keep a megabyte");
    }
}
