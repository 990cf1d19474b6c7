//! Who may ask for what, asked by everybody. A server function that is in no table, or an address that answers
//! otherwise than the table says, fails here. Of the pages, the table has those whose address is known without ids.

mod harness;

use countersign_domain::Role;
use countersign_service::policy::{Action, rank};
use harness::{
    Server,
    ask::{ALL, Answer, FORM, ask},
};
use sqlx::{Connection, PgConnection};
use std::fmt::Write;
use uuid::Uuid;

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// It says nothing that is not everybody's, or proves by itself who asks.
    Anybody,
    /// Whoever is signed in, about themselves.
    Oneself,
    /// A member of the tenant whose role lets them.
    Member(Action),
}

use Access::{Anybody, Member, Oneself};

/// Server functions by their address, and the routes beside them.
const TABLE: [(&str, Access); 48] = [
    ("POST /api/account/change_password", Member(Action::ChangeOwnPassword)),
    ("GET /api/account/check_set_up_link", Anybody),
    ("GET /api/account/draw_sessions", Member(Action::EndOwnSession)),
    ("POST /api/account/end_other_sessions", Member(Action::EndOwnSession)),
    ("POST /api/account/end_session", Member(Action::EndOwnSession)),
    ("GET /api/account/find_home", Oneself),
    ("GET /api/account/read_viewer", Member(Action::Read)),
    ("POST /api/account/set_up", Anybody),
    ("POST /api/account/sign_in", Anybody),
    ("POST /api/account/sign_out", Anybody),
    ("POST /api/agent/create", Member(Action::CreateAgent)),
    ("GET /api/agent/draw", Member(Action::Read)),
    ("POST /api/agent/pause", Member(Action::ControlAgent)),
    ("POST /api/agent/resume", Member(Action::ControlAgent)),
    ("POST /api/breaker/close", Member(Action::ControlAgent)),
    ("POST /api/breaker/open", Member(Action::ControlAgent)),
    ("POST /api/credential/revoke", Member(Action::RevokeCredential)),
    ("GET /api/fleet/draw", Member(Action::Read)),
    ("GET /api/journal/draw", Member(Action::Read)),
    ("POST /api/letter/dismiss", Member(Action::DismissLetter)),
    ("GET /api/letter/draw", Member(Action::Read)),
    ("GET /api/letter/draw_desk", Member(Action::Read)),
    ("POST /api/letter/mend", Member(Action::ReplayLetter)),
    ("POST /api/letter/replay", Member(Action::ReplayLetter)),
    ("GET /api/overview/read", Member(Action::Read)),
    ("POST /api/quarantine/dismiss", Member(Action::MendQuarantine)),
    ("GET /api/quarantine/draw", Member(Action::Read)),
    ("POST /api/quarantine/requeue", Member(Action::MendQuarantine)),
    ("POST /api/replay/start", Member(Action::ReplayLetter)),
    ("POST /api/replay/stop", Member(Action::ReplayLetter)),
    ("POST /api/task/cancel", Member(Action::CancelTask)),
    ("POST /api/task/create", Member(Action::CreateTask)),
    ("GET /api/task/draw", Member(Action::Read)),
    ("GET /api/task/draw_form", Member(Action::Read)),
    ("POST /api/task/reprioritise", Member(Action::ReprioritiseTask)),
    ("GET /api/task/search", Member(Action::Read)),
    ("GET /api/trace/draw", Member(Action::Read)),
    ("POST /t/acme/fleet/cso/credential", Member(Action::IssueCredential)),
    ("GET /t/acme", Member(Action::Read)),
    ("GET /t/acme/tasks", Member(Action::Read)),
    ("GET /t/acme/tasks/new", Member(Action::Read)),
    ("GET /t/acme/dead-letters", Member(Action::Read)),
    ("GET /t/acme/fleet", Member(Action::Read)),
    ("GET /t/acme/fleet/agents/cso", Member(Action::Read)),
    ("GET /t/acme/journal/1", Member(Action::Read)),
    ("GET /t/acme/traces/some", Member(Action::Read)),
    ("GET /t/acme/quarantine", Member(Action::Read)),
    ("GET /t/acme/settings/security", Member(Action::EndOwnSession)),
];

/// What an address answers to whoever holds the cookie.
fn answer(server: &Server, address: &str, cookie: Option<&str>) -> Answer {
    let (method, path) = address.split_once(' ').unwrap();
    let accept = if path.starts_with("/api/") { "application/json" } else { "text/html" };
    let mut headers = vec![("Accept", accept)];
    headers.extend(cookie.map(|cookie| ("Cookie", cookie)));
    if method == "GET" {
        return ask(server, "GET", &format!("{path}?{ALL}"), &headers, "");
    }
    headers.push(FORM);
    ask(server, "POST", path, &headers, &format!("{ALL}&hours=24"))
}

/// Whether it was let in and answered, be it that what was asked for is not there, or not so.
fn served(answer: &Answer) -> bool {
    (200..500).contains(&answer.status) && answer.status != 401 && answer.status != 403
}

/// A person with the founder's password and a role in a tenant; answers the cookie of their session.
async fn member(server: &Server, owner: &mut PgConnection, (tenant, role): (Uuid, &str), person: Uuid) -> String {
    let email = format!("{person}@example.com");
    sqlx::query(
        "with added as (insert into person (id, email, name, password_hash, created_ms)
                        select $1, $2, 'Somebody', password_hash, 0 from person where email = 'ada@example.com')
         insert into membership (tenant_id, person_id, role) values ($3, $1, $4)",
    )
    .bind(person)
    .bind(&email)
    .bind(tenant)
    .bind(role)
    .execute(&mut *owner)
    .await
    .unwrap();
    let form = format!("email={}&password=correct+horse+battery", email.replace('@', "%40"));
    let signed_in = ask(server, "POST", "/api/account/sign_in", &[FORM, ("Accept", "application/json")], &form);
    signed_in.cookie.expect("a session")
}

#[tokio::test]
async fn everybody_is_answered_as_the_table_says() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    desk.service.create_agent(&desk.founder, "cso", "").await.unwrap();
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    let other = Uuid::from_u128(2);
    for sql in [
        "insert into tenant (id, slug, name, created_ms) values ($1, 'other', 'Other', 1)",
        "insert into journal_head (tenant_id, seq, hash) values ($1, 0, '')",
    ] {
        sqlx::query(sql).bind(other).execute(&mut owner).await.unwrap();
    }
    let acme = desk.founder.tenant.0;
    let stranger = member(&server, &mut owner, (other, "founder"), Uuid::from_u128(11)).await;
    let members = [
        (Role::Observer, member(&server, &mut owner, (acme, "observer"), Uuid::from_u128(12)).await),
        (Role::Reviewer, member(&server, &mut owner, (acme, "reviewer"), Uuid::from_u128(13)).await),
        (Role::Founder, desk.cookie().await),
    ];
    for (address, access) in TABLE {
        let anonymous = answer(&server, address, None);
        let Member(action) = access else {
            if access == Anybody {
                assert!(served(&anonymous), "{address} to anybody: {}", anonymous.status);
            } else {
                assert_eq!(anonymous.status, 401, "{address} to anybody");
                for (role, cookie) in &members {
                    let own = answer(&server, address, Some(cookie));
                    assert!(served(&own), "{address} to {role:?}: {}", own.status);
                }
            }
            continue;
        };
        let shown_in = anonymous.status == 302 || anonymous.status == 303;
        let is_page = address.contains(" /t/");
        assert!(
            if is_page { shown_in && anonymous.head.contains("location: /sign-in") } else { anonymous.status == 401 },
            "{address} to a stranger: {} {}",
            anonymous.status,
            anonymous.head
        );
        assert_eq!(answer(&server, address, Some(&stranger)).status, 404, "{address} to another tenant's founder");
        for (role, cookie) in &members {
            let own = answer(&server, address, Some(cookie));
            let may = rank(*role) >= rank(action.needs());
            assert!(if may { served(&own) } else { own.status == 403 }, "{address} to {role:?}: {}", own.status);
        }
    }
}

#[test]
fn every_server_function_is_in_the_table_and_nothing_else() {
    let mut functions: Vec<String> =
        leptos::server_fn::axum::server_fn_paths().map(|(path, method)| format!("{method} {path}")).collect();
    functions.sort();
    let mut listed: Vec<&str> = TABLE.iter().map(|(address, _)| *address).filter(|a| a.contains(" /api/")).collect();
    listed.sort_unstable();
    assert_eq!(functions, listed);
}

#[test]
fn the_permissions_page_is_what_the_code_says() {
    let mut page = String::from(
        "# Permissions\n\nWho may do what, printed from `service::policy` and from the table of addresses in \
         `server/tests/permissions.rs`, which asks each\naddress as everybody. Where this page is stale, that test says so and \
         writes the new one.\n\n| may … | observer | reviewer | founder | addresses |\n|---|---|---|---|---|\n",
    );
    for action in Action::ALL {
        let may = |role: Role| if rank(role) >= rank(action.needs()) { "yes" } else { "–" };
        let addresses: Vec<String> = TABLE
            .iter()
            .filter(|(_, access)| *access == Member(action))
            .map(|(address, _)| format!("`{}`", address.replace("/t/acme", "/t/:tenant").replace("/cso", "/:agent")))
            .collect();
        let (observer, reviewer, founder) = (may(Role::Observer), may(Role::Reviewer), may(Role::Founder));
        let addresses = addresses.join(", ");
        let _ = writeln!(page, "| {} | {observer} | {reviewer} | {founder} | {addresses} |", action.words());
    }
    let of = |access: Access| {
        let all: Vec<String> =
            TABLE.iter().filter(|(_, a)| *a == access).map(|(address, _)| format!("`{address}`")).collect();
        all.join(", ")
    };
    let _ = write!(
        page,
        "\nAnybody may ask {}; whoever is signed in {}. Another tenant's addresses do not exist (404), whatever one's role; \
         without a\nsession there is no answer (401), and a page leads to sign-in. Every change is refused to other sites (403).\n",
        of(Anybody),
        of(Oneself)
    );
    let kept = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/security/permissions.md"));
    let fresh = concat!(env!("CARGO_TARGET_TMPDIR"), "/permissions.md");
    if kept.ok().as_deref() != Some(&page) {
        std::fs::write(fresh, &page).unwrap();
        panic!("docs/security/permissions.md is stale: copy {fresh} over it");
    }
}
