//! `countersign check-config`: what the configuration comes to. Starts nothing.

use crate::settings::{BusAt, Database, Settings};
use countersign_artifacts::Place;
use std::process::ExitCode;

#[expect(clippy::unnecessary_wraps, reason = "all commands answer alike")]
pub fn run(settings: &Settings) -> anyhow::Result<ExitCode> {
    let line = |name: &str, value: &str| println!("{name:<16} {value}");
    line("console", &format!("{}{}", settings.listen, if settings.any_port { " (or the next free port)" } else { "" }));
    line("public address", settings.public_url.as_deref().unwrap_or("the console's own"));
    line(
        "database",
        &match &settings.database {
            Database::Embedded => "embedded".to_owned(),
            Database::Given(options) => format!(
                "{} on {}:{} as {}",
                options.get_database().unwrap_or("(default)"),
                options.get_host(),
                options.get_port(),
                options.get_username()
            ),
        },
    );
    line(
        "bus",
        match &settings.bus {
            BusAt::Embedded => "embedded",
            BusAt::Given(url) => url,
        },
    );
    let mail = settings.mail.as_ref().map(|mail| format!("from {}", mail.sender()));
    line("mail", mail.as_deref().unwrap_or("waits in the outbox: no --smtp-url"));
    if settings.uses_data_dir() {
        line("data directory", &settings.embedded.data_dir.display().to_string());
    }
    let artifacts = match &settings.artifacts {
        Place::Folder(folder) => folder.display().to_string(),
        Place::S3(place) => format!("bucket {}", place.bucket),
    };
    line("artifacts", &artifacts);
    let key = match &settings.secret_key {
        Some(_) => "given".to_owned(),
        None => format!("in {}", settings.secret_key_file.display()),
    };
    line("secret key", &key);
    line("site", &settings.site_dir.display().to_string());

    let mut problems = Vec::new();
    if let Some(key) = &settings.secret_key
        && let Err(error) = crate::vault::parse_key(key)
    {
        problems.push(error.to_string());
    }
    if !settings.site_dir.join("manifest.json").is_file() {
        problems.push(format!(
            "There is no built console in {}. Build it with `cargo run -p xtask -- client`, or name its folder with --site-dir.",
            settings.site_dir.display()
        ));
    }
    if matches!(settings.bus, BusAt::Given(_)) && settings.public_bus_url.is_none() {
        problems.push("Agents need an address of the bus that they can reach: set --public-bus-url.".to_owned());
    }
    for problem in &problems {
        println!("\n{problem}");
    }
    if problems.is_empty() {
        println!("\nThis configuration can work.");
        Ok(ExitCode::SUCCESS)
    } else {
        Ok(ExitCode::FAILURE)
    }
}
