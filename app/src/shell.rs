//! The document around the console, written by the server alone.

use crate::{App, api::session::set_page_status, door::Door, pages::not_found::PageStatus};
use leptos::{
    nonce::use_nonce,
    prelude::*,
    server_fn::axum_export::http::{header, request::Parts},
};
use leptos_meta::MetaTags;
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    sync::LazyLock,
};

/// The addresses of the browser's files, each with the hash of its content.
#[derive(Debug, Clone)]
pub struct SiteFiles {
    pub js: String,
    pub wasm: String,
    pub css: String,
}

/// The font that every view needs. That of hashes and names comes when something is written in it: a browser warns of
/// what is fetched ahead and not used.
const FONT: &str = "/fonts/inter-latin-wght-normal.woff2";

/// The script of passkeys. It is small, and works on what the server draws.
pub const PASSKEY_SCRIPT: &str = include_str!("passkey.js");

/// The script of the desk, and that of the palette, each in a block of its own: neither knows the other's names. As the
/// other script, they work on what the server draws.
pub const DESK_SCRIPT: &str = concat!("{", include_str!("desk.js"), "}\n{", include_str!("palette.js"), "}\n");

fn desk_script() -> &'static str {
    static ADDRESS: LazyLock<String> = LazyLock::new(|| versioned("/desk.js", DESK_SCRIPT));
    &ADDRESS
}

fn passkey_script() -> &'static str {
    static ADDRESS: LazyLock<String> = LazyLock::new(|| versioned("/passkey.js", PASSKEY_SCRIPT));
    &ADDRESS
}

/// An address that says which version of the script is there: a browser may keep it for ever.
pub(crate) fn versioned(path: &str, script: &str) -> String {
    let mut hasher = DefaultHasher::new();
    script.hash(&mut hasher);
    format!("{path}?v={:016x}", hasher.finish())
}

/// The whole document, as an erased type: so the views are compiled here, and not again in the server. The theme comes from a cookie, so that the first paint has the right colours.
pub fn shell(site: SiteFiles) -> AnyView {
    provide_context(PageStatus(set_page_status));
    let start = format!(
        "import start, {{ hydrate }} from {:?};\nawait start({{ module_or_path: {:?} }});\nhydrate();",
        site.js, site.wasm
    );
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml"/>
                <link rel="stylesheet" href=site.css/>
                <link rel="modulepreload" href=site.js nonce=use_nonce()/>
                <link rel="preload" href=site.wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
                <link rel="preload" href=FONT r#as="font" r#type="font/woff2" crossorigin="anonymous"/>
                <script r#type="module" nonce=use_nonce() inner_html=start></script>
                <script r#type="module" nonce=use_nonce() src=passkey_script()></script>
                <script r#type="module" nonce=use_nonce() src=desk_script()></script>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
    .into_any()
}

/// A page before the console: as [`shell`], without the client.
pub fn door_shell(site: SiteFiles, door: Door) -> AnyView {
    if door.status() != 200 {
        set_page_status(door.status());
    }
    let title = format!("{} · Countersign", door.title());
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>{title}</title>
                <link rel="icon" href="/favicon.svg" r#type="image/svg+xml"/>
                <link rel="stylesheet" href=site.css/>
                <script r#type="module" nonce=use_nonce() src=passkey_script()></script>
            </head>
            <body>{door.draw()}</body>
        </html>
    }
    .into_any()
}

/// The theme that was chosen in this browser; none means that of the system.
fn theme() -> Option<&'static str> {
    let parts = use_context::<Parts>()?;
    let cookies = parts.headers.get(header::COOKIE)?.to_str().ok()?;
    let chosen = cookies.split(';').find_map(|cookie| cookie.trim().strip_prefix("theme="))?;
    ["light", "dark"].into_iter().find(|theme| *theme == chosen)
}
