//! `countersign sso list|allow-domain|optional`: what the operator has a say in, and the way back in when an identity
//! provider fails.

use crate::{
    cli::{Sso, SsoCommand},
    command::running_database,
    compose::{self, Databases},
    settings::Settings,
};
use anyhow::{Context, bail};
use countersign_domain::{reading::Connect, sso::MailDomain};
use countersign_service::{Error, ports::StoreError};
use countersign_store::{Db, DbRole, PgSso, migrate};
use std::process::ExitCode;

pub async fn run(settings: &Settings, args: &Sso) -> anyhow::Result<ExitCode> {
    let owner = running_database(settings)?;
    migrate(&owner).await?;
    match &args.command {
        SsoCommand::List => {
            for (domain, tenant, enforced) in keeper(&owner).domains().await? {
                println!("{domain}\t{tenant}\t{}", if enforced { "required" } else { "optional" });
            }
        }
        SsoCommand::AllowDomain { tenant, domain } => {
            let domain: MailDomain = domain.parse().with_context(|| format!("“{domain}” cannot be claimed."))?;
            match keeper(&owner).allow_domain(tenant, &domain).await {
                Ok(()) => println!("{tenant} may claim {}.", domain.as_str()),
                Err(StoreError::NotFound) => {
                    bail!("There is no organization {tenant}. Its name stands in its addresses: /t/<name>.")
                }
                Err(error) => return Err(error.into()),
            }
        }
        SsoCommand::Optional { tenant } => {
            let databases = Databases::open(owner).await?;
            let identity = compose::identity(settings, &databases).await?;
            let (bus, _) = compose::bus(settings, identity);
            let nowhere = Connect { console_url: String::new(), bus_url: String::new() };
            let service = compose::service(settings, &databases, bus, nowhere)?;
            match service.make_sso_optional(tenant).await {
                Ok(()) => println!("People of {tenant} may sign in by password again."),
                Err(Error::NotFound) => bail!("{tenant} has no single sign-on. `countersign sso list` says who has."),
                Err(error) => return Err(error.into()),
            }
            databases.close().await;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn keeper(owner: &sqlx::postgres::PgConnectOptions) -> PgSso {
    PgSso::new(Db::new(owner.clone(), DbRole::Keeper, 1))
}
