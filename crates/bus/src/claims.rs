//! JWTs of the bus: operator, account and user claims (NATS ADR-14, version 2; the signature
//! algorithm is `ed25519-nkey`). Written here because no well-kept crate offers it.

use countersign_domain::TenantId;
use countersign_role::powers::{BusPowers, Subjects};
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD};
use nkeys::KeyPair;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The disk that a tenant's streams may use: their limits together, with room for one more.
pub(crate) const ACCOUNT_DISK_BYTES: i64 = 1024 * 1024 * 1024;
/// What one message may weigh on the wire before its stream's own limit refuses it with a reason.
const PAYLOAD_BYTES: i64 = 1024 * 1024;

/// What stands before the tenant's id among the tags of an agent's credential.
const TENANT_TAG: &str = "tenant:";

/// Signs claims about `subject`. Times are seconds since the epoch.
fn sign(
    issuer: &KeyPair,
    subject: &str,
    name: &str,
    issued_at: i64,
    expires_at: Option<i64>,
    nats: Value,
) -> Result<String, nkeys::error::Error> {
    let mut claims =
        json!({ "iat": issued_at, "iss": issuer.public_key(), "name": name, "nats": nats, "sub": subject });
    if let Some(expires_at) = expires_at {
        claims["exp"] = json!(expires_at);
    }
    let id = BASE32_NOPAD.encode(&Sha256::digest(claims.to_string().as_bytes()));
    claims["jti"] = json!(id);
    let header = json!({ "typ": "JWT", "alg": "ed25519-nkey" });
    let text = format!(
        "{}.{}",
        BASE64URL_NOPAD.encode(header.to_string().as_bytes()),
        BASE64URL_NOPAD.encode(claims.to_string().as_bytes())
    );
    let signature = issuer.sign(text.as_bytes())?;
    Ok(format!("{text}.{}", BASE64URL_NOPAD.encode(&signature)))
}

/// The operator's own claims.
pub(crate) fn operator(
    operator: &KeyPair,
    system_account: &str,
    issued_at: i64,
) -> Result<String, nkeys::error::Error> {
    let nats = json!({ "type": "operator", "version": 2, "system_account": system_account });
    sign(operator, &operator.public_key(), "Countersign", issued_at, None, nats)
}

/// The system account's claims.
pub(crate) fn system_account(operator: &KeyPair, account: &str, issued_at: i64) -> Result<String, nkeys::error::Error> {
    let limits = json!({ "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": -1 });
    let nats = json!({ "type": "account", "version": 2, "limits": limits });
    sign(operator, account, "SYS", issued_at, None, nats)
}

/// A tenant's account: its signing key, its disk, and the keys that may not connect any more (with
/// the second of their revocation).
pub(crate) fn tenant_account(
    operator: &KeyPair,
    account: &str,
    signing_key: &str,
    revoked: &[(String, i64)],
    issued_at: i64,
) -> Result<String, nkeys::error::Error> {
    let limits = json!({
        "subs": -1, "data": -1, "payload": PAYLOAD_BYTES, "imports": -1, "exports": -1, "wildcards": true, "conn": -1, "leaf": 0,
        "disallow_bearer": true,
        "mem_storage": 0, "disk_storage": ACCOUNT_DISK_BYTES, "streams": -1, "consumer": -1,
        "mem_max_stream_bytes": -1, "disk_max_stream_bytes": -1, "max_bytes_required": false,
    });
    let revocations: serde_json::Map<String, Value> =
        revoked.iter().map(|(key, at)| (key.clone(), json!(at))).collect();
    let mut nats = json!({ "type": "account", "version": 2, "limits": limits, "signing_keys": [signing_key] });
    if !revocations.is_empty() {
        nats["revocations"] = Value::Object(revocations);
    }
    sign(operator, account, account, issued_at, None, nats)
}

/// As claims have them: what is denied is denied though it is allowed.
fn subjects(subjects: &Subjects) -> Value {
    let mut claim = json!({ "allow": subjects.allow });
    if !subjects.deny.is_empty() {
        claim["deny"] = json!(subjects.deny);
    }
    claim
}

/// A user of a tenant's account who may do what `bus` says.
#[expect(clippy::too_many_arguments, reason = "each is one claim")]
pub(crate) fn agent_user(
    signing_key: &KeyPair,
    account: &str,
    tenant: TenantId,
    user: &str,
    name: &str,
    bus: &BusPowers,
    issued_at: i64,
    expires_at: i64,
) -> Result<String, nkeys::error::Error> {
    let nats = json!({
        "type": "user", "version": 2, "issuer_account": account,
        "pub": subjects(&bus.publish), "sub": subjects(&bus.subscribe),
        "subs": bus.subscriptions, "data": -1, "payload": bus.payload_bytes,
        // For the Workspace API, which knows tenants and not accounts.
        "tags": [format!("{TENANT_TAG}{tenant}")],
    });
    sign(signing_key, user, name, issued_at, Some(expires_at), nats)
}

/// A user without limits, for the server's own connections. Signed by the account itself or by a
/// signing key of it.
pub(crate) fn own_user(
    issuer: &KeyPair,
    account: &str,
    user: &str,
    issued_at: i64,
) -> Result<String, nkeys::error::Error> {
    let nats = json!({
        "type": "user", "version": 2, "issuer_account": account,
        "pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1,
    });
    sign(issuer, user, "countersign", issued_at, None, nats)
}

/// The name in claims whose signature somebody else has checked.
pub(crate) fn name_in(jwt: &str) -> Option<String> {
    let body = BASE64URL_NOPAD.decode(jwt.split('.').nth(1)?.as_bytes()).ok()?;
    let claims: Value = serde_json::from_slice(&body).ok()?;
    Some(claims.get("name")?.as_str()?.to_owned())
}

/// An agent's claims, read but not believed.
#[derive(Debug)]
pub(crate) struct AgentClaims<'a> {
    pub tenant: TenantId,
    /// Public key of the agent's credential.
    pub subject: String,
    issuer: String,
    /// Seconds since the epoch.
    expires_at: i64,
    text: &'a str,
    signature: Vec<u8>,
}

/// Reads what [`agent_user`] wrote; `None` for anything else.
pub(crate) fn read_agent(jwt: &str) -> Option<AgentClaims<'_>> {
    #[derive(Deserialize)]
    struct Claims {
        iss: String,
        sub: String,
        exp: i64,
        nats: Nats,
    }
    #[derive(Deserialize)]
    struct Nats {
        r#type: String,
        tags: Vec<String>,
    }
    let (text, signature) = jwt.rsplit_once('.')?;
    let (_, body) = text.split_once('.')?;
    let claims: Claims = serde_json::from_slice(&BASE64URL_NOPAD.decode(body.as_bytes()).ok()?).ok()?;
    if claims.nats.r#type != "user" {
        return None;
    }
    let tenant = claims.nats.tags.iter().find_map(|tag| tag.strip_prefix(TENANT_TAG))?.parse().ok()?;
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
    Some(AgentClaims { tenant, subject: claims.sub, issuer: claims.iss, expires_at: claims.exp, text, signature })
}

impl AgentClaims<'_> {
    /// Whether the tenant's own key signed them and they have not expired at `now` (seconds). The issuer that
    /// they name counts for nothing but equality, and the algorithm that they name for nothing at all.
    pub fn are_by(&self, signing_key: &KeyPair, now: i64) -> bool {
        self.issuer == signing_key.public_key()
            && now < self.expires_at
            && signing_key.verify(self.text.as_bytes(), &self.signature).is_ok()
    }
}

/// A credentials file as every NATS client reads it.
pub(crate) fn credentials_file(jwt: &str, seed: &str) -> String {
    format!(
        "-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n\
         Keep this file secret: whoever has it can act as this agent.\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_signed_by_their_issuer_over_header_and_body() {
        let operator_key = KeyPair::new_operator();
        let jwt = operator(&operator_key, "ASYS", 1).unwrap();
        let (text, signature) = jwt.rsplit_once('.').unwrap();
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
        operator_key.verify(text.as_bytes(), &signature).unwrap();
        let body = BASE64URL_NOPAD.decode(text.split('.').nth(1).unwrap().as_bytes()).unwrap();
        let claims: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(claims["iss"], claims["sub"]);
        assert_eq!(claims["nats"]["type"], "operator");
    }

    #[test]
    fn an_agents_claims_count_for_the_tenant_whose_key_signed_them_until_they_expire() {
        let tenant = TenantId(uuid::Uuid::from_u128(7));
        let (signing, other, user) = (KeyPair::new_account(), KeyPair::new_account(), KeyPair::new_user());
        let text =
            "apiVersion: countersign/v1\nkind: AgentRole\nmetadata: { name: cso }\nspec:\n  forbidden_actions:\n";
        let bans = countersign_role::forbidden::Mandatory::ALL.map(|ban| format!("    - {}\n", ban.line())).concat();
        let file = countersign_role::read(format!("{text}{bans}").as_bytes()).unwrap();
        let permissions = countersign_role::compile(&file.role).bus;
        let by = |key: &KeyPair| agent_user(key, "A", tenant, &user.public_key(), "cso", &permissions, 1, 100).unwrap();
        let jwt = by(&signing);
        let claims = read_agent(&jwt).unwrap();
        assert_eq!((claims.tenant, claims.subject.as_str()), (tenant, user.public_key().as_str()));
        assert!(claims.are_by(&signing, 99));
        assert!(!claims.are_by(&signing, 100), "expired");
        assert!(!read_agent(&by(&other)).unwrap().are_by(&signing, 99), "another tenant's key");
        assert!(!read_agent(&by(&user)).unwrap().are_by(&signing, 99), "its own key");
        // Somebody else's signature under the right issuer's name.
        let (_, forged) = jwt.rsplit_once('.').unwrap();
        let moved = format!("{}.{forged}", by(&other).rsplit_once('.').unwrap().0);
        assert!(!read_agent(&moved).unwrap().are_by(&signing, 99));
        for odd in ["", ".", "..", "a.b.c", "e30.e30.e30"] {
            assert!(read_agent(odd).is_none(), "{odd}");
        }
    }
}
