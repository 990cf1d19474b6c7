//! What a role file changes in meaning.

use crate::{
    components::{badge::Badge, eager::Erase},
    view::{
        face::{Face, Tone},
        review as words,
    },
};
use countersign_domain::reading::{BanRow, BanTurn, ReviewDetail, RoleChange, RoleTurn};
use leptos::prelude::*;

/// By turn, the gravest first.
pub fn changes(detail: &ReviewDetail) -> AnyView {
    match (&detail.base, detail.changes.is_empty()) {
        (None, _) => view! {
            <p class="muted">"No approved base: everything is new. What it allows in all stands below."</p>
        }
        .erased(),
        (Some(_), true) => view! { <p class="muted">"Nothing changes in meaning."</p> }.erased(),
        (Some(_), false) => change_list(&detail.changes, true),
    }
}

/// `linked` where the file stands on the same page.
pub fn change_list(changes: &[RoleChange], linked: bool) -> AnyView {
    let mut sorted: Vec<&RoleChange> = changes.iter().collect();
    sorted.sort_by_key(|change| change.turn);
    let lines = sorted.into_iter().map(|change| line(change, linked)).collect_view();
    view! { <ul class="changes">{lines}</ul> }.erased()
}

fn line(change: &RoleChange, linked: bool) -> AnyView {
    let face = words::turn(change.turn);
    let is_gone = matches!(change.turn, RoleTurn::BanRemoved | RoleTurn::PowerLost);
    let place = (change.line > 0).then(|| match (is_gone, linked) {
        // What is gone stands in the file before.
        (true, _) => {
            view! { <span class="place">{format!("line {} of the approved file", change.line)}</span> }.erased()
        }
        (false, true) => view! {
            <a class="place" rel="external" href=format!("#L{}", change.line)>{format!("line {}", change.line)}</a>
        }
        .erased(),
        (false, false) => view! { <span class="place">{format!("line {}", change.line)}</span> }.erased(),
    });
    view! {
        <li class=format!("change {}", face.tone.class()) data-testid="change-row" data-turn=face.word>
            <Badge face/>
            <span class="change-words">{change.sentence.clone()}" "{place}</span>
        </li>
    }
    .erased()
}

/// The forbidden actions, those that are gone first.
pub fn bans(detail: &ReviewDetail) -> AnyView {
    let mut sorted: Vec<&BanRow> = detail.bans.iter().collect();
    sorted.sort_by_key(|ban| ban.turn);
    let lines = sorted.into_iter().map(|ban| {
        let face = ban_face(ban.turn);
        view! {
            <tr class=face.tone.class() data-testid="ban-row" data-turn=face.word>
                <td>{ban.words.clone()}</td>
                <td class="col-state"><Badge face/></td>
            </tr>
        }
    });
    view! {
        <h3>"Forbidden actions"</h3>
        <table class="table bans">
            <thead>
                <tr>
                    <th scope="col">"What the agent must not do"</th>
                    <th scope="col">"Against what is approved"</th>
                </tr>
            </thead>
            <tbody>{lines.collect_view()}</tbody>
        </table>
    }
    .erased()
}

fn ban_face(turn: BanTurn) -> Face {
    match turn {
        BanTurn::Removed => Face::new("Removed", "octagon-x", Tone::Bad),
        BanTurn::Added => Face::new("Added", "plus", Tone::Ok),
        BanTurn::Kept => Face::new("Kept", "check", Tone::Quiet),
    }
}
