//! Header names.

/// What `JetStream` itself deduplicates by.
pub const MESSAGE_ID: &str = "Nats-Msg-Id";
/// Who says to have sent a task. Unproven.
pub const SENDER: &str = "Countersign-Sender";
/// A trace, where the payload carries none.
pub const CORRELATION_ID: &str = "Correlation-Id";
