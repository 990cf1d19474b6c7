//! An HTTP server that takes what is sent to it, and shows it to the test.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::Duration,
};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub path: String,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Arrived {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map_or_else(|| panic!("no {name} in {:?}", self.headers), |(_, value)| value.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What a request is answered with.
#[derive(Debug, Clone)]
pub enum Answer {
    Status(u16),
    /// The way to somewhere else.
    Redirect(String),
    /// That it is taken, with the beginning of a text that never comes.
    Endless,
    /// Nothing, for as long as the test runs.
    Silence,
}

#[derive(Debug, Default)]
struct Inside {
    arrived: Vec<Arrived>,
    answers: VecDeque<Answer>,
}

#[derive(Debug, Clone)]
pub struct Receiver {
    pub address: SocketAddr,
    inside: Arc<Mutex<Inside>>,
}

impl Receiver {
    pub fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap())
    }

    pub fn start_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let receiver = Self { address: listener.local_addr().unwrap(), inside: Arc::default() };
        let shared = receiver.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let inside = Arc::clone(&shared.inside);
                std::thread::spawn(move || converse(stream, &inside));
            }
        });
        receiver
    }

    /// An address where nobody listens yet.
    pub fn reserved() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook?token=s3cret", self.address)
    }

    /// The next requests are answered so, one each; all others with 204.
    pub fn answer(&self, answers: &[Answer]) {
        self.inside.lock().unwrap().answers.extend(answers.iter().cloned());
    }

    pub fn arrived(&self) -> Vec<Arrived> {
        self.inside.lock().unwrap().arrived.clone()
    }

    /// Waits for request number `count` and answers it.
    pub async fn request(&self, count: usize) -> Arrived {
        super::eventually(&format!("request {count}"), async || {
            let all = self.arrived();
            all.get(count - 1).cloned().ok_or_else(|| format!("{} so far", all.len()))
        })
        .await
    }
}

fn converse(stream: TcpStream, inside: &Mutex<Inside>) -> Option<()> {
    let mut out = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let mut first = String::new();
        reader.read_line(&mut first).ok()?;
        let path = first.split_whitespace().nth(1)?.to_owned();
        let (mut headers, mut length) = (Vec::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse().ok()?;
            }
            headers.push((name.to_lowercase(), value.to_owned()));
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let answer = {
            let mut inside = inside.lock().unwrap();
            inside.arrived.push(Arrived { path, headers, body });
            inside.answers.pop_front().unwrap_or(Answer::Status(204))
        };
        match answer {
            Answer::Status(status) => {
                write!(out, "HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n\r\n").ok()?;
            }
            Answer::Redirect(to) => {
                write!(out, "HTTP/1.1 307 Elsewhere\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n").ok()?;
            }
            Answer::Endless => {
                write!(out, "HTTP/1.1 200 Said\r\nContent-Length: 99999999\r\n\r\nand").ok()?;
            }
            Answer::Silence => std::thread::sleep(Duration::from_secs(600)),
        }
    }
}
