//! What roles compile to: golden files, and what holds for every role.

use crate::sample::{GOLDEN, compare, golden, good, with};
use countersign_domain::AgentName;
use countersign_role::{
    Powers, Role, compile,
    forbidden::{Ban, Condition, Word},
    pattern::subject_covers,
    powers::EVERY_AGENTS_TOPICS,
};
use countersign_wire::permission;
use proptest::prelude::*;

#[test]
fn golden_roles_compile_to_the_committed_powers() {
    for name in GOLDEN {
        let powers = compile(&golden(name).role);
        let mut json = serde_json::to_value(&powers).unwrap();
        // It has a file of its own.
        json.as_object_mut().unwrap().remove("kubernetes");
        compare(&format!("{name}.powers.yaml"), &serde_saphyr::to_string(&json).unwrap());
        if let Some(manifests) = &powers.kubernetes {
            compare(&format!("{name}.kubernetes.yaml"), &manifests.to_yaml());
        }
    }
}

#[test]
fn a_stock_client_works_with_any_role() {
    for name in GOLDEN {
        let Powers { agent, bus, .. } = compile(&golden(name).role);
        for subject in [
            "$JS.API.INFO".to_owned(),
            "$JS.API.STREAM.NAMES".to_owned(),
            format!("$JS.API.CONSUMER.INFO.TASKS.{agent}-agent"),
            format!("$JS.API.CONSUMER.MSG.NEXT.TASKS.{agent}-agent"),
            format!("$JS.ACK.TASKS.{agent}-agent.1.12.3.1700000000000000000.4"),
            format!("$JS.ACK.hub.AbCdEf.TASKS.{agent}-agent.1.12.3.1700000000000000000.4.random"),
            format!("tasks.{agent}.again"),
            format!("events.{agent}.heartbeat"),
        ] {
            assert!(bus.publish.permit(&subject), "{name}: {subject}");
        }
        assert!(bus.subscribe.permit(&format!("_INBOX_{agent}.AbC.1")));
        assert!(bus.subscribe.permit(&format!("_INBOX_{agent}.AbC.*")));
    }
}

#[test]
fn no_role_lets_an_agent_pretend_to_decide_or_approve() {
    for name in GOLDEN {
        let Powers { agent, bus, .. } = compile(&golden(name).role);
        for subject in [
            "tasks.ceo.decision_made".to_owned(),
            format!("tasks.{agent}.decision_made"),
            "tasks.ceo.brief_rejected".to_owned(),
            format!("tasks.{agent}.brief_rejected"),
            "tasks.ceo.brief_question".to_owned(),
            format!("tasks.{agent}.brief_question"),
            format!("events.{agent}.decision.made"),
            format!("events.{agent}.brief.decided"),
            format!("events.{agent}.review.approved"),
            format!("events.{agent}.review.overridden"),
            format!("events.{agent}.review.lifted"),
        ] {
            assert!(!bus.publish.permit(&subject), "{name}: {subject}");
        }
    }
}

#[test]
fn broadcasts_narrow_an_agents_events_to_the_named_ones_and_those_of_every_agent() {
    let bus = compile(&good(&with("broadcasts: [code.changed, review.*]")).role).bus;
    for topic in EVERY_AGENTS_TOPICS.into_iter().chain(["code.changed", "review.examined"]) {
        assert!(bus.publish.permit(&format!("events.backend.{topic}")), "{topic}");
    }
    for topic in ["code.merged", "brief.prepared", "note", "review.examined.twice", "review.approved"] {
        assert!(!bus.publish.permit(&format!("events.backend.{topic}")), "{topic}");
    }
    let silent = compile(&good(&with("broadcasts: []")).role).bus;
    assert!(silent.publish.permit("events.backend.heartbeat") && !silent.publish.permit("events.backend.note"));
}

#[test]
fn a_forbidden_action_closes_what_another_line_opens() {
    let role = golden("ceo").role;
    let bus = compile(&role).bus;
    assert!(bus.publish.permit("tasks.cto.plan"));
    assert!(!bus.publish.permit("tasks.marketing.write"), "delegates_to names it, a forbidden action too");
    let overbroad = compile(&golden("overbroad").role);
    assert!(overbroad.workspace.may_read("docs/a") && !overbroad.workspace.may_read("secrets/key"));
    assert!(overbroad.bus.publish.permit("tasks.ceo.x"), "under a condition, a ban is the runner's to hold");
}

#[test]
fn pods_are_restricted_whatever_the_role_says() {
    for name in ["cso", "ceo", "overbroad"] {
        let manifests = compile(&golden(name).role).kubernetes.unwrap();
        let found = |kind: &str| manifests.0.iter().find(|object| object["kind"] == kind).unwrap();
        let pod = &found("Deployment")["spec"]["template"]["spec"];
        assert_eq!(pod["automountServiceAccountToken"], false);
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
        assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
        let container = &pod["containers"][0]["securityContext"];
        assert_eq!(container["allowPrivilegeEscalation"], false);
        assert_eq!(container["readOnlyRootFilesystem"], true);
        assert_eq!(container["capabilities"], serde_json::json!({ "drop": ["ALL"] }));
        assert!(!manifests.to_json().contains("hostPath"));
        assert_eq!(found("ServiceAccount")["automountServiceAccountToken"], false);
        let policy = &found("NetworkPolicy")["spec"];
        assert_eq!((&policy["ingress"], policy["policyTypes"].as_array().unwrap().len()), (&serde_json::json!([]), 2));
        assert_eq!(policy["podSelector"]["matchLabels"], found("Deployment")["spec"]["template"]["metadata"]["labels"]);
    }
    assert!(compile(&golden("backend").role).kubernetes.is_none());
}

#[test]
fn a_command_means_what_was_approved() {
    let role = good(&with("runtime: { launcher: kubernetes, image: a, command: [sh, \"echo $(HOSTNAME)\"] }")).role;
    let manifests = compile(&role).kubernetes.unwrap();
    let command = &manifests.0[3]["spec"]["template"]["spec"]["containers"][0]["command"];
    assert_eq!(command[1], "echo $$(HOSTNAME)", "Kubernetes turns $$( into $( and replaces nothing");
}

fn names() -> impl Strategy<Value = AgentName> {
    prop::sample::select(vec!["backend", "cso", "ceo", "cto", "marketing", "x"]).prop_map(|name| name.parse().unwrap())
}

fn ban() -> impl Strategy<Value = Ban> {
    let action = prop::sample::select(vec![
        "approve_security_review",
        "decide_brief",
        "read_volume",
        "read_secrets",
        "delegate_task",
        "raise_brief",
        "examine_security_review",
        "flag_conflict",
        "deploy",
        "anything",
    ]);
    let scope = prop::sample::select(vec![None, Some("other_agents"), Some("cso"), Some("marketing"), Some("x")]);
    let unless = prop::sample::select(vec![None, None, Some(Condition::BriefDecided)]);
    (action, scope, unless).prop_map(|(action, scope, unless)| Ban {
        action: Word::parse(action).unwrap(),
        scope: scope.and_then(Word::parse),
        unless,
    })
}

prop_compose! {
    /// Any role, made from the golden ones: other delegates, topics, reads and bans.
    fn role()(
        mut role in prop::sample::select(GOLDEN.to_vec()).prop_map(|name| golden(name).role),
        name in names(),
        delegates in prop::collection::btree_set(names(), 0..4),
        topics in prop::option::of(prop::collection::btree_set(
            prop::sample::select(vec!["code.changed", "task.*", "review.*", ">", "*", "brief.prepared", "decision.>"]), 0..4)),
        reads in prop::collection::btree_set(
            prop::sample::select(vec!["docs/**", "docs/adr/*", "**", "*", "secrets/**", "volumes/cso/**"]), 0..3),
        bans in prop::collection::vec(ban(), 0..5),
    ) -> Role {
        role.delegates_to = delegates.into_iter().filter(|delegate| *delegate != name).collect();
        role.name = name;
        role.broadcasts = topics.map(|list| list.into_iter().map(|t| countersign_role::pattern::Topic::parse(t).unwrap()).collect());
        role.reads = reads.into_iter()
            .map(|path| countersign_role::role::Read::Documents(countersign_role::pattern::PathPattern::parse(path).unwrap()))
            .collect();
        role.forbidden_actions.extend(bans);
        role
    }
}

/// Subjects of all families, with names that roles have and others.
fn subject() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "tasks",
        "events",
        "dlq",
        "backend",
        "cso",
        "ceo",
        "marketing",
        "x",
        "countersign",
        "task",
        "started",
        "code",
        "changed",
        "review",
        "approved",
        "examined",
        "brief",
        "prepared",
        "decision",
        "made",
        "decision_made",
        "scan",
        "heartbeat",
        "$JS",
        "API",
        "CONSUMER",
        "MSG",
        "NEXT",
        "TASKS",
        "ACK",
        "cso-agent",
        "backend-agent",
        "_INBOX_cso",
        "INFO",
        "STREAM",
        "DELETE",
        "$SYS",
        "REQ",
    ]);
    prop_oneof![
        prop::collection::vec(word.clone(), 1..6).prop_map(|parts| parts.join(".")),
        (prop::sample::select(vec!["tasks", "events"]), names(), prop::collection::vec(word, 1..3))
            .prop_map(|(family, name, rest)| format!("{family}.{name}.{}", rest.join("."))),
    ]
}

fn may_publish(powers: &Powers, subject: &str) -> bool {
    powers.bus.publish.permit(subject)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_same_role_gives_the_same_powers(role in role()) {
        prop_assert_eq!(compile(&role), compile(&role.clone()));
    }

    #[test]
    fn nothing_is_allowed_that_the_role_does_not_say(role in role(), subject in subject()) {
        let powers = compile(&role);
        let name = &role.name;
        if may_publish(&powers, &subject) {
            let tokens: Vec<&str> = subject.split('.').collect();
            match tokens[0] {
                "tasks" => {
                    let to = tokens[1];
                    prop_assert!(to == name.as_str() || role.delegates_to.iter().any(|d| d.as_str() == to), "{}", subject);
                }
                "events" => {
                    prop_assert_eq!(tokens[1], name.as_str());
                    let topic = tokens[2..].join(".");
                    let named = role.broadcasts.as_ref()
                        .is_none_or(|topics| topics.iter().any(|t| subject_covers(t.as_str(), &topic)));
                    prop_assert!(named || EVERY_AGENTS_TOPICS.contains(&topic.as_str()), "{}", subject);
                }
                "$JS" => prop_assert!(
                    ["$JS.API.INFO", "$JS.API.STREAM.NAMES"].contains(&subject.as_str())
                        || tokens.contains(&format!("{name}-agent").as_str()),
                    "{}", subject
                ),
                other => prop_assert!(false, "nobody may publish to {}", other),
            }
        }
        // As tight as an agent without a role file, at least.
        let stock = permission::for_agent(name, &role.delegates_to);
        if may_publish(&powers, &subject) {
            prop_assert!(stock.publish.iter().any(|pattern| subject_covers(pattern, &subject)));
        }
        prop_assert_eq!(powers.bus.subscribe.allow, stock.subscribe);
    }

    #[test]
    fn a_forbidden_action_never_adds_a_permission(
        role in role(), ban in ban(), subject in subject(),
        path in prop::sample::select(vec!["docs/adr/1", "docs/x", "secrets/a", "volumes/cso/a", "top"]),
    ) {
        let before = compile(&role);
        let mut forbidding = role;
        forbidding.forbidden_actions.push(ban);
        let after = compile(&forbidding);
        prop_assert!(!may_publish(&after, &subject) || may_publish(&before, &subject), "{}", subject);
        prop_assert!(!after.workspace.may_read(path) || before.workspace.may_read(path));
        // What is allowed as a pattern before the denied ones: never wider either.
        for pattern in &after.bus.publish.allow {
            prop_assert!(before.bus.publish.allow.iter().any(|kept| subject_covers(kept, pattern)));
        }
        for denied in &before.bus.publish.deny {
            prop_assert!(after.bus.publish.deny.iter().any(|kept| subject_covers(kept, denied)));
        }
        prop_assert_eq!(&after.bus.subscribe, &before.bus.subscribe);
        prop_assert_eq!((after.hosts, after.kubernetes), (before.hosts, before.kubernetes));
    }

    #[test]
    fn no_list_says_a_power_twice(role in role()) {
        let bus = compile(&role).bus;
        for list in [&bus.publish.allow, &bus.publish.deny, &bus.subscribe.allow] {
            for (at, pattern) in list.iter().enumerate() {
                for (other_at, other) in list.iter().enumerate() {
                    prop_assert!(at == other_at || !subject_covers(other, pattern), "{} in {}", pattern, other);
                }
            }
        }
    }
}
