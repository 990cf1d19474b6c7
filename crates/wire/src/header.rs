//! Header names.

/// What `JetStream` itself deduplicates by.
pub const MESSAGE_ID: &str = "Nats-Msg-Id";
/// Who says to have sent a task. Unproven.
pub const SENDER: &str = "Countersign-Sender";
/// What proves the sender: the public nkey that signed the message…
pub const KEY: &str = "Countersign-Key";
/// …and the signature (base64url) over what [`crate::signature::material`] says.
pub const SIGNATURE: &str = "Countersign-Signature";
/// The task that a message of the server's own carries,
pub const TASK: &str = "Countersign-Task";
/// as its message of this number,
pub const ISSUE: &str = "Countersign-Issue";
/// after so many attempts.
pub const BASE: &str = "Countersign-Base";
/// Why a task became a dead letter.
pub const CAUSE: &str = "Countersign-Cause";
/// The attempts that were made at a dead letter.
pub const ATTEMPTS: &str = "Countersign-Attempts";
/// What the last attempt at a dead letter said.
pub const REASON: &str = "Countersign-Reason";
/// A trace, where the payload carries none.
pub const CORRELATION_ID: &str = "Correlation-Id";
