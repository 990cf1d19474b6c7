//! Whether the journal is whole, as the last check found it.

use super::form::Form;
use crate::{
    api::journal::check::CheckJournal,
    components::{badge::Badge, eager::Erase, hash_tag::HashTag, time_ago::TimeAgo},
    view::{
        face::{Face, Tone},
        number,
    },
};
use countersign_domain::{Millis, audit::Checked, reading::ActPage};
use leptos::{prelude::*, server_fn::ServerFn};

pub fn check(tenant: &str, found: &ActPage) -> AnyView {
    let result = match &found.check {
        None => view! { <p data-testid="check">"Nobody has checked the journal yet."</p> }.erased(),
        Some((by, at, checked)) => result(by, *at, checked),
    };
    let button = found.may_export.then(|| {
        let inside = view! {
            <button class="button" data-testid="check-journal">"Check the journal"</button>
            <p class="hint">"Computes the hash of every entry anew, from the first to the last. The result is an act, and will stand here."</p>
        };
        Form::new("check-journal", CheckJournal::url(), vec![("tenant", tenant.to_owned())]).draw(inside.erased())
    });
    view! {
        <section class="panel chain-check">
            <div class="check-result">{result}</div>
            {button}
        </section>
    }
    .erased()
}

fn result(by: &str, at: Millis, checked: &Checked) -> AnyView {
    let when =
        || view! { <TimeAgo at=at/>{format!(" by {by}, in {} ms", number::grouped(checked.took_ms.unsigned_abs()))} };
    let count = |number: i64| number::counted(number.unsigned_abs(), "entry", "entries");
    if let Some(broken) = &checked.broken {
        let range = if broken.from == broken.to {
            format!("Entry {} is not proven", number::grouped(broken.from.unsigned_abs()))
        } else {
            let ends = [broken.from, broken.to].map(|end| number::grouped(end.unsigned_abs()));
            format!("Entries {} to {} are not proven", ends[0], ends[1])
        };
        return view! {
            <div class="broken" role="alert" data-testid="check" data-check="broken">
                <h2><Badge face=Face::new("Broken", "octagon-x", Tone::Bad)/>{range}</h2>
                <p>{broken.what.clone()}</p>
                <p class="hint">
                    "Checked "{when()}". Keep the database as it is, compare it with a backup or an export, and run "
                    <code>"countersign journal verify"</code>", which also asks the bus what it was told of the journal."
                </p>
            </div>
        }
        .erased();
    }
    let whole = checked.through == checked.head;
    let face =
        if whole { Face::new("Whole", "badge-check", Tone::Ok) } else { Face::new("In part", "hourglass", Tone::Warn) };
    let words = if whole {
        format!("{} in order", count(checked.through))
    } else {
        format!(
            "{} of {} in order when the time was up",
            number::grouped(checked.through.unsigned_abs()),
            count(checked.head)
        )
    };
    view! {
        <div data-testid="check" data-check=if whole { "whole" } else { "part" }>
            <h2><Badge face/>{words}</h2>
            <p class="check-facts"><HashTag hex=checked.hash.clone() groups=4/><span>"Checked "{when()}</span></p>
            {(!whole).then(|| view! { <p class="hint">"A journal of this length is checked from end to end by "<code>"countersign journal verify"</code>"."</p> })}
        </div>
    }
    .erased()
}
