//! The question who somebody is, in the middle of a form: what was asked for waits for the answer, and comes with it.

use super::passkey::passkey_button;
use crate::{
    api::refusal::Refusal,
    components::{eager::Erase, nav::Tenant},
    view::path,
};
use countersign_domain::reading::Provable;
use leptos::prelude::*;

/// The entries of a form that prove who sends it. `http::act` takes them before the form is looked at.
pub const PASSWORD: &str = "proof_password";
pub const CODE: &str = "proof_code";
pub const CEREMONY: &str = "proof_ceremony";
pub const PASSKEY: &str = "proof_passkey";

/// Asks for one of what the person can prove with. `form` is the name of the form around it.
pub fn proof(form: &str, with: Provable, refusal: Option<&Refusal>) -> AnyView {
    let wrong = |name: &str| refusal.is_some_and(|refusal| refusal.error().about(name).is_some());
    let error_id = format!("{form}-error");
    let field = |name: &'static str, label: &'static str, kind: &'static str, known: &'static str| {
        let id = format!("{form}-{name}");
        let wrong = wrong(name);
        view! {
            <div class="field">
                <label for=id.clone()>{label}</label>
                <input id=id name=name type=kind autocomplete=known autocapitalize="none" spellcheck="false" autofocus=wrong
                    aria-invalid=wrong.then_some("true") aria-describedby=wrong.then(|| error_id.clone())
                    data-testid=format!("field-{name}")/>
            </div>
        }
        .erased()
    };
    // Where an entry was wrong, that one takes the focus.
    let first = ![PASSWORD, CODE, PASSKEY].into_iter().any(wrong);
    let password = with.password.then(|| field(PASSWORD, "Your password", "password", "current-password"));
    let label = if with.password { "Or a code of your app" } else { "A code of your app" };
    let code = with.code.then(|| field(CODE, label, "text", "one-time-code"));
    let passkey = with.passkey.then(|| passkey_button("proof", "Confirm with a passkey"));
    let provider = (with.provider || with == Provable::default()).then(through_provider);
    view! {
        <fieldset class="proof" role="group" data-testid="proof">
            <legend tabindex="-1" autofocus=first>"Confirm that it is you"</legend>
            <p class="hint">"You signed in a while ago, and this must not be done by whoever finds your browser open. Nothing was changed yet; what you entered is still here."</p>
            {password}
            {code}
            <input type="hidden" name=CEREMONY data-passkey-ceremony=""/>
            <input type="hidden" name=PASSKEY data-passkey-answer=""/>
            {passkey}
            {provider}
        </fieldset>
    }
    .erased()
}

/// For whoever has nothing of their own to prove with. In another tab, so that what was entered stays in this one.
fn through_provider() -> Option<AnyView> {
    let tenant = use_context::<Tenant>()?.0.get_untracked();
    let entrance = format!("{}?again=1", path::sso(&tenant, ""));
    Some(
        view! {
            <p>
                <a href=entrance target="_blank" rel="external noopener">"Confirm through your organization"</a>
                " in a new tab, then come back here."
            </p>
        }
        .erased(),
    )
}
