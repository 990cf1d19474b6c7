//! Every address of the server, read from its sources and from what Leptos has registered: a new one is asked
//! by the tests of all addresses without anybody adding it there.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// A server function with the arguments that a caller gives it.
#[derive(Debug, Clone)]
pub struct Function {
    pub method: String,
    pub path: String,
    pub arguments: Vec<String>,
}

/// All Rust files below `folder` of the workspace.
pub fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

/// Every server function. The arguments come from its source; one whose source is not found fails the test.
pub fn functions() -> Vec<Function> {
    let sources = sources("app/src/api");
    let mut functions: Vec<Function> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, method)| {
            let endpoint = format!("endpoint = \"{}\"", path.trim_start_matches("/api/"));
            let (_, source) = sources
                .iter()
                .find(|(_, source)| source.contains(&endpoint))
                .unwrap_or_else(|| panic!("{path} is in no file of app/src/api"));
            Function { method: method.to_string(), path: path.to_owned(), arguments: arguments(source) }
        })
        .collect();
    functions.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(functions.len() > 30, "{functions:?}");
    functions
}

/// The names between the brackets of the one server function of a file.
fn arguments(source: &str) -> Vec<String> {
    let (_, rest) = source.split_once("pub async fn ").unwrap();
    let (_, rest) = rest.split_once('(').unwrap();
    let (list, _) = rest.split_once(") ->").unwrap();
    let mut names = Vec::new();
    for part in list.split(": ") {
        let name = part.rsplit([' ', '\n', '(']).next().unwrap_or_default();
        if !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            names.push(name.to_owned());
        }
    }
    // The last part is the type of the last argument.
    names.retain(|name| list.contains(&format!("{name}: ")));
    names
}

/// Routes of `server/src/http` by method (`POST` for those that take any), with samples for what is in braces, as
/// they are written and under each prefix that one may be nested in.
pub fn routes() -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for (_, source) in sources("server/src/http") {
        for part in source.split(".route(\"").skip(1) {
            let Some((path, rest)) = part.split_once("\", ") else { continue };
            let method = rest.split(['(', ':']).next().unwrap_or_default();
            let method = match method {
                "get" => "GET",
                "put" => "PUT",
                "delete" => "DELETE",
                "patch" => "PATCH",
                _ => "POST",
            };
            for prefix in ["", "/api/v1"] {
                found.insert((method.to_owned(), format!("{prefix}{}", filled(path))));
            }
        }
    }
    assert!(found.len() > 10, "{found:?}");
    found
}

fn filled(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(before);
        out.push_str(match name {
            "tenant" => "acme",
            "agent" => "cso",
            _ => "0190f0f0-0000-7000-8000-000000000000",
        });
        rest = after;
    }
    out + rest
}

/// Every address that may change something.
pub fn changes() -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = functions()
        .into_iter()
        .filter(|function| function.method != "GET")
        .map(|function| (function.method, function.path))
        .chain(routes().into_iter().filter(|(method, _)| method != "GET"))
        // Forms post to their own pages.
        .chain(["/", "/sign-in", "/t/acme", "/t/acme/tasks/new"].map(|path| ("POST".to_owned(), path.to_owned())))
        .collect();
    all.sort();
    all.dedup();
    all
}
