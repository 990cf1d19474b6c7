//! Requests to the console as any program can send them.

use super::Server;
use countersign_service::{Client, SignInStep, SignedIn};
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

pub struct Answer {
    pub status: u16,
    /// In small letters.
    pub head: String,
    /// As it came.
    pub raw_head: String,
    pub body: String,
    /// The cookie that it sets, as a `Cookie` header has it.
    pub cookie: Option<String>,
}

/// One request. Reads until the server closes, or for a second of silence after the first word.
pub fn ask(server: &Server, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut head = format!("{method} {path} HTTP/1.0\r\n");
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        head.push_str(&format!("Host: {}\r\n", address(server)));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    send(server, format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes())
}

/// Where the console listens, `host:port`.
pub fn address(server: &Server) -> &str {
    server.addresses.console.trim_start_matches("http://")
}

/// As [`ask`], byte by byte as it is sent. What a server that refuses closes upon is no failure.
pub fn send(server: &Server, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address(server)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(25))).unwrap();
    let _ = stream.write_all(request);
    let mut bytes = vec![0; 16];
    let first = stream.read(&mut bytes).unwrap_or(0);
    bytes.truncate(first);
    stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split_whitespace().nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    let set = head.lines().find(|line| line.to_lowercase().starts_with("set-cookie: "));
    let cookie = set.and_then(|line| line["set-cookie: ".len()..].split(';').next()).map(ToOwned::to_owned);
    Answer { status, head: head.to_lowercase(), raw_head: head.to_owned(), body: body.to_owned(), cookie }
}

pub const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// Entries for the arguments of every server function; each takes those that are its own.
pub const ALL: &str = "tenant=acme&approvals=1&id=0190f0f0-0000-7000-8000-000000000000&run=0190f0f0-0000-7000-8000-000000000000\
                   &name=cso&agent=cso&kind=scan&payload=%7B%7D&reason=Because&expected=1&priority=1&token=none\
                   &credential=0190f0f0-0000-7000-8000-000000000000&email=a%40example.com&password=none&organization=Acme\
                   &current=none&new=none&once=0190f0f0-0000-7000-8000-000000000000&scopes[]=read&days=1&role=observer\
                   &code=000000&ceremony=none&answer=none\
                   &issuer=none&client_id=none&domains=example.com&enforced=true&review=0190f0f0-0000-7000-8000-000000000000&sha256=none\
                   &text=none&brief=0190f0f0-0000-7000-8000-000000000000\
                   &decision=0190f0f0-0000-7000-8000-000000000000&choice=A&question=Why&category=deploy&silence=hold&words=%5B%5D\
                   &until=2027-01-01T00:00\
                   &decisions=0190f0f0-0000-7000-8000-000000000000&f%5Btitle%5D=none";

impl super::Desk {
    /// A session of the founder's.
    pub async fn sign_in(&self) -> SignedIn {
        let client = Client::new("127.0.0.1", "");
        match self.service.sign_in("ada@example.com", "correct horse battery", &client).await.unwrap() {
            SignInStep::Done(signed_in) => signed_in,
            SignInStep::Code(_) => panic!("a code is asked for"),
        }
    }

    /// The founder's session as a `Cookie` header.
    pub async fn cookie(&self) -> String {
        format!("countersign={}", self.sign_in().await.token)
    }
}
