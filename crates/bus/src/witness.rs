//! The journal's head as the bus keeps it: signed, outside the database.

use crate::{
    Identity, connection,
    error::{Error, api},
};
use async_nats::jetstream;
use countersign_domain::{Millis, TenantId, journal::Hash};
use countersign_wire::{stream::EVENTS, subject};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};

/// What is published.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SignedHead {
    tenant: TenantId,
    seq: i64,
    /// Hexadecimal.
    hash: String,
    at: Millis,
    /// The tenant's signing key.
    key: String,
    /// Base64url of the signature over [`text`].
    signature: String,
}

fn text(tenant: TenantId, seq: i64, hash: &str) -> String {
    format!("countersign journal head 1 {tenant} {seq} {hash}")
}

/// The head as a payload, signed with the tenant's key.
pub(crate) async fn sign(
    identity: &Identity,
    tenant: TenantId,
    seq: i64,
    hash: &Hash,
    at: Millis,
) -> Result<String, Error> {
    let keys = identity.tenant(tenant).await?;
    let hash = HEXLOWER.encode(hash);
    let signature = keys.signing.sign(text(tenant, seq, &hash).as_bytes()).map_err(|e| Error::Key(e.to_string()))?;
    let key = keys.signing.public_key();
    let head = SignedHead { tenant, seq, hash, at, key, signature: BASE64URL_NOPAD.encode(&signature) };
    serde_json::to_string(&head).map_err(|e| Error::Key(e.to_string()))
}

/// The newest head that the bus at `url` was told; none where it was told none. A head that the tenant's key
/// did not sign is an error.
pub async fn last_head(
    identity: &Identity,
    url: &str,
    tenant: TenantId,
    now: Millis,
) -> Result<Option<(i64, Hash)>, Error> {
    let user = identity.tenant_user(tenant, now).await?;
    let link = connection::connect(url, user, "countersign journal").await?;
    let stream = jetstream::new(link.client).get_stream(EVENTS).await.map_err(api("read a stream"))?;
    let Ok(message) = stream.get_last_raw_message_by_subject(subject::JOURNAL_HEAD).await else { return Ok(None) };
    let head: SignedHead = serde_json::from_slice(&message.payload).map_err(api("read the journal's head"))?;
    let keys = identity.tenant(tenant).await?;
    let signature = BASE64URL_NOPAD.decode(head.signature.as_bytes()).map_err(api("read the journal's head"))?;
    keys.signing
        .verify(text(tenant, head.seq, &head.hash).as_bytes(), &signature)
        .map_err(api("prove the journal's head"))?;
    let hash = HEXLOWER.decode(head.hash.as_bytes()).map_err(api("read the journal's head"))?;
    let hash = hash.try_into().map_err(|_| Error::Key("the journal's head has no hash".to_owned()))?;
    Ok(Some((head.seq, hash)))
}
