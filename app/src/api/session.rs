//! Who asks, and how the answer leaves: what every server function does before and after its one call
//! of the service. The only place that sets an HTTP status, a redirect or a cookie.

use super::{ApiError, reading::Text};
use crate::{components::nav::Tenant, view::path};
use countersign_domain::{Actor, Millis};
use countersign_service::{Client, Error, Service, SignedIn};
use leptos::prelude::{AnyView, Owner, RenderHtml, expect_context, use_context};
use leptos::server_fn::axum_export::http::{HeaderValue, StatusCode, header, request::Parts};
use leptos_axum::ResponseOptions;
use serde::Serialize;

/// The cookie that proves who asks.
pub const SESSION: &str = "";
/// The cookie of a sign-in that waits for a code.
pub const STEP: &str = "-step";
/// The cookie that a browser is known by.
pub const MARK: &str = "-browser";
/// The cookie that a single sign-on under way is bound to.
pub const SSO: &str = "-sso";

/// `__Host-` binds a cookie to this host and to HTTPS (RFC 6265bis, section 4.1.3.2); browsers refuse
/// it over plain HTTP, which a console on one's own machine uses.
pub fn cookie_name(secure: bool, name: &str) -> String {
    format!("{}countersign{name}", if secure { "__Host-" } else { "" })
}

/// A cookie for `Set-Cookie`. `lifetime` is empty, or begins with a semicolon.
pub fn cookie(secure: bool, name: &str, value: &str, lifetime: &str) -> String {
    let flag = if secure { "; Secure" } else { "" };
    format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{flag}{lifetime}", cookie_name(secure, name))
}

/// The cookies of a new session: the one that proves who asks, and the one that the browser is known by.
pub fn cookies_of(secure: bool, signed_in: &SignedIn) -> impl Iterator<Item = String> {
    let mark = signed_in.mark.as_ref().map(|mark| cookie(secure, MARK, mark, "; Max-Age=31536000"));
    std::iter::once(cookie(secure, SESSION, &signed_in.token, "")).chain(mark)
}

/// What the server knows of the request; it provides one as a context to each.
#[derive(Debug, Clone)]
pub struct SessionContext {
    /// The content of the session cookie.
    pub token: Option<String>,
    /// The content of the cookie of a sign-in that waits for a code.
    pub step: Option<String>,
    /// Whether the console is reached by HTTPS: the cookie then says so.
    pub secure: bool,
    /// Where and with what it was sent. Tries to sign in are counted by its address.
    pub client: Client,
    /// When the request came.
    pub now: Millis,
    /// Logs an error with its causes, once, before it becomes an [`ApiError`], which has none.
    pub report: fn(&Error),
}

/// The service and the request that a server function works for.
pub struct Session {
    pub service: Service,
    pub context: SessionContext,
}

impl Session {
    /// Of the request being answered.
    pub fn here() -> Self {
        Self { service: expect_context(), context: expect_context() }
    }

    /// The signed-in person, in the tenant that the address names. A tenant that is not theirs is not
    /// told apart from one that does not exist.
    pub async fn actor_in(&self, tenant: &str) -> Result<Actor, ApiError> {
        self.authenticate(Some(tenant)).await
    }

    /// The signed-in person, wherever they belong.
    pub async fn actor(&self) -> Result<Actor, ApiError> {
        self.authenticate(None).await
    }

    async fn authenticate(&self, tenant: Option<&str>) -> Result<Actor, ApiError> {
        let token = self.context.token.as_deref();
        self.answer(self.service.authenticate(token, tenant, &self.context.client).await)
    }

    /// The id that a form or address names. What is none names nothing.
    pub fn id<T: std::str::FromStr>(&self, text: &str) -> Result<T, ApiError> {
        text.parse().or_else(|_| self.answer(Err(Error::NotFound)))
    }

    /// What was entered into a field for date and time, in UTC; nothing where it was left empty.
    pub fn moment(&self, field: &'static str, text: &str) -> Result<Option<Millis>, ApiError> {
        match text.trim() {
            "" => Ok(None),
            text => match crate::view::moment::from_utc(text) {
                Some(at) => Ok(Some(at)),
                None => self.answer(Err(Error::invalid(field, "Enter a date and a time, or none."))),
            },
        }
    }

    /// The service's answer as the browser gets it.
    pub fn answer<T>(&self, result: Result<T, Error>) -> Result<T, ApiError> {
        result.map_err(|error| {
            (self.context.report)(&error);
            let error = ApiError::from(error);
            say(&error);
            error
        })
    }

    /// The service's reading as the browser gets it.
    pub fn answer_text<T: Serialize>(&self, result: Result<T, Error>) -> Result<Text, ApiError> {
        Text::of(&self.answer(result)?)
    }

    /// The service's reading as the sheet that `draw` makes of it: HTML, as a JSON string.
    pub fn draw<T>(
        &self,
        tenant: &str,
        result: Result<T, Error>,
        draw: impl FnOnce(T) -> AnyView,
    ) -> Result<Text, ApiError> {
        let reading = self.answer(result)?;
        // Drawn outside of any page when the browser asks again: what parts of pages look for is here.
        let html = Owner::new().with(|| {
            Tenant::provide(tenant.to_owned());
            draw(reading).to_html()
        });
        Text::of(&html)
    }

    /// Gives the browser the cookie that proves who asks, and the one that it is known by.
    pub fn remember(&self, signed_in: &SignedIn) {
        for cookie in cookies_of(self.context.secure, signed_in) {
            append(&cookie);
        }
    }

    /// Remembers who signed in, and sends the browser to `next`, or to the tenant's first page.
    pub fn welcome(&self, signed_in: &SignedIn, next: &str) {
        self.remember(signed_in);
        if self.context.step.is_some() {
            self.set_cookie(STEP, "", "; Max-Age=0");
        }
        if path::is_local(next) && next != "/" {
            send_to(next);
        } else {
            send_to(&path::of_tenant(&signed_in.tenant_slug, ""));
        }
    }

    /// Gives the browser the cookie with which its code is to come.
    pub fn remember_step(&self, step: &str) {
        self.set_cookie(STEP, step, "; Max-Age=600");
    }

    /// Gives the browser another cookie for the same session.
    pub fn renew(&self, token: &str) {
        self.set_cookie(SESSION, token, "");
    }

    /// Takes that cookie back.
    pub fn forget(&self) {
        self.set_cookie(SESSION, "", "; Max-Age=0");
    }

    fn set_cookie(&self, name: &str, value: &str, lifetime: &str) {
        let cookie = cookie(self.context.secure, name, value, lifetime);
        append(&cookie);
    }
}

fn append(cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        expect_context::<ResponseOptions>().append_header(header::SET_COOKIE, value);
    }
}

/// Sends the browser elsewhere: a page by a redirect, a form or script by what Leptos makes of it.
pub fn send_to(address: &str) {
    if !renders_a_page() {
        return leptos_axum::redirect(address);
    }
    let (response, value) = (expect_context::<ResponseOptions>(), HeaderValue::from_str(address));
    if let Ok(value) = value {
        response.set_status(StatusCode::FOUND);
        response.insert_header(header::LOCATION, value);
    }
}

/// Sets the status of a page being rendered.
pub fn set_page_status(status: u16) {
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        response.set_status(status);
    }
}

/// Says an error in HTTP. A plain form's errors travel in the address it returns to, and must not
/// change the status of that redirect.
fn say(error: &ApiError) {
    let (Some(parts), Some(response)) = (use_context::<Parts>(), use_context::<ResponseOptions>()) else {
        return;
    };
    let wants_a_page = parts
        .headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    match error {
        ApiError::SignedOut if renders_a_page() => {
            let here = parts.uri.path_and_query().map_or("/", |path| path.as_str());
            send_to(&path::sign_in(here));
        }
        _ if wants_a_page && !renders_a_page() => {}
        _ => set_page_status(error.status()),
    }
    if let ApiError::Throttled { retry_after_s } = error {
        response.insert_header(header::RETRY_AFTER, HeaderValue::from(*retry_after_s));
    }
}

/// Whether the request asked for a page, and not for a server function.
pub fn renders_a_page() -> bool {
    use_context::<Parts>().is_some_and(|parts| !parts.uri.path().starts_with("/api/"))
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::SignedOut => Self::SignedOut,
            Error::Forbidden(role) => Self::Forbidden { needs: role.as_str().to_owned() },
            Error::StepUp => Self::StepUp,
            // People come without a token: they are not told of scopes.
            Error::OutOfScope(_) | Error::NotFound => Self::NotFound,
            Error::Conflict(message) => Self::Conflict { message },
            Error::Invalid { field, message } => Self::Invalid { field: field.to_owned(), message },
            Error::Throttled { retry_after_s } => Self::Throttled { retry_after_s },
            Error::Unavailable { .. } => Self::Unavailable { message },
        }
    }
}
