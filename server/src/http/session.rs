//! Who sent a request: the session cookie and the network address.

use super::AppState;
use crate::network::Network;
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{header, request::Parts},
};
use axum_extra::extract::CookieJar;
use countersign_app::api::session::{MARK, SESSION, STEP, SessionContext, cookie_name};
use countersign_domain::Actor;
use countersign_service::{Client, Error, ports::Clock};
use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

/// The session of a request, whether live or not.
#[derive(Debug, Clone)]
pub struct Session(pub SessionContext);

impl FromRequestParts<AppState> for Session {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let jar = CookieJar::from_headers(&parts.headers);
        let cookie = |name| {
            let cookie = jar.get(&cookie_name(state.secure, name)).map(|cookie| cookie.value().to_owned());
            cookie.filter(|value| !value.is_empty())
        };
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let forwarded: Vec<&str> = parts
            .headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        let user_agent =
            parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self(SessionContext {
            token: cookie(SESSION),
            step: cookie(STEP),
            secure: state.secure,
            client: Client::new(client_address(peer, &forwarded, &state.trusted_proxies), user_agent)
                .marked(cookie(MARK))
                .carrying(cookie(SESSION).as_deref()),
            now: crate::surroundings::SystemClock.now(),
            report,
        }))
    }
}

impl Session {
    /// The signed-in person, if the tenant in the address is theirs.
    pub async fn actor_in(&self, state: &AppState, tenant: &str) -> Result<Actor, Error> {
        state.service.authenticate(self.0.token.as_deref(), Some(tenant), &self.0.client).await
    }

    /// As [`Self::actor_in`], without keeping the session alive.
    pub async fn listener_in(&self, state: &AppState, tenant: &str) -> Result<Actor, Error> {
        state.service.look_up(self.0.token.as_deref(), tenant, &self.0.client).await
    }
}

/// The nearest address that is not one of our proxies: each of them appended the one that it saw, so
/// what stands further left can be invented by the client.
fn client_address(peer: Option<IpAddr>, forwarded: &[&str], trusted: &[Network]) -> String {
    let Some(mut address) = peer.map(|peer| peer.to_canonical()) else { return "unknown".to_owned() };
    for claim in forwarded.iter().rev() {
        if !trusted.iter().any(|network| network.contains(address)) {
            break;
        }
        match claim.trim().parse::<IpAddr>() {
            Ok(claimed) => address = claimed.to_canonical(),
            Err(_) => break,
        }
    }
    address.to_string()
}

/// Logs what went wrong, once. What a person did wrong is no event for the log.
fn report(error: &Error) {
    if let Error::Unavailable { what, cause } = error {
        tracing::error!(%what, %cause, "unavailable");
    }
}

#[cfg(test)]
mod tests {
    use super::client_address;
    use std::net::IpAddr;

    #[test]
    fn only_what_trusted_proxies_say_is_believed() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let proxies = ["10.0.0.0/30", "192.168.0.1"].map(|network| network.parse().unwrap());
        let seen = |peer, forwarded: &[&str]| client_address(Some(ip(peer)), forwarded, &proxies);
        assert_eq!(seen("203.0.113.9", &["1.2.3.4"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["6.6.6.6", " 198.51.100.7"]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &["6.6.6.6", "198.51.100.7", "10.0.0.2"]), "198.51.100.7");
        assert_eq!(seen("192.168.0.1", &["6.6.6.6", "10.0.0.2"]), "6.6.6.6");
        assert_eq!(seen("192.168.0.2", &["6.6.6.6"]), "192.168.0.2");
        assert_eq!(seen("::ffff:10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(seen("10.0.0.1", &["nonsense"]), "10.0.0.1");
    }
}
