//! What the log says of a request: never what would let whoever reads it in.

use axum::{body::Body, http::Request};
use tracing::Span;

/// Pages whose address holds a link's secret.
const SECRET: [&str; 4] = ["/set-up/", "/invite/", "/verify/", "/recover/"];

/// The span of a request, without its query: where somebody goes on after signing in may be such a link.
pub fn span(request: &Request<Body>) -> Span {
    tracing::debug_span!("request", method = %request.method(), path = shown(request.uri().path()))
}

fn shown(path: &str) -> &str {
    SECRET.into_iter().find(|page| path.starts_with(page)).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn the_secret_of_a_link_is_left_out() {
        assert_eq!(shown("/invite/secret"), "/invite/");
        assert_eq!(shown("/t/acme/tasks/1"), "/t/acme/tasks/1");
    }
}
