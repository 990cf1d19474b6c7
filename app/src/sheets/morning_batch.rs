//! What was chosen, listed before it is decided: one touch of a passkey signs all of it, or it is plainly unsigned. The
//! list itself is written by the script (`app/src/desk.js`), which alone knows what was chosen.

use super::{form::Form, morning::reviews};
use crate::{
    api::desk::decide_batch::DecideBatch,
    components::{eager::Erase, icon::Icon},
    view::path,
};
use countersign_domain::reading::DeskView;
use leptos::{prelude::*, server_fn::ServerFn};

pub fn batch(tenant: &str, desk: &DeskView, is_selection: bool) -> AnyView {
    let kind = if is_selection { "selection" } else { "batch" };
    let form = Form::new("batch", DecideBatch::url(), vec![("tenant", tenant.to_owned())]);
    let entered = form.entered("words").unwrap_or_default().to_owned();
    let title = if is_selection { "Accept these recommendations" } else { "Countersign the batch" };
    let home = path::desk(tenant, "");
    let back = if is_selection { path::of_tenant(tenant, "/inbox") } else { home.clone() };
    let sign = desk.may_sign.then(|| {
        view! {
            <div class="needs-passkeys commit-sign">
                <button type="button" class="button primary" data-passkey="batch" data-done=home.clone() data-key="s" data-testid="batch-sign">
                    <Icon name="key-round"/>
                    <span>"Countersign "<span data-desk-count="">"0"</span>" with one touch"</span>
                    <kbd aria-hidden="true">"s"</kbd>
                </button>
                <p class="form-error" role="alert" hidden data-passkey-error="" data-testid="passkey-error"></p>
            </div>
            <p class="hint needs-passkeys">"Your passkey signs all of it at once: exactly these versions, your choices and your words. Each decision has its own receipt. They count after 10 seconds, in which you can take them back together."</p>
            <p class="hint passkeys-lack">"This browser gives no passkey here, so nothing can be signed: the decisions would be marked as unsigned."</p>
        }
    });
    let class = if desk.may_sign { "button" } else { "button primary" };
    let unsigned = (!desk.may_sign).then(|| {
        view! {
            <p class="hint" data-testid="unsigned-means">
                "They are marked as unsigned: nothing but this server's record shows that it was you. "
                <a href=path::of_tenant(tenant, "/settings/security")>"Add a passkey"</a>
                " to sign decisions. They count after 10 seconds, in which you can take them back together."
            </p>
        }
    });
    let inside = view! {
        <input type="hidden" name="words" value=entered data-desk-words=""/>
        <input type="hidden" name="took" value="0" data-desk-took=""/>
        {sign}
        <button class=class data-testid="batch-unsigned"><Icon name="stamp"/><span>"Decide "<span data-desk-count="">"0"</span>", unsigned"</span></button>
        {unsigned}
    };
    let deciding = if desk.may_decide {
        form.draw(inside.erased())
    } else {
        view! { <p class="muted">"Founders decide. Your role may read what waits."</p> }.erased()
    };
    view! {
        <div class="morning-sum" data-testid="batch" data-batch=kind>
            <h1 tabindex="-1">{title}</h1>
            <p class="desk-lacks notice tone-warn" data-testid="batch-lacks"><Icon name="circle-alert"/>"A batch needs script, which does not run here. Decide each brief by itself: it takes one form for each."</p>
            <section class="panel needs-desk" aria-labelledby="batch-list" data-desk-some="">
                <h2 id="batch-list">"What will be decided"</h2>
                <ol class="batch-list" data-desk-list="" data-testid="batch-list"></ol>
                {deciding}
            </section>
            <section class="panel needs-desk" hidden data-desk-none="" data-testid="batch-none">
                <h2>"The batch is empty"</h2>
                <p>"Nothing was chosen yet, or all of it was decided."</p>
            </section>
            <p><a class="button" href=back data-desk-back=""><Icon name="chevron-left"/>"Back to what waits"</a></p>
            {reviews(tenant, desk)}
        </div>
    }
    .erased()
}
