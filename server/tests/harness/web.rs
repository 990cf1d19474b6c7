//! The Workspace API as any HTTP client can ask it.

use countersign_agent::Credentials;
use countersign_wire::signature::challenge_material;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// An answer with its head in lower case.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub json: Value,
}

impl Answer {
    /// Status and code of a refusal.
    pub fn refusal(&self) -> (u16, &str) {
        assert!(self.head.contains("content-type: application/problem+json"), "{self:?}");
        assert_eq!(self.json["status"], self.status, "{self:?}");
        (self.status, self.json["code"].as_str().unwrap())
    }
}

/// One request. `console` is `http://host:port`.
pub async fn ask(console: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let address = console.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{request}\r\n{body}").as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(25), stream.read_to_end(&mut bytes)).await;
    // A server that refuses a large body may close before all of it was sent.
    let _ = read.expect("an answer in time");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split_whitespace().nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_lowercase(), json: serde_json::from_str(body).unwrap_or(Value::Null) }
}

/// Posts to the Workspace API, with a token or without.
pub async fn post(console: &str, path: &str, token: Option<&str>, body: &str) -> Answer {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let headers: Vec<(&str, &str)> = bearer.as_deref().map(|value| ("Authorization", value)).into_iter().collect();
    ask(console, "POST", &format!("/api/v1{path}"), &headers, body).await
}

/// A fresh challenge.
pub async fn challenge(console: &str) -> String {
    let answer = post(console, "/agent/challenge", None, "{}").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json["challenge"].as_str().unwrap().to_owned()
}

/// The proof that `key` answers the challenge, under the claims `jwt`.
pub fn proof(jwt: &str, challenge: &str, key: &Credentials) -> String {
    let bytes = BASE64URL_NOPAD.decode(challenge.as_bytes()).unwrap();
    let signature = key.sign(&challenge_material(&bytes)).unwrap();
    json!({ "jwt": jwt, "challenge": challenge, "signature": signature }).to_string()
}

/// A token for the holder of a credentials file.
pub async fn token(console: &str, creds: &str) -> String {
    let credentials = Credentials::read(creds).unwrap();
    let proof = proof(credentials.jwt(), &challenge(console).await, &credentials);
    let answer = post(console, "/agent/token", None, &proof).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json["token"].as_str().unwrap().to_owned()
}
