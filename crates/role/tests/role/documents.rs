//! The page about role files says what the code does.

use countersign_role::{
    examine::Rule,
    forbidden::{Condition, Mandatory},
    limit,
    powers::EVERY_AGENTS_TOPICS,
    role::{USUAL_CPU, USUAL_MEMORY, USUAL_VOLUME},
    schema,
};
use std::path::Path;

fn page() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/role-files.md")).unwrap()
}

#[test]
fn each_rule_has_a_section_and_each_section_a_rule() {
    let page = page();
    let sections: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')).collect();
    assert_eq!(sections, Rule::ALL.map(Rule::as_str));
}

#[test]
fn limits_and_usual_values_are_those_of_the_code() {
    let page = page();
    for text in [
        format!("{} KiB", limit::FILE_BYTES / 1024),
        "2,000 lines, 4,000 values or 12 levels".to_owned(),
        format!("`{}` to `{}`", limit::VOLUME.start(), limit::VOLUME.end()),
        format!(
            "`{}` to `{}`, `{}` to `{}`",
            limit::CPU.start(),
            limit::CPU.end(),
            limit::MEMORY.start(),
            limit::MEMORY.end()
        ),
        format!("{} to {}", limit::MAX_DELIVER.start(), limit::MAX_DELIVER.end()),
        format!("{} to {}", limit::MAX_ACK_PENDING.start(), limit::MAX_ACK_PENDING.end()),
        format!("`{USUAL_CPU}`, `{USUAL_MEMORY}`"),
        format!("`{USUAL_VOLUME}`"),
        format!("A list has {} items", limit::LIST_ITEMS),
    ] {
        assert!(page.contains(&text), "{text}");
    }
    assert_eq!((limit::FILE_LINES, limit::NODES, limit::DEPTH), (2_000, 4_000, 12));
    assert_eq!((limit::ACK_WAIT.start().0, limit::ACK_WAIT.end().0), (10, 3_600));
    assert_eq!((limit::USD_PER_DAY.start().0, limit::USD_PER_DAY.end().0), (10_000, 10_000_000_000));
}

#[test]
fn words_with_a_meaning_are_explained() {
    let page = page();
    let words = Mandatory::ALL.map(Mandatory::action).into_iter().chain(EVERY_AGENTS_TOPICS);
    for word in words.chain(Condition::ALL.map(Condition::as_str)) {
        assert!(page.contains(&format!("`{word}`")) || page.contains(&format!("{word}`")), "{word}");
    }
    for line in schema::BEYOND {
        assert!(page.contains(&format!("- {line}\n")), "{line}");
    }
}

#[test]
fn the_example_of_the_page_is_a_good_role_file() {
    let page = page();
    let example = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(crate::sample::good(example).role.name.as_str(), "backend");
}
