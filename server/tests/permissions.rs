//! Who may ask for what, asked by everybody. A server function that is in no table, or an address that answers
//! otherwise than the table says, fails here. Of the pages, the table has those whose address is known without ids.

mod harness;

use countersign_domain::{Actor, PersonId, Role, api_token::Scope, task::TaskState};
use countersign_service::policy::{Action, rank};
use harness::{
    Desk, Server,
    api::Program,
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

/// Server functions by their address, and the routes beside them. `TASK` is a task that is a dead letter,
/// `REVIEW` the review of a role file, `DECISION` a decision that is not there.
const TABLE: [(&str, Access); 185] = [
    ("POST /api/account/accept_invitation", Anybody),
    ("POST /api/account/add_passkey", Member(Action::ChangeOwnFactors)),
    ("POST /api/account/ask_for_passkey", Anybody),
    ("POST /api/account/ask_for_proof", Oneself),
    ("POST /api/account/ask_recovery", Anybody),
    ("POST /api/account/ask_verification", Member(Action::ConfirmOwnAddress)),
    ("POST /api/account/begin_codes", Member(Action::ChangeOwnFactors)),
    ("POST /api/account/begin_passkey", Oneself),
    ("POST /api/account/change_address", Member(Action::ChangeOwnAddress)),
    ("POST /api/account/change_password", Member(Action::ChangeOwnPassword)),
    ("POST /api/account/confirm_address", Oneself),
    ("POST /api/account/confirm_codes", Member(Action::ChangeOwnFactors)),
    ("GET /api/account/draw_sessions", Member(Action::EndOwnSession)),
    ("POST /api/account/drop_codes", Member(Action::ChangeOwnFactors)),
    ("POST /api/account/end_other_sessions", Member(Action::EndOwnSession)),
    ("POST /api/account/end_session", Member(Action::EndOwnSession)),
    ("GET /api/account/find_home", Oneself),
    ("POST /api/account/join_tenant", Oneself),
    ("POST /api/account/make_recovery_codes", Member(Action::ChangeOwnFactors)),
    ("POST /api/account/prove", Oneself),
    ("GET /api/account/read_viewer", Member(Action::Read)),
    ("POST /api/account/recover", Anybody),
    ("POST /api/account/remove_passkey", Member(Action::ChangeOwnFactors)),
    ("POST /api/account/set_up", Anybody),
    ("POST /api/account/sign_in", Anybody),
    ("POST /api/account/sign_in_code", Anybody),
    ("POST /api/account/sign_in_passkey", Anybody),
    ("POST /api/account/sign_out", Anybody),
    ("POST /api/agent/create", Member(Action::ProposeRole)),
    ("GET /api/agent/draw", Member(Action::Read)),
    ("POST /api/agent/lift", Member(Action::StopAgents)),
    ("POST /api/agent/pause", Member(Action::ControlAgent)),
    ("POST /api/agent/resume", Member(Action::ControlAgent)),
    ("POST /api/agent/stop", Member(Action::StopAgents)),
    ("GET /api/artifact/draw", Member(Action::Read)),
    ("GET /api/artifact/draw_list", Member(Action::Read)),
    ("GET /api/allocation/draw", Member(Action::Read)),
    ("POST /api/breaker/close", Member(Action::ControlAgent)),
    ("POST /api/breaker/open", Member(Action::ControlAgent)),
    ("POST /api/away/declare", Member(Action::DeclareAway)),
    ("GET /api/away/draw", Member(Action::Read)),
    ("POST /api/away/end", Member(Action::EndAway)),
    ("POST /api/brief/ask", Member(Action::AskAuthor)),
    ("POST /api/brief/ask_signature", Member(Action::SignDecision)),
    ("GET /api/brief/authors", Member(Action::Read)),
    ("POST /api/brief/decide", Member(Action::DecideBrief)),
    ("GET /api/brief/draw_form", Member(Action::WriteBrief)),
    ("GET /api/brief/list", Member(Action::Read)),
    ("GET /api/brief/policies", Member(Action::Read)),
    ("GET /api/brief/read", Member(Action::Read)),
    ("GET /api/brief/receipt", Member(Action::Read)),
    ("POST /api/brief/reverse", Member(Action::ReverseDecision)),
    ("POST /api/brief/set_policy", Member(Action::SetBriefPolicy)),
    ("POST /api/brief/sign", Member(Action::SignDecision)),
    ("POST /api/brief/snooze", Member(Action::SnoozeBrief)),
    ("POST /api/brief/undo", Member(Action::UndoDecision)),
    ("GET /api/decision/draw", Member(Action::Read)),
    ("GET /api/decision/draw_ledger", Member(Action::Read)),
    ("GET /api/decision/draw_log", Member(Action::Read)),
    ("POST /api/decision/look_back", Member(Action::LookBack)),
    ("POST /api/decision/postpone", Member(Action::LookBack)),
    ("POST /api/brief/write", Member(Action::WriteBrief)),
    ("POST /api/context/add", Member(Action::ChangeContext)),
    ("POST /api/context/change", Member(Action::ChangeContext)),
    ("GET /api/context/draw", Member(Action::Read)),
    ("POST /api/context/withdraw", Member(Action::ChangeContext)),
    ("POST /api/credential/revoke", Member(Action::RevokeCredential)),
    ("POST /api/desk/ask_batch", Member(Action::SignDecision)),
    ("POST /api/desk/decide_batch", Member(Action::DecideBrief)),
    ("GET /api/desk/draw", Member(Action::Read)),
    ("POST /api/desk/undo_batch", Member(Action::UndoDecision)),
    ("GET /api/fleet/draw", Member(Action::Read)),
    ("POST /api/fleet/lift", Member(Action::StopAgents)),
    ("POST /api/fleet/stop", Member(Action::StopAgents)),
    ("GET /api/inbox/count", Member(Action::Read)),
    ("GET /api/inbox/draw", Member(Action::Read)),
    ("GET /api/inbox/draw_rules", Member(Action::Read)),
    ("POST /api/invitation/renew", Member(Action::ChangeMembers)),
    ("POST /api/invitation/revoke", Member(Action::ChangeMembers)),
    ("POST /api/journal/check", Member(Action::CheckJournal)),
    ("GET /api/journal/draw", Member(Action::Read)),
    ("GET /api/journal/draw_acts", Member(Action::Read)),
    ("POST /api/letter/dismiss", Member(Action::DismissLetter)),
    ("GET /api/letter/draw", Member(Action::Read)),
    ("GET /api/letter/draw_desk", Member(Action::Read)),
    ("POST /api/letter/mend", Member(Action::ReplayLetter)),
    ("POST /api/letter/replay", Member(Action::ReplayLetter)),
    ("GET /api/mail/draw", Member(Action::ReadMail)),
    ("POST /api/mail/show", Member(Action::ShowMail)),
    ("POST /api/member/change_role", Member(Action::ChangeMembers)),
    ("GET /api/member/draw", Member(Action::Read)),
    ("POST /api/member/invite", Member(Action::ChangeMembers)),
    ("POST /api/member/remove", Member(Action::ChangeMembers)),
    ("GET /api/notice/draw", Member(Action::OwnNotices)),
    ("POST /api/notice/save", Member(Action::OwnNotices)),
    ("POST /api/notice/test", Member(Action::OwnNotices)),
    ("GET /api/overview/read", Member(Action::Read)),
    ("POST /api/quarantine/dismiss", Member(Action::MendQuarantine)),
    ("GET /api/quarantine/draw", Member(Action::Read)),
    ("POST /api/quarantine/requeue", Member(Action::MendQuarantine)),
    ("POST /api/replay/start", Member(Action::ReplayLetter)),
    ("POST /api/replay/stop", Member(Action::ReplayLetter)),
    ("POST /api/review/approve", Member(Action::DecideReview)),
    ("POST /api/review/ask_approvals", Member(Action::AskApprovals)),
    ("GET /api/review/draw", Member(Action::Read)),
    ("GET /api/review/draw_list", Member(Action::Read)),
    ("POST /api/review/probe", Member(Action::ProbeRole)),
    ("POST /api/review/reject", Member(Action::DecideReview)),
    ("POST /api/review/revoke", Member(Action::DecideReview)),
    ("GET /api/review/what_if", Member(Action::Read)),
    ("POST /api/role/check", Member(Action::ProposeRole)),
    ("GET /api/role/draw", Member(Action::Read)),
    ("POST /api/role/propose", Member(Action::ProposeRole)),
    ("GET /api/sso/draw", Member(Action::SeeSso)),
    ("POST /api/sso/enforce", Member(Action::ChangeSso)),
    ("POST /api/sso/find", Anybody),
    ("POST /api/sso/remove", Member(Action::ChangeSso)),
    ("POST /api/sso/save", Member(Action::ChangeSso)),
    ("POST /api/task/cancel", Member(Action::CancelTask)),
    ("POST /api/task/create", Member(Action::CreateTask)),
    ("GET /api/task/draw", Member(Action::Read)),
    ("GET /api/task/draw_form", Member(Action::Read)),
    ("POST /api/task/reprioritise", Member(Action::ReprioritiseTask)),
    ("GET /api/task/search", Member(Action::Read)),
    ("GET /api/token/draw", Member(Action::SeeTokens)),
    ("POST /api/token/make", Member(Action::MakeToken)),
    ("POST /api/token/revoke", Member(Action::RevokeToken)),
    ("GET /api/trace/draw", Member(Action::Read)),
    ("GET /api/webhook/draw", Member(Action::SeeWebhooks)),
    ("GET /api/webhook/draw_deliveries", Member(Action::SeeWebhooks)),
    ("POST /api/webhook/make", Member(Action::ChangeWebhooks)),
    ("POST /api/webhook/replay", Member(Action::ReplayWebhook)),
    ("POST /api/webhook/rotate", Member(Action::ChangeWebhooks)),
    ("POST /api/webhook/switch", Member(Action::ChangeWebhooks)),
    ("POST /api/webhook/test", Member(Action::ReplayWebhook)),
    ("POST /t/acme/fleet/cso/credential", Member(Action::IssueCredential)),
    ("POST /sso/acme/start", Anybody),
    ("GET /sso/acme/callback", Anybody),
    ("GET /t/acme", Member(Action::Read)),
    ("GET /t/acme/tasks", Member(Action::Read)),
    ("GET /t/acme/tasks/new", Member(Action::Read)),
    ("GET /t/acme/dead-letters", Member(Action::Read)),
    ("GET /t/acme/fleet", Member(Action::Read)),
    ("GET /t/acme/desk", Member(Action::Read)),
    ("GET /t/acme/inbox", Member(Action::Read)),
    ("GET /t/acme/decisions", Member(Action::Read)),
    ("GET /t/acme/decisions/DECISION", Member(Action::Read)),
    ("GET /t/acme/decisions/DECISION.md", Member(Action::Read)),
    ("GET /t/acme/decisions/DECISION/receipt.json", Member(Action::Read)),
    ("GET /t/acme/decisions.csv", Member(Action::Read)),
    ("GET /t/acme/decisions.jsonl", Member(Action::Read)),
    ("GET /t/acme/ledger", Member(Action::Read)),
    ("POST /api/grant/ask_signature", Member(Action::GrantAutonomy)),
    ("POST /api/grant/revoke", Member(Action::RevokeGrant)),
    ("POST /api/grant/sign", Member(Action::GrantAutonomy)),
    ("GET /t/acme/fleet/allocation", Member(Action::Read)),
    ("GET /t/acme/context", Member(Action::Read)),
    ("GET /t/acme/inbox/new", Member(Action::WriteBrief)),
    ("GET /t/acme/settings/briefs", Member(Action::Read)),
    ("GET /t/acme/reviews", Member(Action::Read)),
    ("GET /t/acme/reviews/REVIEW", Member(Action::Read)),
    ("GET /t/acme/reviews/REVIEW/what-if", Member(Action::Read)),
    ("GET /t/acme/roles/new", Member(Action::Read)),
    ("GET /t/acme/roles/cso", Member(Action::Read)),
    ("GET /t/acme/fleet/agents/cso", Member(Action::Read)),
    ("POST /t/acme/audit/export", Member(Action::ExportJournal)),
    ("GET /t/acme/audit", Member(Action::Read)),
    ("GET /t/acme/artifacts", Member(Action::Read)),
    ("GET /t/acme/artifacts/0f0f/content", Member(Action::Read)),
    ("GET /t/acme/live", Member(Action::Read)),
    ("GET /t/acme/tasks/TASK", Member(Action::Read)),
    ("GET /t/acme/dead-letters/TASK", Member(Action::Read)),
    ("GET /t/acme/journal/1", Member(Action::Read)),
    ("GET /t/acme/traces/some", Member(Action::Read)),
    ("GET /t/acme/quarantine", Member(Action::Read)),
    ("GET /t/acme/settings/security", Member(Action::EndOwnSession)),
    ("GET /t/acme/settings/tokens", Member(Action::SeeTokens)),
    ("GET /api/docs", Anybody),
    ("GET /verify", Anybody),
    ("GET /api/v1/openapi.json", Anybody),
    ("GET /t/acme/settings/members", Member(Action::Read)),
    ("GET /t/acme/settings/mail", Member(Action::ReadMail)),
    ("GET /t/acme/settings/sso", Member(Action::SeeSso)),
    ("GET /t/acme/settings/notifications", Member(Action::OwnNotices)),
    ("GET /t/acme/settings/webhooks", Member(Action::SeeWebhooks)),
];

/// Routes of the REST API, which take a token, and what is posted there.
const REST: [(&str, Action, &str); 26] = [
    ("GET /api/v1/agents", Action::Read, ""),
    ("GET /api/v1/agents/{agent}", Action::Read, ""),
    ("POST /api/v1/agents/{agent}/breaker/close", Action::ControlAgent, ""),
    ("POST /api/v1/agents/{agent}/breaker/open", Action::ControlAgent, ""),
    ("POST /api/v1/agents/{agent}/pause", Action::ControlAgent, REASON),
    ("POST /api/v1/agents/{agent}/resume", Action::ControlAgent, ""),
    ("GET /api/v1/allocation", Action::Read, ""),
    ("GET /api/v1/context", Action::Read, ""),
    ("POST /api/v1/briefs", Action::WriteBrief, "{}"),
    ("GET /api/v1/dead-letters", Action::Read, ""),
    ("POST /api/v1/dead-letters/replay", Action::ReplayLetter, r#"{"expected":1}"#),
    ("GET /api/v1/dead-letters/{task}", Action::Read, ""),
    ("POST /api/v1/dead-letters/{task}/dismiss", Action::DismissLetter, REASON),
    ("POST /api/v1/dead-letters/{task}/replay", Action::ReplayLetter, ""),
    ("GET /api/v1/decisions", Action::Read, ""),
    ("GET /api/v1/decisions/{decision}", Action::Read, ""),
    ("GET /api/v1/journal", Action::Read, ""),
    ("GET /api/v1/journal/head", Action::Read, ""),
    ("POST /api/v1/replays/{replay}/stop", Action::ReplayLetter, ""),
    ("GET /api/v1/reviews", Action::Read, ""),
    ("GET /api/v1/reviews/{review}", Action::Read, ""),
    ("GET /api/v1/tasks", Action::Read, ""),
    ("POST /api/v1/tasks", Action::CreateTask, r#"{"agent":"cso","kind":"scan"}"#),
    ("GET /api/v1/tasks/{task}", Action::Read, ""),
    ("POST /api/v1/tasks/{task}/cancel", Action::CancelTask, REASON),
    ("POST /api/v1/tasks/{task}/reprioritise", Action::ReprioritiseTask, r#"{"priority":1}"#),
];
const REASON: &str = r#"{"reason":"Because"}"#;

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
    ask(server, "POST", path, &headers, &format!("{ALL}&hours=24&form=csv"))
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

/// The id of a task for which there is no agent.
async fn dead_letter(desk: &Desk) -> String {
    let cso = desk.agent("cso", "ghost").await.connect().await;
    cso.publish("tasks.ghost.scan", &[], "{}").await.unwrap();
    desk.await_tasks(&[TaskState::Undeliverable], 1).await.rows[0].id.clone()
}

#[tokio::test]
async fn everybody_is_answered_as_the_table_says() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let task = dead_letter(&desk).await;
    let review = desk.service.read_reviews(&desk.founder).await.unwrap().standing[0].id.clone();
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
        let named = address.contains("TASK") || address.contains("REVIEW");
        let address = address.replace("TASK", &task).replace("REVIEW", &review);
        let address = address.replace("DECISION", "0190f0f0-0000-7000-8000-000000000000");
        let address = address.as_str();
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
        let is_refused = match address {
            // Browsers would ask a stream again and again that answers anything else.
            "GET /t/acme/live" => anonymous.status == 204,
            _ if is_page => shown_in && anonymous.head.contains("location: /sign-in"),
            _ => anonymous.status == 401,
        };
        assert!(is_refused, "{address} to a stranger: {} {}", anonymous.status, anonymous.head);
        assert_eq!(answer(&server, address, Some(&stranger)).status, 404, "{address} to another tenant's founder");
        for (role, cookie) in &members {
            let own = answer(&server, address, Some(cookie));
            let may = rank(*role) >= rank(action.needs());
            assert!(if may { served(&own) } else { own.status == 403 }, "{address} to {role:?}: {}", own.status);
            assert!(!named || own.status == 200, "{address} to {role:?}: it is there, and {}", own.status);
        }
    }
}

#[test]
fn every_server_function_is_in_the_table_and_nothing_else() {
    let mut functions: Vec<String> =
        leptos::server_fn::axum::server_fn_paths().map(|(path, method)| format!("{method} {path}")).collect();
    functions.sort();
    let beside = ["GET /api/docs", "GET /api/v1/openapi.json"];
    let mut listed: Vec<&str> = TABLE.iter().map(|(address, _)| *address).filter(|a| a.contains(" /api/")).collect();
    listed.retain(|address| !beside.contains(address));
    listed.sort_unstable();
    assert_eq!(functions, listed);
}

#[tokio::test]
async fn every_token_is_answered_as_the_table_and_its_persons_role_say() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    desk.service.create_agent(&desk.founder, "cso", "").await.unwrap();
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    let mut programs = vec![(Role::Founder, desk.program(&server).await)];
    for (role, person) in [(Role::Observer, Uuid::from_u128(12)), (Role::Reviewer, Uuid::from_u128(13))] {
        member(&server, &mut owner, (desk.founder.tenant.0, role.as_str()), person).await;
        // Made when they were a founder still.
        let maker = Actor { person: PersonId(person), ..desk.founder.clone() };
        programs.push((role, Program::new(&server, desk.token_of(&maker, Scope::ALL).await)));
    }
    for (address, action, body) in REST {
        let (method, path) = address.split_once(" /api/v1").unwrap();
        let nil = "0190f0f0-0000-7000-8000-000000000000";
        let path = path
            .replace("{agent}", "cso")
            .replace("{task}", nil)
            .replace("{replay}", nil)
            .replace("{review}", nil)
            .replace("{decision}", nil);
        let none = harness::web::ask(&server.addresses.console, method, &format!("/api/v1{path}"), &[], body).await;
        assert_eq!(none.status, 401, "{address} to anybody");
        let cookie = desk.cookie().await;
        let cookie = [("Cookie", cookie.as_str())];
        let signed_in =
            harness::web::ask(&server.addresses.console, method, &format!("/api/v1{path}"), &cookie, body).await;
        assert_eq!(signed_in.status, 401, "{address} to a founder without a token");
        for (role, program) in &programs {
            let status = program.ask(method, &path, &[], body).await.status;
            let served = (200..500).contains(&status) && status != 401 && status != 403;
            let may = rank(*role) >= rank(action.needs());
            assert!(if may { served } else { status == 403 }, "{address} to {role:?}: {status}");
        }
    }
}

#[test]
fn every_route_of_the_rest_api_is_in_the_table_with_the_scope_of_its_action() {
    let document = serde_json::to_value(countersign_server::http::rest::document()).unwrap();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let scope = operation["security"][0]["token"][0].as_str().unwrap_or_default().to_owned();
            routes.push((format!("{} {path}", method.to_uppercase()), scope));
        }
    }
    let of = |action: Action| action.scope().expect("an action that a token may do").as_str().to_owned();
    let mut listed: Vec<_> = REST.iter().map(|(address, action, _)| ((*address).to_owned(), of(*action))).collect();
    routes.sort();
    listed.sort();
    assert_eq!(routes, listed);
}

#[test]
fn the_permissions_page_is_what_the_code_says() {
    let mut page = String::from(
        "# Permissions\n\nWho may do what, printed from `service::policy` and from the table of addresses in \
         `server/tests/permissions.rs`, which asks each\naddress as everybody. Where this page is stale, that test says so and \
         writes the new one.\n\n| may … | observer | reviewer | founder | a token with | addresses |\n|---|---|---|---|---|---|\n",
    );
    for action in Action::ALL {
        let may = |role: Role| if rank(role) >= rank(action.needs()) { "yes" } else { "–" };
        let pages = TABLE.iter().filter(|(_, access)| *access == Member(action));
        let plain = |address: &str| {
            address
                .replace("/t/acme", "/t/:tenant")
                .replace("/cso", "/:agent")
                .replace("TASK", ":task")
                .replace("DECISION", ":decision")
        };
        let pages = pages.map(|(address, _)| plain(address));
        let rest = REST.iter().filter(|(_, own, _)| *own == action).map(|(address, ..)| (*address).to_owned());
        let addresses: Vec<String> = pages.chain(rest).map(|address| format!("`{address}`")).collect();
        let (observer, reviewer, founder) = (may(Role::Observer), may(Role::Reviewer), may(Role::Founder));
        let scope = action.scope().map_or("–".to_owned(), |scope| format!("`{}`", scope.as_str()));
        let addresses = addresses.join(", ");
        let _ = writeln!(page, "| {} | {observer} | {reviewer} | {founder} | {scope} | {addresses} |", action.words());
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
