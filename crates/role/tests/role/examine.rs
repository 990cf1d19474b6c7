//! What the built-in rules find, and what they leave alone.

use crate::sample::{GOLDEN, PLAIN, compare, golden, good, with};
use countersign_role::{
    Place,
    examine::{Background, Finding, Rule, Severity, examine, examine_manifest},
};
use std::collections::BTreeSet;

const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn found(text: &str) -> Vec<Finding> {
    examine(&good(text), Background::default())
}

fn against(approved: &str, text: &str) -> Vec<Finding> {
    examine(&good(text), Background { approved: Some(&good(approved)), fleet: &[] })
}

/// Severity and path of the findings of a rule.
fn by(findings: &[Finding], rule: Rule) -> Vec<(Severity, String)> {
    findings
        .iter()
        .filter(|finding| finding.rule == rule)
        .map(|finding| (finding.severity, finding.path.clone()))
        .collect()
}

fn ban(line: &str) -> String {
    PLAIN.replace("{ action: decide_brief }", &format!("{{ action: decide_brief }}\n    - {{ {line} }}"))
}

#[test]
fn each_rule_finds_its_case_and_leaves_the_mended_one_alone() {
    use Rule::{
        BudgetAbsent, BudgetOnlyAlerts, ConditionalBan, ContradictingBan, DelegatesToEveryone, ForeignSecrets,
        InsideHost, MissingRecommendedBan, MissionEmpty, NewHost, PrivilegedCommand, UnpinnedImage, WildcardPermission,
    };
    use Severity::{Critical, High, Low, Medium};
    let pod = |image: &str| with(&format!("runtime: {{ launcher: kubernetes, image: \"{image}\" }}"));
    let contradiction =
        ban("action: delegate_task, scope: cso").replace("  mission", "  delegates_to: [cso]\n  mission");
    let cases: Vec<(Rule, Severity, &str, String, String)> = vec![
        (ConditionalBan, Low, "spec.forbidden_actions[2].unless", ban("action: deploy, unless: brief_decided"), ban("action: deploy")),
        (ContradictingBan, Medium, "spec.delegates_to[0]", contradiction.clone(), contradiction.replace("[cso]", "[ceo]")),
        (WildcardPermission, Low, "spec.broadcasts", PLAIN.into(), with("broadcasts: [code.*]")),
        (WildcardPermission, High, "spec.broadcasts[0]", with("broadcasts: [\"*.changed\"]"), with("broadcasts: []")),
        (WildcardPermission, High, "spec.reads[0]", with("broadcasts: []\n  reads: [\"**\"]"), with("broadcasts: []\n  reads: [\"docs/**\"]")),
        (WildcardPermission, High, "spec.network.hosts[0]", with("broadcasts: []\n  network: { hosts: [\"*.a.example\"] }"),
            with("broadcasts: []\n  network: { hosts: [b.a.example] }")),
        (ForeignSecrets, Critical, "spec.reads[0]", with("reads: [ops/Credentials/**]"), with("reads: [ops/runbooks/**]")),
        (ForeignSecrets, Critical, "spec.reads[0]", with("reads: [app/.env]"), with("reads: [app/environment.md]")),
        (ForeignSecrets, Critical, "spec.runtime.command[2]",
            with("runtime: { launcher: process, command: [sh, -c, kubectl get secrets -A] }"),
            with("runtime: { launcher: process, command: [sh, -c, kubectl get pods] }")),
        (DelegatesToEveryone, Medium, "spec.delegates_to", with("delegates_to: [a, b, c, d, e, f]"), with("delegates_to: [a, b]")),
        (NewHost, Medium, "spec.network.hosts[0]", with("network: { hosts: [a.example] }"), PLAIN.into()),
        (InsideHost, High, "spec.network.hosts[0]", with("network: { hosts: [10.0.0.1] }"), with("network: { hosts: [a.example] }")),
        (PrivilegedCommand, Critical, "spec.runtime.command[0]", with("runtime: { launcher: process, command: [sudo, a] }"),
            with("runtime: { launcher: process, command: [a] }")),
        (UnpinnedImage, High, "spec.runtime.image", pod("a:latest"), pod(&format!("a@sha256:{DIGEST}"))),
        (BudgetAbsent, Low, "spec.budget", PLAIN.into(), with("budget: { usd_per_day: 1 }")),
        (BudgetOnlyAlerts, Medium, "spec.budget.on_exceed", with("budget: { usd_per_day: 1, on_exceed: alert }"), with("budget: { usd_per_day: 1 }")),
        (MissionEmpty, Medium, "spec.mission", PLAIN.replace("Build and run the API.", "\" \""), PLAIN.into()),
        (MissingRecommendedBan, Medium, "spec.forbidden_actions", PLAIN.into(),
            ban("action: deploy").replace("{ action: deploy }", "{ action: deploy }\n    - { action: change_role }\n    - { action: change_budget }\n    - { action: override_security_review }")),
    ];
    for (rule, severity, path, bad, mended) in cases {
        let findings = by(&found(&bad), rule);
        assert!(findings.contains(&(severity, path.to_owned())), "{rule:?} {path}: {findings:?}");
        assert_eq!(by(&found(&mended), rule), [], "{rule:?} {path}, mended");
    }
}

#[test]
fn what_got_looser_than_the_approved_role_is_found() {
    let old =
        ban("action: deploy").replace("  mission", "  budget: { usd_per_day: 5 }\n  volume: { size: 1Gi }\n  mission");
    let new = ban("action: deploy, unless: brief_decided")
        .replace("  mission", "  budget: { usd_per_day: 5.01 }\n  volume: { size: 2Gi }\n  mission");
    let findings = against(&old, &new);
    assert_eq!(by(&findings, Rule::BanWeakened), [(Severity::High, "spec.forbidden_actions[2]".to_owned())]);
    assert_eq!(by(&findings, Rule::BudgetRaised), [(Severity::Medium, "spec.budget.usd_per_day".to_owned())]);
    assert_eq!(by(&findings, Rule::VolumeGrown), [(Severity::Low, "spec.volume.size".to_owned())]);
    assert_eq!(
        by(&against(&old, PLAIN), Rule::BanRemoved),
        [(Severity::Critical, "spec.forbidden_actions".to_owned())]
    );
    assert_eq!(
        by(&against(&old, PLAIN), Rule::BudgetRaised),
        [(Severity::Medium, "spec.budget".to_owned())],
        "a default in its place"
    );
    for rule in [Rule::BanWeakened, Rule::BanRemoved, Rule::BudgetRaised, Rule::VolumeGrown] {
        assert_eq!(by(&against(&new, &old), rule), [], "the other way round it got stricter");
    }
}

#[test]
fn a_host_is_new_until_a_role_with_it_is_approved() {
    let known = with("network: { hosts: [\"*.a.example\", b.example] }");
    let more = with("network: { hosts: [x.a.example, b.example, \"b.example:8443\"] }");
    assert_eq!(by(&against(&known, &more), Rule::NewHost), [(Severity::Medium, "spec.network.hosts[2]".to_owned())]);
}

#[test]
fn everyone_is_everyone_else_of_a_known_fleet() {
    let fleet: Vec<_> = ["backend", "cso", "ceo"].iter().map(|name| name.parse().unwrap()).collect();
    let background = Background { approved: None, fleet: &fleet };
    let rule = |line: &str| by(&examine(&good(&with(line)), background), Rule::DelegatesToEveryone).len();
    assert_eq!((rule("delegates_to: [cso, ceo]"), rule("delegates_to: [cso]")), (1, 0));
}

#[test]
fn the_gravest_stands_first_and_each_names_its_place() {
    let findings = examine(&golden("overbroad"), Background::default());
    assert!(findings.is_sorted_by_key(|finding| finding.severity));
    assert_eq!(findings[0].severity, Severity::Critical);
    let secrets = findings.iter().find(|finding| finding.path == "spec.reads[2]").unwrap();
    assert_eq!((secrets.rule, secrets.place), (Rule::ForeignSecrets, Place { line: 8, column: 26 }));
}

#[test]
fn golden_roles_have_the_committed_findings() {
    let mut text = String::new();
    for name in GOLDEN {
        text.push_str(&format!("# {name}\n"));
        for finding in examine(&golden(name), Background::default()) {
            let Finding { rule, severity, place, path, why, fix } = finding;
            text.push_str(&format!("{severity:?} {} [{place}] {path}: {why} {fix}\n", rule.as_str()));
        }
    }
    compare("findings.txt", &text);
}

#[test]
fn a_careful_role_has_no_finding_above_low() {
    let grave: Vec<Finding> = examine(&golden("cso"), Background::default())
        .into_iter()
        .filter(|finding| finding.severity < Severity::Low)
        .collect();
    assert_eq!(grave, []);
}

#[test]
fn what_the_compiler_makes_passes_the_examination_of_manifests() {
    let manifests = countersign_role::compile(&golden("cso").role).kubernetes.unwrap();
    let findings: Vec<_> = manifests.0.iter().flat_map(examine_manifest).collect();
    assert_eq!(findings, []);
}

#[test]
fn each_loosening_of_a_compiled_pod_is_found() {
    let manifests = countersign_role::compile(&golden("cso").role).kubernetes.unwrap();
    let deployment = manifests.0.iter().find(|object| object["kind"] == "Deployment").unwrap();
    let pod = "/spec/template/spec";
    for (at, field, value, expected) in [
        ("", "hostNetwork", serde_json::json!(true), "hostNetwork"),
        ("", "hostPID", serde_json::json!(true), "hostPID"),
        ("", "hostIPC", serde_json::json!(true), "hostIPC"),
        ("", "automountServiceAccountToken", serde_json::json!(true), "automountServiceAccountToken"),
        ("/volumes/0", "hostPath", serde_json::json!({ "path": "/" }), "hostPath"),
        ("/securityContext", "runAsNonRoot", serde_json::json!(false), "runAsNonRoot"),
        ("/securityContext", "runAsUser", serde_json::json!(0), "runAsNonRoot"),
        ("/securityContext", "seccompProfile", serde_json::json!({ "type": "Unconfined" }), "seccompProfile"),
        ("/containers/0/securityContext", "privileged", serde_json::json!(true), "privileged"),
        ("/containers/0/securityContext", "runAsUser", serde_json::json!(0), "runAsNonRoot"),
        ("/containers/0/securityContext", "runAsNonRoot", serde_json::json!(false), "runAsNonRoot"),
        (
            "/containers/0/securityContext",
            "allowPrivilegeEscalation",
            serde_json::json!(true),
            "allowPrivilegeEscalation",
        ),
        (
            "/containers/0/securityContext",
            "capabilities",
            serde_json::json!({ "drop": ["ALL"], "add": ["SYS_ADMIN"] }),
            "capabilities",
        ),
        ("/containers/0/securityContext", "capabilities", serde_json::json!({}), "capabilities"),
        ("/containers/0", "image", serde_json::json!("agent:latest"), "image"),
    ] {
        let mut loose = deployment.clone();
        loose.pointer_mut(&format!("{pod}{at}")).unwrap().as_object_mut().unwrap().insert(field.to_owned(), value);
        let findings = examine_manifest(&loose);
        assert_eq!(findings.len(), 1, "{field}: {findings:?}");
        assert!(findings[0].pointer.starts_with(pod) && findings[0].pointer.ends_with(expected), "{findings:?}");
    }
}

#[test]
fn rights_on_secrets_are_found_in_any_list_of_objects() {
    let list = serde_json::json!({ "kind": "List", "items": [{
        "kind": "ClusterRole",
        "rules": [
            { "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] },
            { "apiGroups": [""], "resources": ["secrets"], "verbs": ["get"] },
            { "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] },
        ],
    }]});
    let found: BTreeSet<(Rule, String)> =
        examine_manifest(&list).into_iter().map(|finding| (finding.rule, finding.pointer)).collect();
    assert_eq!(
        found,
        BTreeSet::from([
            (Rule::ForeignSecrets, "/items/0/rules/1/resources".to_owned()),
            (Rule::ForeignSecrets, "/items/0/rules/2/resources".to_owned()),
            (Rule::WildcardPermission, "/items/0/rules/2/verbs".to_owned()),
        ])
    );
}

#[test]
fn a_rule_is_called_in_documents_as_in_data() {
    let names: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.as_str()).collect();
    assert_eq!(names.len(), Rule::ALL.len());
    for rule in Rule::ALL {
        assert_eq!(serde_json::to_value(rule).unwrap(), rule.as_str());
    }
}
