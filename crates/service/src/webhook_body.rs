//! What is sent to webhooks, and its signature ("Standard Webhooks", <https://www.standardwebhooks.com>).

use crate::{Error, ports::DueDelivery, visible_line};
use countersign_domain::{Millis, notice::Notice, webhook::SECRET_PREFIX};
use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// What a try of the address is called.
pub(crate) const TEST_TOPIC: &str = "webhook.test";
/// Digits of a hash by which people know it.
const SHORT: usize = 12;

/// A new secret as it is shown.
pub(crate) fn secret_of(bytes: &[u8; 32]) -> String {
    format!("{SECRET_PREFIX}{}", BASE64.encode(bytes))
}

/// `v1,<base64>`: HMAC-SHA256 over id, timestamp (seconds) and body, parted by full stops.
pub(crate) fn signature(secret: &str, id: &str, timestamp: i64, body: &str) -> Result<String, Error> {
    let bad = |cause: &str| Error::Unavailable { what: "The webhook's secret", cause: cause.to_owned().into() };
    let key = secret.strip_prefix(SECRET_PREFIX).ok_or_else(|| bad("no secret"))?;
    let key = BASE64.decode(key.as_bytes()).map_err(|_| bad("no base64"))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| bad("no key"))?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Ok(format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes())))
}

/// The page that a notice is about.
pub(crate) fn link(console_url: &str, slug: &str, notice: &Notice) -> String {
    format!("{console_url}/t/{slug}{}", notice.path())
}

/// For programs.
pub(crate) fn signed(due: &DueDelivery, console_url: &str) -> Value {
    let Some(notice) = &due.notice else {
        return json!({
            "type": TEST_TOPIC,
            "timestamp": due.made_at.to_rfc3339(),
            "data": {"tenant": due.tenant_slug, "title": "A try of this address. Nothing waits."},
        });
    };
    json!({
        "type": notice.kind.topic(),
        "timestamp": due.made_at.to_rfc3339(),
        "data": {
            "tenant": due.tenant_slug,
            "about": notice.about,
            "title": visible_line(&notice.title),
            "sha256": notice.sha256,
            "due": notice.due.map(Millis::to_rfc3339),
            "since": notice.at.to_rfc3339(),
            "urgency": notice.kind.urgency(notice.due, due.made_at).as_str(),
            "url": link(console_url, &due.tenant_slug, notice),
        },
    })
}

/// For chat programs. What an agent wrote stands where no program takes it for more than text: in the plain text of a
/// block. Programs that know no blocks show `text`, which is ours.
pub(crate) fn chat(due: &DueDelivery, console_url: &str) -> Value {
    let tenant = escaped(&due.tenant_name);
    let Some(notice) = &due.notice else {
        let text = format!("A try of this address by {tenant}. Nothing waits.");
        return json!({"text": text, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]});
    };
    let url = link(console_url, &due.tenant_slug, notice);
    let hash = notice.sha256.as_ref().map(|hash| format!(" ({})", &hash[..SHORT])).unwrap_or_default();
    let due_at = notice.due.map(|due| format!(", due {}", due.to_words())).unwrap_or_default();
    let words = format!("{} in {tenant}{hash}{due_at}", notice.kind.words());
    json!({
        "text": format!("{words}: {url}"),
        "blocks": [
            {"type": "section", "text": {"type": "mrkdwn", "text": format!("{words}: <{url}|Open it>")}},
            {"type": "section", "text": {"type": "plain_text", "text": visible_line(&notice.title), "emoji": false}},
        ],
    })
}

/// What chat programs take for more than text (Slack, "Escaping text"); a name begins with `@` in others.
fn escaped(text: &str) -> String {
    visible_line(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('@', "(at)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::{TenantId, WebhookId, notice::NoticeKind, webhook::WebhookShape};
    use uuid::Uuid;

    fn due(title: &str) -> DueDelivery {
        let notice = Notice {
            id: Uuid::from_u128(3),
            kind: NoticeKind::BriefDue,
            about: "b".into(),
            title: title.into(),
            sha256: Some("ab".repeat(32)),
            due: Some(Millis(1_795_390_193_000)),
            at: Millis(1_795_390_000_000),
        };
        DueDelivery {
            tenant: TenantId(Uuid::nil()),
            id: Uuid::nil(),
            webhook: WebhookId(Uuid::nil()),
            shape: WebhookShape::Signed,
            is_off: false,
            sealed_url: Vec::new(),
            sealed_secret: None,
            sealed_old: None,
            tenant_name: "Acme <!channel> @all".into(),
            tenant_slug: "acme".into(),
            notice: Some(notice),
            body: None,
            made_at: Millis(0),
            until: Millis(0),
            tries: 1,
        }
    }

    #[test]
    fn a_signature_is_that_of_the_published_example() {
        // From the reference library of "Standard Webhooks".
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(signature("whsec_%", "a", 1, "").is_err());
    }

    #[test]
    fn what_an_agent_wrote_cannot_call_anybody_or_lead_elsewhere() {
        let body = chat(&due("<!channel> [x](https://evil.example) \u{202e}*b* @here"), "https://c.example");
        let text = body["text"].as_str().unwrap();
        assert!(!text.contains("evil") && !text.contains("<!") && !text.contains('@'), "{text}");
        let first = body["blocks"][0]["text"]["text"].as_str().unwrap();
        assert!(!first.contains("evil") && !first.contains("<!") && first.contains("<https://c.example/t/acme/d/b|"));
        assert_eq!(body["blocks"][1]["text"]["type"], "plain_text");
        assert!(!body.to_string().contains('\u{202e}'));
        assert!(signed(&due("x"), "https://c.example")["data"]["url"] == "https://c.example/t/acme/d/b");
    }

    #[test]
    fn what_is_signed_says_how_urgent_it_was_when_it_was_made_whenever_it_began_to_wait() {
        let due = DueDelivery { made_at: Millis(1_795_390_193_000 - 7_200_000), ..due("x") };
        let body = signed(&due, "https://c.example");
        assert_eq!(body["timestamp"], json!(due.made_at.to_rfc3339()));
        assert_eq!(
            (&body["data"]["urgency"], &body["data"]["since"]),
            (&json!("urgent"), &json!(Millis(1_795_390_000_000).to_rfc3339()))
        );
    }
}
