//! `countersign schema`: the JSON Schemas of what agents write and hear, as they are committed in `docs`.

use crate::cli::Schema;
use anyhow::bail;
use std::process::ExitCode;

const SCHEMAS: [(&str, &str); 5] = [
    ("role", include_str!("../../../docs/role.schema.json")),
    ("brief_prepared", include_str!("../../../docs/schemas/brief_prepared.json")),
    ("brief_rejected", include_str!("../../../docs/schemas/brief_rejected.json")),
    ("brief_question", include_str!("../../../docs/schemas/brief_question.json")),
    ("decision_made", include_str!("../../../docs/schemas/decision_made.json")),
];

pub fn run(args: &Schema) -> anyhow::Result<ExitCode> {
    let names = SCHEMAS.map(|(name, _)| name).join(", ");
    match &args.name {
        None => println!("{names}"),
        Some(wanted) => match SCHEMAS.iter().find(|(name, _)| name == wanted) {
            Some((_, text)) => print!("{text}"),
            None => bail!("There is no schema “{wanted}”. There are: {names}."),
        },
    }
    Ok(ExitCode::SUCCESS)
}
