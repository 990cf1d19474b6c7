//! `countersign user list|reset-password`: for an operator who is locked out, or helps somebody who is.

use crate::{
    cli::{User, UserCommand},
    command::running_database,
    compose::{self, Databases},
    settings::Settings,
};
use anyhow::bail;
use countersign_domain::reading::Connect;
use countersign_service::Error;
use countersign_store::migrate;
use std::process::ExitCode;

pub async fn run(settings: &Settings, args: &User) -> anyhow::Result<ExitCode> {
    let owner = running_database(settings)?;
    migrate(&owner).await?;
    let databases = Databases::open(owner).await?;
    let identity = compose::identity(settings, &databases).await?;
    // Neither command asks the bus for anything.
    let (bus, _) = compose::bus(settings, identity);
    let nowhere = Connect { console_url: String::new(), bus_url: String::new() };
    let service = compose::service(settings, &databases, bus, nowhere)?;
    match &args.command {
        UserCommand::List => {
            for person in service.list_people().await? {
                println!("{}\t{}\t{} of {}", person.email, person.name, person.role.as_str(), person.tenant_slug);
            }
        }
        UserCommand::ResetPassword { email } => match service.reset_password(email).await {
            Ok(password) => {
                println!("The new password of {email}: {password}");
                println!("All their sessions have ended. They can change it at “Your security”.");
            }
            Err(Error::NotFound) => bail!("Nobody has the address {email}. `countersign user list` says who is there."),
            Err(error) => return Err(error.into()),
        },
    }
    databases.close().await;
    Ok(ExitCode::SUCCESS)
}
