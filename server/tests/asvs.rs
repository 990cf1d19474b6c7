//! docs/security/asvs.md names a test for each item that applies. Each of them exists, and each item is there once.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All Rust files and browser tests, as one text.
fn sources() -> String {
    let mut text = String::new();
    let mut folders: Vec<PathBuf> = ["agent", "app", "crates", "server", "chaos", "xtask", "end2end/tests"]
        .map(|folder| root().join(folder))
        .into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "node_modules" && name != "target" {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "mjs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}

/// The rows of the page's tables: item, what it asks for, and how it is met.
fn rows() -> Vec<[String; 3]> {
    let page = fs::read_to_string(root().join("docs/security/asvs.md")).unwrap();
    page.lines()
        .filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit())
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            assert_eq!(cells.len(), 3, "{line}");
            [cells[0], cells[1], cells[2]].map(ToOwned::to_owned)
        })
        .collect()
}

/// What stands between two marks, each time.
fn between(text: &str, open: char, close: char) -> impl Iterator<Item = &str> {
    text.split(open).skip(1).filter_map(move |rest| rest.split(close).next())
}

#[test]
fn every_test_that_the_page_names_exists() {
    let sources = sources();
    let mut named = 0;
    for [item, _, shown] in rows() {
        let is_open = shown.starts_with("open:") || shown.starts_with("by construction:");
        let mut tests = 0;
        // Rust tests stand in backticks with underscores, browser tests in quotes.
        for name in
            shown.split('`').skip(1).step_by(2).filter(|name| name.contains('_') && !name.contains(['/', '.', '-']))
        {
            assert!(sources.contains(&format!("fn {name}(")), "{item}: there is no test {name}");
            tests += 1;
        }
        for title in between(&shown, '“', '”') {
            assert!(sources.contains(title), "{item}: there is no browser test “{title}”");
            tests += 1;
        }
        assert!(tests > 0 || is_open, "{item} names no test and does not say why: {shown}");
        named += tests;
    }
    assert!(named > 60, "{named}");
}

#[test]
fn every_item_is_on_the_page_once() {
    let items: Vec<String> = rows().into_iter().map(|[item, ..]| item).collect();
    let mut seen = BTreeSet::new();
    for item in &items {
        assert!(item.split('.').count() == 3 && item.split('.').all(|part| part.parse::<u32>().is_ok()), "{item}");
        assert!(seen.insert(item), "{item} is there twice");
    }
    assert!(items.len() > 90, "{}", items.len());
}
