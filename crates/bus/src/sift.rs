//! Messages that the client library cannot read. It gives its connection up over them, or takes them for a
//! word of the bus itself, and the bus hands them out again and again: so they are looked at as the stream
//! keeps them, put into quarantine whole, and taken out of the stream.

use crate::{
    decode::{self, Raw},
    error::{Error, api},
    ingest::Reader,
    raw::{self, Stored},
    sender::Senders,
};
use async_nats::{HeaderName, HeaderValue};
use countersign_domain::bus_fact::{Fact, Headers, Position};
use countersign_service::{ports::Batch, visible_line};
use countersign_wire::stream::BRIDGE;
use data_encoding::BASE64;
use futures::{StreamExt, TryStreamExt, stream};

/// Messages looked at in one go; the oldest first, and where one is odd the rest comes up again.
const MOST: u64 = 20_000;
/// Messages looked up at the same time.
const AT_ONCE: usize = 16;

impl Reader {
    /// Looks through what was handed to the bridge's reader and is not acknowledged.
    pub async fn sift(&self, name: &'static str, epoch: i64) -> Result<(), Error> {
        let what = "read the bridge's reader";
        let reader = self.context.get_stream_no_info(name).await.map_err(api(what))?;
        let info = reader.consumer_info(BRIDGE).await.map_err(api(what))?;
        if info.num_ack_pending == 0 {
            return Ok(());
        }
        let floor = info.ack_floor.stream_sequence;
        let last = info.delivered.stream_sequence.min(floor + MOST);
        let context = &self.context;
        let found: Vec<Option<Stored>> = stream::iter(floor + 1..=last)
            .map(|sequence| async move { raw::message(context, name, sequence).await })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let odd = |stored: Stored| fault(&stored).map(|fault| (stored, fault));
        let odd: Vec<(Stored, String)> = found.into_iter().flatten().filter_map(odd).collect();
        let Some(last_sequence) = odd.last().map(|(stored, _)| stored.sequence) else { return Ok(()) };
        let facts = odd.iter().map(|(stored, fault)| self.quarantined(name, epoch, stored, fault)).collect();
        self.record(&Batch { stream: name, epoch, last_sequence, facts }).await?;
        for (stored, fault) in odd {
            raw::remove(&self.context, name, stored.sequence).await?;
            tracing::warn!(stream = name, sequence = stored.sequence, fault, "a message that no client can read");
        }
        Ok(())
    }

    fn quarantined(&self, stream: &str, epoch: i64, stored: &Stored, fault: &str) -> Fact {
        let raw = Raw {
            tenant: self.tenant,
            position: Position { stream: stream.to_owned(), epoch, sequence: stored.sequence },
            tasks_epoch: self.tasks_epoch,
            at: stored.at(),
            subject: &stored.subject,
            headers: lines(&stored.headers),
            payload: &stored.payload,
            senders: &Senders::default(),
        };
        decode::refuse(&raw, fault.to_owned())
    }
}

/// What keeps the client library from reading the message, if something does. This follows its connection.rs.
fn fault(stored: &Stored) -> Option<String> {
    let odd = |c: char| c.is_whitespace() || c == char::REPLACEMENT_CHARACTER;
    if stored.subject.contains(odd) {
        return Some("Its subject is not text, or has a space in it.".to_owned());
    }
    if stored.headers.is_empty() {
        return None;
    }
    let Ok(text) = str::from_utf8(&stored.headers) else { return Some("Its headers are not text.".to_owned()) };
    let mut lines = text.lines().peekable();
    match lines.next().unwrap_or_default().strip_prefix("NATS/1.0").map(str::trim) {
        Some("") => {}
        Some(status) => return Some(format!("It claims to be an answer of the bus itself ({}).", shown(status))),
        None => return Some("Its headers do not begin as headers do.".to_owned()),
    }
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let Some((name, value)) = line.split_once(':') else {
            return Some(format!("A line of its headers is no header (“{}”).", shown(line)));
        };
        if name.parse::<HeaderName>().is_err() {
            return Some(format!("A header has a name that cannot be one (“{}”).", shown(name)));
        }
        let mut value = value.to_owned();
        while let Some(more) = lines.next_if(|line| line.starts_with(char::is_whitespace)) {
            value.push_str(more);
        }
        if value.trim().parse::<HeaderValue>().is_err() {
            return Some(format!("The header “{}” has a value that cannot be one.", shown(name)));
        }
    }
    None
}

/// A stranger's text as a sentence may have it.
fn shown(text: &str) -> String {
    visible_line(&text.chars().take(80).collect::<String>())
}

/// The headers' lines as name and value, whatever they are; base64 of them all where they are not text.
fn lines(headers: &[u8]) -> Headers {
    let Ok(text) = str::from_utf8(headers) else {
        return vec![("(bytes in base64)".to_owned(), BASE64.encode(headers))];
    };
    // U+0000 cannot be stored as text.
    let kept = |part: &str| part.replace('\0', "\\u{0}");
    let lines = text.split("\r\n").filter(|line| !line.is_empty() && line.trim_end() != "NATS/1.0");
    lines
        .map(|line| {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            (kept(name), kept(value.strip_prefix(' ').unwrap_or(value)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(subject: &str, headers: &[u8]) -> Stored {
        serde_json::from_value(serde_json::json!({
            "subject": subject, "seq": 1, "hdrs": BASE64.encode(headers), "time": "2026-01-02T03:04:05.678Z"
        }))
        .unwrap()
    }

    #[test]
    fn what_the_client_library_reads_is_left_alone() {
        for good in
            ["", "NATS/1.0\r\n\r\n", "NATS/1.0\r\nX-Odd: ünïcode ☃\r\nempty:\r\n\r\n", "NATS/1.0\r\na:b\r\n c\r\n\r\n"]
        {
            assert_eq!(fault(&stored("tasks.cso.scan", good.as_bytes())), None, "{good:?}");
        }
    }

    #[test]
    fn what_it_cannot_read_is_found_and_kept() {
        let long = format!("NATS/1.0\r\n{}\r\n\r\n", "\0 no colon ".repeat(1000));
        let bad: [(&str, &[u8]); 10] = [
            ("tasks.cso.scan", b"NATS/1.0\r\nMy Key: v\r\n\r\n"),
            ("tasks.cso.scan", "NATS/1.0\r\nschlüssel: v\r\n\r\n".as_bytes()),
            ("tasks.cso.scan", b"NATS/1.0\r\nno colon\r\n\r\n"),
            ("tasks.cso.scan", b"NATS/1.0\r\nkey: \xff\r\n\r\n"),
            ("tasks.cso.scan", b"NATS/1.0\r\nkey: a\rb\r\n\r\n"),
            ("tasks.cso.scan", b"NATS/1.0 409 Consumer Deleted\r\n\r\n"),
            ("tasks.cso.scan", b"HTTP/1.1\r\n\r\n"),
            ("tasks.cso.scan", long.as_bytes()),
            ("tasks.cso.\u{3000}", b""),
            ("tasks.cso.\u{fffd}", b""),
        ];
        for (subject, headers) in bad {
            let fault = fault(&stored(subject, headers)).expect("a fault");
            assert!(!fault.contains('\0') && fault.chars().count() < 200, "{fault}");
        }
        assert_eq!(lines(bad[0].1), [("My Key".to_owned(), "v".to_owned())]);
        assert_eq!(lines(bad[2].1), [("no colon".to_owned(), String::new())]);
        assert_eq!(lines(bad[3].1)[0].1, BASE64.encode(bad[3].1));
        assert_eq!(stored("a", b"").at().0, 1_767_323_045_678);
    }
}
