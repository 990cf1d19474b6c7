//! The REST API as any HTTP client can ask it.

use super::{
    Desk, Server,
    web::{Answer, ask},
};
use countersign_domain::{Actor, api_token::Scope};
use countersign_service::{ExposeSecret, TokenForm};

/// A program with a token.
#[derive(Debug, Clone)]
pub struct Program {
    console: String,
    pub token: String,
}

impl Program {
    pub fn new(server: &Server, token: String) -> Self {
        Self { console: server.addresses.console.clone(), token }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "").await
    }

    pub async fn post(&self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, &[], body).await
    }

    pub async fn post_once(&self, path: &str, key: &str, body: &str) -> Answer {
        self.ask("POST", path, &[("Idempotency-Key", key)], body).await
    }

    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let mut all = vec![("Authorization", bearer.as_str())];
        all.extend_from_slice(headers);
        ask(&self.console, method, &format!("/api/v1{path}"), &all, body).await
    }
}

impl Desk {
    /// A token that the founder makes.
    pub async fn token(&self, scopes: &[Scope]) -> String {
        self.token_of(&self.founder, scopes).await
    }

    /// A token that somebody made when they were a founder.
    pub async fn token_of(&self, maker: &Actor, scopes: &[Scope]) -> String {
        let once = self.service.new_token_form().to_string();
        let form = TokenForm { once, name: "Import".to_owned(), scopes: scopes.to_vec(), days: 1 };
        self.service.make_token(maker, form).await.unwrap().expose_secret().to_owned()
    }

    /// A program that may do all that a program may.
    pub async fn program(&self, server: &Server) -> Program {
        Program::new(server, self.token(Scope::ALL).await)
    }
}
