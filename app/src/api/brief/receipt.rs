use crate::api::{
    ApiError,
    reading::{JsonText, Text},
};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

/// The receipt of a decision that counts, as a JSON string: what is in it is the receipt, byte for byte
/// (`docs/receipts.md`).
#[server(prefix = "/api", endpoint = "brief/receipt", input = GetUrl, output = JsonText)]
pub async fn read_receipt(tenant: String, decision: String) -> Result<Text, ApiError> {
    use crate::api::session::Session;
    use countersign_domain::DecisionId;

    let session = Session::here();
    let actor = session.actor_in(&tenant).await?;
    let id = session.id::<DecisionId>(&decision)?;
    let receipt = session.service.decision_receipt(&actor, id).await;
    session.answer_text(receipt.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}
