//! `countersign`: one binary, one command a file in `command/`.

use clap::Parser;
use countersign_server::{cli::Cli, command, telemetry};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    telemetry::start(&cli.log);
    arm_failpoint();
    match command::run(cli).await {
        Ok(code) => code,
        Err(error) => {
            // Each cause on a line of its own: the first says what, the last says why.
            eprintln!("countersign: {error}");
            for cause in error.chain().skip(1) {
                let cause = cause.to_string();
                if !error.to_string().contains(&cause) {
                    eprintln!("  because: {cause}");
                }
            }
            ExitCode::FAILURE
        }
    }
}

/// For tests of what survives a crash; see `countersign_service::failpoint`.
fn arm_failpoint() {
    #[expect(clippy::disallowed_methods, reason = "the composition root is where the environment comes from")]
    if let Ok(text) = std::env::var("COUNTERSIGN_FAILPOINT") {
        countersign_service::failpoint::arm(&text);
    }
}
