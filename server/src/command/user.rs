//! `countersign user list|reset-password|reset-link|reset-codes`: for an operator who is locked out, or helps somebody
//! who is.

use crate::{
    cli::{User, UserCommand},
    command::{CONSOLE_FILE, running_database},
    compose::{self, Databases},
    settings::Settings,
};
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
    let connect = Connect { console_url: console_url(settings), bus_url: String::new() };
    let service = compose::service(settings, &databases, bus, connect)?;
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
            Err(error) => return Err(nobody(error, email)),
        },
        UserCommand::ResetLink { email } => match service.new_recovery_link(email).await {
            Ok(link) => {
                println!("{link}");
                println!("Whoever opens it within 30 minutes sets a new password for {email}. It works once.");
            }
            Err(error) => return Err(nobody(error, email)),
        },
        UserCommand::ResetCodes { email } => match service.reset_codes(email).await {
            Ok(()) => {
                println!("{email} is asked for no code any more. They can set an app up again at “Your security”.");
            }
            Err(error) => return Err(nobody(error, email)),
        },
    }
    databases.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Says what to do where nobody has the address.
fn nobody(error: Error, email: &str) -> anyhow::Error {
    match error {
        Error::NotFound => {
            anyhow::anyhow!("Nobody has the address {email}. `countersign user list` says who is there.")
        }
        error => error.into(),
    }
}

/// Where people reach the console: as the settings say, or as the running server has noted.
fn console_url(settings: &Settings) -> String {
    let noted = || std::fs::read_to_string(settings.embedded.data_dir.join(CONSOLE_FILE)).unwrap_or_default();
    settings.public_url.clone().unwrap_or_else(|| noted().trim().to_owned())
}
