//! What the script of passkeys works on (`app/src/passkey.js`).

use crate::components::{eager::Erase, icon::Icon};
use leptos::prelude::*;

/// A button that asks the browser for a passkey, puts its answer into the form around it and sends that. `what` is the
/// ceremony: `sign-in`, `proof` or `add`. Not to be seen where the browser knows no passkeys, or runs no script.
pub fn passkey_button(what: &'static str, words: &'static str) -> AnyView {
    view! {
        <div class="needs-passkeys">
            <button type="button" class="button wide" data-passkey=what>
                <Icon name="key-round"/>
                {words}
            </button>
            <p class="form-error" role="alert" hidden data-passkey-error="" data-testid="passkey-error"></p>
        </div>
    }
    .erased()
}
