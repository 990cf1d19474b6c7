//! Secrets are planted by using them, and then searched for wherever they must not be.

use crate::harness::{
    Server,
    ask::{Answer, FORM, ask},
    dump::dump,
    web,
};
use sqlx::{Connection, PgConnection};
use std::path::Path;

/// All files that the server writes, but for those whose business it is to hold a secret.
fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = path.display().to_string();
        if path.is_dir() {
            files(&path, found);
        } else if !name.ends_with("secret.key")
            && let Ok(bytes) = std::fs::read(&path)
        {
            found.push((name, bytes));
        }
    }
}

fn holds(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}

#[tokio::test]
async fn no_secret_is_in_logs_answers_tables_figures_or_files() {
    let server = Server::start(&["--log", "debug,hyper=info"]);
    let link = server.addresses.set_up.clone().unwrap();
    let desk = server.set_up().await;
    let mut answers: Vec<(String, Answer)> = Vec::new();
    let mut secrets: Vec<(&str, String)> = vec![("the set-up link", link.clone())];

    // Passwords, right and wrong, signed in with and changed.
    let form = |password: &str| format!("email=ada%40example.com&password={password}");
    let headers = [FORM, ("Accept", "application/json")];
    for wrong in ["canary-wrong-password", "canary-of-nobody"] {
        secrets.push(("a wrong password", wrong.to_owned()));
        answers.push((wrong.to_owned(), ask(&server, "POST", "/api/account/sign_in", &headers, &form(wrong))));
    }
    let page = [FORM, ("Accept", "text/html"), ("Referer", "/sign-in")];
    answers.push((
        "a refused form".to_owned(),
        ask(&server, "POST", "/api/account/sign_in", &page, &form("canary-wrong-in-a-form")),
    ));
    secrets.push(("a password in a form", "canary-wrong-in-a-form".to_owned()));
    let signed_in = ask(&server, "POST", "/api/account/sign_in", &headers, &form("correct+horse+battery"));
    let cookie = signed_in.cookie.unwrap();
    secrets.push(("the password", "correct horse battery".to_owned()));
    secrets.push(("the session", cookie.split_once('=').unwrap().1.to_owned()));
    let own = [FORM, ("Accept", "text/html"), ("Cookie", cookie.as_str())];
    let change = "act=%2Fapi%2Faccount%2Fchange_password&tenant=acme&current=canary-current&new=canary-new-password";
    answers.push(("a refused change".to_owned(), ask(&server, "POST", "/t/acme/settings/security", &own, change)));
    secrets.push(("the password now", "canary-current".to_owned()));
    secrets.push(("the new password", "canary-new-password".to_owned()));

    // An agent's credential, and its token.
    let (_, review) = desk.service.create_agent(&desk.founder, "cso", "").await.unwrap();
    desk.approve(review).await;
    let creds = ask(&server, "POST", "/t/acme/fleet/cso/credential", &own, "hours=24").body;
    let seed = creds.lines().find(|line| line.starts_with("SU")).unwrap().to_owned();
    secrets.push(("the agent's seed", seed));
    let token = web::token(&server.addresses.console, &creds).await;
    secrets.push(("the agent's token", token.clone()));
    web::post(&server.addresses.console, "/claims", Some(&token), r#"{"sequence":1,"delivery":1}"#).await;
    // The key that seals the rest.
    let key = std::fs::read_to_string(server.dir.join("secret.key")).unwrap().trim().to_owned();
    assert!(key.len() >= 64, "a key: {}", key.len());
    secrets.push(("the sealing key", key));

    for path in [
        "/t/acme",
        "/t/acme/fleet/agents/cso",
        "/t/acme/settings/security",
        "/t/acme/journal/2",
        "/readyz",
        "/nowhere",
        "/api/account/draw_sessions?tenant=acme",
        "/api/agent/draw?tenant=acme&name=cso",
    ] {
        answers.push((path.to_owned(), ask(&server, "GET", path, &own, "")));
    }
    answers.push(("a link that was used".to_owned(), ask(&server, "GET", "/set-up/used", &[], "")));

    let mut places: Vec<(String, Vec<u8>)> = vec![("the log".to_owned(), server.log().into_bytes())];
    places.extend(answers.into_iter().map(|(what, answer)| (what, (answer.head + &answer.body).into_bytes())));
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    places.extend(dump(&mut owner).await.into_iter().map(|(table, rows)| (table, rows.join("\n").into_bytes())));
    let statistics: Vec<(String,)> = sqlx::query_as("select query from pg_stat_activity where query is not null")
        .fetch_all(&mut owner)
        .await
        .unwrap();
    places
        .push(("running statements".to_owned(), statistics.into_iter().map(|(q,)| q).collect::<String>().into_bytes()));
    // The session token is nowhere in memory of others: command lines and environments.
    for what in ["cmdline", "environ"] {
        places.push((what.to_owned(), std::fs::read(format!("/proc/{}/{what}", server.child.id())).unwrap()));
    }
    let exported =
        crate::harness::countersign().args(["journal", "export", "--data-dir"]).arg(&server.dir).output().unwrap();
    places.push(("the journal".to_owned(), exported.stdout));
    files(&server.dir, &mut places);

    assert!(places.len() > 40, "{}", places.len());
    for (what, secret) in &secrets {
        assert!(secret.len() > 10, "{what}: {secret}");
        for (place, bytes) in &places {
            assert!(!holds(bytes, secret), "{what} is in {place}");
            // As a form writes it, and as bytes of a table are written.
            assert!(!holds(bytes, &secret.replace(' ', "+")), "{what} is in {place}");
            let hex = data_encoding::HEXLOWER.encode(secret.as_bytes());
            assert!(!holds(bytes, &hex), "{what} is in {place}");
        }
    }
    // The search itself finds what is there: an agent's public key is no secret.
    assert!(places.iter().any(|(_, bytes)| holds(bytes, "ada@example.com")));
}
