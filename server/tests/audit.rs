//! Who did what: the page of acts, the check of the chain, and what is taken along.

mod harness;

use countersign_domain::{
    PersonId, TenantId,
    reading::{ActPage, ActPlace, ActQuery, Turn, Who},
};
use countersign_service::ports::Audit;
use countersign_store::{Db, DbRole, JournalKeeper, PgAudit};
use harness::{
    Desk, Server,
    ask::{Answer, FORM, ask},
    countersign,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::time::{Duration, Instant};
use uuid::Uuid;

const JSON: (&str, &str) = ("Accept", "application/json");

async fn owner(server: &Server) -> PgConnection {
    PgConnection::connect_with(&server.owner()).await.unwrap()
}

async fn acts(desk: &Desk, query: ActQuery) -> ActPage {
    desk.service.read_acts(&desk.founder, &query, Turn::Newest).await.unwrap()
}

fn text(text: &str) -> ActQuery {
    ActQuery { text: Some(text.to_owned()), ..ActQuery::default() }
}

/// An organization in which something was done.
async fn acme(server: &Server) -> Desk {
    let desk = server.set_up().await;
    desk.service.create_agent(&desk.founder, "cso", "").await.unwrap();
    let cso = "cso".parse().unwrap();
    desk.service.pause_agent(&desk.founder, &cso, "It scans the wrong thing").await.unwrap();
    desk.service.resume_agent(&desk.founder, &cso).await.unwrap();
    desk
}

#[tokio::test]
async fn an_act_says_who_when_what_why_how_and_from_where() {
    let server = Server::start(&[]);
    let desk = acme(&server).await;
    let cookie = desk.cookie().await;
    let form = "tenant=acme&name=cso&reason=%E2%80%AEesrever%3Cb%3E";
    let paused = ask(&server, "POST", "/api/agent/pause", &[FORM, JSON, ("Cookie", &cookie)], form);
    assert_eq!(paused.status, 200, "{}", paused.body);
    let page = acts(&desk, ActQuery { topic: Some("agent".to_owned()), ..ActQuery::default() }).await;
    let act = &page.rows[0];
    assert_eq!((act.actor(), act.sentence().as_str(), act.kind.as_str()), ("Ada", "Paused cso", "agent.paused"));
    assert_eq!(act.reason.as_deref(), Some("\\u{202e}esrever<b>"), "nothing invisible is left in it");
    let via = act.via.as_ref().expect("how and from where");
    assert_eq!((via.how.words(), via.from.as_str()), ("password", "127.0.0.1"));
    assert!(page.rows.iter().all(|row| row.kind.starts_with("agent.")), "{:?}", page.rows);
    let entry = desk.service.read_entry(&desk.founder, act.seq.unsigned_abs()).await.unwrap();
    assert_eq!((entry.hash, entry.at), (act.hash.clone(), act.at));

    let html = ask(&server, "GET", "/t/acme/audit", &[("Cookie", &cookie)], "").body;
    for part in [
        "Paused ",
        "Ada",
        "ada@example.com",
        "127.0.0.1",
        "&lt;b&gt;",
        &format!("/t/acme/journal/{}\"", act.seq),
        "Created the agent",
    ] {
        assert!(html.contains(part), "{part}");
    }
    let whole = acts(&desk, ActQuery::default()).await;
    assert!(whole.rows.iter().any(|row| row.by.is_none() && row.sentence() == "The organization Acme began"));
    assert!(whole.topics.contains(&"agent".to_owned()) && whole.people.iter().any(|(_, person)| person.name == "Ada"));
}

#[tokio::test]
async fn signing_in_well_and_in_vain_is_an_act() {
    let server = Server::start(&[]);
    let desk = acme(&server).await;
    let sign_in = |password: &str| {
        let form = format!("email=ada%40example.com&password={password}");
        let headers =
            [FORM, JSON, ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")];
        ask(&server, "POST", "/api/account/sign_in", &headers, &form).status
    };
    assert_eq!((sign_in("wrong+wrong+wrong"), sign_in("correct+horse+battery")), (422, 200));
    let page = acts(&desk, ActQuery { topic: Some("account".to_owned()), ..ActQuery::default() }).await;
    let said: Vec<String> = page.rows.iter().map(countersign_domain::reading::ActRow::sentence).collect();
    assert_eq!(said[..2], ["Signed in: Firefox on Linux", "Was refused at sign-in (password)"], "{said:?}");
    assert!(page.rows[..2].iter().all(|row| row.via.as_ref().unwrap().from == "127.0.0.1"));
}

#[tokio::test]
async fn acts_are_filtered_by_person_kind_day_and_text() {
    let server = Server::start(&[]);
    let desk = acme(&server).await;
    let all = acts(&desk, ActQuery::default()).await.rows.len();
    let of = async |query| acts(&desk, query).await.rows.len();
    let by = |who| ActQuery { who: Some(who), ..ActQuery::default() };
    let (ada, own) = (of(by(Who::Person(desk.founder.person))).await, of(by(Who::Server)).await);
    assert!(ada > 3 && own > 0 && ada + own == all, "{ada} and {own} of {all}");
    assert_eq!(of(by(Who::Person(PersonId(Uuid::from_u128(9))))).await, 0);
    assert_eq!(of(ActQuery { topic: Some("breaker".to_owned()), ..ActQuery::default() }).await, 0);
    assert_eq!(of(text("WRONG thing")).await, 1);
    assert_eq!(of(text("%")).await, 0, "no pattern");
    let newest = acts(&desk, ActQuery::default()).await.rows[0].at;
    let since = |at| ActQuery { from: Some(at), ..ActQuery::default() };
    let until = |at| ActQuery { to: Some(at), ..ActQuery::default() };
    assert!(of(since(newest)).await >= 1);
    assert_eq!(of(since(newest)).await + of(until(newest)).await, all);

    let cookie = desk.cookie().await;
    let get = |query: &str| ask(&server, "GET", &format!("/t/acme/audit{query}"), &[("Cookie", &cookie)], "").body;
    assert!(get("?topic=agent&text=wrong+thing").contains("It scans the wrong thing"));
    assert!(get("?topic=breaker").contains("No act matches"));
    let day = newest.to_rfc3339()[..10].to_owned();
    assert!(get(&format!("?from={day}&to={day}")).contains("It scans the wrong thing"));
    assert!(get("?to=2020-01-01").contains("No act matches"));
}

#[tokio::test]
async fn pages_follow_each_other_both_ways_without_losing_or_repeating_an_act() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    // Three acts each: proposed, created, probed.
    for n in 0..43 {
        desk.service.create_agent(&desk.founder, &format!("agent-{n}"), "").await.unwrap();
    }
    let query = ActQuery::default();
    let (mut down, mut turn, mut pages) = (Vec::new(), Turn::Newest, 0);
    let last = loop {
        let page = desk.service.read_acts(&desk.founder, &query, turn).await.unwrap();
        down.extend(page.rows.iter().map(|row| row.seq));
        pages += 1;
        match page.older {
            Some(place) => turn = Turn::Older(place),
            None => break page,
        }
    };
    let mut sorted = down.clone();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    sorted.dedup();
    assert_eq!(down, sorted, "newest first, each once");
    assert!(down.len() >= 130 && pages == 3, "{} on {pages} pages", down.len());
    let mut up: Vec<i64> = last.rows.iter().map(|row| row.seq).rev().collect();
    let mut newer = last.newer;
    while let Some(place) = newer {
        let page = desk.service.read_acts(&desk.founder, &query, Turn::Newer(place)).await.unwrap();
        up.extend(page.rows.iter().map(|row| row.seq).rev());
        newer = page.newer;
    }
    up.reverse();
    assert_eq!(up, down);
}

#[tokio::test]
async fn a_check_finds_the_chain_whole_and_says_so_until_the_next_one() {
    let server = Server::start(&[]);
    let desk = acme(&server).await;
    assert!(acts(&desk, ActQuery::default()).await.check.is_none());
    let cookie = desk.cookie().await;
    let form = "act=%2Fapi%2Fjournal%2Fcheck&tenant=acme";
    let posted = ask(&server, "POST", "/t/acme/audit", &[FORM, ("Accept", "text/html"), ("Cookie", &cookie)], form);
    assert_eq!(posted.status, 303, "{}", posted.body);
    let (by, _, checked) = acts(&desk, ActQuery::default()).await.check.expect("a result");
    let keeper = JournalKeeper::new(server.owner());
    let rows = keeper.read(desk.founder.tenant, checked.through - 1).await.unwrap();
    assert_eq!((by.as_str(), checked.head, checked.broken.clone()), ("Ada", checked.through, None));
    assert_eq!(checked.hash, data_encoding::HEXLOWER.encode(&rows[0].hash), "the head's own hash");
    let html = ask(&server, "GET", "/t/acme/audit", &[("Cookie", &cookie)], "").body;
    assert!(html.contains(&format!("{} entries in order", checked.through)), "{html}");
    // The check is an entry of the chain that it checked.
    assert!(keeper.verify(desk.founder.tenant, None).await.is_ok());
}

#[tokio::test]
async fn a_check_finds_each_kind_of_tampering_and_names_the_range() {
    let kinds = [
        (
            "update journal set canonical = replace(encode(canonical, 'escape'), '\"v\":1', '\"v\":2')::bytea where seq = 3",
            "Entry 3 does not follow",
            3,
        ),
        ("update journal set hash = sha256('x') where seq = 3", "Entry 3 does not follow", 3),
        ("delete from journal where seq = 3", "Entry 3 is missing", 3),
        ("delete from journal where seq > 3", "ends at entry 3", 4),
        ("update journal set kind = 'agent.paused' where seq = 3", "filed under another kind", 3),
        (
            "update journal set seq = -seq where seq in (3, 4); update journal set seq = 7 + seq where seq < 0",
            "Entry 3",
            3,
        ),
    ];
    let server = Server::start(&[]);
    let desk = acme(&server).await;
    let mut sql = owner(&server).await;
    sqlx::raw_sql("create table kept as select * from journal; create table kept_head as select * from journal_head")
        .execute(&mut sql)
        .await
        .unwrap();
    let cookie = desk.cookie().await;
    for (tampering, sentence, from) in kinds {
        let back = "delete from journal; insert into journal select * from kept;
                    update journal_head h set seq = k.seq, hash = k.hash from kept_head k where k.tenant_id = h.tenant_id;
                    delete from audit_entry where seq > (select max(seq) from kept)";
        sqlx::raw_sql(back).execute(&mut sql).await.unwrap();
        let audit = PgAudit::new(Db::new(server.owner(), DbRole::Web, 2));
        let before = audit.check(desk.founder.tenant, Duration::from_secs(10)).await.unwrap();
        assert_eq!(before.broken, None, "{tampering}");
        sqlx::raw_sql(AssertSqlSafe(tampering)).execute(&mut sql).await.unwrap();
        let broken = audit.check(desk.founder.tenant, Duration::from_secs(10)).await.unwrap().broken;
        let broken = broken.unwrap_or_else(|| panic!("not found: {tampering}"));
        assert!(broken.what.contains(sentence) && broken.from == from, "{tampering}: {broken:?}");
        assert!(broken.to >= broken.from, "{broken:?}");
    }
    // And the page says it in red, to everybody, until it is whole again.
    let form = "act=%2Fapi%2Fjournal%2Fcheck&tenant=acme";
    ask(&server, "POST", "/t/acme/audit", &[FORM, ("Accept", "text/html"), ("Cookie", &cookie)], form);
    let html = ask(&server, "GET", "/t/acme/audit", &[("Cookie", &cookie)], "").body;
    assert!(html.contains("data-check=\"broken\"") && html.contains("are not proven"), "{html}");
}

#[tokio::test]
async fn a_check_stops_in_time_and_runs_once_at_a_time() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    fill_journal(&server, desk.founder.tenant, 60_000).await;
    let audit = PgAudit::new(Db::new(server.owner(), DbRole::Web, 4));
    let short = audit.check(desk.founder.tenant, Duration::ZERO).await.unwrap();
    assert!(short.through > 0 && short.through < short.head && short.broken.is_none(), "{short:?}");
    let (one, other) = tokio::join!(
        audit.check(desk.founder.tenant, Duration::from_secs(10)),
        audit.check(desk.founder.tenant, Duration::from_secs(10))
    );
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    assert!(audit.check(desk.founder.tenant, Duration::from_secs(30)).await.unwrap().broken.is_none());
}

/// Entries after those that there are, chained as the product chains them.
async fn fill_journal(server: &Server, tenant: TenantId, count: i64) {
    let mut sql = owner(server).await;
    let (mut seq, mut hash): (i64, Vec<u8>) = sqlx::query_as("select seq, hash from journal_head where tenant_id = $1")
        .bind(tenant.0)
        .fetch_one(&mut sql)
        .await
        .unwrap();
    let (mut seqs, mut texts, mut hashes) = (Vec::new(), Vec::new(), Vec::new());
    for n in 0..count {
        let canonical =
            format!(r#"{{"v":1,"at":{n},"what":"stream_recreated","stream":"TASKS","before":1,"epoch":{n}}}"#)
                .into_bytes();
        hash = Sha256::new().chain_update(&hash).chain_update(&canonical).finalize().to_vec();
        seq += 1;
        seqs.push(seq);
        texts.push(canonical);
        hashes.push(hash.clone());
    }
    sqlx::query(
        "insert into journal (tenant_id, seq, at_ms, kind, canonical, hash)
         select $1, s, a - 1, 'stream.recreated', c, h from unnest($2::bigint[], $3::bytea[], $4::bytea[]) with ordinality u(s, c, h, a)",
    )
    .bind(tenant.0)
    .bind(&seqs)
    .bind(&texts)
    .bind(&hashes)
    .execute(&mut sql)
    .await
    .unwrap();
    sqlx::query("update journal_head set seq = $2, hash = $3 where tenant_id = $1")
        .bind(tenant.0)
        .bind(seq)
        .bind(&hash)
        .execute(&mut sql)
        .await
        .unwrap();
}

/// Checks lines as docs/journal.md tells it; answers the numbers. `chained` where none may be missing.
fn verify_offline(lines: &str, chained: bool) -> Vec<i64> {
    let mut seqs = Vec::new();
    let mut before: Option<String> = None;
    for line in lines.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        let entry = line.split_once(r#""entry":"#).unwrap().1.strip_suffix('}').unwrap();
        let previous = value["previous"].as_str().unwrap();
        let bytes = data_encoding::HEXLOWER.decode(previous.as_bytes()).unwrap();
        let hash = Sha256::new().chain_update(bytes).chain_update(entry).finalize();
        assert_eq!(value["hash"].as_str().unwrap(), data_encoding::HEXLOWER.encode(&hash), "{line}");
        if chained && let Some(before) = &before {
            assert_eq!(previous, before, "{line}");
        }
        before = Some(value["hash"].as_str().unwrap().to_owned());
        seqs.push(value["seq"].as_i64().unwrap());
    }
    seqs
}

fn export(server: &Server, cookie: &str, form: &str, query: &str) -> Answer {
    let headers = [FORM, ("Cookie", cookie)];
    ask(server, "POST", "/t/acme/audit/export", &headers, &format!("form={form}&query={query}"))
}

#[tokio::test]
async fn what_is_taken_along_can_be_checked_without_the_server_and_is_an_act_itself() {
    let server = Server::start(&[]);
    let desk = acme(&server).await;
    let cookie = desk.cookie().await;
    let whole = export(&server, &cookie, "journal", "");
    assert_eq!(whole.status, 200, "{}", whole.body);
    for part in ["attachment; filename=\"acme-journal.jsonl\"", "application/jsonl", "sandbox"] {
        assert!(whole.head.contains(part), "{part}: {}", whole.head);
    }
    let seqs = verify_offline(&whole.body, true);
    assert_eq!(seqs, (1..=i64::try_from(seqs.len()).unwrap()).collect::<Vec<_>>());
    assert!(whole.body.lines().next().unwrap().contains(&"0".repeat(64)), "the first follows nothing");

    let some = export(&server, &cookie, "jsonl", "%3Ftopic%3Dagent%26text%3Dwrong");
    assert_eq!(verify_offline(&some.body, false).len(), 1, "{}", some.body);
    assert!(some.body.contains("It scans the wrong thing"));

    let page = acts(&desk, ActQuery { topic: Some("journal".to_owned()), ..ActQuery::default() }).await;
    let said: Vec<String> = page.rows.iter().map(countersign_domain::reading::ActRow::sentence).collect();
    assert_eq!(said, ["Exported acts as JSONL: ?topic=agent&text=wrong", "Exported the journal as JSONL"]);
    // The command writes the same entries.
    let written = countersign().args(["journal", "export", "--data-dir"]).arg(&server.dir).output().unwrap();
    let written = String::from_utf8(written.stdout).unwrap();
    let first = |text: &str| text.lines().next().unwrap().split_once(r#""hash""#).unwrap().1.to_owned();
    assert_eq!(first(&written), first(&whole.body));
}

#[tokio::test]
async fn a_spreadsheet_gets_sentences_and_no_formula() {
    let server = Server::start(&[]);
    let desk = acme(&server).await;
    let cso = "cso".parse().unwrap();
    for reason in ["=HYPERLINK(\"http://evil.example\")", "@SUM(1)", "two\nlines, \"quoted\""] {
        desk.service.pause_agent(&desk.founder, &cso, reason).await.unwrap();
        desk.service.resume_agent(&desk.founder, &cso).await.unwrap();
    }
    let cookie = desk.cookie().await;
    let answer = export(&server, &cookie, "csv", "");
    assert!(answer.head.contains("text/csv; charset=utf-8"), "{}", answer.head);
    let body = answer.body.strip_prefix('\u{feff}').expect("the mark of UTF-8");
    let mut csv = csv::Reader::from_reader(body.as_bytes());
    let rows: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    assert!(rows.len() > 8, "{body}");
    for row in &rows {
        assert_eq!(row.len(), 10);
        for cell in row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
    }
    let reasons: Vec<&str> = rows.iter().map(|row| &row[6]).filter(|reason| !reason.is_empty()).collect();
    assert_eq!(reasons[1..], ["'=HYPERLINK(\"http://evil.example\")", "'@SUM(1)", "two lines, \"quoted\""]);
    let numbers: Vec<i64> = rows.iter().map(|row| row[0].parse().unwrap()).collect();
    assert!(numbers.is_sorted(), "oldest first: {numbers:?}");
}

#[tokio::test]
async fn an_export_of_many_acts_is_whole() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    fill_journal(&server, desk.founder.tenant, 5_000).await;
    JournalKeeper::new(server.owner()).rebuild(desk.founder.tenant, |_| {}).await.unwrap();
    let cookie = desk.cookie().await;
    let acts = export(&server, &cookie, "jsonl", "");
    let seqs = verify_offline(&acts.body, false);
    let (all,): (i64,) =
        sqlx::query_as("select count(*) from audit_entry").fetch_one(&mut owner(&server).await).await.unwrap();
    assert!(seqs.len() >= 5_000 && i64::try_from(seqs.len()).unwrap() == all, "{} of {all}", seqs.len());
    assert!(verify_offline(&export(&server, &cookie, "journal", "").body, true).len() >= 5_000);
}

#[tokio::test]
async fn what_an_older_version_journaled_is_found_as_what_is_journaled_today() {
    let server = Server::start(&[]);
    let desk = acme(&server).await;
    let form = countersign_service::TaskForm {
        agent: "cso".to_owned(),
        kind: "scan".to_owned(),
        payload: r#"{"said":"\"payload\":\"x\" and \"by\":\"00000000-0000-0000-0000-000000000000\" \u0007 \\"}"#
            .to_owned(),
        ..countersign_service::TaskForm::default()
    };
    desk.service.create_task(&desk.founder, form).await.unwrap();
    let mut sql = owner(&server).await;
    // An older version proposed no role files.
    let kept = "select t::text from audit_entry t where kind <> 'role.proposed' order by 1";
    let before: Vec<(String,)> = sqlx::query_as(kept).fetch_all(&mut sql).await.unwrap();
    assert!(before.len() >= 6 && before.iter().any(|(row,)| row.contains("task.created")), "{before:?}");
    // The migration's own statement, on the same journal.
    let migration = include_str!("../../migrations/0014_audit.sql");
    let backfill = migration.split("no force row level security;").nth(1).unwrap().split(';').next().unwrap();
    sqlx::query("delete from audit_entry").execute(&mut sql).await.unwrap();
    sqlx::query("alter table journal no force row level security").execute(&mut sql).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(backfill.to_owned())).execute(&mut sql).await.unwrap();
    let backfilled: Vec<(String,)> = sqlx::query_as(kept).fetch_all(&mut sql).await.unwrap();
    assert_eq!(backfilled, before);
    sqlx::query("alter table journal force row level security").execute(&mut sql).await.unwrap();
    JournalKeeper::new(server.owner()).rebuild(desk.founder.tenant, |_| {}).await.unwrap();
    let rebuilt: Vec<(String,)> = sqlx::query_as(kept).fetch_all(&mut sql).await.unwrap();
    assert_eq!(rebuilt, before);
}

/// A million entries, two thirds of them what agents and bus report.
async fn million(sql: &mut PgConnection, tenant: TenantId) {
    sqlx::raw_sql(
        "insert into person (id, email, name, password_hash, created_ms)
         select ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, n || '@example.com', 'Person ' || n, '', 0 from generate_series(101, 150) n",
    )
    .execute(&mut *sql)
    .await
    .unwrap();
    for statement in [
        "insert into journal (tenant_id, seq, at_ms, kind, canonical, hash)
         select $1, n, n * 1000, case when n % 3 = 0 then 'agent.resumed' else 'task.received' end, '', sha256(n::text::bytea) from generate_series(10, 1000000) n",
        "insert into audit_entry (tenant_id, seq, at_ms, topic, kind, who, entry)
         select $1, n, n * 1000, case when n % 999 = 0 then 'breaker' else 'agent' end, 'agent.resumed',
                ('00000000-0000-0000-0000-' || lpad((101 + n % 50)::text, 12, '0'))::uuid,
                '{\"v\":1,\"at\":' || n * 1000 || ',\"what\":\"agent_resumed\",\"by\":\"00000000-0000-0000-0000-' || lpad((101 + n % 50)::text, 12, '0') || '\",\"agent\":\"a' || n || '\"}'
         from generate_series(12, 1000000, 3) n",
    ] {
        sqlx::query(AssertSqlSafe(statement)).bind(tenant.0).execute(&mut *sql).await.unwrap();
    }
    sqlx::raw_sql("analyze").execute(&mut *sql).await.unwrap();
}

#[tokio::test]
async fn a_page_of_acts_costs_the_same_at_a_million_entries() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let mut sql = owner(&server).await;
    million(&mut sql, desk.founder.tenant).await;
    let (entries, kept): (i64, i64) =
        sqlx::query_as("select (select count(*) from journal), (select count(*) from audit_entry)")
            .fetch_one(&mut sql)
            .await
            .unwrap();
    assert!(entries > 990_000 && kept > 300_000, "{entries} {kept}");
    let audit = PgAudit::new(Db::new(server.owner(), DbRole::Web, 2));
    let person = Who::Person(PersonId(Uuid::parse_str("00000000-0000-0000-0000-000000000117").unwrap()));
    let deep = ActPlace { at: 20_000_000, seq: 20_000 };
    let breaker = || Some("breaker".to_owned());
    let questions = [
        ("the newest", ActQuery::default(), Turn::Newest),
        ("deep down", ActQuery::default(), Turn::Older(deep)),
        ("upwards from deep down", ActQuery::default(), Turn::Newer(deep)),
        ("a person's", ActQuery { who: Some(person), ..ActQuery::default() }, Turn::Newest),
        ("a person's, deep down", ActQuery { who: Some(person), ..ActQuery::default() }, Turn::Older(deep)),
        ("the server's", ActQuery { who: Some(Who::Server), ..ActQuery::default() }, Turn::Newest),
        ("a rare kind", ActQuery { topic: breaker(), ..ActQuery::default() }, Turn::Newest),
        ("long ago", ActQuery { to: Some(countersign_domain::Millis(5_000_000)), ..ActQuery::default() }, Turn::Newest),
        ("a kind that there is not", ActQuery { topic: Some("none".to_owned()), ..ActQuery::default() }, Turn::Newest),
        (
            "a person's of a rare kind",
            ActQuery { who: Some(person), topic: breaker(), ..ActQuery::default() },
            Turn::Newest,
        ),
    ];
    for (what, query, turn) in questions {
        let plan = audit.plan(desk.founder.tenant, &query, turn, 51).await.unwrap().join("\n");
        assert!(!plan.contains("Seq Scan on journal") && !plan.contains("Seq Scan on audit_entry"), "{what}:\n{plan}");
        assert!(plan.contains("Index"), "{what}:\n{plan}");
        let mut took: Vec<Duration> = Vec::new();
        for _ in 0..20 {
            let started = Instant::now();
            let page = desk.service.read_acts(&desk.founder, &query, turn).await.unwrap();
            took.push(started.elapsed());
            assert!(page.rows.len() <= ActPage::SIZE);
        }
        took.sort_unstable();
        println!("{what}: {:?}, at most {:?}", took[10], took[19]);
        // The half of them: what a loaded machine makes of the others says nothing of the index.
        assert!(took[10] < Duration::from_millis(300), "{what}: {took:?}");
    }
    // A text that stands nowhere is looked for as long as that is quick, and the page says so.
    let started = Instant::now();
    let page = desk.service.read_acts(&desk.founder, &text("nowhere to be found"), Turn::Newest).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    assert_eq!((page.rows.len(), page.looked_at), (0, Some(20_000)));
    assert!(page.older.is_some());
}

#[tokio::test]
async fn an_observer_reads_but_neither_checks_nor_exports() {
    let server = Server::start(&[]);
    let desk = acme(&server).await;
    let mut sql = owner(&server).await;
    sqlx::query("update membership set role = 'observer'").execute(&mut sql).await.unwrap();
    let cookie = desk.cookie().await;
    let html = ask(&server, "GET", "/t/acme/audit", &[("Cookie", &cookie)], "").body;
    assert!(html.contains("It scans the wrong thing"));
    assert!(!html.contains("audit/export") && !html.contains("Check the journal"), "no buttons that would refuse");
    assert_eq!(export(&server, &cookie, "csv", "").status, 403);
    let check = ask(&server, "POST", "/api/journal/check", &[FORM, JSON, ("Cookie", &cookie)], "tenant=acme");
    assert_eq!(check.status, 403, "{}", check.body);
    assert_eq!(export(&server, &cookie, "xlsx", "").status, 422);
    assert!(acts(&desk, ActQuery { topic: Some("journal".to_owned()), ..ActQuery::default() }).await.rows.is_empty());
}
