//! What of the past would have gone otherwise.

use crate::sample::{PLAIN, good, with};
use countersign_role::{
    Powers, compile, what_if,
    what_if::{Because, MOST_LISTED, PastTask},
};
use proptest::prelude::*;

fn powers(line: &str) -> Powers {
    compile(&good(&with(line)).role)
}

fn task<'t>(sender: Option<&'t str>, recipient: &'t str, kind: &'t str) -> PastTask<'t> {
    PastTask { recipient, kind, sender }
}

#[test]
fn tasks_that_it_may_no_longer_give_are_refused_and_new_ones_allowed() {
    let (old, new) = (powers("delegates_to: [cso]"), powers("delegates_to: [ceo]"));
    let found = what_if(
        Some(&old),
        &new,
        [
            task(Some("backend"), "cso", "scan"),
            task(Some("backend"), "ceo", "ask"),
            task(Some("backend"), "cto", "ask"),
            task(Some("devops"), "cso", "scan"),
            task(None, "cso", "scan"),
            task(Some("backend"), "backend", "again"),
        ],
    );
    assert_eq!((found.tasks, found.concerned, found.refused, found.newly_allowed), (6, 4, 1, 1));
    let refused = &found.refused_list[0];
    assert_eq!((refused.number, refused.recipient.as_str(), refused.because), (0, "cso", Because::Sending));
    assert_eq!(found.newly_allowed_list[0].number, 1);
}

#[test]
fn tasks_of_kinds_that_it_no_longer_takes_are_refused_whoever_gave_them() {
    let (old, new) = (powers("consumes: { kinds: [fix, build] }"), powers("consumes: { kinds: [fix, plan] }"));
    let tasks = [task(None, "backend", "build"), task(Some("ceo"), "backend", "plan"), task(None, "backend", "fix")];
    let found = what_if(Some(&old), &new, tasks);
    assert_eq!((found.refused, found.newly_allowed), (1, 1));
    assert_eq!(found.refused_list[0].because, Because::Taking);
}

#[test]
fn a_forbidden_action_refuses_what_a_delegate_was_given() {
    let old = powers("delegates_to: [ceo]");
    let found = what_if(Some(&old), &old, [task(Some("backend"), "ceo", "decision_made")]);
    assert_eq!((found.concerned, found.refused, found.newly_allowed), (1, 0, 0), "it was never allowed");
    let banned = good(
        &with("delegates_to: [ceo]")
            .replace("{ action: decide_brief }", "{ action: decide_brief }\n    - { action: delegate_task }"),
    );
    let found = what_if(Some(&old), &compile(&banned.role), [task(Some("backend"), "ceo", "ask")]);
    assert_eq!(found.refused, 1);
}

#[test]
fn for_a_first_role_all_that_it_allows_is_new() {
    let found = what_if(
        None,
        &powers("delegates_to: [cso]"),
        [task(Some("backend"), "cso", "scan"), task(Some("backend"), "ceo", "ask"), task(None, "backend", "fix")],
    );
    assert_eq!((found.refused, found.newly_allowed), (0, 2));
}

#[test]
fn the_lists_are_bounded_and_the_counts_are_not() {
    let old = powers("delegates_to: [cso]");
    let new = compile(&good(PLAIN).role);
    // As many as the first fleet had in all.
    let names: Vec<(String, String)> = (0..24_500).map(|n| (format!("a{}", n % 7), format!("k{}", n % 40))).collect();
    let history = names.iter().enumerate().map(|(n, (name, kind))| {
        if n % 2 == 0 { task(Some("backend"), "cso", kind) } else { task(Some(name), "backend", kind) }
    });
    let found = what_if(Some(&old), &new, history);
    assert_eq!((found.tasks, found.refused, found.refused_list.len()), (24_500, 12_250, MOST_LISTED));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_way_back_allows_what_the_way_there_refuses(
        senders in prop::collection::vec(prop::option::of(prop::sample::select(vec!["backend", "cso"])), 0..40),
        recipients in prop::collection::vec(prop::sample::select(vec!["backend", "cso", "ceo"]), 40),
        kinds in prop::collection::vec(prop::sample::select(vec!["fix", "build", "decision_made"]), 40),
    ) {
        let (a, b) = (powers("delegates_to: [cso]"), powers("consumes: { kinds: [fix] }"));
        let tasks: Vec<PastTask> = senders.iter().zip(recipients).zip(kinds)
            .map(|((sender, recipient), kind)| task(*sender, recipient, kind)).collect();
        let (there, back) = (what_if(Some(&a), &b, tasks.clone()), what_if(Some(&b), &a, tasks.clone()));
        prop_assert_eq!((there.refused, there.newly_allowed), (back.newly_allowed, back.refused));
        prop_assert_eq!(there.refused_list, back.newly_allowed_list);
        let same = what_if(Some(&a), &a, tasks);
        prop_assert_eq!((same.refused, same.newly_allowed), (0, 0));
    }
}
