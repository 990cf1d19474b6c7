//! What an option says about the agents' shares, and the facts that a brief rests on.

use crate::sample::{FACT, brief, broken, payload, with};
use countersign_brief::{Rule, difference, shares};
use serde_json::{Value, json};

/// A brief about the agents' shares, whose option A has this allocation.
fn about(allocation: Value) -> Value {
    let mut payload = with("/category", json!("resource_allocation"));
    payload["at_deadline"] = json!("none");
    payload["options"][0]["allocation"] = allocation;
    payload
}

fn share(weight: u32, usd: f64) -> Value {
    json!({ "weight": weight, "usd_per_day": usd })
}

#[test]
fn an_allocation_is_whole_about_agents_that_there_are() {
    let good = about(json!({ "backend": share(600, 20.0), "frontend": share(400, 5.48), "ceo": share(0, 0.0) }));
    let brief = brief(&good);
    let words = shares(brief.options[0].allocation.as_ref().unwrap());
    assert_eq!(words, "backend 60 % and $20.00 a day, ceo 0 % and $0.00 a day, frontend 40 % and $5.48 a day");
    let text = String::from_utf8(brief.freeze().unwrap().bytes().to_vec()).unwrap();
    assert!(text.contains(r#""allocation":{"backend":{"budget_micro_usd":20000000,"weight":600},"ceo":{"#), "{text}");
    assert_eq!(brief.freeze().unwrap().thaw().unwrap(), brief);
}

#[test]
fn what_is_no_allocation_goes_back() {
    let at = "/options/0/allocation";
    let one = |rule, pointer: &str| vec![(rule, pointer.to_owned())];
    for (allocation, wanted) in [
        (json!({ "backend": share(999, 1.0) }), one(Rule::Allocation, at)),
        (json!({}), one(Rule::Allocation, at)),
        (
            json!({ "backend": share(1000, 1.0), "nobody": share(0, 1.0) }),
            one(Rule::NoSuchAgent, &format!("{at}/nobody")),
        ),
        (json!({ "Back End": share(1000, 1.0) }), one(Rule::NoSuchAgent, &format!("{at}/Back End"))),
        (json!({ "backend": share(1001, 1.0) }), one(Rule::Range, &format!("{at}/backend/weight"))),
        (json!({ "backend": { "weight": 999.5, "usd_per_day": 1 } }), one(Rule::Form, &format!("{at}/backend/weight"))),
        (json!({ "backend": share(1000, -0.01) }), one(Rule::Range, &format!("{at}/backend/usd_per_day"))),
        (json!({ "backend": { "weight": 1000 } }), one(Rule::Missing, &format!("{at}/backend/usd_per_day"))),
        (json!([]), one(Rule::Type, at)),
    ] {
        assert_eq!(broken(&about(allocation.clone())), wanted, "{allocation}");
    }
    let mut elsewhere = payload();
    elsewhere["options"][0]["allocation"] = json!({ "backend": share(1000, 1.0) });
    assert_eq!(broken(&elsewhere), one(Rule::Allocation, at), "in a brief about something else");
}

#[test]
fn another_share_is_another_brief_and_is_told() {
    let (old, new) = (about(json!({ "backend": share(1000, 1.0) })), about(json!({ "backend": share(1000, 2.0) })));
    let (old, new) = (brief(&old), brief(&new));
    assert_ne!(old.freeze().unwrap().sha256(), new.freeze().unwrap().sha256());
    let changes = difference(&old, &new);
    assert_eq!((changes.len(), changes[0].what.as_str()), (1, "option A: allocation"));
}

#[test]
fn a_brief_names_facts_that_hold_each_once() {
    let good = brief(&with("/facts", json!([FACT])));
    assert_eq!(good.facts[0].to_string(), FACT);
    assert_ne!(good.freeze().unwrap().sha256(), brief(&payload()).freeze().unwrap().sha256());
    let none = brief(&with("/facts", json!([])));
    assert_eq!(none.freeze().unwrap().sha256(), brief(&payload()).freeze().unwrap().sha256(), "none said, none asked");
    let other = FACT.replace('1', "2");
    for (facts, rule, pointer) in [
        (json!([other]), Rule::NoSuchFact, "/facts/0"),
        (json!([FACT, FACT]), Rule::Duplicate, "/facts/1"),
        (json!(["easter"]), Rule::Form, "/facts/0"),
        (json!(FACT), Rule::Type, "/facts"),
    ] {
        assert_eq!(broken(&with("/facts", facts.clone())), [(rule, pointer.to_owned())], "{facts}");
    }
}
