//! What can go wrong on the bus, in sentences that reach the console.

use countersign_service::ports::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("The bus at {url} cannot be reached: {cause}.")]
    Connect { url: String, cause: String },
    #[error(
        "The nats-server does not know Countersign's operator or refused its key. Start it with the configuration that `countersign nats-config` writes."
    )]
    Refused,
    #[error("The nats-server is version {found}; Countersign needs {min} or newer. Older ones let clients do what they must not.", min = crate::MIN_VERSION)]
    TooOld { found: String },
    #[error(
        "The nats-server does not sync each write to disk (sync_interval: always), so a power cut could lose acknowledged messages. Set it, or start Countersign with --allow-unsynced-bus if a replicated cluster protects you."
    )]
    NotSynced,
    #[error(
        "The stream {stream} exists with other settings that cannot be changed in place ({cause}). Move its messages elsewhere and remove it, or give Countersign another account."
    )]
    ForeignStream { stream: String, cause: String },
    #[error(
        "The bus has stopped taking messages, since it could not write to its disk ({cause}). Make room there. Countersign then restarts its own nats-server; one of yours you must restart yourself."
    )]
    StoppedWriting { cause: String },
    #[error("The bus did not do what was asked ({what}): {cause}.")]
    Api { what: &'static str, cause: String },
    #[error("The connection to the bus was lost.")]
    Lost,
    #[error("The bus is not answering. Reading and deciding go on; what is to be sent waits here.")]
    Silent,
    #[error("A key of the bus identity cannot be used: {0}.")]
    Key(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Any failed request of `what`.
pub(crate) fn api<E: std::fmt::Display>(what: &'static str) -> impl FnOnce(E) -> Error {
    move |cause| Error::Api { what, cause: cause.to_string() }
}
