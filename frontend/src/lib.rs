//! The browser's half: takes over the page that the server wrote.

#![recursion_limit = "256"]

use wasm_bindgen::prelude::wasm_bindgen;

/// Called once by the page's own script when the module is ready.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(countersign_app::App);
}
