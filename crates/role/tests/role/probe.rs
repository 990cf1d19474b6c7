//! What a probe tries for a role: that it agrees with the compiled permissions, and leaves nothing out.

use crate::sample::{GOLDEN, compare, golden, good, with};
use countersign_domain::AgentName;
use countersign_role::{
    compile,
    powers::BusPowers,
    probe::{Attempt, Expected, Proof, Verb},
    probe_plan,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn fleet() -> Vec<AgentName> {
    ["ceo", "cto", "cso", "backend", "frontend", "devops", "marketing"]
        .iter()
        .map(|name| name.parse().unwrap())
        .collect()
}

fn permitted(bus: &BusPowers, attempt: &Attempt) -> bool {
    match attempt.verb {
        Verb::Publish | Verb::Request => bus.publish.permit(&attempt.subject),
        Verb::Subscribe => bus.subscribe.permit(&attempt.subject),
    }
}

#[test]
fn every_attempt_is_expected_to_end_as_the_compiled_permissions_end_it() {
    for name in GOLDEN {
        let role = golden(name).role;
        let bus = compile(&role).bus;
        for fleet in [fleet(), vec![]] {
            for attempt in probe_plan(&role, &fleet) {
                assert_eq!(permitted(&bus, &attempt), attempt.expected == Expected::Permitted, "{name}: {attempt:?}");
            }
        }
    }
}

#[test]
fn every_permission_is_tried_and_so_is_every_denial() {
    for name in GOLDEN {
        let role = golden(name).role;
        let bus = compile(&role).bus;
        let plan = probe_plan(&role, &fleet());
        let tried = |expected: Expected, pattern: &str| {
            plan.iter().any(|attempt| {
                attempt.expected == expected && countersign_role::pattern::subject_covers(pattern, &attempt.subject)
            })
        };
        for pattern in bus.publish.allow.iter().chain(&bus.subscribe.allow) {
            assert!(tried(Expected::Permitted, pattern), "{name}: {pattern}");
        }
        for pattern in &bus.publish.deny {
            assert!(tried(Expected::Refused, pattern), "{name}: {pattern}");
        }
    }
}

#[test]
fn each_kind_of_proof_is_there() {
    let plan = probe_plan(&golden("backend").role, &fleet());
    let proofs: BTreeSet<Proof> = plan.iter().map(|attempt| attempt.proof.clone()).collect();
    for proof in [
        Proof::OthersTasks,
        Proof::OthersEvents,
        Proof::OtherTopics,
        Proof::CountersignsEvents,
        Proof::DeadLetters,
        Proof::OthersConsumers,
        Proof::OwnConsumer,
        Proof::OthersInboxes,
        Proof::WideSubscriptions,
        Proof::BusAdministration,
        Proof::SystemAccount,
        Proof::OwnWork,
        Proof::ForbiddenAction("approve_security_review".into()),
        Proof::ForbiddenAction("decide_brief".into()),
        Proof::ForbiddenAction("raise_brief".into()),
    ] {
        assert!(proofs.contains(&proof), "{proof:?}");
    }
    assert!(plan.iter().all(|attempt| (attempt.proof == Proof::OwnWork) == (attempt.expected == Expected::Permitted)));
}

#[test]
fn a_forbidden_delegate_is_tried_though_delegates_to_names_it() {
    let plan = probe_plan(&golden("ceo").role, &fleet());
    let attempt = plan.iter().find(|attempt| attempt.subject == "tasks.marketing.probe").unwrap();
    assert_eq!(attempt.proof, Proof::ForbiddenAction("delegate_task (marketing)".into()));
    let none = good(
        &with("delegates_to: [cso]")
            .replace("{ action: decide_brief }", "{ action: decide_brief }\n    - { action: delegate_task }"),
    );
    let plan = probe_plan(&none.role, &[]);
    assert!(
        plan.iter()
            .any(|a| a.subject == "tasks.cso.probe" && a.proof == Proof::ForbiddenAction("delegate_task".into()))
    );
}

#[test]
fn nothing_that_is_tried_can_have_an_effect() {
    for name in GOLDEN {
        for attempt in probe_plan(&golden(name).role, &fleet()) {
            let Attempt { verb, subject, guarded, .. } = &attempt;
            match verb {
                Verb::Subscribe => {}
                Verb::Request => {
                    assert!(subject.starts_with("$JS.API.") || subject.starts_with("$SYS."), "{attempt:?}");
                }
                Verb::Publish => {
                    // A stream keeps what is not guarded; of acknowledgements, only those of a message count.
                    let ack_of_nothing = subject.starts_with("$JS.ACK.") && subject.contains(".0.0.0.0.0");
                    assert!(*guarded || ack_of_nothing, "{attempt:?}");
                }
            }
            assert!(*verb == Verb::Subscribe || !subject.contains(['*', '>']), "{attempt:?}");
        }
    }
}

#[test]
fn golden_roles_have_the_committed_plans() {
    for name in ["backend", "minimal"] {
        let mut text = String::new();
        for attempt in probe_plan(&golden(name).role, &fleet()) {
            let Attempt { expected, proof, verb, subject, .. } = attempt;
            text.push_str(&format!("{expected:?} {verb:?} {subject} ({proof:?})\n"));
        }
        compare(&format!("{name}.probe.txt"), &text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_plan_agrees_with_the_permissions_in_any_fleet(
        name in prop::sample::select(GOLDEN.to_vec()),
        fleet in prop::collection::btree_set(prop::sample::select(vec!["a", "cso", "ceo", "backend", "probe-other", "scribe"]), 0..5),
    ) {
        let role = golden(name).role;
        let bus = compile(&role).bus;
        let fleet: Vec<AgentName> = fleet.iter().map(|name| name.parse().unwrap()).collect();
        let plan = probe_plan(&role, &fleet);
        for attempt in &plan {
            prop_assert_eq!(permitted(&bus, attempt), attempt.expected == Expected::Permitted, "{:?}", attempt);
        }
        prop_assert_eq!(&plan, &probe_plan(&role, &fleet));
        let distinct: BTreeSet<(Verb, &str)> = plan.iter().map(|a| (a.verb, a.subject.as_str())).collect();
        prop_assert!(distinct.len() * 2 > plan.len(), "few are tried twice");
    }
}
