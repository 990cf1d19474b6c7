//! Live updates. One event stream a tab says that something changed; each page then fetches its own
//! reading again. Nothing but the fact of a change travels in the stream, so a lost event costs nothing
//! once the stream is back.

use crate::{
    api::{
        ApiError,
        reading::{Ask, Question, Text},
    },
    components::presses::{has_just_sent, is_sending},
    view::{clock, path},
};
use countersign_domain::Millis;
use leptos::{
    ev,
    prelude::*,
    task::spawn_local,
    wasm_bindgen::{JsCast, closure::Closure},
    web_sys::{EventSource, MessageEvent},
};
use serde::{Deserialize, de::DeserializeOwned};
use std::{cell::Cell, rc::Rc, time::Duration};

/// The least time between two fetches of the same page, in milliseconds.
const PACE_MS: i64 = 250;
/// How long to wait before asking again whether the session has ended, while a form is under way.
const REASK_AFTER: Duration = Duration::from_secs(1);
/// How long to wait before asking for a stream that the server refused.
const REOPEN_AFTER: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Not asked for yet: while the page is hidden or hydrates.
    Idle,
    Open,
    Lost,
}

/// What a page may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    Tasks,
    Fleet,
    All,
}

/// What the stream says.
#[derive(Deserialize)]
struct Changed {
    #[serde(default)]
    tasks: bool,
    #[serde(default)]
    fleet: bool,
}

/// The stream of the tenant that is shown.
#[derive(Debug, Clone, Copy)]
pub struct Live {
    stream: RwSignal<Stream>,
    tasks: Trigger,
    fleet: Trigger,
    /// People, their accounts, single sign-on: whatever is neither.
    rest: Trigger,
}

impl Live {
    /// Provides the stream to everything below and holds it open while the page is visible: hidden tabs
    /// would use up the browser's six connections to a server without HTTP/2.
    pub fn provide(tenant: Memo<String>) {
        let live = Self {
            stream: RwSignal::new(Stream::Idle),
            tasks: Trigger::new(),
            fleet: Trigger::new(),
            rest: Trigger::new(),
        };
        provide_context(live);
        let visible = RwSignal::new(true);
        let retry = Trigger::new();
        Effect::new(move || {
            let listener = window_event_listener(ev::visibilitychange, move |_| {
                visible.try_set(!document().hidden());
            });
            on_cleanup(move || listener.remove());
        });
        Effect::new(move || {
            retry.track();
            if visible.get() {
                // Owned by this run of the effect: closed before the next one opens another.
                StoredValue::new_local(Connection::open(live, &tenant.get(), retry));
            }
        });
    }

    /// The stream of this page.
    pub fn here() -> Self {
        expect_context()
    }

    pub fn stream(self) -> Stream {
        self.stream.get()
    }

    fn changed(self, what: &Changed) {
        if what.tasks {
            self.tasks.notify();
        }
        if what.fleet {
            self.fleet.notify();
        }
        if !what.tasks && !what.fleet {
            self.rest.notify();
        }
    }

    fn track(self, topic: Topic) {
        if topic != Topic::Fleet {
            self.tasks.track();
        }
        if topic != Topic::Tasks {
            self.fleet.track();
        }
        if topic == Topic::All {
            self.rest.track();
        }
    }
}

/// An open event stream with its listeners; closed when dropped.
struct Connection {
    source: Option<EventSource>,
    _on_open: Closure<dyn FnMut()>,
    _on_error: Closure<dyn FnMut()>,
    _on_changed: Closure<dyn FnMut(MessageEvent)>,
}

impl Connection {
    fn open(live: Live, tenant: &str, retry: Trigger) -> Self {
        let source = EventSource::new(&format!("/t/{tenant}/live")).ok();
        let on_open = Closure::<dyn FnMut()>::new(move || {
            // The server's first event says that all may have changed since the page was read.
            live.stream.try_set(Stream::Open);
        });
        let asked = source.clone();
        let on_error = Closure::<dyn FnMut()>::new(move || {
            live.stream.try_set(Stream::Lost);
            // The browser retries by itself unless the server refused; then the page's own fetch finds
            // out why (signed out, most often).
            if asked.as_ref().is_none_or(|source| source.ready_state() == EventSource::CLOSED) {
                live.changed(&Changed { tasks: true, fleet: true });
                set_timeout(move || retry.notify(), REOPEN_AFTER);
            }
        });
        let on_changed = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            if let Ok(changed) = serde_json::from_str::<Changed>(&text) {
                live.changed(&changed);
            }
        });
        if let Some(source) = &source {
            source.set_onopen(Some(on_open.as_ref().unchecked_ref()));
            source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
            let _ = source.add_event_listener_with_callback("changed", on_changed.as_ref().unchecked_ref());
        }
        Self { source, _on_open: on_open, _on_error: on_error, _on_changed: on_changed }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(source) = &self.source {
            source.set_onopen(None);
            source.set_onerror(None);
            source.close();
        }
    }
}

/// Asks anew whenever the stream says that `topic` changed: at once, then at most every 250 ms, and
/// never twice at a time. What arrives goes to `fresh`; a failure leaves what is shown.
pub fn follow<T>(topic: Topic, question: Question, ask: Ask, fresh: impl Fn(T) + 'static)
where
    T: DeserializeOwned,
{
    let understand = move |text: &Text| {
        if let Ok(reading) = text.read() {
            fresh(reading);
        }
    };
    Pace::start(topic, question, ask, Box::new(understand));
}

/// One page's asking.
struct Pace {
    question: Question,
    ask: Ask,
    fresh: Box<dyn Fn(&Text)>,
    /// Disposed of with the page, after which nothing is asked or shown.
    shown: StoredValue<()>,
    busy: Cell<bool>,
    again: Cell<bool>,
    /// When it was asked last.
    last: Cell<i64>,
}

impl Pace {
    fn start(topic: Topic, question: Question, ask: Ask, fresh: Box<dyn Fn(&Text)>) {
        let Some(live) = use_context::<Live>() else { return };
        let shown = StoredValue::new(());
        let (busy, again, last) = (Cell::new(false), Cell::new(false), Cell::new(0));
        let pace = Rc::new(Self { question, ask, fresh, shown, busy, again, last });
        Effect::new(move |earlier: Option<()>| {
            live.track(topic);
            if earlier.is_some() {
                Rc::clone(&pace).ask();
            }
        });
    }

    fn ask(self: Rc<Self>) {
        if self.busy.replace(true) {
            self.again.set(true);
            return;
        }
        let wait = PACE_MS - clock::now().since(Millis(self.last.get()));
        if wait <= 0 {
            self.run();
        } else {
            set_timeout(move || self.run(), Duration::from_millis(wait.unsigned_abs()));
        }
    }

    fn run(self: Rc<Self>) {
        if self.shown.is_disposed() {
            return;
        }
        // The session may have another name by now, which the browser learns with the answer.
        if has_just_sent() {
            set_timeout(move || self.run(), REASK_AFTER);
            return;
        }
        self.again.set(false);
        self.last.set(clock::now().0);
        let asked = (self.ask)(self.question.clone());
        spawn_local(async move {
            let answer = asked.await;
            self.busy.set(false);
            if self.shown.is_disposed() {
                return;
            }
            match answer {
                Ok(text) => (self.fresh)(&text),
                // A form under way may have ended the session, or given it another name: its answer says so by itself.
                Err(ApiError::SignedOut) if is_sending() => return set_timeout(move || self.ask(), REASK_AFTER),
                Err(ApiError::SignedOut) => return leave_for_sign_in(),
                Err(_) => {}
            }
            if self.again.get() {
                self.ask();
            }
        });
    }
}

/// Loads the sign-in page, from which the way leads back here.
pub fn leave_for_sign_in() {
    let location = window().location();
    let (path, search) = (location.pathname().unwrap_or_default(), location.search().unwrap_or_default());
    let _ = location.set_href(&path::sign_in(&format!("{path}{search}")));
}
