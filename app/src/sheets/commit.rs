//! The buttons by which a founder gives their word: signed by their passkey, or plainly unsigned.

use crate::{
    components::{eager::Erase, icon::Icon},
    view::path,
};
use leptos::prelude::*;

/// What pressing them does.
pub struct Commit<'a> {
    pub tenant: &'a str,
    /// The page that shows the decision.
    pub done: &'a str,
    pub sign: String,
    pub unsigned: String,
    /// The reader has a passkey that can sign here.
    pub may_sign: bool,
    /// It ends the matter without anything being done.
    pub is_refusal: bool,
    /// It cannot be decided now; the element with this id says why.
    pub blocked_by: Option<&'static str>,
}

impl Commit<'_> {
    /// In their form, with what follows from each.
    pub fn draw(self) -> AnyView {
        let Commit { tenant, done, sign, unsigned, may_sign, is_refusal, blocked_by } = self;
        let class = match (is_refusal, may_sign) {
            (true, _) => "button danger",
            (false, true) => "button",
            (false, false) => "button primary",
        };
        if may_sign {
            let hint = "Your passkey signs exactly this version, your choice and your words. Nobody, not even this server, can change them later unnoticed.";
            view! {
                {sign_button(sign, done, None, None, blocked_by)}
                <button class=class disabled=blocked_by.is_some() aria-describedby=blocked_by data-testid="decide-unsigned">{unsigned}</button>
                <p class="hint needs-passkeys">{hint}" It counts after 10 seconds, in which you can take it back."</p>
                <p class="hint passkeys-lack">"This browser gives no passkey here, so nothing can be signed: the decision would be marked as unsigned."</p>
            }
            .erased()
        } else {
            view! {
                <button class=class disabled=blocked_by.is_some() aria-describedby=blocked_by data-testid="decide-unsigned">
                    <Icon name="stamp"/>{unsigned}
                </button>
                <p class="hint" data-testid="unsigned-means">
                    "It is marked as unsigned: nothing but this server's record shows that it was you. "
                    <a href=path::of_tenant(tenant, "/settings/security")>"Add a passkey"</a>
                    " to sign decisions. It counts after 10 seconds, in which you can take it back."
                </p>
            }
            .erased()
        }
    }
}

/// Asks the reader's passkey for a signature (`app/src/passkey.js`). `form` is the id of the form whose word it signs,
/// where that is not around it.
pub fn sign_button(
    words: String,
    done: &str,
    form: Option<String>,
    key: Option<&'static str>,
    blocked_by: Option<&'static str>,
) -> AnyView {
    view! {
        <div class="needs-passkeys commit-sign">
            <button type="button" class="button primary" form=form data-passkey="sign" data-done=done.to_owned() data-key=key
                disabled=blocked_by.is_some() aria-describedby=blocked_by data-testid="decide-sign">
                <Icon name="key-round"/>
                <span>{words}</span>
                {key.map(|key| view! { <kbd aria-hidden="true">{key}</kbd> })}
            </button>
            <p class="form-error" role="alert" hidden data-passkey-error="" data-testid="passkey-error"></p>
        </div>
    }
    .erased()
}

/// What a passkey does to a batch, for who has one.
pub fn sign_hint() -> AnyView {
    view! { <p class="hint needs-desk">"At the end one touch of your passkey signs all that is in the batch."</p> }
        .erased()
}
