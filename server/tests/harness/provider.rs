//! An identity provider that speaks OpenID Connect over HTTP, as a real one does; and as none should, where a test says so.

use axum::{
    Form, Json, Router,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use countersign_server::surroundings::SystemEntropy;
use countersign_service::ports::Entropy as _;
use data_encoding::{BASE64, BASE64URL_NOPAD};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use rsa::{
    RsaPrivateKey,
    pkcs1v15::SigningKey,
    signature::{SignatureEncoding as _, Signer as _},
    traits::PublicKeyParts as _,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
    time::{Duration, SystemTime},
};

pub const CLIENT_ID: &str = "countersign";
pub const CLIENT_SECRET: &str = "s3cr3t that only both of us know";

/// Made when a test first wants it: it takes a while.
static RSA: LazyLock<RsaPrivateKey> = LazyLock::new(|| RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap());

/// How the ID token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signing {
    Es256,
    Rs256,
    /// Not at all, `alg` says so.
    None,
    /// HS256, with the bytes of the published key as the secret.
    Hs256WithPublicKey,
    /// ES256 with a key that is published under no name.
    OtherKey,
    /// As it should be, but the name of the key is not published.
    UnknownName,
}

/// What is wrong with the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Redirects,
    Huge,
    /// Its token endpoint takes longer than anybody waits.
    Slow,
    /// Its document names another issuer.
    OtherIssuer,
}

/// Who signs in next, and how the provider behaves.
pub struct Script {
    pub subject: String,
    pub claims: Value,
    pub signing: Signing,
    pub fault: Option<Fault>,
    /// Changes the claims after everything else.
    pub mangle: fn(&mut Value),
    /// Keeps the address for the userinfo endpoint.
    pub address_by_userinfo: bool,
    /// How often the keys were asked for.
    pub keys_read: u32,
    /// Under which name the key is published.
    pub key_name: &'static str,
    /// Whether it says in each answer who it is (RFC 9207).
    pub names_itself: bool,
    /// How often it was shown a code.
    pub codes_shown: u32,
}

struct Asked {
    nonce: Option<String>,
    challenge: String,
    redirect_uri: String,
    again: bool,
}

#[derive(Clone)]
struct Shared {
    issuer: String,
    key: Arc<EcdsaKeyPair>,
    other_key: Arc<EcdsaKeyPair>,
    script: Arc<Mutex<Script>>,
    codes: Arc<Mutex<HashMap<String, Asked>>>,
}

/// A running provider; it ends with its test's process.
pub struct Provider {
    pub issuer: String,
    shared: Shared,
}

fn key() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).unwrap()
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

impl Provider {
    /// On a loopback address, in a thread of its own: tests wait for the console without a runtime.
    pub fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let script = Script {
            subject: "grace".to_owned(),
            claims: json!({ "email": "grace@example.com", "email_verified": true, "name": "Grace Hopper", "groups": ["all"] }),
            signing: Signing::Es256,
            fault: None,
            mangle: |_| {},
            address_by_userinfo: false,
            keys_read: 0,
            key_name: "first",
            names_itself: false,
            codes_shown: 0,
        };
        let shared = Shared {
            issuer: issuer.clone(),
            key: Arc::new(key()),
            other_key: Arc::new(key()),
            script: Arc::new(Mutex::new(script)),
            codes: Arc::default(),
        };
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(shared.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                axum::serve(tokio::net::TcpListener::from_std(listener).unwrap(), app).await.unwrap();
            });
        });
        Self { issuer, shared }
    }

    /// Changes what happens next.
    pub fn script<T>(&self, change: impl FnOnce(&mut Script) -> T) -> T {
        change(&mut self.shared.script.lock().unwrap())
    }

    /// Somebody else signs in next.
    pub fn person(&self, subject: &str, claims: Value) {
        self.script(|script| (script.subject, script.claims) = (subject.to_owned(), claims));
    }
}

async fn discovery(State(provider): State<Shared>) -> Response {
    let (fault, names_itself) = {
        let script = provider.script.lock().unwrap();
        (script.fault, script.names_itself)
    };
    let issuer = if fault == Some(Fault::OtherIssuer) { "https://login.example.org" } else { &provider.issuer };
    let document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{}/authorize", provider.issuer),
        "token_endpoint": format!("{}/token", provider.issuer),
        "userinfo_endpoint": format!("{}/userinfo", provider.issuer),
        "jwks_uri": format!("{}/keys", provider.issuer),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "authorization_response_iss_parameter_supported": names_itself,
        "padding": if fault == Some(Fault::Huge) { "x".repeat(10 * 1024 * 1024) } else { String::new() },
    });
    match fault {
        Some(Fault::Redirects) => Redirect::to("/elsewhere").into_response(),
        _ => Json(document).into_response(),
    }
}

fn public_jwk(key: &EcdsaKeyPair, name: &str) -> Value {
    let point = key.public_key().as_ref();
    let part = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    json!({ "kty": "EC", "crv": "P-256", "use": "sig", "kid": name, "x": part(&point[1..33]), "y": part(&point[33..]) })
}

async fn keys(State(provider): State<Shared>) -> Json<Value> {
    let mut script = provider.script.lock().unwrap();
    script.keys_read += 1;
    let mut keys = vec![public_jwk(&provider.key, script.key_name)];
    if script.signing == Signing::Rs256 {
        let part = |number: &rsa::BigUint| BASE64URL_NOPAD.encode(&number.to_bytes_be());
        keys.push(json!({ "kty": "RSA", "use": "sig", "kid": "rsa", "n": part(RSA.n()), "e": part(RSA.e()) }));
    }
    Json(json!({ "keys": keys }))
}

async fn authorize(State(provider): State<Shared>, Query(asked): Query<HashMap<String, String>>) -> Response {
    let right = asked.get("response_type").is_some_and(|kind| kind == "code")
        && asked.get("client_id").is_some_and(|id| id == CLIENT_ID)
        && asked.get("code_challenge_method").is_some_and(|method| method == "S256")
        && asked.get("scope").is_some_and(|scope| scope.split(' ').any(|scope| scope == "openid"));
    let (Some(challenge), Some(redirect_uri), Some(state), true) =
        (asked.get("code_challenge"), asked.get("redirect_uri"), asked.get("state"), right)
    else {
        return (StatusCode::BAD_REQUEST, "invalid_request").into_response();
    };
    let code = BASE64URL_NOPAD.encode(&SystemEntropy.bytes32());
    let names_itself = provider.script.lock().unwrap().names_itself;
    let iss = if names_itself { format!("&iss={}", provider.issuer) } else { String::new() };
    let location = format!("{redirect_uri}?code={code}&state={state}{iss}");
    let asked = Asked {
        nonce: asked.get("nonce").cloned(),
        challenge: challenge.clone(),
        redirect_uri: redirect_uri.clone(),
        again: asked.get("prompt").is_some_and(|prompt| prompt == "login"),
    };
    provider.codes.lock().unwrap().insert(code, asked);
    Redirect::to(&location).into_response()
}

async fn token(
    State(provider): State<Shared>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    let fault = {
        let mut script = provider.script.lock().unwrap();
        script.codes_shown += 1;
        script.fault
    };
    if fault == Some(Fault::Slow) {
        tokio::time::sleep(Duration::from_secs(30)).await;
    }
    let encoded = CLIENT_SECRET.replace(' ', "+");
    let basic = format!("Basic {}", BASE64.encode(format!("{CLIENT_ID}:{encoded}").as_bytes()));
    if headers.get(header::AUTHORIZATION).is_none_or(|given| given.as_bytes() != basic.as_bytes()) {
        return refused("invalid_client");
    }
    // A code is good once.
    let asked = form.get("code").and_then(|code| provider.codes.lock().unwrap().remove(code));
    let Some(asked) = asked else { return refused("invalid_grant") };
    let verifier =
        form.get("code_verifier").map(|verifier| BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes())));
    if verifier.as_ref() != Some(&asked.challenge) || form.get("redirect_uri") != Some(&asked.redirect_uri) {
        return refused("invalid_grant");
    }
    let answer = json!({
        "access_token": "for the userinfo endpoint", "token_type": "Bearer", "expires_in": 60,
        "id_token": id_token(&provider, &asked),
    });
    Json(answer).into_response()
}

fn id_token(provider: &Shared, asked: &Asked) -> String {
    let script = provider.script.lock().unwrap();
    let now = seconds();
    let mut claims = json!({
        "iss": provider.issuer, "sub": script.subject, "aud": CLIENT_ID, "iat": now, "exp": now + 300,
        // Whoever is not asked anew signed in this morning.
        "auth_time": if asked.again { now } else { now - 3 * 3600 },
    });
    if let Some(nonce) = &asked.nonce {
        claims["nonce"] = nonce.as_str().into();
    }
    if !script.address_by_userinfo {
        claims.as_object_mut().unwrap().extend(script.claims.as_object().unwrap().clone());
    }
    (script.mangle)(&mut claims);
    let (alg, name) = match script.signing {
        Signing::Es256 | Signing::OtherKey => ("ES256", script.key_name),
        Signing::UnknownName => ("ES256", "nobody published this"),
        Signing::Rs256 => ("RS256", "rsa"),
        Signing::None => ("none", script.key_name),
        Signing::Hs256WithPublicKey => ("HS256", script.key_name),
    };
    let encoded = |part: &Value| BASE64URL_NOPAD.encode(part.to_string().as_bytes());
    let text = format!("{}.{}", encoded(&json!({ "alg": alg, "typ": "JWT", "kid": name })), encoded(&claims));
    let es256 = |key: &EcdsaKeyPair| key.sign(&SystemRandom::new(), text.as_bytes()).unwrap().as_ref().to_vec();
    let signature = match script.signing {
        Signing::Es256 | Signing::UnknownName => es256(&provider.key),
        Signing::OtherKey => es256(&provider.other_key),
        Signing::Rs256 => SigningKey::<rsa::sha2::Sha256>::new(RSA.clone()).sign(text.as_bytes()).to_vec(),
        Signing::None => Vec::new(),
        Signing::Hs256WithPublicKey => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, provider.key.public_key().as_ref());
            hmac::sign(&key, text.as_bytes()).as_ref().to_vec()
        }
    };
    format!("{text}.{}", BASE64URL_NOPAD.encode(&signature))
}

async fn userinfo(State(provider): State<Shared>) -> Json<Value> {
    let script = provider.script.lock().unwrap();
    let mut claims = script.claims.clone();
    claims["sub"] = script.subject.as_str().into();
    Json(claims)
}
