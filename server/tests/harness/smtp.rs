//! A mail server, as far as a client of it can tell (RFC 5321): it takes what it is given, and shows it to the test.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

/// A mail as it arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// From the envelope.
    pub from: String,
    pub to: String,
    pub head: String,
    pub text: String,
}

impl Arrived {
    /// The token of the link to this page.
    pub fn token(&self, page: &str) -> String {
        let line = self.text.lines().find(|line| line.contains(&format!("/{page}/")));
        line.and_then(|line| line.rsplit('/').next()).unwrap_or_else(|| panic!("a link in {}", self.text)).to_owned()
    }
}

#[derive(Debug, Default)]
struct Inside {
    mails: Vec<Arrived>,
    /// What the next recipients are answered with instead of being taken.
    refusals: Vec<&'static str>,
    conversations: u32,
}

/// Listens for as long as the test runs.
#[derive(Debug, Clone)]
pub struct MailServer {
    pub url: String,
    inside: Arc<Mutex<Inside>>,
}

impl MailServer {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let inside = Arc::new(Mutex::new(Inside::default()));
        let shared = Arc::clone(&inside);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let inside = Arc::clone(&shared);
                std::thread::spawn(move || converse(stream, &inside));
            }
        });
        Self { url, inside }
    }

    /// The next recipients are refused so, one each.
    pub fn refuse(&self, answers: &[&'static str]) {
        self.inside.lock().unwrap().refusals.extend(answers.iter().rev());
    }

    pub fn mails(&self) -> Vec<Arrived> {
        self.inside.lock().unwrap().mails.clone()
    }

    pub fn conversations(&self) -> u32 {
        self.inside.lock().unwrap().conversations
    }

    /// Waits for mail number `count` to this address and answers it.
    pub async fn mail_to(&self, to: &str, count: usize) -> Arrived {
        super::eventually(&format!("mail {count} to {to}"), async || {
            let to_them: Vec<Arrived> = self.mails().into_iter().filter(|mail| mail.to == to).collect();
            to_them.get(count - 1).cloned().ok_or_else(|| format!("{} so far", to_them.len()))
        })
        .await
    }
}

fn converse(stream: TcpStream, inside: &Mutex<Inside>) -> Option<()> {
    inside.lock().unwrap().conversations += 1;
    let mut out = stream.try_clone().ok()?;
    let mut say = move |line: &str| out.write_all(format!("{line}\r\n").as_bytes()).ok();
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let (mut from, mut to) = (String::new(), String::new());
    say("220 mail.test ESMTP")?;
    while let Some(line) = lines.next() {
        let verb = line.to_ascii_uppercase();
        if verb.starts_with("EHLO") {
            say("250-mail.test")?;
            say("250 8BITMIME")?;
        } else if verb.starts_with("MAIL FROM:") {
            from = address(&line);
            say("250 2.1.0 fine")?;
        } else if verb.starts_with("RCPT TO:") {
            let refused = inside.lock().unwrap().refusals.pop();
            to = address(&line);
            say(refused.unwrap_or("250 2.1.5 fine"))?;
        } else if verb == "DATA" {
            say("354 go on")?;
            // A line that begins with a dot has one more (RFC 5321, section 4.5.2).
            let data: Vec<String> = lines
                .by_ref()
                .take_while(|line| line != ".")
                .map(|line| line.strip_prefix('.').map_or_else(|| line.clone(), ToOwned::to_owned))
                .collect();
            let whole = data.join("\n");
            let (head, body) = whole.split_once("\n\n").unwrap_or((&whole, ""));
            let text = if head.to_lowercase().contains("quoted-printable") { plain(body) } else { body.to_owned() };
            let mail = Arrived { from: from.clone(), to: to.clone(), head: head.to_owned(), text };
            inside.lock().unwrap().mails.push(mail);
            say("250 2.0.0 taken")?;
        } else if verb == "QUIT" {
            say("221 2.0.0 bye")?;
            return Some(());
        } else {
            say("250 2.0.0 fine")?;
        }
    }
    None
}

fn address(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}

/// What a quoted-printable body says (RFC 2045, section 6.7).
fn plain(body: &str) -> String {
    let joined = body.replace("=\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        match (first, hex) {
            (b'=', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
