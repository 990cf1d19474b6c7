//! Everything at once, and what must hold whoever comes first.

use crate::place::{Place, conflict};
use countersign_domain::Role;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_hundred_races_of_two_founders_each_brief_is_decided_once() {
    let mut place = Place::start().await;
    let mut authors = Vec::new();
    for name in ["ceo", "cto", "cso"] {
        authors.push(place.author(name).await);
    }
    let grace = place.member(11, "Grace", Role::Founder).await;
    let (mut ada_won, mut grace_won) = (0, 0);
    let mut all = Vec::new();
    for round in 0..100_u32 {
        let author = &authors[usize::try_from(round % 3).unwrap()];
        let row = place.open(author, &author.payload(&format!("q{round}"))).await;
        let ada = place.desk.proven();
        let grace = countersign_domain::Actor { proven_at: ada.proven_at, ..grace.clone() };
        let service = &place.desk.service;
        let first = async {
            // So that now the one, now the other is first.
            for _ in 0..round % 3 {
                tokio::task::yield_now().await;
            }
            service.decide_brief(&ada, Place::word(&row, "A")).await
        };
        let second = async {
            for _ in 0..round % 2 {
                tokio::task::yield_now().await;
            }
            service.decide_brief(&grace, Place::word(&row, "B")).await
        };
        let (one, other) = tokio::join!(first, second);
        match (one, other) {
            (Ok(_), late @ Err(_)) => {
                ada_won += 1;
                assert!(conflict(late).contains("Ada decided this brief"));
            }
            (late @ Err(_), Ok(_)) => {
                grace_won += 1;
                assert!(conflict(late).contains("Grace decided this brief"));
            }
            both => panic!("round {round}: {both:?}"),
        }
        all.push(row.id);
    }
    println!("{ada_won} for Ada, {grace_won} for Grace");
    for id in &all {
        place.made(id).await;
    }
    let decided: Vec<String> =
        place.entries("brief.decided").await.iter().map(|entry| entry["brief"].as_str().unwrap().to_owned()).collect();
    assert_eq!((decided.len(), decided.iter().collect::<BTreeSet<_>>().len()), (100, 100), "each once");
    assert_eq!(place.number("select count(*) from task where kind = 'decision_made'").await, 100);
    assert_eq!(place.number("select count(*) from decision where state = 'made'").await, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_and_its_undoing_at_the_last_moment_come_to_one_outcome() {
    let mut place = Place::start().await;
    let ceo = place.author("ceo").await;
    let mut rows = Vec::new();
    for round in 0..10 {
        let row = place.open(&ceo, &ceo.payload(&format!("q{round}"))).await;
        let held = place.decide(&row, "A").await.unwrap();
        rows.push((row, held));
    }
    let (mut taken_back, mut made) = (0, 0);
    for (row, held) in &rows {
        let left = held.held_until.0 - crate::place::now().0;
        tokio::time::sleep(std::time::Duration::from_millis(left.clamp(0, 20_000).unsigned_abs())).await;
        match place.desk.service.undo_decision(&place.desk.founder, held.decision.parse().unwrap()).await {
            Ok(_) => {
                taken_back += 1;
                assert!(place.brief(&row.id).await.decision.is_none());
            }
            Err(_) => {
                made += 1;
                place.made(&row.id).await;
            }
        }
    }
    println!("{taken_back} taken back, {made} made");
    assert_eq!(place.number("select count(*) from task where kind = 'decision_made'").await, made);
    assert_eq!(i64::try_from(place.entries("brief.taken_back").await.len()).unwrap(), taken_back);
}
