//! `countersign doctor`: what is missing, what is too old, how to mend it.

use crate::{
    embedded::{Finding, FindingState, findings},
    settings::{BusAt, Database, Settings},
};
use sqlx::{Connection, PgConnection, postgres::PgConnectOptions};
use std::{process::ExitCode, time::Duration};

pub async fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let mut found = Vec::new();
    if settings.uses_data_dir() {
        found.extend(findings(&settings.embedded));
    }
    if let Database::Given(options) = &settings.database {
        found.push(database(options).await);
    }
    if let BusAt::Given(url) = &settings.bus {
        found.push(bus(url).await);
    }
    found.push(site(settings));
    let mut well = true;
    for finding in &found {
        let mark = match finding.state {
            FindingState::Ok => "ok",
            FindingState::Missing => "missing",
            FindingState::TooOld => "too old",
            FindingState::Wrong => "wrong",
        };
        println!("{mark:<8} {:<16} {}", finding.what, finding.found);
        if let Some(mend) = &finding.mend {
            println!("{:<25} {mend}", "");
        }
        well &= finding.state == FindingState::Ok;
    }
    println!("\n{}", if well { "Nothing is missing." } else { "Mend what is marked, then start again." });
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn database(options: &PgConnectOptions) -> Finding {
    let connect = tokio::time::timeout(Duration::from_secs(5), PgConnection::connect_with(options)).await;
    let (state, found, mend) = match connect {
        Ok(Ok(connection)) => {
            let _ = connection.close().await;
            (FindingState::Ok, format!("answers on {}", options.get_host()), None)
        }
        Ok(Err(error)) => (FindingState::Wrong, error.to_string(), Some("Check DATABASE_URL.".to_owned())),
        Err(_) => (
            FindingState::Wrong,
            "no answer within 5 s".to_owned(),
            Some("Check DATABASE_URL and the network.".to_owned()),
        ),
    };
    Finding { what: "database", state, found, mend }
}

/// A nats-server says its version before anybody signs in.
async fn bus(url: &str) -> Finding {
    let options = async_nats::ConnectOptions::new().connection_timeout(Duration::from_secs(5));
    let (state, found, mend) = match options.connect(url).await {
        // Connecting without a credential must fail; which way it fails tells whether a server is there.
        Ok(_) => (
            FindingState::Wrong,
            "lets anybody in".to_owned(),
            Some("Start it with the configuration that `countersign nats-config` writes.".to_owned()),
        ),
        Err(error) if error.kind() == async_nats::ConnectErrorKind::AuthorizationViolation => {
            (FindingState::Ok, format!("answers on {url}"), None)
        }
        Err(error) => (FindingState::Wrong, error.to_string(), Some("Check NATS_URL.".to_owned())),
    };
    Finding { what: "bus", state, found, mend }
}

fn site(settings: &Settings) -> Finding {
    let dir = settings.site_dir.display();
    if settings.site_dir.join("manifest.json").is_file() {
        return Finding { what: "console", state: FindingState::Ok, found: format!("in {dir}"), mend: None };
    }
    Finding {
        what: "console",
        state: FindingState::Missing,
        found: format!("nothing built in {dir}"),
        mend: Some("Build it with `cargo run -p xtask -- client`, or name its folder with --site-dir.".to_owned()),
    }
}
