//! What silence does, said before it happens.

use crate::sample::{brief, payload, with};
use countersign_brief::{CategoryPolicy, Hold, Silence, silence, word::RESERVED};
use serde_json::json;

#[test]
fn without_a_policy_a_brief_waits() {
    let brief = brief(&payload());
    let what = silence(&brief, CategoryPolicy::default(), false);
    assert_eq!(what, Silence::Holds(Hold::Policy));
    assert_eq!(
        what.sentence(&brief),
        "If nobody decides by then, nothing happens and the brief keeps waiting: no policy lets silence answer in the category “deploy”."
    );
}

#[test]
fn by_policy_what_is_declared_or_recommended_takes_effect() {
    let brief = brief(&with("/at_deadline", json!("A")));
    let takes = |policy, key: &str| {
        assert_eq!(silence(&brief, policy, false), Silence::Takes { option: key.parse().unwrap(), by: policy });
    };
    takes(CategoryPolicy::AsDeclared, "A");
    takes(CategoryPolicy::Recommended, "B");
    let what = silence(&brief, CategoryPolicy::Recommended, false);
    assert_eq!(
        what.sentence(&brief),
        "If nobody decides by then, option B takes effect: Wait until Monday. It can be undone, and the policy for “deploy” is that the recommendation takes effect at the deadline."
    );
}

#[test]
fn no_policy_lets_silence_settle_what_is_reserved() {
    let mut reserved = brief(&payload());
    for policy in CategoryPolicy::ALL {
        assert_eq!(silence(&reserved, policy, true), Silence::Holds(Hold::Reserved));
        for category in RESERVED {
            reserved.category = category.parse().unwrap();
            assert_eq!(silence(&reserved, policy, false), Silence::Holds(Hold::Reserved), "{category}");
        }
        reserved.category = "deploy".parse().unwrap();
    }
}

#[test]
fn of_author_and_policy_the_more_careful_one_counts() {
    let careful = brief(&with("/at_deadline", json!("none")));
    let bold = brief(&with("/recommendation/key", json!("C")));
    for policy in CategoryPolicy::ALL {
        // A person is no silence.
        let expected = match policy {
            CategoryPolicy::Delegate => Silence::Delegates,
            _ => Silence::Holds(Hold::Declared),
        };
        assert_eq!(silence(&careful, policy, false), expected);
        assert_eq!(policy.as_str().parse(), Ok(policy));
    }
    assert_eq!(silence(&bold, CategoryPolicy::Recommended, false), Silence::Holds(Hold::Irreversible));
}

#[test]
fn nothing_that_cannot_be_undone_takes_effect_even_if_it_got_past_the_linter() {
    let mut forged = brief(&payload());
    forged.at_deadline = Some("C".parse().unwrap());
    assert_eq!(silence(&forged, CategoryPolicy::AsDeclared, false), Silence::Holds(Hold::Irreversible));
    forged.at_deadline = Some("Z".parse().unwrap());
    assert_eq!(silence(&forged, CategoryPolicy::AsDeclared, false), Silence::Holds(Hold::Irreversible));
}
