//! What a person signs in with.

use crate::sign_in::digest;

/// Browsers by the part of their `User-Agent` that no earlier one has too: most say that they are others as well.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

const SYSTEMS: [(&str, &str); 8] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("X11; Linux", "Linux"),
    ("Linux", "Linux"),
];

/// Where and with what somebody signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The network address, as far as it can be trusted.
    pub address: String,
    /// In words. It is the browser's own claim: to recognise by, not to decide by.
    pub device: String,
    /// What the browser is known by, where it has been used to sign in before: the content of a cookie.
    pub mark: Option<String>,
    /// The digest of the session that the browser has, live or not: another one takes its place.
    pub session: Option<[u8; 32]>,
}

impl Client {
    /// `user_agent` is the header of that name (RFC 9110, section 10.1.5), or nothing.
    pub fn new(address: impl Into<String>, user_agent: &str) -> Self {
        let find = |known: &[(&str, &'static str)]| {
            known.iter().find(|(part, _)| user_agent.contains(part)).map(|(_, name)| *name)
        };
        let device = match (find(&BROWSERS), find(&SYSTEMS)) {
            (Some(browser), Some(system)) => format!("{browser} on {system}"),
            (Some(browser), None) => browser.to_owned(),
            (None, Some(system)) => format!("A browser on {system}"),
            (None, None) => "An unknown device".to_owned(),
        };
        Self { address: address.into(), device, mark: None, session: None }
    }

    /// With the session that the browser has.
    pub fn carrying(self, token: Option<&str>) -> Self {
        Self { session: token.map(digest), ..self }
    }

    /// With what the browser says it is known by.
    pub fn marked(self, mark: Option<String>) -> Self {
        Self { mark, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::Client;

    #[test]
    fn a_browser_is_named_as_its_user_knows_it() {
        for (user_agent, device) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36 Edg/156.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/156.0 Mobile/15E148 Safari/604.1",
                "Chrome on iPhone",
            ),
            ("curl/8.5.0", "curl"),
            ("", "An unknown device"),
            ("<script>alert(1)</script>", "An unknown device"),
        ] {
            assert_eq!(Client::new("203.0.113.9", user_agent).device, device, "{user_agent}");
        }
    }
}
