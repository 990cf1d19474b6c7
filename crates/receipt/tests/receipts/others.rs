//! The other two verifiers, as processes that read a question a line and answer a word a line.

use data_encoding::BASE64;
use serde_json::{Value, json};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Receipts, one after the other, with the keys and origins that are trusted.
pub type Question<'a> = (Vec<&'a [u8]>, &'a [String], &'a [String]);

#[derive(Debug, Clone, Copy)]
pub enum Other {
    Python,
    Node,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl Other {
    pub const BOTH: [Self; 2] = [Self::Python, Self::Node];

    fn command(self) -> Command {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/drivers");
        match self {
            Self::Python => {
                // scripts/install/clients makes it, with what examples/python/requirements.txt names.
                let mut command = Command::new("sh");
                let line = r#". "$1/scripts/env"; exec "$COUNTERSIGN_CACHE/python/bin/python" "$2" "$1/examples""#;
                command.args(["-c", line, "sh"]).arg(root()).arg(tests.join("many.py"));
                command
            }
            Self::Node => {
                let mut command = Command::new("node");
                command.arg(tests.join("many.mjs")).arg(root().join("app/src/door/verify_receipt.js"));
                command
            }
        }
    }

    /// Asks for all verdicts at once.
    pub fn verdicts(self, questions: &[Question<'_>]) -> Vec<String> {
        let lines = questions.iter().map(|(receipts, keys, origins)| {
            let receipts: Vec<Value> = receipts.iter().map(|one| BASE64.encode(one).into()).collect();
            json!({"receipts": receipts, "keys": keys, "origins": origins}).to_string() + "\n"
        });
        let lines = lines.collect::<Vec<_>>().concat();
        let mut child = self.command().stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        assert!(output.status.success(), "{self:?} ended with {}", output.status);
        let answers: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
        assert_eq!(answers.len(), questions.len(), "{self:?} answers each question");
        answers
    }
}
