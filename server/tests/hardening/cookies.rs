//! Cookies that are no session: cut short, made up, of people who are gone.

use crate::harness::{Server, ask::ask, dump::dump};
use sqlx::{Connection, PgConnection};

#[tokio::test]
async fn a_cookie_that_is_no_session_is_nobodys_and_reveals_nothing() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let whole = desk.cookie().await;
    let get =
        |path: &str, cookie: &str| ask(&server, "GET", path, &[("Cookie", cookie), ("Accept", "application/json")], "");
    let reading = "/api/fleet/draw?tenant=acme";
    assert_eq!(get(reading, &whole).status, 200);
    let nobody = ask(&server, "GET", reading, &[("Accept", "application/json")], "");
    assert_eq!(nobody.status, 401);
    let token = whole.split_once('=').unwrap().1;
    let mut others: Vec<String> = (0..token.len()).map(|length| format!("countersign={}", &token[..length])).collect();
    others.push(format!("countersign={token}A"));
    others.push(format!("countersign=\"{token}"));
    others.push(format!("countersign={}", token.to_uppercase()));
    others.push(format!("countersign=%00{token}"));
    others.push(format!("countersign={}", "A".repeat(20_000)));
    others.push("countersign".to_owned());
    others.push("countersign=;;;=;".to_owned());
    others.push(format!("Countersign={token}"));
    others.push(format!("__Host-countersign={token}"));
    // What the database holds of the session is no cookie.
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    let (kept,): (String,) =
        sqlx::query_as("select encode(id, 'base64') from session limit 1").fetch_one(&mut owner).await.unwrap();
    others.push(format!("countersign={}", kept.trim_end_matches('=').replace('+', "-").replace('/', "_")));
    for cookie in &others {
        let answer = get(reading, cookie);
        assert_eq!((answer.status, &answer.body), (nobody.status, &nobody.body), "{cookie:.60}");
        let page = get("/t/acme", cookie);
        assert!(page.status == 302 && page.head.contains("location: /sign-in"), "{cookie:.60}: {}", page.status);
        assert_eq!(get("/t/acme/live", cookie).status, 204, "{cookie:.60}");
    }
    assert_eq!(get(reading, &whole).status, 200, "the real one is still one");
}

#[tokio::test]
async fn a_session_is_kept_as_a_digest_and_ends_with_its_person() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let signed_in = desk.sign_in().await;
    let cookie = format!("countersign={}", signed_in.token);
    let get = || {
        ask(&server, "GET", "/api/fleet/draw?tenant=acme", &[("Cookie", &cookie), ("Accept", "application/json")], "")
    };
    assert_eq!(get().status, 200);
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    for (table, rows) in dump(&mut owner).await {
        assert!(rows.iter().all(|row| !row.contains(&signed_in.token)), "{table} holds the token itself");
    }
    // Whoever loses a membership finds nothing there, with whatever cookie.
    sqlx::query("delete from membership").execute(&mut owner).await.unwrap();
    assert_eq!(get().status, 404);
    assert_eq!(ask(&server, "GET", "/t/acme", &[("Cookie", &cookie)], "").status, 404);
    // And so is whoever is gone.
    let sql = "truncate membership, session, person cascade";
    sqlx::query(sql).execute(&mut owner).await.unwrap();
    assert_eq!(get().status, 401);
}
