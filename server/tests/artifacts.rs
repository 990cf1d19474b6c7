//! Artifacts: put, read, labelled, handed in, refused, damaged, removed, and shown, by the real server.
#![allow(clippy::disallowed_methods, reason = "these tests are agents")]

mod harness;

use countersign_domain::{AgentName, ArtifactHash, CredentialId, TenantId, task::TaskState};
use countersign_service::{AgentError, ports::AgentActor};
use countersign_store::JournalKeeper;
use harness::{Desk, Server, ask::ask, eventually, stock, web};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection};
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use uuid::Uuid;

fn hash(bytes: &[u8]) -> String {
    ArtifactHash(Sha256::digest(bytes).into()).to_string()
}

/// An answer whose body may be anything.
#[derive(Debug)]
struct Reply {
    status: u16,
    /// In small letters.
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    fn text(&self) -> String {
        format!("{}\n{}", self.head, String::from_utf8_lossy(&self.body[..self.body.len().min(2_000)]))
    }

    /// Status, code and field of a refusal.
    fn refusal(&self) -> (u16, String, String) {
        assert!(self.head.contains("content-type: application/problem+json"), "{}", self.text());
        let word = |name: &str| self.json()[name].as_str().unwrap_or_default().to_owned();
        (self.status, word("code"), word("field"))
    }
}

fn no(status: u16, code: &str, field: &str) -> (u16, String, String) {
    (status, code.to_owned(), field.to_owned())
}

/// An agent at the Workspace API, by hand.
struct Hand {
    console: String,
    token: String,
    agent: stock::Agent,
}

impl Hand {
    async fn of(server: &Server, desk: &Desk, name: &str) -> Self {
        let agent = desk.agent(name, "").await;
        let console = server.addresses.console.clone();
        let token = web::token(&console, &agent.creds).await;
        Self { console, token, agent }
    }

    /// The head of a request, up to the line that says how its body comes.
    fn head(&self, method: &str, path: &str) -> String {
        let host = self.console.trim_start_matches("http://");
        let token = &self.token;
        format!(
            "{method} /api/v1{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n"
        )
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.console.trim_start_matches("http://")).await.unwrap()
    }

    /// Sends exactly this, and reads to the end.
    async fn raw(&self, head: &str, body: &[u8]) -> Reply {
        let mut stream = self.connect().await;
        stream.write_all(head.as_bytes()).await.unwrap();
        // A server that refuses may close before all of it was sent.
        let _ = stream.write_all(body).await;
        answer(stream).await
    }

    async fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Reply {
        let head = format!("{}{headers}Content-Length: {}\r\n\r\n", self.head(method, path), body.len());
        self.raw(&head, body).await
    }

    async fn put(&self, bytes: &[u8]) -> Reply {
        self.send("PUT", &format!("/artifacts/{}", hash(bytes)), "", bytes).await
    }

    async fn get(&self, sha256: &str, headers: &str) -> Reply {
        self.send("GET", &format!("/artifacts/{sha256}"), headers, b"").await
    }

    async fn label(&self, label: &str, sha256: &str) -> Reply {
        let body = json!({ "sha256": sha256 }).to_string();
        self.send("PUT", &format!("/labels/{label}"), "", body.as_bytes()).await
    }
}

async fn answer(mut stream: impl AsyncRead + Unpin) -> Reply {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(harness::PATIENCE, stream.read_to_end(&mut bytes)).await;
    let _ = read.expect("an answer in time");
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Reply { status, head, body: bytes.get(end + 4..).unwrap_or_default().to_vec() }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .flat_map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { vec![entry.path()] })
        .collect();
    found.sort();
    found
}

fn names(folder: &Path) -> Vec<String> {
    files(folder).iter().map(|file| file.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

fn store(server: &Server) -> PathBuf {
    server.dir.join("artifacts")
}

async fn owner(server: &Server) -> PgConnection {
    PgConnection::connect_with(&server.owner()).await.unwrap()
}

async fn count(owner: &mut PgConnection, sql: &'static str) -> i64 {
    let (count,): (i64,) = sqlx::query_as(sql).fetch_one(owner).await.unwrap();
    count
}

const ENTRIES: &str = "select count(*) from journal where kind like 'artifact.%'";

fn page(server: &Server, cookie: &str, path: &str) -> harness::ask::Answer {
    ask(server, "GET", &format!("/t/acme{path}"), &[("Cookie", cookie), ("Accept", "text/html")], "")
}

#[tokio::test]
async fn what_an_agent_puts_is_kept_under_its_hash_and_read_as_a_whole_and_in_parts() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = Hand::of(&server, &desk, "cso").await;
    let text = "# Findings\n\nNone so far.\n".as_bytes();
    let sha256 = hash(text);

    let put = cso.send("PUT", &format!("/artifacts/{sha256}?label=reports/scan.md"), "", text).await;
    assert_eq!(put.status, 201, "{}", put.text());
    assert_eq!(put.json()["content"], "text");
    assert_eq!(names(&store(&server)), [sha256.as_str()]);
    let unnamed = cso.send("POST", "/artifacts", "Content-Type: image/png\r\n", text).await;
    assert_eq!(unnamed.json()["sha256"], sha256.as_str());
    assert_eq!(unnamed.json()["content"], "text", "what the sender calls it decides nothing");
    let mut owner = owner(&server).await;
    assert_eq!(count(&mut owner, ENTRIES).await, 2, "the same put twice is recorded once");

    let whole = cso.get(&sha256, "").await;
    assert_eq!((whole.status, whole.body.as_slice()), (200, text));
    let tag = format!("\"{sha256}\"");
    for header in [
        format!("etag: {tag}"),
        format!("content-length: {}", text.len()),
        format!("content-disposition: attachment; filename=\"{sha256}.txt\""),
        "content-type: text/plain; charset=utf-8".to_owned(),
        "accept-ranges: bytes".to_owned(),
        "x-content-type-options: nosniff".to_owned(),
        "sandbox".to_owned(),
    ] {
        assert!(whole.head.contains(&header), "{header}: {}", whole.head);
    }
    let known = cso.get(&sha256, &format!("If-None-Match: {tag}\r\n")).await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    let part = cso.get(&sha256, "Range: bytes=2-9\r\n").await;
    assert_eq!((part.status, part.body.as_slice()), (206, &text[2..10]));
    assert!(part.head.contains(&format!("content-range: bytes 2-9/{}", text.len())), "{}", part.head);
    let last = cso.get(&sha256, "Range: bytes=-4\r\n").await;
    assert_eq!((last.status, last.body.as_slice()), (206, &text[text.len() - 4..]));
    let beyond = cso.get(&sha256, "Range: bytes=400-\r\n").await;
    assert_eq!(beyond.refusal(), no(416, "range", ""));
    assert!(beyond.head.contains(&format!("content-range: bytes */{}", text.len())), "{}", beyond.head);

    // Larger than a part of an upload, and than what is checked before its first byte.
    let large: Vec<u8> = (0..11_u32 << 20).map(|n| u8::try_from(n % 251).unwrap()).collect();
    assert_eq!(cso.put(&large).await.status, 201);
    assert!(cso.get(&hash(&large), "").await.body == large);
    let middle = cso.get(&hash(&large), "Range: bytes=6000000-6000009\r\n").await;
    assert_eq!(middle.body, large[6_000_000..6_000_010]);
    assert_eq!(cso.put(b"").await.status, 201);
    assert_eq!(cso.get(&hash(b""), "").await.body, b"");
    assert_eq!(files(&store(&server)).len(), 3, "and nothing beside them");

    // A label names what it was given last.
    let found = cso.send("GET", "/labels/reports/scan.md", "", b"").await.json();
    assert_eq!((&found["sha256"], &found["version"]), (&json!(sha256), &json!(1)));
    let moved = cso.label("reports/scan.md", &hash(&large)).await.json();
    assert_eq!(moved["version"], 2);
    assert_eq!(cso.label("reports/scan.md", &hash(&large)).await.json()["version"], 2, "it names that already");
    assert_eq!(cso.label("reports/other.md", &sha256).await.status, 200);
    assert_eq!(cso.label("drafts/a", &sha256).await.status, 200);
    let list = cso.send("GET", "/labels?prefix=reports/", "", b"").await.json();
    let labels: Vec<_> = list["labels"].as_array().unwrap().iter().map(|label| &label["label"]).collect();
    assert_eq!(labels, ["reports/other.md", "reports/scan.md"]);
    let after = cso.send("GET", "/labels?after=drafts/a", "", b"").await.json();
    assert_eq!(after["labels"].as_array().unwrap().len(), 2);

    // All of that is in the journal, and made anew from it.
    let keeper = JournalKeeper::new(server.owner());
    let tenant = desk.founder.tenant;
    let before = keeper.read_models(tenant).await.unwrap();
    assert!(before.contains("artifact_label("), "{before}");
    keeper.rebuild(tenant, |_| {}).await.unwrap();
    assert!(keeper.read_models(tenant).await.unwrap() == before, "a rebuild gives the same rows");
}

#[tokio::test]
async fn what_is_not_as_it_was_said_is_refused_with_its_place_and_leaves_nothing() {
    let server = Server::start(&["--artifact-size", "7", "--artifact-quota", "12"]);
    let desk = server.set_up().await;
    let cso = Hand::of(&server, &desk, "cso").await;
    let bytes = vec![7; 6 << 20];
    let sha256 = hash(&bytes);
    let to = |path: &str| cso.head("PUT", path);
    let named = format!("/artifacts/{sha256}");

    // What falls silent, and what trickles, are cut off after a while; everything else is tried meanwhile.
    let mut silent = cso.connect().await;
    let head = format!("{}Content-Length: {}\r\n\r\n", to(&named), bytes.len());
    silent.write_all(format!("{head}some").as_bytes()).await.unwrap();
    silent.write_all(&bytes[..5_500_000]).await.unwrap();
    let (trickle, mut writes) = cso.connect().await.into_split();
    writes.write_all(head.as_bytes()).await.unwrap();
    let trickling = tokio::spawn(async move {
        // A byte every half second: never silent, and never done.
        let mut beat = tokio::time::interval(Duration::from_millis(500));
        while writes.write_all(b"x").await.is_ok() {
            beat.tick().await;
        }
    });

    let wrong = cso.send("PUT", &format!("/artifacts/{}", hash(b"other")), "", &bytes).await;
    assert_eq!(wrong.refusal(), no(422, "wrong_hash", "sha256"));
    assert!(wrong.json()["title"].as_str().unwrap().contains(&sha256), "{}", wrong.text());

    // Cut off: before the end of what was announced, and in the middle of a chunk.
    for (how, body) in [
        (format!("Content-Length: {}\r\n\r\n", bytes.len()), bytes[..5_800_000].to_vec()),
        ("Transfer-Encoding: chunked\r\n\r\n".to_owned(), [b"500000\r\n", &bytes[..4_000_000]].concat()),
    ] {
        let mut stream = cso.connect().await;
        stream.write_all(format!("{}{how}", to(&named)).as_bytes()).await.unwrap();
        stream.write_all(&body).await.unwrap();
        stream.shutdown().await.unwrap();
        let reply = answer(stream).await;
        assert!(reply.status == 0 || reply.refusal().1 == "broken", "{}", reply.text());
    }

    // Too large: said, and not said.
    let five_gib = format!("{}Content-Length: 5368709120\r\n\r\n", to(&named));
    assert_eq!(cso.raw(&five_gib, b"").await.refusal(), no(413, "too_large", "body"));
    let chunks = [b"800000\r\n", vec![7; 0x80_0000].as_slice(), b"\r\n0\r\n\r\n"].concat();
    let grown = cso.raw(&format!("{}Transfer-Encoding: chunked\r\n\r\n", to(&named)), &chunks).await;
    assert!(grown.status == 0 || grown.refusal() == no(413, "too_large", "body"), "{}", grown.text());

    // Names and labels that lead elsewhere.
    for name in ["0f", "..%2f..%2fsecret.key", &"A".repeat(64), &"0".repeat(65), "%00", "%ff"] {
        let reply = cso.send("PUT", &format!("/artifacts/{name}"), "", b"x").await;
        assert_eq!(reply.refusal(), no(422, "invalid", "sha256"), "{name}");
        assert_eq!(cso.get(name, "").await.refusal().0, 404, "{name}");
    }
    for label in [
        "..%2f..%2fetc%2fpasswd",
        "%2fetc%2fpasswd",
        "a%2f..%2fb",
        "a%2f%2fb",
        "a%5cb",
        "a%00b",
        "a%ffb",
        "a%0ab",
        "a%e2%80%aeb",
        "a%e2%80%8bb",
        "a%20b",
        "%c3%a9",
        ".",
        "a%2f",
        &"a".repeat(201),
    ] {
        let reply = cso.send("PUT", &format!("/artifacts/{}?label={label}", hash(b"x")), "", b"x").await;
        assert_eq!(reply.refusal(), no(422, "invalid", "label"), "{label}");
        let reply = cso.label(label, &sha256).await;
        assert!(matches!(reply.status, 404 | 422), "{label}: {}", reply.text());
    }
    let no_task = format!("/artifacts/{}?task=0190f0f0-0000-7000-8000-000000000000", hash(b"x"));
    assert_eq!(cso.send("PUT", &no_task, "", b"x").await.refusal(), no(422, "invalid", "task"));
    assert_eq!(cso.send("PUT", &no_task.replace("0190", "x"), "", b"x").await.refusal(), no(422, "invalid", "task"));
    let typed = format!("/artifacts/{}?lable=a", hash(b"x"));
    assert_eq!(cso.send("PUT", &typed, "", b"x").await.refusal(), no(422, "invalid", "query"));
    let stranger = Hand { console: cso.console.clone(), token: "none".to_owned(), agent: cso.agent.clone() };
    assert_eq!(stranger.put(b"x").await.refusal(), no(401, "unproven", ""));
    assert_eq!(cso.send("DELETE", &named, "", b"").await.refusal(), no(405, "method", ""));

    assert_eq!(answer(silent).await.refusal(), no(408, "too_slow", ""));
    assert_eq!(answer(trickle).await.refusal(), no(408, "too_slow", ""));
    trickling.abort();
    eventually("no file of all that", async || {
        let left = names(&store(&server));
        if left.is_empty() { Ok(()) } else { Err(format!("{left:?}")) }
    })
    .await;
    let mut owner = owner(&server).await;
    assert_eq!(count(&mut owner, ENTRIES).await, 0);
    assert_eq!(count(&mut owner, "select count(*) from artifact").await, 0);

    // Up to its quota an organization may have, and what is there already needs no room.
    assert_eq!(cso.put(&bytes).await.status, 201);
    let more = vec![8; (6 << 20) + 1];
    // Said before: nothing of it is sent.
    let said = format!("{}Content-Length: {}\r\n\r\n", to(&format!("/artifacts/{}", hash(&more))), more.len());
    assert_eq!(cso.raw(&said, b"").await.refusal(), no(507, "quota", ""));
    let chunked = [format!("{:x}\r\n", more.len()).as_bytes(), &more, b"\r\n0\r\n\r\n"].concat();
    let head = format!("{}Transfer-Encoding: chunked\r\n\r\n", to(&format!("/artifacts/{}", hash(&more))));
    assert_eq!(cso.raw(&head, &chunked).await.refusal(), no(507, "quota", ""), "also where its size was not said");
    assert_eq!(cso.put(&bytes).await.status, 201);
    assert_eq!(names(&store(&server)), [sha256]);
}

#[tokio::test]
async fn an_agent_reads_and_names_its_own_and_nobody_reads_another_tenants() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let (cso, cto) = (Hand::of(&server, &desk, "cso").await, Hand::of(&server, &desk, "cto").await);
    let secret = b"the password of the vault";
    let sha256 = hash(secret);
    assert_eq!(cso.send("PUT", &format!("/artifacts/{sha256}?label=a/b"), "", secret).await.status, 201);
    // To know a hash is not to have what it names.
    assert_eq!(cto.get(&sha256, "").await.refusal(), no(404, "not_found", ""));
    assert_eq!(cto.label("mine", &sha256).await.refusal(), no(404, "not_found", ""));
    assert_eq!(cto.send("GET", "/labels/a/b?agent=cso", "", b"").await.refusal(), no(404, "not_found", ""));
    let others = cto.send("GET", "/labels?agent=cso", "", b"").await.json();
    assert_eq!(others["labels"], json!([]));
    assert_eq!(others["next"], Value::Null);
    // Who has the bytes may put them, and has them then.
    assert_eq!(cto.put(secret).await.status, 201);
    assert_eq!(cto.get(&sha256, "").await.body, secret);

    // An agent of the same name elsewhere.
    let mut owner = owner(&server).await;
    for sql in [
        "insert into tenant (id, slug, name, created_ms) values ($1, 'other', 'Other', 1)",
        "insert into journal_head (tenant_id, seq, hash) values ($1, 0, '')",
        "with added as (insert into person (id, email, name, password_hash, created_ms)
                        select $1, 'eve@example.com', 'Eve', password_hash, 0 from person)
         insert into membership (tenant_id, person_id, role) values ($1, $1, 'founder')",
    ] {
        sqlx::query(sql).bind(Uuid::from_u128(2)).execute(&mut owner).await.unwrap();
    }
    let name: AgentName = "cso".parse().unwrap();
    let eves = AgentActor { tenant: TenantId(Uuid::from_u128(2)), agent: name, credential: CredentialId(Uuid::nil()) };
    let found = desk.service.find_artifact(&eves, sha256.parse().unwrap()).await;
    assert!(matches!(found, Err(AgentError::NoArtifact)), "{found:?}");
    let form = "email=eve%40example.com&password=correct+horse+battery";
    let eve = ask(&server, "POST", "/api/account/sign_in", &[harness::ask::FORM, ("Accept", "application/json")], form);
    let (eve, ada) = (eve.cookie.unwrap(), desk.cookie().await);
    for address in [format!("/artifacts/{sha256}"), format!("/artifacts/{sha256}/content")] {
        assert_eq!(page(&server, &eve, &address).status, 404, "{address}");
        let own = ask(&server, "GET", &format!("/t/other{address}"), &[("Cookie", &eve), ("Accept", "text/html")], "");
        assert_eq!(own.status, 404, "{address} under Eve's own organization");
        assert_eq!(page(&server, &ada, &address).status, 200, "{address}");
    }
}

/// Changes a byte of what is kept.
fn damage(server: &Server, sha256: &str) {
    let file = files(&store(server)).into_iter().find(|file| file.ends_with(sha256)).expect("its file");
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).unwrap();
}

#[tokio::test]
async fn what_is_damaged_is_refused_until_it_is_put_again() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = Hand::of(&server, &desk, "cso").await;
    let cookie = desk.cookie().await;
    let (small, large) = (b"approve deployment 7".to_vec(), vec![7; 9 << 20]);
    for bytes in [&small, &large] {
        let sha256 = hash(bytes);
        assert_eq!(cso.put(bytes).await.status, 201);
        damage(&server, &sha256);
        let whole = cso.get(&sha256, "").await;
        if bytes.len() < 1 << 20 {
            assert_eq!(whole.refusal(), no(500, "damaged", ""));
            assert_eq!(cso.get(&sha256, "Range: bytes=0-3\r\n").await.refusal(), no(500, "damaged", ""));
            assert_eq!(page(&server, &cookie, &format!("/artifacts/{sha256}/content")).status, 409);
        } else {
            // It was under way when the damage was found: it breaks off, and nobody takes it for whole.
            assert!(whole.body.len() < bytes.len(), "{} of {}", whole.body.len(), bytes.len());
        }
        let shown = page(&server, &cookie, &format!("/artifacts/{sha256}"));
        assert_eq!(shown.status, 200);
        if bytes.len() < 1 << 20 {
            assert!(shown.body.contains("is not what was put there"), "{}", shown.body);
            assert!(!shown.body.contains("approve deployment"), "{}", shown.body);
        }
        assert_eq!(cso.put(bytes).await.status, 201);
        assert!(cso.get(&sha256, "").await.body == *bytes);
    }
    // Gone is as good as damaged.
    std::fs::remove_dir_all(store(&server)).unwrap();
    assert_eq!(cso.get(&hash(&small), "").await.refusal(), no(500, "damaged", ""));
    assert!(server.log().contains("damaged or gone"), "the log says so");
}

#[tokio::test]
async fn retention_removes_what_nothing_names_and_never_what_something_does() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = Hand::of(&server, &desk, "cso").await;
    let put = async |bytes: &[u8]| {
        assert_eq!(cso.put(bytes).await.status, 201);
        hash(bytes)
    };
    let (draft, young, handed_in) = (put(b"draft").await, put(b"young").await, put(b"handed in").await);
    let (old, newest) = (put(b"first version").await, put(b"second version").await);
    for version in [&old, &newest] {
        assert_eq!(cso.label("docs/plan.md", version).await.status, 200);
    }

    // A task is completed with an artifact, that must be there and readable.
    cso.agent.connect().await.publish("tasks.cso.scan", &[], "{}").await.unwrap();
    desk.await_tasks(&[TaskState::Queued, TaskState::Running], 1).await;
    let lease = web::post(&cso.console, "/claims", Some(&cso.token), r#"{"sequence":1,"delivery":1}"#).await.json;
    let (task, fence) = (lease["task"].as_str().unwrap().to_owned(), lease["fence"].as_i64().unwrap());
    let complete = async |sha256: &str| {
        let body = json!({ "fence": fence, "artifacts": [sha256] }).to_string();
        web::post(&cso.console, &format!("/claims/{task}/complete"), Some(&cso.token), &body).await
    };
    let absent = complete(&hash(b"never put")).await;
    assert_eq!((absent.refusal(), &absent.json["field"]), ((422, "invalid"), &json!("artifacts")));
    assert_eq!(complete(&handed_in).await.status, 200);
    let cookie = desk.cookie().await;
    let task_page = page(&server, &cookie, &format!("/tasks/{task}"));
    assert!(task_page.body.contains(&format!("/t/acme/artifacts/{handed_in}")), "{}", task_page.body);

    let mut owner = owner(&server).await;
    let aged = [&draft, &handed_in, &old, &newest].map(|sha256| sha256.parse::<ArtifactHash>().unwrap().0.to_vec());
    sqlx::query("update artifact set put_ms = 1 where sha256 = any($1)")
        .bind(aged.to_vec())
        .execute(&mut owner)
        .await
        .unwrap();
    // Bytes whose record was never written: a process died in between.
    let orphan = store(&server).join(desk.founder.tenant.to_string()).join("0f").join("0f".repeat(32));
    std::fs::create_dir_all(orphan.parent().unwrap()).unwrap();
    std::fs::write(&orphan, "x").unwrap();
    std::fs::File::open(&orphan).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();

    assert_eq!(desk.service.retire_artifacts().await.unwrap(), 2);
    let mut kept = [&young, &handed_in, &newest].map(Clone::clone);
    kept.sort();
    let mut left = names(&store(&server));
    left.sort();
    assert_eq!(left, kept);
    for gone in [&draft, &old] {
        assert_eq!(cso.get(gone, "").await.refusal(), no(404, "not_found", ""));
        let shown = page(&server, &cookie, &format!("/artifacts/{gone}"));
        assert!(shown.body.contains("retention removed it"), "what is known of it stays: {}", shown.body);
    }
    assert_eq!(cso.get(&handed_in, "").await.body, b"handed in");
    assert_eq!(cso.get(&newest, "").await.body, b"second version");
    assert_eq!(count(&mut owner, "select count(*) from journal where kind = 'artifact.removed'").await, 2);
    assert_eq!(desk.service.retire_artifacts().await.unwrap(), 0);
    // It can be put again.
    assert_eq!(put(b"draft").await, draft);
    assert_eq!(cso.get(&draft, "").await.body, b"draft");
}

#[tokio::test]
async fn a_page_shows_each_kind_as_far_as_it_is_safe() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = Hand::of(&server, &desk, "cso").await;
    let cookie = desk.cookie().await;
    let png = b"\x89PNG\r\n\x1a\nnot really";
    let empty = page(&server, &cookie, "/artifacts");
    assert!(empty.body.contains("No artifact yet"), "{}", empty.body);
    for (label, bytes, shows) in [
        ("a.md", &b"# Plan\n\n<script>alert(1)</script> ![x](https://evil.example/b.png)"[..], "<h3>Plan</h3>"),
        ("a.svg", b"<svg onload=alert(1)>", "&lt;svg onload=alert(1)&gt;"),
        ("a.json", b"{\"b\":[1]}", ": [\n    1\n"),
        ("a.diff", b"--- a\n+++ b\n-old\n+new", "+ new"),
        ("a.log", "at \u{202e}once".as_bytes(), "at \\u{202e}once"),
        ("a.png", png, "class=\"artifact-image\""),
        ("a.bin", b"\0\x01\x02\xff", "neither text nor a picture"),
    ] {
        let sha256 = hash(bytes);
        let put = cso.send("PUT", &format!("/artifacts/{sha256}?label={label}"), "", bytes).await;
        assert_eq!(put.status, 201, "{label}");
        let shown = page(&server, &cookie, &format!("/artifacts/{sha256}"));
        assert_eq!(shown.status, 200, "{label}");
        // The text is in the page once as it is read, and once as the script takes it over.
        assert!(shown.body.contains(shows), "{label}: {}", shown.body);
        for hostile in ["<script>alert", "<svg onload", "src=\"https://", "<img src=\"http"] {
            assert!(!shown.body.contains(hostile), "{label} with {hostile}: {}", shown.body);
        }
        let saved = page(&server, &cookie, &format!("/artifacts/{sha256}/content"));
        assert!(saved.head.contains("content-disposition: attachment"), "{label}: {}", saved.head);
        let drawn = page(&server, &cookie, &format!("/artifacts/{sha256}/content?drawn=true"));
        let inline = drawn.head.contains("content-disposition: inline");
        assert_eq!(inline, label == "a.png", "{label}: {}", drawn.head);
        for header in ["content-security-policy: default-src 'none'", "sandbox", "nosniff"] {
            assert!(drawn.head.contains(header), "{label} lacks {header}: {}", drawn.head);
        }
        assert!(!drawn.head.contains("text/html") && !drawn.head.contains("svg"), "{label}: {}", drawn.head);
    }
    let list = page(&server, &cookie, "/artifacts?label=a.&agent=cso");
    assert_eq!(list.body.matches("data-testid=\"artifact-row\"").count(), 7, "{}", list.body);
    assert!(list.body.contains("a.svg"), "{}", list.body);
    let none = page(&server, &cookie, "/artifacts?label=zzz");
    assert!(none.body.contains("No artifact matches"), "{}", none.body);
}

/// A store that speaks S3.
struct S3 {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl S3 {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/s3/server.mjs");
        let mut node = Command::new("node");
        node.arg(program).arg(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = node.spawn().expect("scripts/bootstrap test installs node");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().unwrap_or_else(|_| panic!("no port; scripts/bootstrap test installs the store"));
        Self { child, port, folder }
    }

    /// The names of all objects in it.
    fn objects(&self) -> Vec<String> {
        let all = files(self.folder.path());
        let objects = all.iter().filter_map(|file| file.to_str()?.strip_suffix("._S3rver_object"));
        objects.map(|file| file.rsplit('/').next().unwrap_or_default().to_owned()).collect()
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn artifacts_are_kept_in_a_store_that_speaks_s3() {
    let s3 = S3::start();
    let place = format!("s3://work/acme?endpoint=http://127.0.0.1:{}&region=us-east-1", s3.port);
    let server = Server::start(&["--artifact-store", &place, "--artifact-store-key", "S3RVER:S3RVER"]);
    let desk = server.set_up().await;
    let cso = Hand::of(&server, &desk, "cso").await;
    let (small, large) =
        (b"small".to_vec(), (0..12_u32 << 20).map(|n| u8::try_from(n % 251).unwrap()).collect::<Vec<_>>());
    for bytes in [&small, &large] {
        let put = cso.put(bytes).await;
        assert_eq!(put.status, 201, "{}", put.text());
        assert!(cso.get(&hash(bytes), "").await.body == *bytes);
        assert_eq!(cso.get(&hash(bytes), "Range: bytes=1-3\r\n").await.body, bytes[1..4]);
    }
    let wrong = cso.send("PUT", &format!("/artifacts/{}", hash(b"other")), "", &large).await;
    assert_eq!(wrong.refusal(), no(422, "wrong_hash", "sha256"));
    let mut names = [hash(&small), hash(&large)];
    names.sort();
    eventually("nothing but what was kept", async || {
        let mut objects = s3.objects();
        objects.sort();
        if objects == names { Ok(()) } else { Err(format!("{objects:?}")) }
    })
    .await;
    assert_eq!(names_of_local(&server), [""; 0], "nothing on the machine itself");
    // With the store away nothing is lost, and it says so.
    drop(s3);
    let away = cso.get(&hash(&small), "").await;
    assert_eq!(away.refusal(), no(503, "unavailable", ""));
    assert!(away.head.contains("retry-after: "), "{}", away.head);
}

fn names_of_local(server: &Server) -> Vec<String> {
    names(&store(server))
}
