//! An agent that speaks the bus's protocol by hand, and so may say what no client library would.

use super::stock::Agent;
use data_encoding::BASE64URL_NOPAD;
use nkeys::KeyPair;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};

pub struct Line {
    stream: BufReader<TcpStream>,
}

/// The part of a credentials file between the lines that begin and end it.
fn part(creds: &str, name: &str) -> String {
    let (_, rest) = creds.split_once(&format!("BEGIN {name}-----\n")).unwrap();
    rest.lines().next().unwrap().trim().to_owned()
}

impl Line {
    /// Connects and signs in. <https://docs.nats.io/reference/reference-protocols/nats-protocol>
    pub fn of(agent: &Agent) -> Self {
        let stream = TcpStream::connect(agent.url.trim_start_matches("nats://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut line = Self { stream: BufReader::new(stream) };
        let info: Value = serde_json::from_str(line.hear().strip_prefix("INFO ").unwrap()).unwrap();
        let key = KeyPair::from_seed(&part(&agent.creds, "USER NKEY SEED")).unwrap();
        let signature = key.sign(info["nonce"].as_str().unwrap().as_bytes()).unwrap();
        let connect = json!({
            "jwt": part(&agent.creds, "NATS USER JWT"), "sig": BASE64URL_NOPAD.encode(&signature),
            "verbose": false, "pedantic": false, "headers": true, "lang": "hand", "version": "1",
        });
        line.say(format!("CONNECT {connect}\r\n").as_bytes());
        line
    }

    /// Publishes what may be no message at all; returns when the bus has taken it.
    pub fn publish(&mut self, subject: &[u8], headers: &[u8], payload: &[u8]) {
        let (head, all) = (headers.len(), headers.len() + payload.len());
        let numbers = if head == 0 { format!(" {all}\r\n") } else { format!(" {head} {all}\r\n") };
        let verb: &[u8] = if head == 0 { b"PUB " } else { b"HPUB " };
        self.say(&[verb, subject, numbers.as_bytes(), headers, payload, b"\r\n"].concat());
    }

    fn say(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(&[bytes, b"PING\r\n"].concat()).unwrap();
        loop {
            match self.hear().as_str() {
                "PONG" => return,
                "PING" => self.stream.get_mut().write_all(b"PONG\r\n").unwrap(),
                other => assert!(other.starts_with("INFO "), "{other}"),
            }
        }
    }

    /// Says something; answers all that the bus says until it answers a ping after it: refusals and messages.
    pub fn answers(&mut self, bytes: &[u8]) -> Vec<String> {
        self.stream.get_mut().write_all(&[bytes, b"PING\r\n"].concat()).unwrap();
        let mut heard = Vec::new();
        loop {
            match self.hear().as_str() {
                "PONG" => return heard,
                "PING" => self.stream.get_mut().write_all(b"PONG\r\n").unwrap(),
                other => heard.push(other.to_owned()),
            }
        }
    }

    fn hear(&mut self) -> String {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line).unwrap();
        assert_ne!(read, 0, "the bus hung up");
        line.trim_end().to_owned()
    }
}
