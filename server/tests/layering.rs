//! The layers of docs/ARCHITECTURE.md, held: a crate may depend on these of ours and no others.

use cargo_metadata::{DependencyKind, MetadataCommand};
use std::collections::{BTreeMap, BTreeSet};

/// Each crate of ours and the ones it may use. The floors are in the order of the list.
const ALLOWED: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("wire", &["domain"]),
    ("role", &["domain", "wire"]),
    ("brief", &["domain"]),
    ("receipt", &["domain"]),
    ("service", &["brief", "domain", "receipt", "role"]),
    ("store", &["domain", "wire", "service"]),
    ("bus", &["domain", "wire", "role", "service"]),
    ("oidc", &["domain", "service"]),
    ("artifacts", &["domain", "service"]),
    ("agent", &["domain", "wire"]),
    ("app", &["domain", "service"]),
    ("frontend", &["app"]),
    ("server", &["agent", "app", "artifacts", "bus", "domain", "oidc", "receipt", "service", "store", "wire"]),
    ("bench", &["chaos"]),
    ("chaos", &["agent", "bus", "domain", "server", "service", "store"]),
];

/// What only one floor may know.
const SOLE_USERS: &[(&str, &[&str])] = &[
    ("sqlx", &["store", "server", "chaos", "bench"]),
    ("async-nats", &["bus", "agent", "server", "chaos", "bench"]),
    ("axum", &["server"]),
    ("leptos_axum", &["app", "server"]),
    ("nkeys", &["bus", "agent"]),
    ("openidconnect", &["oidc"]),
    ("object_store", &["artifacts"]),
];

#[test]
fn every_crate_depends_on_the_floors_below_it_alone() {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let ours: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let mut seen = BTreeSet::new();
    for package in &metadata.packages {
        let Some(name) = package.name.strip_prefix("countersign-") else {
            assert_eq!(package.name.as_str(), "xtask", "a crate outside the layers: {}", package.name);
            continue;
        };
        let allowed = ours.get(name).unwrap_or_else(|| panic!("{name} has no floor: add it to ALLOWED"));
        seen.insert(name);
        for dependency in package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal) {
            if let Some(below) = dependency.name.strip_prefix("countersign-") {
                assert!(allowed.contains(&below), "{name} must not depend on {below}");
            }
            for (library, users) in SOLE_USERS {
                assert!(dependency.name != *library || users.contains(&name), "{name} must not use {library}");
            }
        }
    }
    assert_eq!(seen.len(), ALLOWED.len(), "ALLOWED names a crate that is gone");
}

#[test]
fn the_views_have_no_server_code_in_the_browsers_build() {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let app = metadata.packages.iter().find(|p| p.name.as_str() == "countersign-app").unwrap();
    let optional: BTreeSet<&str> = app.dependencies.iter().filter(|d| d.optional).map(|d| d.name.as_str()).collect();
    assert_eq!(optional, BTreeSet::from(["leptos_axum", "countersign-service"]));
    assert_eq!(app.features["default"], Vec::<String>::new());
}
