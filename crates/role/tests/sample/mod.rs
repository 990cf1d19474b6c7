//! Role files for the tests: the golden ones, and small changes of a good one.

#![allow(dead_code, reason = "each test binary uses some of it")]

use countersign_role::{Fault, RoleFile};

/// Names of the golden roles: `tests/golden/<name>.yaml`.
pub const GOLDEN: [&str; 5] = ["backend", "cso", "ceo", "minimal", "overbroad"];

fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

pub fn golden_text(name: &str) -> String {
    std::fs::read_to_string(folder().join(format!("{name}.yaml"))).unwrap()
}

pub fn golden(name: &str) -> RoleFile {
    good(&golden_text(name))
}

/// Compares with the committed file; with `BLESS=1` in the environment writes it instead.
pub fn compare(file: &str, fresh: &str) {
    let path = folder().join(file);
    #[expect(clippy::disallowed_methods, reason = "a switch of the test, not of the product")]
    let bless = std::env::var_os("BLESS").is_some();
    if bless {
        std::fs::write(&path, fresh).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, fresh, "{file} is stale: look at what changed, then run again with BLESS=1");
}

/// A small good role; tests replace parts of it.
pub const PLAIN: &str = "\
apiVersion: countersign/v1
kind: AgentRole
metadata: { name: backend }
spec:
  mission: Build and run the API.
  forbidden_actions:
    - { action: approve_security_review }
    - { action: decide_brief }
    - { action: read_volume, scope: other_agents }
    - { action: read_secrets, scope: other_namespaces }
";

/// [`PLAIN`] with one line more under `spec`.
pub fn with(line: &str) -> String {
    PLAIN.replacen("spec:\n", &format!("spec:\n  {line}\n"), 1)
}

pub fn good(text: &str) -> RoleFile {
    countersign_role::read(text.as_bytes()).unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

pub fn faults(text: &str) -> Vec<Fault> {
    match countersign_role::read(text.as_bytes()) {
        Ok(_) => panic!("this should have been refused:\n{text}"),
        Err(faults) => faults.list,
    }
}
