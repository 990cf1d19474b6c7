//! What founders see of their single sign-on.

use crate::{
    Millis,
    sso::{MailDomain, RoleRules, SsoRefusal},
};

/// Never the client secret: only whether there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoSettings {
    /// What the provider must know as the address to send browsers back to.
    pub redirect_url: String,
    /// Where people of the organization begin.
    pub start_url: String,
    /// None: there is no provider yet.
    pub connection: Option<SsoView>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoView {
    pub issuer: String,
    pub client_id: String,
    pub has_secret: bool,
    pub group_claim: String,
    pub rules: RoleRules,
    pub domains: Vec<MailDomain>,
    pub enforced: bool,
    pub last_sign_in: Option<Millis>,
    pub last_refusal: Option<(SsoRefusal, Millis)>,
}
