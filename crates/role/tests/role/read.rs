//! What a role file may be, and what is said of one that may not.

use crate::sample::{GOLDEN, PLAIN, faults, golden, golden_text, good, refused};
use countersign_domain::AgentName;
use countersign_role::{
    FaultKind, Place, RoleHash,
    quantity::{Bytes, MicroUsd, Seconds},
    role::{OnExceed, Runtime},
};
use proptest::prelude::*;

fn at(line: u32, column: u32) -> Place {
    Place { line, column }
}

#[test]
fn a_role_says_what_its_file_says() {
    let role = golden("backend").role;
    assert_eq!((role.name.as_str(), role.title.as_deref()), ("backend", Some("Backend engineer")));
    assert_eq!(role.consumes.ack_wait, Seconds(120));
    assert_eq!(role.delegates_to.iter().map(AgentName::as_str).collect::<Vec<_>>(), ["frontend", "cso"]);
    assert_eq!(role.volume, Bytes(5 << 30));
    let budget = role.budget.unwrap();
    assert_eq!((budget.usd_per_day, budget.on_exceed), (MicroUsd(5_480_000), OnExceed::Pause));
    assert_eq!(role.forbidden_actions[2].to_string(), "deploy unless security_review_approved");
    assert_eq!(role.hosts[0].to_string(), "github.com");
}

#[test]
fn what_a_file_leaves_out_has_usual_values() {
    let role = golden("minimal").role;
    assert_eq!(role.mission, "");
    assert_eq!((role.consumes.max_deliver, role.consumes.max_ack_pending), (5, 3));
    assert_eq!((role.broadcasts, role.budget, role.runtime), (None, None, Runtime::External));
    assert_eq!(role.volume, Bytes(1 << 30));
}

#[test]
fn the_identity_is_the_hash_of_the_bytes_and_every_byte_counts() {
    let file = good(PLAIN);
    assert_eq!(file.hash, RoleHash::of(PLAIN.as_bytes()));
    assert_eq!(file.text, PLAIN);
    assert_ne!(good(&format!("{PLAIN}\n")).hash, file.hash);
}

#[test]
fn every_field_knows_its_place() {
    let places = golden("cso").places;
    assert_eq!(places.nearest("spec.consumes.max_ack_pending"), at(13, 5));
    assert_eq!(places.nearest("spec.forbidden_actions[1].action"), at(28, 7));
    assert_eq!(places.nearest("spec.network.hosts"), at(6, 1), "absent: where its neighbourhood is");
}

#[test]
fn a_role_without_forbidden_actions_is_refused_with_line_and_column() {
    let absent = PLAIN.split("  forbidden_actions").next().unwrap();
    for (text, place) in [
        (absent.to_owned(), at(5, 3)),
        (format!("{absent}  forbidden_actions: []\n"), at(6, 22)),
        (format!("{absent}  forbidden_actions:\n    - {{ action: deploy }}\n"), at(7, 5)),
    ] {
        let found = faults(&text);
        assert_eq!(found.len(), 4, "{found:?}");
        for (fault, action) in
            found.iter().zip(["approve_security_review", "decide_brief", "read_volume", "read_secrets"])
        {
            assert_eq!((fault.kind, fault.place), (FaultKind::Mandatory, place));
            assert_eq!(fault.path, "spec.forbidden_actions");
            assert!(fault.why.contains(action) && fault.fix.contains(action), "{fault}");
        }
    }
}

#[test]
fn a_mandatory_ban_under_a_condition_or_of_a_smaller_scope_is_no_mandatory_ban() {
    for (line, weaker) in [
        ("{ action: decide_brief }", "{ action: decide_brief, unless: brief_decided }"),
        ("{ action: approve_security_review }", "{ action: approve_security_review, scope: artifacts }"),
        ("{ action: read_secrets, scope: other_namespaces }", "{ action: read_secrets, scope: production }"),
        ("{ action: read_volume, scope: other_agents }", "{ action: read_volume, unless: security_review_approved }"),
    ] {
        let found = faults(&PLAIN.replace(line, weaker));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].kind, FaultKind::Mandatory);
        assert!(found[0].path.starts_with("spec.forbidden_actions["), "the line to mend: {}", found[0].path);
    }
}

#[test]
fn each_fault_has_its_kind_and_path() {
    for (text, kind, path) in refused() {
        let found = faults(&text);
        assert_eq!(found.len(), 1, "{path}: {found:?}");
        assert_eq!((found[0].kind, found[0].path.as_str()), (kind, path), "{}", found[0]);
        assert!(found[0].why.ends_with('.') && found[0].fix.len() > 5, "{}", found[0]);
    }
}

#[test]
fn all_faults_of_a_file_are_told_at_once_and_in_order() {
    let text = "\
apiVersion: countersign/v1
kind: Agent
metadata: { name: system }
spec:
  mission: \"hidden \\u202e here\"
  delegates_to: [cso, cso]\t
  volume: { size: 9Ti }
  budget: { usd_per_day: lots }
  forbidden_actions: []
  superuser: true
";
    let found: Vec<(u32, FaultKind)> = faults(text).iter().map(|fault| (fault.place.line, fault.kind)).collect();
    use FaultKind::{Duplicate, Form, Hidden, Mandatory, Range, Tab, Type, Unknown};
    assert_eq!(
        found,
        [
            (2, Form),
            (3, Form),
            (5, Hidden),
            (6, Duplicate),
            (6, Tab),
            (7, Range),
            (8, Type),
            (9, Mandatory),
            (9, Mandatory),
            (9, Mandatory),
            (9, Mandatory),
            (10, Unknown),
        ]
    );
}

#[test]
fn hidden_characters_are_found_in_comments_keys_and_values() {
    for text in [
        PLAIN.replace("name: backend }", "name: backend } # \u{202e}"),
        PLAIN.replace("mission", "mis\u{200b}sion"),
        PLAIN.replace("the API", "the\u{ad}API"),
        PLAIN.replace("the API", "the\u{e0041}API"),
        format!("\u{feff}{PLAIN}"),
        PLAIN.replace("Build and run the API.", "\"nul: \\0\""),
        PLAIN.replace("Build and run the API.", "\"tab: \\t\""),
    ] {
        assert!(faults(&text).iter().any(|fault| fault.kind == FaultKind::Hidden), "{text:?}");
    }
}

#[test]
fn hostile_files_are_refused_in_small_time_and_say_why() {
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (before, name) in ('a'..='i').zip('b'..='j') {
        bomb.push_str(&format!("{name}: &{name} [{}]\n", format!("*{before},").repeat(9)));
    }
    let cases: Vec<(Vec<u8>, FaultKind)> = vec![
        (bomb.into_bytes(), FaultKind::Shared),
        ("[".repeat(10_000).into_bytes(), FaultKind::Nesting),
        ("- ".repeat(10_000).into_bytes(), FaultKind::Nesting),
        ("{a: ".repeat(10_000).into_bytes(), FaultKind::Nesting),
        ("? ".repeat(10_000).into_bytes(), FaultKind::Nesting),
        (vec![0xff; 100], FaultKind::NotText),
        (vec![b'a'; 1 << 20], FaultKind::TooLarge),
        (format!("spec: [{}]", "x,".repeat(20_000)).into_bytes(), FaultKind::TooLarge),
        (format!("{PLAIN}---\n{PLAIN}").into_bytes(), FaultKind::Documents),
        (format!("{PLAIN}...\n{PLAIN}").into_bytes(), FaultKind::Documents),
        (b"\tspec: 1".to_vec(), FaultKind::Tab),
        (b"".to_vec(), FaultKind::Type),
        (b"# nothing\n".to_vec(), FaultKind::Type),
        (b"text".to_vec(), FaultKind::Type),
        (b"[1, 2]".to_vec(), FaultKind::Type),
        (b"a: b: c".to_vec(), FaultKind::Syntax),
        (b"spec: \"open".to_vec(), FaultKind::Syntax),
    ];
    for (bytes, kind) in cases {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
        let found = countersign_role::read(&bytes).expect_err(&shown);
        assert!(found.list.iter().any(|fault| fault.kind == kind), "{shown}: {found}");
    }
}

#[test]
fn no_message_repeats_what_deceives() {
    let text = PLAIN.replace("name: backend", "name: \"x\\u202ex\"").replace("spec:", "spec:\n  \"k\\u200by\": 1");
    let found = countersign_role::read(text.as_bytes()).unwrap_err().to_string();
    assert!(found.contains("U+200B"), "{found}");
    assert!(!found.contains(['\u{202e}', '\u{200b}']), "{found}");
}

#[test]
fn golden_roles_are_good() {
    for name in GOLDEN {
        assert_eq!(golden(name).text, golden_text(name));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_read_or_refused_with_a_reason(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let found = countersign_role::read(&bytes).expect_err("no role comes about by chance");
        prop_assert!(!found.list.is_empty());
    }

    #[test]
    fn a_good_file_with_a_cut_or_a_foreign_piece_is_read_or_refused_with_places_inside_it(
        name in prop::sample::select(GOLDEN.to_vec()),
        from in 0.0_f64..1.0, cut in 0_usize..20,
        piece in prop::sample::select(vec!["", "\n", "- ", ": ", "{", "}", "[", "]", "\"", "'", "&a ", "*a", "!!x ", "|", "#", "é"]),
    ) {
        let text = golden_text(name);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a small file")]
        let mut start = (text.len() as f64 * from) as usize;
        while !text.is_char_boundary(start) { start -= 1; }
        let mut end = (start + cut).min(text.len());
        while !text.is_char_boundary(end) { end += 1; }
        let changed = format!("{}{piece}{}", &text[..start], &text[end..]);
        let lines = u32::try_from(changed.lines().count()).unwrap() + 1;
        match countersign_role::read(changed.as_bytes()) {
            Ok(file) => prop_assert_eq!(file.hash, RoleHash::of(changed.as_bytes())),
            Err(found) => for fault in found.list {
                prop_assert!((1..=lines).contains(&fault.place.line), "{}", fault);
                prop_assert!(!fault.why.is_empty() && !fault.fix.is_empty());
            }
        }
    }
}
