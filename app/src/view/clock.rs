//! The browser's clock as a signal. It is unknown on the server and until hydration is over, so that
//! both write the same markup; then it is told every half minute.

use countersign_domain::Millis;
use leptos::prelude::*;
use leptos::web_sys::js_sys;
use std::time::Duration;

/// How often labels such as “4 min ago” are written anew.
const PERIOD: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy)]
pub struct Clock(RwSignal<Option<Millis>>);

impl Clock {
    /// Provides the clock to everything below.
    pub fn provide() {
        let clock = Self(RwSignal::new(None));
        provide_context(clock);
        Effect::new(move || {
            clock.0.set(Some(now()));
            let tick = move || {
                clock.0.try_set(Some(now()));
            };
            if let Ok(handle) = set_interval_with_handle(tick, PERIOD) {
                on_cleanup(move || handle.clear());
            }
        });
    }

    /// The clock of this page; one that stands still where none was provided.
    pub fn here() -> Self {
        use_context::<Self>().unwrap_or_else(|| Self(RwSignal::new(None)))
    }

    /// Tracks the time.
    pub fn get(self) -> Option<Millis> {
        self.0.get()
    }

    pub fn get_untracked(self) -> Option<Millis> {
        self.0.get_untracked()
    }
}

/// The browser's time. Must not be asked on the server.
#[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit an i64")]
pub fn now() -> Millis {
    Millis(js_sys::Date::now() as i64)
}

/// `at` in the browser's own time zone and words, then in UTC. Must not be asked on the server.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit an f64")]
pub fn local_and_utc(at: Millis) -> String {
    let date = js_sys::Date::new(&(at.0 as f64).into());
    let local = date.to_locale_string("default", &leptos::wasm_bindgen::JsValue::UNDEFINED);
    format!("{} · {}", String::from(local), at.to_rfc3339())
}
