//! The figures of Overview, Fleet and an agent's page, and what they say of themselves.
#![allow(clippy::disallowed_methods, reason = "these tests are stock clients")]

mod harness;

use countersign_agent::{Agent, Tasks};
use countersign_domain::{
    Millis,
    reading::{Connection, TaskQuery},
    task::TaskState,
};
use countersign_server::{compose, surroundings::SystemClock};
use countersign_service::ports::{Clock, StreamStart};
use harness::{Desk, Server, ask::ask, eventually};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, Executor, PgConnection};

const DAY: i64 = 86_400_000;

/// The database as its owner sees it, in the founder's tenant.
async fn owner(server: &Server, desk: &Desk) -> PgConnection {
    let mut owner = PgConnection::connect_with(&server.owner()).await.unwrap();
    owner.execute(AssertSqlSafe(format!("set app.tenant = '{}'", desk.founder.tenant))).await.unwrap();
    owner
}

/// A page as the founder sees it.
async fn page(server: &Server, desk: &Desk, path: &str) -> String {
    let answer = ask(server, "GET", &format!("/t/acme{path}"), &[("Cookie", &desk.cookie().await)], "");
    assert_eq!(answer.status, 200, "{path}: {}", answer.head);
    answer.body
}

/// What stands in the element with this test id.
fn part<'a>(page: &'a str, testid: &str) -> Option<&'a str> {
    let mark = format!("data-testid=\"{testid}\"");
    let from = page.find(&mark)?;
    let rest = &page[from..];
    Some(&rest[..rest[mark.len()..].find("data-testid").map_or(rest.len(), |end| end + mark.len())])
}

#[tokio::test]
async fn an_agent_that_goes_away_loses_uptime_and_the_fleet_with_it() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let (cso, devops) = (desk.agent("cso", "").await, desk.agent("devops", "").await);
    desk.service.create_agent(&desk.founder, "never", "").await.unwrap();
    let stands = async |name: &str, wanted: fn(&Connection) -> bool| {
        eventually(&format!("{name} as wanted"), async || {
            let row = desk.agent_detail(name).await.row;
            if wanted(&row.connection) { Ok(row) } else { Err(format!("{row:?}")) }
        })
        .await
    };
    let (first, second) = (cso.connect().await, devops.connect().await);
    stands("cso", |connection| matches!(connection, Connection::Connected(_))).await;
    stands("devops", |connection| matches!(connection, Connection::Connected(_))).await;
    drop((first, second));
    stands("cso", |connection| matches!(connection, Connection::Lost(_))).await;
    let row = eventually("time away", async || {
        let row = desk.agent_detail("cso").await.row;
        let away = row.uptime.is_some_and(|uptime| uptime.observed_ms > uptime.connected_ms && uptime.share() < 1.0);
        if away { Ok(row) } else { Err(format!("{row:?}")) }
    })
    .await;
    assert!(row.uptime.unwrap().share() >= 0.0);
    assert_eq!(desk.agent_detail("never").await.row.uptime, None);

    // As after ten hours each: the seconds that the server goes on observing change no digit that is shown.
    let mut owner = owner(&server, &desk).await;
    for (agent, connected) in [("cso", 32_598_000), ("devops", 3_654_000)] {
        let sums = "update agent_live set connected_sum_ms = $2, observed_sum_ms = 36000000 where agent = $1";
        sqlx::query(sums).bind(agent).bind(i64::from(connected)).execute(&mut owner).await.unwrap();
    }
    let fleet = desk.service.read_fleet(&desk.founder).await.unwrap();
    let close = |share: f64, wanted: f64| (share - wanted).abs() < 0.0004;
    assert!(close(fleet.uptime.unwrap().share(), 0.5035), "{:?}", fleet.uptime);
    assert!(close(fleet.agents[0].uptime.unwrap().share(), 0.9055), "{:?}", fleet.agents[0]);
    let html = page(&server, &desk, "/fleet").await;
    let whole = part(&html, "fleet-uptime").unwrap();
    assert!(whole.contains("50.3 %") && whole.contains("of 20 h"), "{whole}");
    assert!(html.contains("90.5 %") && html.contains("10.1 %"), "that of each beside it");
    let words = part(&html, "uptime-method").unwrap();
    for said in
        ["share of the observed time", "from its first connection", "once a second", "more than 15 s", "unknown"]
    {
        assert!(words.contains(said), "{said}: {words}");
    }
    let html = page(&server, &desk, "/fleet/agents/cso").await;
    assert!(part(&html, "agent-uptime").unwrap().contains("90.5 %"));
    assert!(part(&html, "fleet-uptime").unwrap().contains("50.3 %"));
    assert!(html.contains("once a second"));
}

#[tokio::test]
async fn costs_that_come_with_results_are_spent_on_the_day_the_task_ended() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let agent = desk.agent("cso", "").await;
    let cso = Agent::connect(&agent.url, agent.name.clone(), &agent.creds).await.unwrap();
    let cso = cso.workspace(&server.addresses.console).unwrap();
    cso.give(&agent.name, &"scan".parse().unwrap(), "one", &json!({ "task": "Scan" })).await.unwrap();
    let mut tasks: Tasks = cso.tasks().await.unwrap();
    let task = tokio::time::timeout(harness::PATIENCE, tasks.next()).await.expect("in time").unwrap().unwrap();
    task.succeed(json!({}), &[], Some(0.25)).await.unwrap();
    cso.broadcast("usage.reported", &json!({ "usd": 0.5 })).await.unwrap();
    let spent = async || {
        let overview = desk.service.read_overview(&desk.founder).await.unwrap();
        let fleet = desk.service.read_fleet(&desk.founder).await.unwrap();
        (overview.usd_today, fleet.agents[0].usd_today, overview.usd_total)
    };
    let becomes = async |wanted| {
        eventually("the costs", async || {
            let now = spent().await;
            if now == wanted { Ok(()) } else { Err(format!("{now:?}")) }
        })
        .await;
    };
    becomes((Some(0.75), Some(0.75), Some(0.75))).await;
    assert!(part(&page(&server, &desk, "").await, "card-spend").unwrap().contains("$0.7500"));
    assert!(part(&page(&server, &desk, "/fleet").await, "fleet-spend").unwrap().contains("$0.7500"));
    let mut owner = owner(&server, &desk).await;
    sqlx::query("update task set ended_ms = ended_ms - $1").bind(2 * DAY).execute(&mut owner).await.unwrap();
    becomes((Some(0.5), Some(0.5), Some(0.75))).await;
}

#[tokio::test]
async fn a_clock_that_is_a_day_off_is_told_and_loses_and_misplaces_nothing() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let began = SystemClock.now();
    let ahead = desk.agent("ahead", "").await.connect().await;
    let behind = desk.agent("behind", "").await.connect().await;
    let right = desk.agent("right", "").await.connect().await;
    let now = || SystemClock.now().0;
    let text = |ms: i64| Millis(ms).to_rfc3339();
    for n in 0..4 {
        // By turns, so that an order by their own times would be another one.
        let (connection, name, stamp) = if n % 2 == 0 {
            (&ahead, "ahead", json!(text(now() + DAY)))
        } else {
            (&behind, "behind", json!((now() - DAY) / 1000))
        };
        let payload = json!({ "task": format!("Turn {n}"), "correlation_id": "turns", "timestamp": stamp }).to_string();
        connection.publish(&format!("events.{name}.heartbeat"), &[], payload.clone()).await.unwrap();
        connection.publish(&format!("tasks.{name}.turn"), &[], payload).await.unwrap();
        connection.take().await.ack().await.unwrap();
    }
    right.publish("events.right.heartbeat", &[], json!({ "timestamp": text(now()) }).to_string()).await.unwrap();
    let page_of_tasks = desk.await_tasks(&[TaskState::Succeeded], 4).await;
    let skews = eventually("heartbeats", async || {
        let fleet = desk.service.read_fleet(&desk.founder).await.unwrap();
        let skews: Vec<Option<i64>> = fleet.agents.iter().map(|agent| agent.clock_skew_ms).collect();
        if skews.iter().all(Option::is_some) { Ok(skews) } else { Err(format!("{skews:?}")) }
    })
    .await;
    let (up, down, none) = (skews[0].unwrap(), skews[1].unwrap(), skews[2].unwrap());
    assert!((up - DAY).abs() < 5_000 && (down + DAY).abs() < 5_000 && none.abs() < 5_000, "{skews:?}");

    let ended = SystemClock.now();
    let within = |at: Millis| began.0 - 1_000 <= at.0 && at.0 <= ended.0 + 1_000;
    let trace = eventually("all of it", async || {
        let trace = desk.service.read_trace(&desk.founder, "turns", "").await.unwrap();
        if (trace.task_count, trace.event_count) == (4, 4) { Ok(trace) } else { Err(format!("{trace:?}")) }
    })
    .await;
    let titles: Vec<_> = trace.tasks.iter().map(|task| task.row.title.clone().unwrap()).collect();
    assert_eq!(titles, ["Turn 0", "Turn 1", "Turn 2", "Turn 3"]);
    let told: Vec<_> = trace.events.iter().map(|event| event.agent.as_str()).collect();
    assert_eq!(told, ["ahead", "behind", "ahead", "behind"]);
    assert!(trace.events.iter().all(|event| within(event.at)));
    let times = trace.tasks.iter().flat_map(|task| [task.row.created_at, task.row.ended_at.unwrap()]);
    assert!(times.into_iter().all(within), "{trace:?}");
    let newest: Vec<_> = page_of_tasks.rows.iter().map(|row| row.title.clone().unwrap()).collect();
    assert_eq!(newest, ["Turn 3", "Turn 2", "Turn 1", "Turn 0"]);
    let today = TaskQuery { from: Some(began), to: Some(Millis(ended.0 + 1_000)), ..TaskQuery::default() };
    assert_eq!(desk.tasks(today).await.count, 4, "found under the time at which they came");

    let fleet = page(&server, &desk, "/fleet").await;
    assert!(fleet.contains("Its clock is 1 d ahead") && fleet.contains("Its clock is 1 d behind"));
    assert_eq!(fleet.matches("data-testid=\"agent-clock\"").count(), 2, "nothing of the one that is right");
    let html = page(&server, &desk, "/fleet/agents/ahead").await;
    assert!(part(&html, "clock-skew").unwrap().contains("Its clock is 1 d ahead"));
    assert!(!page(&server, &desk, "/fleet/agents/right").await.contains("clock-skew"));
}

#[tokio::test]
async fn a_gap_is_on_the_overview_for_a_week_with_its_stream_and_what_to_do() {
    let server = Server::start(&[]);
    let desk = server.set_up().await;
    let cso = desk.agent("cso", "").await.connect().await;
    cso.publish("events.cso.note", &[], "{}").await.unwrap();
    let mut owner = owner(&server, &desk).await;
    let epoch = eventually("a read event", async || {
        let row: Option<(i64,)> =
            sqlx::query_as("select epoch from checkpoint where stream = 'EVENTS' and sequence > 0")
                .fetch_optional(&mut owner)
                .await
                .unwrap();
        row.map(|(epoch,)| epoch).ok_or_else(|| "not read".to_owned())
    })
    .await;
    assert!(!page(&server, &desk, "").await.contains("card-gap"));
    // As a reader finds it that was away for longer than the stream keeps messages; twice.
    let ledger = compose::record(&desk.databases).ledger;
    for first_sequence in [42, 50] {
        let start = StreamStart { stream: "EVENTS", epoch, first_sequence };
        ledger.resume(desk.founder.tenant, start, SystemClock.now()).await.unwrap();
    }
    let overview = desk.service.read_overview(&desk.founder).await.unwrap();
    assert_eq!((overview.gap_count, overview.gaps.len()), (2, 2));
    let newest = &overview.gaps[0];
    assert_eq!((newest.stream.as_str(), newest.messages), ("EVENTS", 8));
    assert!(overview.lost_unread > 8 && SystemClock.now().since(newest.at) < 30_000);
    let html = page(&server, &desk, "").await;
    let card = part(&html, "card-gap").unwrap();
    let link = format!("/t/acme/journal/{}", newest.entry);
    assert!(card.contains("8 messages of EVENTS never read") && card.contains(&format!("\"{link}\"")), "{card}");
    assert!(card.contains(&newest.at.to_rfc3339()), "{card}");
    let entry = page(&server, &desk, &format!("/journal/{}", newest.entry)).await;
    assert!(entry.contains("gap.found") && entry.contains("&quot;from&quot;: 42") || entry.contains("\"from\": 42"));
    let advice = part(&entry, "gap-advice").unwrap();
    for said in ["8 messages of EVENTS were never read", "numbers 42 to 49", "countersign doctor", "for 7 days"] {
        assert!(advice.contains(said), "{said}: {advice}");
    }

    // A week later it is in the record alone.
    sqlx::query("update gap set at_ms = at_ms - $1").bind(7 * DAY + 1).execute(&mut owner).await.unwrap();
    let overview = desk.service.read_overview(&desk.founder).await.unwrap();
    assert_eq!((overview.gap_count, overview.gaps.len(), overview.lost_unread), (0, 0, 0));
    assert!(!page(&server, &desk, "").await.contains("card-gap"));
    assert!(page(&server, &desk, &format!("/journal/{}", newest.entry)).await.contains("gap.found"));
}
