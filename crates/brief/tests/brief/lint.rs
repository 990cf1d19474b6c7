//! What a brief must have, and what its author hears.

use crate::sample::{SHA, brief, broken, faults, judged, judged_as, judged_bytes, now, payload, with, without};
use countersign_brief::{EvidenceState, Risk, Rule};
use countersign_domain::Millis;
use serde_json::{Value, json};

#[test]
fn a_good_brief_is_read_as_its_author_meant_it() {
    let brief = brief(&payload());
    assert_eq!(
        (brief.author.as_str(), brief.name.as_str(), brief.category.as_str()),
        ("ceo", "deploy-2026-11", "deploy")
    );
    let costs: Vec<i64> = brief.options.iter().map(|option| option.cost_micro_usd).collect();
    assert_eq!(costs, [40_000_000, 5_480_000, -200_000_000]);
    assert_eq!((brief.options[0].risk, brief.options[2].reversible), (Some(Risk::Medium), false));
    assert_eq!((brief.recommendation.key.as_str(), brief.recommendation.confidence_micro), ("B", 820_000));
    assert_eq!(brief.at_deadline.as_ref().unwrap().as_str(), "B");
    assert_eq!(brief.deadline, Millis(now().0 + 8 * 3_600_000));
    assert_eq!(
        (brief.evidence[0].sha256.to_string(), brief.correlation_id.as_deref()),
        (SHA.to_owned(), Some("trace-7"))
    );
}

#[test]
fn a_brief_on_which_nothing_can_be_bettered_has_a_hundred_points() {
    let lint = judged(&payload());
    assert_eq!((lint.score, lint.advice, lint.reading_s), (100, vec![], 37));
}

#[test]
fn every_field_that_must_be_there_is_asked_for_by_its_name() {
    for pointer in [
        "/brief",
        "/title",
        "/question",
        "/category",
        "/context_md",
        "/options",
        "/recommendation",
        "/evidence",
        "/deadline",
        "/at_deadline",
        "/input_needed",
        "/options/1/key",
        "/options/1/title",
        "/options/1/consequence",
        "/options/1/cost_usd",
        "/options/1/reversible",
        "/recommendation/key",
        "/recommendation/why",
        "/recommendation/confidence",
        "/evidence/0/sha256",
        "/evidence/0/title",
    ] {
        assert_eq!(broken(&without(pointer)), [(Rule::Missing, pointer.to_owned())], "{pointer}");
        assert_eq!(broken(&with(pointer, Value::Null)), [(Rule::Missing, pointer.to_owned())], "{pointer} is null");
    }
    for pointer in ["/correlation_id", "/options/0/effort", "/options/0/risk"] {
        assert_eq!(broken(&without(pointer)), [], "{pointer} may be left out");
    }
}

#[test]
fn all_faults_are_told_at_once_each_with_its_place_reason_and_remedy() {
    let mut bad = payload();
    bad["question"] = json!("Deploy. Or not?");
    bad["options"][0]["cost_usd"] = json!("cheap");
    bad["recommendation"]["confidence"] = json!(1.5);
    bad["deadline"] = json!("yesterday");
    bad["urgent"] = json!(true);
    let faults = faults(judged(&bad));
    let places: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(places, ["/deadline", "/options/0/cost_usd", "/question", "/recommendation/confidence", "/urgent"]);
    for fault in &faults {
        assert!(fault.why.ends_with('.') && fault.fix.ends_with('.'), "{fault}");
    }
    assert_eq!(
        faults[3].to_string(),
        "/recommendation/confidence: 1.5 is beyond the limits. Say how sure you are: from 0 to 1, as in 0.82."
    );
}

#[test]
fn values_of_another_kind_or_form_are_refused() {
    for (pointer, value, rule) in [
        ("/brief", json!("a b"), Rule::Form),
        ("/brief", json!(7), Rule::Type),
        ("/title", json!([]), Rule::Type),
        ("/title", json!("  "), Rule::Empty),
        ("/title", json!("two\nlines"), Rule::Form),
        ("/title", json!("x".repeat(121)), Rule::TooLarge),
        ("/category", json!("Deploy!"), Rule::Form),
        ("/context_md", json!({}), Rule::Type),
        ("/options", json!("A or B"), Rule::Type),
        ("/options/0", json!("A"), Rule::Type),
        ("/options/0/reversible", json!("yes"), Rule::Type),
        ("/options/0/risk", json!("extreme"), Rule::Form),
        ("/options/0/cost_usd", json!(1e12), Rule::Range),
        ("/options/0/cost_usd", json!(0.000_000_1), Rule::Form),
        ("/options/0/key", json!("none"), Rule::Form),
        ("/recommendation", json!("B"), Rule::Type),
        ("/recommendation/confidence", json!(-0.1), Rule::Range),
        ("/recommendation/confidence", json!("0.8"), Rule::Type),
        ("/evidence/0/sha256", json!("ABC"), Rule::Form),
        ("/deadline", json!(1_795_390_193), Rule::Type),
        ("/deadline", json!("2026-11-27T17:00:00"), Rule::Form),
        ("/at_deadline", json!(["B"]), Rule::Type),
        ("/v", json!(2), Rule::Form),
    ] {
        assert_eq!(broken(&with(pointer, value.clone())), [(rule, pointer.to_owned())], "{pointer} {value}");
    }
    assert_eq!(broken(&with("/v", json!(1))), []);
}

#[test]
fn the_question_is_one_sentence_of_a_hundred_and_forty_characters() {
    for text in
        ["Do we deploy", "We deploy.", "Do we? Or not?", "It is late. Do we deploy?", "Stop! Do we?", "部署。要吗？"]
    {
        assert_eq!(broken(&with("/question", json!(text))), [(Rule::OneQuestion, "/question".into())], "{text}");
    }
    for text in ["Do we pay $5.48 vs. $6.00 for v1.2, e.g. today?", "要部署吗？", &format!("{}?", "é".repeat(139))]
    {
        assert_eq!(broken(&with("/question", json!(text))), [], "{text}");
    }
    let long = with("/question", json!(format!("{}?", "é".repeat(140))));
    assert_eq!(broken(&long), [(Rule::TooLarge, "/question".into())]);
}

#[test]
fn there_are_two_to_four_options_that_can_be_told_apart() {
    let one = payload()["options"][1].clone();
    let many = |count: usize| {
        let option = |n: usize| {
            let mut option = one.clone();
            option["key"] = json!(if n == 0 { "B".into() } else { format!("K{n}") });
            option["title"] = json!(format!("Option {n}"));
            option
        };
        with("/options", (0..count).map(option).collect())
    };
    for count in [2, 3, 4] {
        assert_eq!(broken(&many(count)), [], "{count}");
    }
    for count in [1, 5, 6, 7, 40, 100] {
        assert_eq!(broken(&many(count)), [(Rule::OptionCount, "/options".into())], "{count}");
    }
    assert_eq!(broken(&many(0)).first().unwrap(), &(Rule::NoSuchOption, "/at_deadline".into()));
    assert_eq!(broken(&with("/options/2/key", json!("a"))), [(Rule::OptionTwice, "/options/2/key".into())]);
    let same = with("/options/2/title", json!("roll OUT now"));
    assert_eq!(broken(&same), [(Rule::OptionTwice, "/options/2/title".into())]);
}

#[test]
fn a_recommendation_and_a_silence_name_an_option_of_the_brief() {
    for pointer in ["/recommendation/key", "/at_deadline"] {
        assert_eq!(broken(&with(pointer, json!("Z"))), [(Rule::NoSuchOption, pointer.to_owned())]);
    }
    // An option without a readable key may be the one that is meant: one fault, not two.
    let mut unsure = with("/at_deadline", json!("Z"));
    unsure["options"][0]["key"] = json!("");
    assert_eq!(broken(&unsure), [(Rule::Form, "/options/0/key".into())]);
}

#[test]
fn evidence_must_be_there_be_whole_and_be_the_authors_to_read() {
    assert_eq!(broken(&with("/evidence", json!([]))), [(Rule::EvidenceLacking, "/evidence".into())]);
    let twice = with("/evidence/1/sha256", json!(SHA));
    assert_eq!(broken(&twice), [(Rule::EvidenceTwice, "/evidence/1/sha256".into())]);
    let whys = |state| {
        let faults = faults(judged_as(payload().to_string().as_bytes(), state, &[]));
        assert!(faults.iter().all(|fault| fault.rule == Rule::EvidenceUnsound), "{faults:?}");
        faults.into_iter().map(|fault| fault.why).collect::<Vec<_>>()
    };
    assert_eq!(whys(EvidenceState::Sound), Vec::<String>::new());
    assert_eq!(whys(EvidenceState::Damaged).len(), 2);
    assert_eq!(whys(EvidenceState::Absent), whys(EvidenceState::Unreadable), "what one may not see does not exist");
    let item = json!({"sha256": SHA, "title": "x"});
    let many = with("/evidence", (0..21).map(|_| item.clone()).collect());
    assert!(broken(&many).contains(&(Rule::TooLarge, "/evidence".into())));
}

#[test]
fn a_deadline_lies_ahead_and_not_absurdly_far() {
    for (text, wanted) in [
        ("2026-11-27T09:00:00Z", Some(Rule::DeadlinePassed)),
        ("1970-01-01T00:00:00Z", Some(Rule::DeadlinePassed)),
        ("2026-11-27T11:00:00+02:00", Some(Rule::DeadlinePassed)),
        ("2026-11-27T12:00:00+02:00", None),
        ("2027-02-25T09:00:00Z", None),
        ("2027-02-25T09:00:01Z", Some(Rule::DeadlineFar)),
        ("9999-12-31T23:59:59Z", Some(Rule::DeadlineFar)),
    ] {
        let found = broken(&with("/deadline", json!(text)));
        assert_eq!(found.iter().map(|(rule, _)| *rule).collect::<Vec<_>>(), Vec::from_iter(wanted), "{text}");
    }
}

#[test]
fn silence_undoes_nothing_for_good_and_settles_nothing_that_is_the_founders_alone() {
    assert_eq!(broken(&with("/at_deadline", json!("C"))), [(Rule::SilenceIrreversible, "/at_deadline".into())]);
    for category in ["resource_allocation", "strategy", "budget", "priorities"] {
        let mut reserved = with("/category", json!(category));
        assert_eq!(broken(&reserved), [(Rule::SilenceReserved, "/at_deadline".into())], "{category}");
        reserved["at_deadline"] = json!("none");
        assert_eq!(broken(&reserved), [], "{category}");
    }
    let own = judged_as(payload().to_string().as_bytes(), EvidenceState::Sound, &["deploy"]);
    assert_eq!(faults(own)[0].rule, Rule::SilenceReserved, "the organization reserved it");
}

#[test]
fn a_brief_does_not_decide_itself() {
    for field in ["decision", "decided_by", "choice", "approved", "status", "signature"] {
        for pointer in [format!("/{field}"), format!("/options/0/{field}"), format!("/recommendation/{field}")] {
            assert_eq!(broken(&with(&pointer, json!("B"))), [(Rule::DecidesItself, pointer.clone())]);
        }
    }
    let mut soon = with("/deadline", json!("2026-11-27T09:59:59Z"));
    assert_eq!(broken(&soon), [(Rule::DecidesItself, "/deadline".into())], "nobody could object in time");
    soon["at_deadline"] = json!("none");
    assert_eq!(broken(&soon), [], "where nothing happens, a deadline may be near");
}

#[test]
fn a_field_that_stands_twice_is_refused_whatever_it_says() {
    let text = payload().to_string();
    let twice = text.replacen('{', r#"{"at_deadline":"none","#, 1);
    let faults = faults(judged_bytes(twice.as_bytes()));
    assert_eq!((faults.len(), faults[0].rule, faults[0].pointer.as_str()), (1, Rule::Duplicate, "/at_deadline"));
}

#[test]
fn what_could_read_better_costs_points_and_refuses_nothing() {
    let mut poor = payload();
    poor["context_md"] = json!("");
    poor["recommendation"] = json!({"key": "B", "why": "Better.", "confidence": 1});
    for option in poor["options"].as_array_mut().unwrap() {
        option.as_object_mut().unwrap().remove("effort");
        option["consequence"] = json!("Fine.");
    }
    let lint = judged(&poor);
    assert!(lint.outcome.is_ok());
    assert_eq!(lint.score, 100 - 10 - 10 - 5 - 3 * 3 - 3 * 5);
    assert_eq!(lint.advice.iter().map(|advice| u32::from(advice.points)).sum::<u32>(), 49);
    let refused = judged(&json!({}));
    assert_eq!((refused.score, refused.outcome.unwrap_err().list.len()), (0, 11));
}

#[test]
fn a_long_context_takes_long_to_read() {
    let long = judged(&with("/context_md", json!("word ".repeat(2_300))));
    assert!(long.reading_s > 690 && long.score <= 80, "{} s, {}", long.reading_s, long.score);
    assert!(long.outcome.is_ok());
}
