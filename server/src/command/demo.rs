//! `countersign demo`: seven agents on a running server, over real connections with credentials of
//! their own, giving each other tasks. Some work slowly, some fail, some tasks are poison, and now and
//! then a worker crashes. Four of them claim their tasks at the console; the others know the bus alone.

mod fleet;
mod worker;

use crate::{
    cli::Demo,
    command::{running_bus, running_database},
    compose::{self, Databases},
    lifecycle,
    settings::Settings,
};
use anyhow::bail;
use countersign_domain::{Actor, AgentName, reading::Connect};
use countersign_service::{Error, Service};
use std::time::Duration;
use tokio::task::JoinSet;

/// So often the demo looks whether somebody has approved an agent.
const ASK_EVERY: Duration = Duration::from_secs(1);

pub async fn run(settings: &Settings, args: Demo) -> anyhow::Result<()> {
    if !(0.01..=200.0).contains(&args.rate) {
        bail!("Choose a rate between 0.01 and 200 tasks a second.");
    }
    let databases = Databases::open(running_database(settings)?).await?;
    let identity = compose::identity(settings, &databases).await?;
    let (server, console) = (running_bus(settings)?, console_url(settings));
    let (bus, _) = compose::bus(settings, identity);
    let connect = Connect { console_url: String::new(), bus_url: server.clone() };
    let service = compose::service(settings, &databases, bus.at(&server), connect)?;
    let founder = service.first_founder().await.map_err(|error| match error {
        Error::NotFound => anyhow::anyhow!(
            "Nobody has been set up yet. Open the set-up link that the server printed, then start the demo."
        ),
        other => other.into(),
    })?;

    let stop = lifecycle::stop_on_signals()?;
    let mut workers = JoinSet::new();
    for member in fleet::MEMBERS {
        let name = join(&service, &founder, member).await?;
        let (server, console) = (server.clone(), member.claims.then(|| console.clone()));
        let (service, founder) = (service.clone(), founder.clone());
        workers.spawn(async move {
            let creds = match approved(&service, &founder, &name).await {
                Ok(creds) => creds,
                Err(error) => return tracing::error!(agent.name = %name, %error, "the agent of the demo cannot start"),
            };
            println!("{name} is at work.");
            worker::keep_working(worker::Place { server, console, name, creds }, *member, args).await;
        });
    }
    println!(
        "Seven role files are proposed. Each agent starts when a founder has approved its file, under Reviews:\n{console}\n\
         Then they give each other {} tasks a second; Ctrl-C ends the demo.",
        args.rate
    );
    let end = async {
        match args.seconds {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! { () = stop.cancelled() => {}, () = end => {} }
    workers.shutdown().await;
    databases.close().await;
    Ok(())
}

/// The agent's credential, as soon as its role file is approved: no program can do that, this one neither.
async fn approved(service: &Service, founder: &Actor, name: &AgentName) -> Result<String, Error> {
    loop {
        match service.issue_credential(founder, name, 24).await {
            Err(Error::Conflict(_)) => tokio::time::sleep(ASK_EVERY).await,
            answer => return answer.map(|issued| issued.creds),
        }
    }
}

/// Creates the agent where it does not exist.
async fn join(service: &Service, founder: &Actor, member: &fleet::Member) -> anyhow::Result<AgentName> {
    let others: Vec<&str> = fleet::MEMBERS.iter().map(|m| m.name).filter(|name| *name != member.name).collect();
    match service.create_agent(founder, member.name, &others.join(",")).await {
        Ok(_) | Err(Error::Conflict(_)) => Ok(member.name.parse()?),
        Err(error) => Err(error.into()),
    }
}

/// The console of the running server: as it said itself, or as the settings say.
fn console_url(settings: &Settings) -> String {
    let file = settings.embedded.data_dir.join(super::CONSOLE_FILE);
    let said = std::fs::read_to_string(file).ok().map(|text| text.trim().to_owned());
    said.or_else(|| settings.public_url.clone()).unwrap_or_else(|| format!("http://{}", settings.listen))
}
