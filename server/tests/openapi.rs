//! The committed `OpenAPI` document is what the routes say.

#[test]
fn the_committed_document_is_what_the_code_says() {
    let document = countersign_server::http::rest::document().to_pretty_json().unwrap() + "\n";
    let kept = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json"));
    let fresh = concat!(env!("CARGO_TARGET_TMPDIR"), "/openapi.json");
    if kept.ok().as_deref() != Some(&document) {
        std::fs::write(fresh, &document).unwrap();
        panic!("docs/openapi.json is stale: copy {fresh} over it");
    }
}
