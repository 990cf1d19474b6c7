//! What is told of a change, and in which order.

use crate::sample::{GOLDEN, PLAIN, golden, golden_text, good, with};
use countersign_role::{
    Place, compile,
    diff::{Change, Side, Turn, diff},
    pattern::subject_covers,
};
use proptest::prelude::*;

fn changes(old: &str, new: &str) -> Vec<Change> {
    diff(&good(old), &good(new))
}

/// Turn, path and sentence of each.
fn told(old: &str, new: &str) -> Vec<(Turn, String, String)> {
    changes(old, new).into_iter().map(|change| (change.turn, change.path, change.sentence)).collect()
}

fn one(old: &str, new: &str) -> (Turn, String, String) {
    let mut told = told(old, new);
    assert_eq!(told.len(), 1, "{told:?}");
    told.remove(0)
}

#[test]
fn another_spelling_of_the_same_role_changes_nothing() {
    let block = PLAIN.replace("metadata: { name: backend }", "metadata:\n  name: \"backend\" # a comment");
    assert_eq!(told(PLAIN, &block), []);
    assert_eq!(told(&with("consumes: { ack_wait: 2m }"), PLAIN), [], "the usual value, written out");
}

#[test]
fn removed_and_weakened_bans_come_before_all_else() {
    let old = PLAIN.replace(
        "{ action: decide_brief }",
        "{ action: decide_brief }\n    - { action: deploy }\n    - { action: publish }",
    );
    let new = with("delegates_to: [cso]").replace("mission: Build", "mission: Rebuild").replace(
        "{ action: decide_brief }",
        "{ action: decide_brief }\n    - { action: deploy, unless: brief_decided }",
    );
    let told = told(&old, &new);
    let turns: Vec<Turn> = told.iter().map(|(turn, ..)| *turn).collect();
    assert_eq!(turns, [Turn::BanRemoved, Turn::BanWeakened, Turn::PowerGained, Turn::Other]);
    assert_eq!(told[0].2, "“publish” is no longer forbidden.");
    assert_eq!(told[1].2, "Forbidden was “deploy”; only “deploy unless brief_decided” still is.");
}

#[test]
fn another_condition_is_a_weaker_ban_until_somebody_has_judged_it() {
    let ban = |unless: &str| {
        let two = format!("{{ action: decide_brief }}\n    - {{ action: deploy, unless: {unless} }}");
        PLAIN.replace("{ action: decide_brief }", &two)
    };
    let told = told(&ban("security_review_approved"), &ban("brief_decided"));
    assert_eq!(told[0].0, Turn::BanWeakened, "{told:?}");
}

#[test]
fn a_change_has_its_place_in_the_file_where_it_stands() {
    let old = PLAIN.replace("{ action: decide_brief }", "{ action: decide_brief }\n    - { action: deploy }");
    let removed = &changes(&old, PLAIN)[0];
    assert_eq!((removed.side, removed.place), (Side::Old, Place { line: 9, column: 7 }));
    let gained = &changes(PLAIN, &with("delegates_to: [cso]"))[0];
    assert_eq!((gained.side, gained.place), (Side::New, Place { line: 5, column: 18 }));
}

#[test]
fn each_power_is_gained_one_way_and_lost_the_other() {
    let narrow = with("broadcasts: []");
    for (old, new, path, words) in [
        (PLAIN.to_owned(), with("delegates_to: [cso]"), "spec.delegates_to[0]", "give tasks to cso (tasks.cso.>)"),
        (
            narrow.clone(),
            with("broadcasts: [code.changed]"),
            "spec.broadcasts[0]",
            "broadcast events (events.backend.code.changed)",
        ),
        (narrow, PLAIN.to_owned(), "spec.broadcasts", "broadcast events of every topic (events.backend.>)"),
        (PLAIN.to_owned(), with("reads: [metrics]"), "spec.reads[0]", "read the organization's live figures"),
        (with("reads: [docs/adr/1]"), with("reads: [\"docs/**\"]"), "spec.reads[0]", "read documents at docs/**"),
        (
            PLAIN.to_owned(),
            with("network: { hosts: [a.example] }"),
            "spec.network.hosts[0]",
            "reach the host a.example",
        ),
        (
            with("consumes: { kinds: [fix] }"),
            with("consumes: { kinds: [fix, build] }"),
            "spec.consumes.kinds[1]",
            "take tasks of the kind build",
        ),
        (with("consumes: { kinds: [fix] }"), PLAIN.to_owned(), "spec.consumes.kinds", "take tasks of every kind"),
    ] {
        let gained = told(&old, &new).into_iter().find(|(turn, ..)| *turn == Turn::PowerGained).unwrap();
        assert_eq!((gained.1.as_str(), gained.2), (path, format!("It may now {words}.")));
        let lost = told(&new, &old).into_iter().find(|(turn, ..)| *turn == Turn::PowerLost).unwrap();
        assert_eq!((lost.1.as_str(), lost.2), (path, format!("It may no longer {words}.")));
    }
}

#[test]
fn a_ban_that_goes_tells_what_it_opens() {
    let old = with("delegates_to: [cso]")
        .replace("{ action: decide_brief }", "{ action: decide_brief }\n    - { action: delegate_task, scope: cso }");
    let told = told(&old, &with("delegates_to: [cso]"));
    let turns: Vec<Turn> = told.iter().map(|(turn, ..)| *turn).collect();
    assert_eq!(turns, [Turn::BanRemoved, Turn::PowerGained], "{told:?}");
    assert_eq!(told[1].2, "It may now give tasks to cso (tasks.cso.>).");
}

#[test]
fn limits_say_their_direction() {
    for (old, new, path, sentence) in [
        (
            "consumes: { ack_wait: 60s }",
            "consumes: { ack_wait: 2m }",
            "spec.consumes.ack_wait",
            "The time that it may stay silent over a task grows from 60s to 120s.",
        ),
        (
            "consumes: { max_deliver: 3 }",
            "consumes: { max_deliver: 9 }",
            "spec.consumes.max_deliver",
            "The number of attempts of a task grows from 3 to 9.",
        ),
        ("volume: { size: 1Gi }", "volume: { size: 5Gi }", "spec.volume.size", "Its volume grows from 1Gi to 5Gi."),
        (
            "budget: { usd_per_day: 5.48 }",
            "budget: { usd_per_day: 6 }",
            "spec.budget.usd_per_day",
            "Its budget rises from $5.48 to $6.00 a day.",
        ),
        (
            "budget: { usd_per_day: 5 }",
            "budget: { usd_per_day: 5, on_exceed: alert }",
            "spec.budget.on_exceed",
            "When its budget is used up, it goes on and an alert is sent.",
        ),
        (
            "runtime: { launcher: kubernetes, image: a, cpu: 1 }",
            "runtime: { launcher: kubernetes, image: a, cpu: 1.5 }",
            "spec.runtime.cpu",
            "Its processor time grows from 1 to 1500m.",
        ),
    ] {
        assert_eq!(one(&with(old), &with(new)), (Turn::LimitLooser, path.to_owned(), sentence.to_owned()));
        let (turn, back, _) = one(&with(new), &with(old));
        assert_eq!((turn, back.as_str()), (Turn::LimitTighter, path));
    }
}

#[test]
fn a_budget_that_goes_or_comes_is_told_as_more_room() {
    let own = with("budget: { usd_per_day: 5 }");
    assert_eq!(one(&own, PLAIN).0, Turn::LimitLooser);
    assert_eq!(one(PLAIN, &own).0, Turn::LimitLooser);
}

#[test]
fn what_runs_is_told_though_it_is_neither_more_nor_less() {
    let (a, b) = ("runtime: { launcher: process, command: [a] }", "runtime: { launcher: process, command: [a, b] }");
    assert_eq!(one(&with(a), &with(b)).1, "spec.runtime.command");
    let (a, b) = ("runtime: { launcher: kubernetes, image: a }", "runtime: { launcher: kubernetes, image: b }");
    assert_eq!(one(&with(a), &with(b)).2, "Its image is b instead of a.");
    let renamed = told(PLAIN, &PLAIN.replace("name: backend", "name: frontend"));
    assert_eq!(renamed.len(), 1, "{renamed:?}");
}

/// Pieces of a role that can be there or not.
const LINES: [&str; 8] = [
    "delegates_to: [cso, ceo]",
    "broadcasts: [code.*, review.approved]",
    "reads: [\"docs/**\", metrics]",
    "consumes: { kinds: [fix], max_deliver: 9 }",
    "volume: { size: 2Gi }",
    "budget: { usd_per_day: 3 }",
    "network: { hosts: [a.example] }",
    "runtime: { launcher: process, command: [a] }",
];

fn text() -> impl Strategy<Value = String> {
    let bans = prop::sample::subsequence(
        vec!["deploy", "raise_brief", "delegate_task, scope: cso", "delegate_task", "deploy, unless: brief_decided"],
        0..=3,
    )
    .prop_filter("an action once", |bans| {
        !(bans.contains(&"deploy") && bans.contains(&"deploy, unless: brief_decided"))
    });
    (prop::sample::subsequence(LINES.to_vec(), 0..=8), bans).prop_map(|(lines, bans)| {
        let mut text = PLAIN.to_owned();
        for line in lines {
            text = text.replacen("spec:\n", &format!("spec:\n  {line}\n"), 1);
        }
        for ban in bans {
            text.push_str(&format!("    - {{ action: {ban} }}\n"));
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whoever_may_publish_what_was_refused_is_told_as_having_gained_something(old in text(), new in text()) {
        let (before, after) = (compile(&good(&old).role), compile(&good(&new).role));
        let told = changes(&old, &new);
        let gained = after.bus.publish.allow.iter().any(|pattern| {
            !before.bus.publish.allow.iter().any(|kept| subject_covers(kept, pattern))
        });
        let opened = before.bus.publish.deny.iter().any(|denied| {
            !after.bus.publish.deny.iter().any(|kept| subject_covers(kept, denied))
        });
        let grave = |change: &Change| [Turn::BanRemoved, Turn::BanWeakened, Turn::PowerGained].contains(&change.turn);
        prop_assert!(!(gained || opened) || told.iter().any(grave), "{:?}", told);
        prop_assert!(told.is_sorted_by_key(|change| change.turn));
    }

    #[test]
    fn nothing_changes_from_a_role_to_itself(text in text()) {
        prop_assert_eq!(told(&text, &text), []);
    }

    #[test]
    fn whenever_two_roles_differ_something_is_told(old in text(), new in text()) {
        // Order of lists and bans that another one covers do not count.
        let (a, b) = (good(&old).role, good(&new).role);
        if compile(&a) != compile(&b) {
            prop_assert!(!told(&old, &new).is_empty());
        }
    }
}

#[test]
fn golden_changes_are_told_as_committed() {
    // From the narrowest to the widest, by way of the ones between.
    let mut text = String::new();
    for pair in GOLDEN.windows(2) {
        text.push_str(&format!("# {} -> {}\n", pair[0], pair[1]));
        for change in diff(&golden(pair[0]), &golden(pair[1])) {
            let side = if change.side == Side::Old { "old" } else { "new" };
            text.push_str(&format!(
                "{:?} [{side} {}] {}: {}\n",
                change.turn, change.place, change.path, change.sentence
            ));
        }
        assert_ne!(golden_text(pair[0]), golden_text(pair[1]));
    }
    crate::sample::compare("changes.txt", &text);
}
