//! Files that are no role files: each is refused with its place, and nothing of it stays.

use crate::place::{Place, conflict, hash_of, mission, role};
use countersign_domain::reading::{RoleCheck, SoundRole};
use countersign_service::Error;
use std::time::{Duration, Instant};

/// No file takes longer to be refused, on any machine.
const SOON: Duration = Duration::from_secs(2);

/// The bytes that a file may have.
const FILE_BYTES: usize = 64 * 1024;

/// Names and texts, with what the refusal says somewhere and, where the place is known, the line.
fn nonsense() -> Vec<(&'static str, String, &'static str, Option<u32>)> {
    let plain = mission("backend", "Build the API.");
    let with = |line: &str| role("backend", &["mission: Build the API.", line]);
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (before, name) in ('a'..='z').zip('b'..='z') {
        bomb.push_str(&format!("{name}: &{name} [{}]\n", format!("*{before}, ").repeat(9)));
    }
    let without = |ban: &str| plain.replace(&format!("    - {{ action: {ban} }}\n"), "");
    let named = |name: &str| plain.replace("{ name: backend }", &format!("{{ name: {name} }}"));
    vec![
        ("a bomb of aliases", bomb, "anchor or alias", Some(1)),
        ("a bomb in a role", with("reads: &a [x]\n  broadcasts: *a"), "anchor or alias", Some(6)),
        ("a merge of two parts", with("<<: { mission: x }"), "<<", Some(6)),
        (
            "nesting 10,000 deep",
            format!("{plain}x: {}{}", "[".repeat(10_000), "]".repeat(10_000)),
            "inside one another",
            None,
        ),
        ("mappings 10,000 deep", "{a: ".repeat(10_000), "inside one another", Some(1)),
        ("a field twice", with("mission: Something else."), "mission", Some(6)),
        ("forbidden actions twice", format!("{plain}  forbidden_actions: []\n"), "forbidden_actions", Some(11)),
        ("a tab", plain.replace("  mission:", "\tmission:"), "tab", Some(5)),
        ("an unknown field", with("secrets: [all]"), "secrets", Some(6)),
        ("an unknown field above", format!("{plain}extra: 1\n"), "extra", Some(11)),
        ("a reserved name", named("founder"), "reserved", Some(3)),
        ("the product's name", named("countersign"), "reserved", Some(3)),
        ("the system's name", named("system"), "reserved", Some(3)),
        ("a name of a subject", named("dlq"), "reserved", Some(3)),
        ("a name with a wildcard", named("\"back*\""), "cannot be an agent's name", Some(3)),
        ("a name of two parts", named("back.end"), "cannot be an agent's name", Some(3)),
        ("a name in capitals", named("Backend"), "cannot be an agent's name", Some(3)),
        ("a long name", named(&"a".repeat(33)), "cannot be an agent's name", Some(3)),
        ("no name", named("\"\""), "cannot be an agent's name", Some(3)),
        ("itself as a delegate", with("delegates_to: [backend]"), "delegates_to", Some(6)),
        ("a reserved delegate", with("delegates_to: [founder]"), "founder", Some(6)),
        ("a delegate twice", with("delegates_to: [cso, cso]"), "delegates_to", Some(6)),
        (
            "no forbidden actions",
            plain.split("  forbidden_actions").next().unwrap().to_owned(),
            "forbidden_actions",
            None,
        ),
        (
            "an empty list of them",
            plain.split("  forbidden_actions").next().unwrap().to_owned() + "  forbidden_actions: []\n",
            "forbidden_actions",
            Some(6),
        ),
        ("approving not forbidden", without("approve_security_review"), "approve_security_review", Some(7)),
        ("deciding not forbidden", without("decide_brief"), "decide_brief", Some(7)),
        ("others' volumes not forbidden", without("read_volume"), "read_volume", Some(7)),
        ("others' secrets not forbidden", without("read_secrets"), "read_secrets", Some(7)),
        (
            "approving forbidden under a condition",
            plain.replace("approve_security_review }", "approve_security_review, unless: brief_decided }"),
            "approve_security_review",
            Some(7),
        ),
        ("more than the size", format!("{plain}# {}\n", "x".repeat(FILE_BYTES)), "65536 are the most", None),
        ("more lines than there may be", format!("{plain}{}", "#\n".repeat(2_500)), "lines", None),
        ("a megabyte", "a".repeat(1 << 20), "65536 are the most", None),
        ("many values", format!("{plain}x: [{}]\n", "1, ".repeat(8_000)), "values", None),
        ("two documents", format!("{plain}---\n{plain}"), "second document", None),
        ("a tag", with("volume: !!python/object {}"), "tag", Some(6)),
        ("text that turns around", with("# \u{202e}evil"), "U+202E", Some(6)),
        ("a text without width", plain.replace("Build the", "Build\u{200b}the"), "U+200B", Some(5)),
        ("a NUL", plain.replace("Build the", "Build\0the"), "U+0000", Some(5)),
        ("another kind", plain.replace("AgentRole", "ClusterRole"), "AgentRole", Some(2)),
        ("another version", plain.replace("/v1", "/v2"), "countersign/v1", Some(1)),
        (
            "a privileged pod",
            with("runtime: { launcher: kubernetes, image: a, privileged: true }"),
            "privileged",
            Some(6),
        ),
        ("a volume of a terabyte", with("volume: { size: 1Ti }"), "volume", Some(6)),
        ("no budget to speak of", with("budget: { usd_per_day: -1 }"), "usd_per_day", Some(6)),
        ("the cloud's own address", with("network: { hosts: [169.254.169.254] }"), "169.254.169.254", Some(6)),
        ("a way up", with("reads: [../secrets]"), "reads", Some(6)),
        ("nothing", String::new(), "", None),
        ("a comment", "# to be written\n".to_owned(), "", None),
        ("a text", "hello".to_owned(), "", Some(1)),
        ("an open quote", with("title: \"open"), "", None),
        ("JSON of something else", r#"{"role":"admin"}"#.to_owned(), "role", Some(1)),
    ]
}

/// `line 6, column 12`, from 1.
fn place_in(words: &str) -> Option<(u32, u32)> {
    let (line, rest) = words.strip_prefix("line ")?.split_once(", column ")?;
    let column: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((line.parse().ok()?, column.parse().ok()?))
}

/// What is wrong with how a file was refused, and checked; `None` where nothing is.
async fn amiss(place: &Place, text: &str, says: &str, at: Option<u32>) -> Option<String> {
    let proven = place.desk.proven();
    let message = match place.desk.service.propose_role(&proven, text).await {
        Err(Error::Invalid { field: "text", message }) => message,
        other => return Some(format!("{other:?}")),
    };
    let places: Vec<_> = message.lines().filter(|line| line.starts_with("line ")).map(place_in).collect();
    if places.is_empty() || places.iter().any(|place| place.is_none_or(|(line, column)| line == 0 || column == 0)) {
        return Some(format!("without a place: {message}"));
    }
    if !message.contains(says) || at.is_some_and(|at| !places.iter().flatten().any(|(line, _)| *line == at)) {
        return Some(message);
    }
    if message.contains(['\u{202e}', '\u{200b}', '\0']) {
        return Some(format!("it repeats what deceives: {message}"));
    }
    // The editor's check says the same, each fault with its place and how to mend it.
    let RoleCheck::Faults { list, more } = place.desk.service.check_role(&proven, text).await.unwrap() else {
        return Some("the check finds nothing".to_owned());
    };
    let whole =
        list.iter().all(|fault| fault.line > 0 && fault.column > 0 && !fault.why.is_empty() && !fault.fix.is_empty());
    (!whole || list.len() != places.len()).then(|| format!("{list:?} {more} {message}"))
}

#[tokio::test]
async fn what_is_no_role_file_is_refused_with_line_and_column_and_leaves_nothing() {
    let mut place = Place::start().await;
    let all = ["role_version", "review", "agent", "journal", "task", "outbox"];
    let before = place.rows(&all).await;
    let (mut slowest, mut wrong) = ((Duration::ZERO, ""), Vec::new());
    for (name, text, says, at) in nonsense() {
        let began = Instant::now();
        wrong.extend(amiss(&place, &text, says, at).await.map(|why| format!("{name}: {why}")));
        slowest = slowest.max((began.elapsed(), name));
    }
    println!("the slowest: {} in {:?}", slowest.1, slowest.0);
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(slowest.0 < SOON, "{slowest:?}");
    assert_eq!(place.rows(&all).await, before);
}

#[tokio::test]
async fn a_bad_file_for_a_known_agent_changes_nothing_of_it() {
    let mut place = Place::start().await;
    let approved = place.approved(&mission("backend", "Build the API.")).await;
    let open = place.propose(&mission("backend", "Build the API well.")).await;
    let all = ["role_version", "review", "review_decision", "agent"];
    let before = place.rows(&all).await;
    for (name, text, ..) in nonsense() {
        let refused = place.desk.service.propose_role(&place.desk.proven(), &text).await;
        assert!(matches!(refused, Err(Error::Invalid { field: "text", .. })), "{name}: {refused:?}");
    }
    assert_eq!(place.rows(&all).await, before);
    assert!(place.review(approved).await.row.is_stale && !place.review(open).await.row.is_stale);
}

#[tokio::test]
async fn a_name_that_is_taken_or_no_name_makes_no_agent() {
    let mut place = Place::start().await;
    let proven = place.desk.proven();
    place.desk.agent("backend", "").await;
    let all = ["role_version", "review", "agent"];
    let before = place.rows(&all).await;
    let service = &place.desk.service;
    assert!(conflict(service.create_agent(&proven, "backend", "").await).contains("exists"));
    for name in ["", "founder", "countersign", "Back End", "back*", "back>", "a.b", "back\u{200b}end", &"a".repeat(33)]
    {
        let refused = service.create_agent(&proven, name, "").await;
        assert!(matches!(refused, Err(Error::Invalid { field: "name", .. })), "{name}: {refused:?}");
    }
    for delegates in ["founder", "cso, Big", "cso > all", "*", &"a, ".repeat(3).replace('a', "x y?")] {
        let refused = service.create_agent(&proven, "frontend", delegates).await;
        assert!(matches!(refused, Err(Error::Invalid { field: "delegates_to", .. })), "{delegates}: {refused:?}");
    }
    let many: Vec<String> = (0..65).map(|n| format!("agent{n}")).collect();
    let refused = service.create_agent(&proven, "frontend", &many.join(" ")).await;
    assert!(matches!(refused, Err(Error::Invalid { field: "delegates_to", .. })), "{refused:?}");
    assert_eq!(place.rows(&all).await, before);
}

/// A form sends each end of a line as two characters; the hash is that of what was written.
#[tokio::test]
async fn a_form_and_a_program_that_send_the_same_file_send_the_same_hash() {
    let place = Place::start().await;
    let text = mission("backend", "Build the API.");
    let checked = place.desk.service.check_role(&place.desk.proven(), &text).await.unwrap();
    let RoleCheck::Sound(sound) = checked else { panic!("{checked:?}") };
    let SoundRole { agent, sha256, .. } = *sound;
    assert_eq!((agent.as_str(), sha256.as_str()), ("backend", hash_of(&text).as_str()));
    let encoded = text.replace('\n', "%0D%0A").replace(' ', "+");
    let checked = place.form("/api/role/check", &format!("text={encoded}")).await;
    assert!(checked.status == 200 && checked.body.contains("It can be proposed for"), "{}", checked.body);
    let proposed = place.form("/api/role/propose", &format!("text={encoded}")).await;
    assert_eq!(proposed.status, 200, "{}", proposed.body);
    let reviews = place.desk.service.read_reviews(&place.desk.proven()).await.unwrap();
    assert_eq!((reviews.open.len(), &reviews.open[0].sha256), (1, &sha256));
    conflict(place.desk.service.propose_role(&place.desk.proven(), &text).await);
}
