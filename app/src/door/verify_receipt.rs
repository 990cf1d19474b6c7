//! `/verify`: where anybody checks a receipt (docs/receipts.md). The script beside this file does it in the browser, and
//! the page's policy lets it send nothing anywhere, so that a receipt can be checked which must not be known here.

use crate::{
    components::{eager::Erase, icon::Icon},
    shell::versioned,
};
use leptos::{nonce::use_nonce, prelude::*};
use std::sync::LazyLock;

/// Where [`VERIFY_SCRIPT`] is.
pub const VERIFY_PATH: &str = "/verify.js";
/// The verifier, and what the page does with it: one module.
pub const VERIFY_SCRIPT: &str = concat!(include_str!("verify_receipt.js"), "\n", include_str!("verify_page.js"));

static ADDRESS: LazyLock<String> = LazyLock::new(|| versioned(VERIFY_PATH, VERIFY_SCRIPT));

pub fn draw() -> AnyView {
    view! {
        <main class="docs verify">
            <header class="docs-head">
                <p class="letter-mark"><Icon name="mark"/>"Countersign"</p>
                <h1>"Check a receipt"</h1>
                <p class="page-note">
                    "A receipt shows that a passkey signed a decision, and that nobody has changed it since. It is checked in \
                     your browser: nothing of it is sent anywhere."
                </p>
            </header>
            <section class="panel">
                <h2>"Receipt"</h2>
                <p class="notice tone-info" data-verify-unable="">
                    <span>"This page needs scripts, and your browser runs none. Check the receipt with "<code>"countersign verify receipt.json"</code>" instead."</span>
                </p>
                {form()}
            </section>
            <section class="panel">
                <h2>"Verdict"</h2>
                <div class="verify-verdict" role="status" data-verify-verdict="">
                    <p class="muted">"No receipt has been checked yet."</p>
                </div>
            </section>
            {limits()}
            <script r#type="module" nonce=use_nonce() src=ADDRESS.as_str()></script>
        </main>
    }
    .erased()
}

fn form() -> AnyView {
    view! {
        <form data-verify="" hidden>
            <div class="field">
                <label for="verify-file">"File"</label>
                <input id="verify-file" name="file" type="file" accept=".json,application/json"/>
            </div>
            <div class="field">
                <label for="verify-text">"Or its text"</label>
                <textarea id="verify-text" name="pasted" rows="6" spellcheck="false" autocapitalize="off" autocomplete="off"></textarea>
            </div>
            <div class="field">
                <label for="verify-key">"Key that you expect (optional)"</label>
                <input id="verify-key" class="mono" name="key" spellcheck="false" autocapitalize="off" autocomplete="off" aria-describedby="verify-key-hint"/>
                <p class="hint" id="verify-key-hint">"Its fingerprint, 64 digits and letters. Without it, any key will do."</p>
            </div>
            <div class="field">
                <label for="verify-origin">"Address that you expect (optional)"</label>
                <input id="verify-origin" name="origin" spellcheck="false" autocapitalize="off" autocomplete="off" aria-describedby="verify-origin-hint"/>
                <p class="hint" id="verify-origin-hint">"Such as https://console.example.com. Without it, any address will do."</p>
            </div>
            <button class="button primary">"Check receipt"</button>
        </form>
    }
    .erased()
}

fn limits() -> AnyView {
    view! {
        <section class="panel">
            <h2>"What it shows, and what not"</h2>
            <dl class="facts">
                <div><dt>"Shown"</dt><dd>"Whoever has this key signed this decision, unlocked it on their own device, and did so on a page of this address."</dd></div>
                <div><dt>"Not shown"</dt><dd>"Whose key it is. Let the person tell you its fingerprint: they find it in their receipts, and nobody else can sign with it."</dd></div>
                <div><dt>"Not signed"</dt><dd>"A decision of somebody without a passkey is only recorded. Its receipt says so."</dd></div>
                <div><dt>"Elsewhere"</dt><dd><code>"countersign verify"</code>" checks receipts without a network. The format is described, so that you can write a verifier of your own."</dd></div>
            </dl>
        </section>
    }
    .erased()
}
