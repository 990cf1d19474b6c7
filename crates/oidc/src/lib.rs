//! OpenID Connect as a relying party: [`IdentityProvider`](countersign_service::ports::IdentityProvider) over HTTP.
//!
//! `openidconnect` knows the protocol; here is what it leaves to its user: which addresses are reached and how much of
//! an answer is read ([`http`]), how long a discovery document is believed ([`known`]), and which tokens count ([`token`]).

mod http;
mod known;
mod provider;
mod reach;
mod token;

pub use http::{Http, HttpFault};
pub use provider::OidcProvider;
pub use reach::Reach;
