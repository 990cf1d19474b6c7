//! Everything at once, and what must hold whoever comes first.

use crate::place::{Place, conflict, now};
use countersign_domain::{Role, reading::DecisionHeld};
use futures::future::join_all;
use std::{collections::BTreeSet, time::Duration};

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
    let mut open = Vec::new();
    for round in 0..10 {
        open.push(place.open(&ceo, &ceo.payload(&format!("q{round}"))).await);
    }
    let mut rows = Vec::new();
    for row in open {
        let held = place.decide(&row, "A").await.unwrap();
        rows.push((row, held));
    }
    // Some a little before the time is up, some a little after.
    let undo = |(number, held): (i64, &DecisionHeld)| {
        let (at, id) = (held.held_until.0 + number * 100 - 450, held.decision.parse().unwrap());
        let place = &place;
        async move {
            tokio::time::sleep(Duration::from_millis((at - now().0).max(0).unsigned_abs())).await;
            place.desk.service.undo_decision(&place.desk.founder, id).await.is_ok()
        }
    };
    let undone = join_all((0..).zip(rows.iter().map(|(_, held)| held)).map(undo)).await;
    let (mut taken_back, mut made) = (0, 0);
    for ((row, _), undone) in rows.iter().zip(undone) {
        if undone {
            taken_back += 1;
            assert!(place.brief(&row.id).await.decision.is_none());
        } else {
            made += 1;
            place.made(&row.id).await;
        }
    }
    println!("{taken_back} taken back, {made} made");
    assert!(taken_back > 0 && made > 0, "{taken_back} {made}");
    assert_eq!(place.number("select count(*) from task where kind = 'decision_made'").await, made);
    assert_eq!(i64::try_from(place.entries("brief.taken_back").await.len()).unwrap(), taken_back);
}
