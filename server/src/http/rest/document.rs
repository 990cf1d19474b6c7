//! The document of the API (`OpenAPI` 3.1): what docs/openapi.json, `/api/v1/openapi.json` and `/api/docs` say.

use super::{with_either, with_token};
use crate::http::problem::Problem;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Countersign API",
        version = "1",
        description = "Tasks, agents, role files, decisions, dead letters and the journal of an organization, for its own programs. What is here acts \
                       as the console does, in the name of the person who made the token.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(Problem)),
    modifiers(&Token),
    tags(
        (name = "Tasks", description = "Units of work"),
        (name = "Agents", description = "The workers of the fleet"),
        (name = "Reviews", description = "Role files, and who lets what run; deciding is for people"),
        (name = "Decisions", description = "What founders decided, what followed, and how it turned out"),
        (name = "Briefs", description = "Questions for the founders; deciding is for people"),
        (name = "Dead letters", description = "Tasks that ended badly and wait for a decision"),
        (name = "Journal", description = "The record of all that happened, chained by hashes")
    )
)]
struct Frame;

/// How a request proves whose it is.
struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut Document) {
        let words = "A token that a founder makes in the console, under API tokens. It begins with `csk_`.";
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(words)).build();
        document.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// The document, made of the routes themselves.
pub fn document() -> Document {
    OpenApiRouter::with_openapi(Frame::openapi()).nest("/api/v1", with_token().merge(with_either())).into_openapi()
}
