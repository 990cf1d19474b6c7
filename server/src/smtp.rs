//! Giving mails to a mail server (RFC 5321), over TLS.

use anyhow::{Context, bail};
use async_trait::async_trait;
use axum::http::Uri;
use countersign_service::ports::{MailError, Mailer, Outgoing};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::Error as SmtpError,
};
use secrecy::ExposeSecret;
use std::{net::IpAddr, time::Duration};

/// A conversation with the mail server may take so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where mails go, and whom they are from.
#[derive(Clone)]
pub struct MailSettings {
    /// With user name and password.
    url: String,
    from: Mailbox,
}

impl std::fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailSettings").field("from", &self.from).finish_non_exhaustive()
    }
}

impl MailSettings {
    pub fn new(url: &str, from: Option<&str>) -> anyhow::Result<Self> {
        let Some(from) = from else {
            bail!("Say whom mails are from with --mail-from, such as “Countersign <countersign@example.com>”.");
        };
        let from = from.parse().with_context(|| {
            format!("“{from}” is no sender of mails. It reads like “Countersign <countersign@example.com>”.")
        })?;
        let settings = Self { url: secured(url)?, from };
        settings.transport()?;
        Ok(settings)
    }

    /// Whom mails are from.
    pub fn sender(&self) -> String {
        self.from.to_string()
    }

    fn transport(&self) -> anyhow::Result<AsyncSmtpTransport<Tokio1Executor>> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&self.url)
            .map_err(|_| anyhow::anyhow!("The mail server's address cannot be understood. {EXAMPLE}"))?;
        Ok(builder.timeout(Some(PATIENCE)).build())
    }
}

const EXAMPLE: &str =
    "It reads like smtps://user:password@mail.example.com or smtp://user:password@mail.example.com:587.";

/// The address with what it leaves unsaid: links in mails let people in, so they cross a network encrypted or, where
/// `tls=none` asks for it, not.
fn secured(url: &str) -> anyhow::Result<String> {
    let Ok(parsed) = url.parse::<Uri>() else { bail!("The mail server's address cannot be understood. {EXAMPLE}") };
    let query = parsed.query().unwrap_or_default();
    let host = parsed.host().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    let plain = url.split_once('?').map_or(url, |(before, _)| before);
    match (parsed.scheme_str(), query) {
        (Some("smtps"), "") | (Some("smtp"), "tls=required") => Ok(url.to_owned()),
        (Some("smtp"), "") if is_here => Ok(url.to_owned()),
        (Some("smtp"), "tls=none") => Ok(plain.to_owned()),
        (Some("smtp"), "") => Ok(format!("{plain}?tls=required")),
        _ => bail!("The mail server's address cannot be understood. {EXAMPLE}"),
    }
}

/// [`Mailer`] over SMTP.
#[derive(Debug)]
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpMailer {
    pub fn new(settings: &MailSettings) -> anyhow::Result<Self> {
        Ok(Self { transport: settings.transport()?, from: settings.from.clone() })
    }

    fn message(&self, mail: &Outgoing) -> Result<Message, MailError> {
        let never = || MailError::Never("No mail can be made for this address.".to_owned());
        let to = Mailbox::new(None, mail.to.parse().map_err(|_| never())?);
        // So that no robot answers it (RFC 3834, section 5).
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&mail.subject)
            .message_id(Some(format!("<{}@countersign>", mail.id)))
            .raw_header(automatic)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text.expose_secret().to_owned())
            .map_err(|_| never())
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: Outgoing) -> Result<(), MailError> {
        let message = self.message(&mail)?;
        // The pool keeps connections on which nobody waits for an answer.
        self.transport.send(message).await.map(drop).map_err(|error| said(&error))
    }
}

/// What the mail server's answer means. Its own words are left out: they may repeat the mail's.
fn said(error: &SmtpError) -> MailError {
    match error.status().map(u16::from) {
        // What the operator can mend, and then it goes on (RFC 4954, section 6).
        Some(code @ (530 | 534 | 535 | 538)) => {
            MailError::Later(format!("The mail server does not take our user name and password ({code})."))
        }
        Some(code) if error.is_permanent() => MailError::Never(format!("The mail server refused it ({code}).")),
        Some(code) => MailError::Later(format!("The mail server asks to try again later ({code}).")),
        None if error.is_timeout() => MailError::Later("The mail server did not answer in time.".to_owned()),
        None if error.is_tls() => {
            MailError::Later("The mail server cannot be trusted: its certificate is not in order.".to_owned())
        }
        None => MailError::Later("The mail server could not be reached.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_leave_the_machine_encrypted_unless_that_is_waived() {
        for (given, used) in [
            ("smtps://u:p@mail.example.com", "smtps://u:p@mail.example.com"),
            ("smtp://u:p@mail.example.com:587", "smtp://u:p@mail.example.com:587?tls=required"),
            ("smtp://mail:1025?tls=none", "smtp://mail:1025"),
            ("smtp://127.0.0.1:1025", "smtp://127.0.0.1:1025"),
            ("smtp://[::1]:1025", "smtp://[::1]:1025"),
        ] {
            assert_eq!(secured(given).unwrap(), used);
        }
        for odd in [
            "mail.example.com",
            "http://mail.example.com",
            "smtp://mail?tls=perhaps",
            "smtp://mail?tls=opportunistic",
            "",
        ] {
            assert!(secured(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_sender_is_asked_for_and_no_password_is_shown() {
        let url = "smtps://user:s3cret@mail.example.com";
        assert!(MailSettings::new(url, None).unwrap_err().to_string().contains("--mail-from"));
        assert!(MailSettings::new(url, Some("nobody")).is_err());
        let settings = MailSettings::new(url, Some("Countersign <a@example.com>")).unwrap();
        assert!(!format!("{settings:?}").contains("s3cret"));
    }
}
