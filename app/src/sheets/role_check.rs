//! What a role file under edit comes to.

use super::{
    findings::{finding_list, place},
    review_changes::change_list,
    role_powers::role_powers,
};
use crate::{
    components::{eager::Erase, hash_tag::HashTag, icon::Icon},
    view::number,
};
use countersign_domain::reading::{RoleCheck, RoleFault, SoundRole};
use leptos::prelude::*;

/// Its `h2` is what is said aloud while somebody writes.
pub fn role_check(found: RoleCheck) -> AnyView {
    match found {
        RoleCheck::Faults { list, more } => faults(&list, more),
        RoleCheck::Sound(sound) => {
            let SoundRole { agent, sha256, powers, findings, changes } = *sound;
            let found = match findings.len() {
                0 => view! { <p class="muted">"The built-in rules find nothing."</p> }.erased(),
                _ => finding_list(&findings, false),
            };
            let changes = (!changes.is_empty()).then(|| {
                view! { <h3>"Against what is approved"</h3>{change_list(&changes, false)} }
            });
            view! {
                <div data-testid="check-sound">
                    <h2 class="check-title tone-ok"><Icon name="check"/>"It can be proposed for "<span class="agent">{agent}</span></h2>
                    <HashTag hex=sha256/>
                    <h3>"What the built-in rules would say"</h3>
                    {found}
                    {changes}
                    <h3>"What this really allows"</h3>
                    {role_powers(&powers)}
                </div>
            }
            .erased()
        }
    }
}

fn faults(list: &[RoleFault], more: usize) -> AnyView {
    let count = (list.len() + more) as u64;
    let lines = list.iter().map(fault).collect_view();
    let more = (more > 0).then(|| view! { <p class="hint">{format!("and {} more", number::grouped(more as u64))}</p> });
    view! {
        <div data-testid="check-faults">
            <h2 class="check-title tone-bad"><Icon name="x"/>{number::counted(count, "fault", "faults")}": it cannot be proposed yet"</h2>
            <ul class="findings">{lines}</ul>
            {more}
        </div>
    }
    .erased()
}

fn fault(fault: &RoleFault) -> AnyView {
    let field = (!fault.path.is_empty()).then(|| view! { <code>{fault.path.clone()}</code> });
    let fix = (!fault.fix.is_empty()).then(|| view! { <p class="fix">{fault.fix.clone()}</p> });
    view! {
        <li class="finding" data-testid="fault">
            <p class="finding-head">{place(fault.line, fault.column, false)}{field}</p>
            <p>{fault.why.clone()}</p>
            {fix}
        </li>
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_domain::reading::RolePowers;

    #[test]
    fn a_fault_says_where_why_and_how_to_mend_it_and_stays_text() {
        let fault = RoleFault {
            line: 4,
            column: 2,
            path: "spec.<b>".to_owned(),
            why: "“<script>” is no field.".to_owned(),
            fix: "Take it away.".to_owned(),
        };
        let html = Owner::new().with(|| role_check(RoleCheck::Faults { list: vec![fault], more: 2 }).to_html());
        for part in ["3 faults", "line 4:2", "&lt;script&gt;", "spec.&lt;b&gt;", "Take it away.", "and 2 more"] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn a_sound_file_shows_its_hash_and_what_it_allows() {
        let powers = RolePowers { publish: vec!["tasks.<x>.>".to_owned()], ..RolePowers::default() };
        let (agent, sha256) = ("backend".to_owned(), "ab12cd34".repeat(8));
        let sound = SoundRole { agent, sha256, powers, findings: Vec::new(), changes: Vec::new() };
        let sound = RoleCheck::Sound(Box::new(sound));
        let html = Owner::new().with(|| role_check(sound).to_html());
        assert!(html.contains("ab12 cd34") && html.contains("tasks.&lt;x&gt;.&gt;"), "{html}");
    }
}
