use super::{eager::Erase, loaded::loaded, nav::Counts, patch::patch};
use crate::{
    api::reading::{Ask, Question},
    live::{Topic, follow},
    view::{clock, clock::Clock, relative_time},
};
use countersign_domain::Millis;
use leptos::{
    html,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, NodeList, js_sys},
};

/// A page's sheet: what the server draws alone (see [`sheets`](crate::sheets)), kept up to date.
pub fn drawn(question: Memo<Question>, ask: Ask) -> AnyView {
    drawn_upon(Topic::All, question, ask)
}

/// What hardly ever changes: for a sheet that never does, and is dear to draw.
pub const STILL: Topic = Topic::Fleet;

/// As [`drawn`], but drawn anew only when `topic` changes.
pub fn drawn_upon(topic: Topic, question: Memo<Question>, ask: Ask) -> AnyView {
    loaded(question, ask, move |first: String, question| view! { <Drawn topic first question ask/> }.erased())
}

#[component]
fn Drawn(topic: Topic, first: String, question: Question, ask: Ask) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    let (clock, counts) = (Clock::here(), expect_context::<Counts>());
    let known = StoredValue::new(first.clone());
    follow(topic, question, ask, move |fresh: String| {
        let Some(place) = place.try_get_untracked().flatten() else { return };
        if known.with_value(|known| *known == fresh) {
            return;
        }
        if known.with_value(|known| patch(&place, known, &fresh)) {
            known.set_value(fresh);
        }
        settle(&place, clock.get_untracked(), counts);
    });
    Effect::new(move || {
        let now = clock.get();
        if let Some(place) = place.get() {
            settle(&place, now, counts);
        }
    });
    view! { <div class="drawn" node_ref=place inner_html=first></div> }.erased()
}

/// Writes moments as seen from now, and tells the navigation what the sheet has counted.
fn settle(place: &Element, now: Option<Millis>, counts: Counts) {
    for time in all(place, "time") {
        let at = time.get_attribute("datetime").map(|text| js_sys::Date::parse(&text));
        if let (Some(now), Some(at)) = (now, at.and_then(whole)) {
            time.set_text_content(Some(&relative_time::words(at, now)));
            let _ = time.set_attribute("title", &clock::local_and_utc(at));
        }
    }
    // A page that stayed open shows the version that its reader began with, and the way to a newer one.
    let open = all(place, "[data-version]").next().and_then(|head| head.get_attribute("data-version"));
    for way in all(place, "[data-newest]") {
        if open.is_some() && way.get_attribute("data-newest") != open {
            let _ = way.remove_attribute("hidden");
        }
    }
    for (name, count) in [
        ("data-waiting", counts.waiting),
        ("data-lost", counts.lost_agents),
        ("data-quarantined", counts.quarantined),
        ("data-reviews", counts.reviews),
        ("data-inbox", counts.inbox),
    ] {
        let told = all(place, &format!("[{name}]")).next().and_then(|element| element.get_attribute(name));
        if let Some(number) = told.and_then(|text| text.parse().ok()) {
            count.set(Some(number));
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit an i64")]
fn whole(ms: f64) -> Option<Millis> {
    ms.is_finite().then_some(Millis(ms as i64))
}

/// The elements in `place` that `selector` names.
pub fn all(place: &Element, selector: &str) -> impl Iterator<Item = Element> + use<> {
    let list = place.query_selector_all(selector).ok();
    let length = list.as_ref().map_or(0, NodeList::length);
    (0..length).filter_map(move |index| list.as_ref()?.get(index)?.dyn_into().ok())
}
