//! What a role reads of other agents' artifacts: what its approved file says, what it forbids, and nothing before.

use crate::{
    harness::web::{self, Answer},
    place::{Place, hash_of, role},
};
use serde_json::json;

/// An agent at the Workspace API.
struct Hand {
    console: String,
    bearer: String,
}

impl Hand {
    async fn of(place: &Place, creds: &str) -> Self {
        let console = place.server.addresses.console.clone();
        let bearer = format!("Bearer {}", web::token(&console, creds).await);
        Self { console, bearer }
    }

    async fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        web::ask(&self.console, method, &format!("/api/v1{path}"), &[("Authorization", &self.bearer)], body).await
    }

    /// Puts the text under a label; answers its hash.
    async fn put(&self, label: &str, text: &str) -> String {
        let sha256 = hash_of(text);
        let put = self.ask("PUT", &format!("/artifacts/{sha256}?label={label}"), text).await;
        assert_eq!(put.status, 201, "{put:?}");
        sha256
    }

    /// What of the writer's labels it is told of, page by page.
    async fn labels(&self) -> Vec<String> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.ask("GET", &format!("/labels?agent=writer{after}"), "").await;
            assert_eq!(page.status, 200, "{page:?}");
            let names =
                page.json["labels"].as_array().unwrap().iter().map(|one| one["label"].as_str().unwrap().to_owned());
            all.extend(names);
            let Some(next) = page.json["next"].as_str() else { return all };
            after = format!("&after={next}");
        }
    }
}

#[tokio::test]
async fn a_role_reads_what_its_approved_file_says_and_is_not_told_of_the_rest() {
    let place = Place::start().await;
    place.approved(&role("writer", &["mission: Write."])).await;
    let writer = Hand::of(&place, &place.issue("writer").await.unwrap().creds).await;
    let open = writer.put("docs/adr/0001.md", "Use one journal.").await;
    let closed = writer.put("drafts/0002.md", "Perhaps two.").await;
    let secret = writer.put("secrets/key.txt", "hunter2").await;
    // More than a page of what may not be read stands between what may.
    for number in 0..110 {
        let path = format!("/labels/docs/notes/{number:03}.md");
        let labelled = writer.ask("PUT", &path, &json!({ "sha256": closed }).to_string()).await;
        assert_eq!(labelled.status, 200, "{labelled:?}");
    }
    writer.put("docs/zeta/last.md", "The end.").await;

    place
        .approved(&role("reader", &["mission: Read.", "reads: [\"docs/adr/**\", \"docs/zeta/**\", \"secrets/**\"]"]))
        .await;
    let reader = Hand::of(&place, &place.issue("reader").await.unwrap().creds).await;
    assert_eq!(
        reader.labels().await,
        ["docs/adr/0001.md", "docs/zeta/last.md"],
        "secrets are closed whatever it reads"
    );
    let found = reader.ask("GET", "/labels/docs/adr/0001.md?agent=writer", "").await;
    assert_eq!((found.status, found.json["sha256"].as_str()), (200, Some(open.as_str())), "{found:?}");
    assert_eq!(reader.ask("GET", &format!("/artifacts/{open}"), "").await.status, 200);
    for (label, sha256) in [("drafts/0002.md", &closed), ("secrets/key.txt", &secret)] {
        for path in [format!("/labels/{label}?agent=writer"), format!("/artifacts/{sha256}")] {
            assert_eq!(reader.ask("GET", &path, "").await.refusal(), (404, "not_found"), "{path}");
        }
    }

    // A newer file that reads more counts once it is approved, and for credentials of it alone.
    let wider = role("reader", &["mission: Read.", "reads: [\"docs/adr/**\", \"docs/zeta/**\", \"drafts/**\"]"]);
    let review = place.propose(&wider).await;
    let draft = format!("/artifacts/{closed}");
    assert_eq!(reader.ask("GET", &draft, "").await.status, 404, "it waits");
    place.desk.approve(review).await;
    assert_eq!(reader.ask("GET", &draft, "").await.status, 404, "this credential is of the file before");
    let second = Hand::of(&place, &place.issue("reader").await.unwrap().creds).await;
    assert_eq!(second.ask("GET", &draft, "").await.status, 200);

    // One without any reads nothing but its own.
    place.approved(&role("other", &["mission: Look."])).await;
    let other = Hand::of(&place, &place.issue("other").await.unwrap().creds).await;
    assert_eq!(other.labels().await, Vec::<String>::new());
    assert_eq!(other.ask("GET", &format!("/artifacts/{open}"), "").await.refusal(), (404, "not_found"));
}
