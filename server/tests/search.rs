//! What a founder types finds the tasks that say it.
#![allow(clippy::disallowed_methods, reason = "these tests are stock clients")]

mod harness;

use countersign_domain::{reading::TaskQuery, task::TaskState};
use harness::{Desk, Server, eventually};
use sqlx::{Connection, PgConnection};

async fn found(desk: &Desk, typed: &str) -> Vec<String> {
    let page = desk.tasks(TaskQuery { text: Some(typed.to_owned()), ..TaskQuery::default() }).await;
    let mut titles: Vec<String> = page.rows.into_iter().filter_map(|row| row.title).collect();
    titles.sort();
    titles
}

#[tokio::test]
async fn a_task_is_found_by_words_parts_of_names_phrases_and_without_others() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    for task in [
        r#"{"task":"Leaked secrets","repo":"acme/console","mail":"ops@example.com"}"#,
        r#"{"task":"Secrets were leaked","repo":"acme/web","correlation_id":"release-7"}"#,
        r#"{"task":"Größe ändern","repo":"acme\\u0000 it's \\ 'quoted'"}"#,
    ] {
        cso.publish("tasks.cso.scan", &[], task).await.unwrap();
    }
    desk.await_tasks(&[TaskState::Queued], 3).await;
    let finds = async |typed: &str, titles: &[&str]| assert_eq!(found(&desk, typed).await, titles, "{typed}");
    let both: &[&str] = &["Leaked secrets", "Secrets were leaked"];
    finds("SECRETS leaked", both).await;
    finds(r#""leaked secrets""#, &["Leaked secrets"]).await;
    finds("secrets -console", &["Secrets were leaked"]).await;
    finds("console or GRÖSSE", &["Leaked secrets"]).await;
    finds("console or größe", &["Größe ändern", "Leaked secrets"]).await;
    finds("acme/console", &["Leaked secrets"]).await;
    finds("console/acme", &[]).await;
    finds("example", &["Leaked secrets"]).await;
    finds("release-7", &["Secrets were leaked"]).await;
    finds("quoted", &["Größe ändern"]).await;
    for nonsense in ["?!", "' | !", "a:* <->", "\\", "\"", "-", &"x ".repeat(20_000)] {
        finds(nonsense, &[]).await;
    }
}

#[tokio::test]
async fn a_text_of_as_many_words_as_a_message_holds_is_recorded_and_found() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    let many: Vec<String> = (0..30_000).map(|n| format!("w{n}")).collect();
    cso.publish("tasks.cso.scan", &[], format!(r#"{{"task":"Many","said":"{}"}}"#, many.join(" "))).await.unwrap();
    cso.publish("tasks.cso.scan", &[], format!(r#"{{"task":"Long","said":"{}"}}"#, "long ".repeat(40_000)))
        .await
        .unwrap();
    desk.await_tasks(&[TaskState::Queued], 2).await;
    assert_eq!(found(&desk, "w17").await, ["Many"]);
    assert_eq!(found(&desk, "\"long long\"").await, ["Long"]);
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    let (longest,): (i32,) =
        sqlx::query_as("select max(length(search::text)) from task_text").fetch_one(&mut owner).await.unwrap();
    assert!(longest > 20_000, "all words of the first 20,000 characters are kept: {longest}");
}

#[tokio::test]
async fn words_that_an_older_version_kept_are_parted_anew() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    cso.publish("tasks.cso.scan", &[], r#"{"task":"Old","repo":"acme/console","said":"größer"}"#).await.unwrap();
    desk.await_tasks(&[TaskState::Queued], 1).await;
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    let words = "select search::text from task_text";
    let (new,): (String,) = sqlx::query_as(words).fetch_one(&mut owner).await.unwrap();
    let older = "update task_text set parted = 0, search = to_tsvector('simple', 'cso scan acme/console')";
    sqlx::query(older).execute(&mut owner).await.unwrap();
    eventually("the words of today's rules", async || {
        let (now,): (String,) = sqlx::query_as(words).fetch_one(&mut owner).await.unwrap();
        if now == new { Ok(()) } else { Err(now) }
    })
    .await;
    assert_eq!(found(&desk, "console GRÖSSER or größer").await, ["Old"]);
}
