//! Brings what the server drew up to date without taking anything out of the reader's hands.
//!
//! A sheet marks what may change while it is read with `data-live`, and gives each such part a name. Parts
//! that differ from what was drawn before are drawn anew; everything else stays, so that a form in use is
//! never touched. In a part whose children say in `data-item` what they are, a child that did not change
//! keeps its element, and with it its focus, its ticks and whether it is open.

use super::drawn::all;
use leptos::{
    prelude::document,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement},
};

const PART: &str = "data-live";
const ITEM: &str = "data-item";
/// What keeps a part as it is: somebody writes or has written in it, or it says why a form was refused, or asks who sends it.
const IN_USE: &str =
    "input:focus, textarea:focus, select:focus, :user-valid, :user-invalid, .form-error:not([hidden]), .proof";

/// Writes into `place` what differs between `before` and `fresh`. Says whether all of it was written: a part
/// in which somebody writes, or that says why a form was refused, is left for the next time.
pub fn patch(place: &Element, before: &str, fresh: &str) -> bool {
    let (Some(before), Some(fresh)) = (off_page(before), off_page(fresh)) else { return false };
    let mut whole = true;
    let held = document().active_element().and_then(|element| element.get_attribute("href"));
    for part in all(&fresh, &format!("[{PART}]")) {
        let same = |element: &Element| element.get_attribute(PART) == part.get_attribute(PART);
        let find = |root: &Element| all(root, &format!("[{PART}]")).find(|element| same(element));
        let (Some(shown), Some(old)) = (find(place), find(&before)) else { continue };
        if old.inner_html() == part.inner_html() {
            continue;
        }
        let mut both = children(&part).chain(children(&shown)).peekable();
        if both.peek().is_some() && both.all(|child| child.has_attribute(ITEM)) {
            replace_items(&shown, &old, &part);
        } else if is_in_use(&shown) {
            whole = false;
        } else {
            shown.set_inner_html(&part.inner_html());
        }
    }
    // Who walks by keys stays on the same link.
    let lost = document().active_element().is_none_or(|element| !element.has_attribute("href"));
    if let (true, Some(href)) = (lost, held) {
        let again = all(place, "a").find(|link| link.get_attribute("href").as_deref() == Some(&href));
        if let Some(link) = again.and_then(|link| link.dyn_into::<HtmlElement>().ok()) {
            let _ = link.focus();
        }
    }
    whole
}

/// Makes the children of `shown` those of `fresh`, in their order.
fn replace_items(shown: &Element, old: &Element, fresh: &Element) {
    let find = |root: &Element, item: &Option<String>| children(root).find(|child| child.get_attribute(ITEM) == *item);
    for child in children(shown).collect::<Vec<_>>() {
        if find(fresh, &child.get_attribute(ITEM)).is_none() {
            child.remove();
        }
    }
    let mut next = shown.first_element_child();
    for child in children(fresh).collect::<Vec<_>>() {
        let item = child.get_attribute(ITEM);
        let kept = find(shown, &item);
        let unchanged = find(old, &item).is_some_and(|old| old.outer_html() == child.outer_html());
        let wanted = match kept {
            Some(kept) if unchanged || is_in_use(&kept) => kept,
            Some(kept) => {
                if kept.has_attribute("open") {
                    let _ = child.set_attribute("open", "");
                }
                if next.as_ref() == Some(&kept) {
                    next = kept.next_element_sibling();
                }
                kept.remove();
                child
            }
            None => child,
        };
        if next.as_ref() == Some(&wanted) {
            next = wanted.next_element_sibling();
        } else {
            let _ = shown.insert_before(&wanted, next.as_deref());
        }
    }
}

fn is_in_use(element: &Element) -> bool {
    element.query_selector(IN_USE).is_ok_and(|found| found.is_some())
}

fn children(element: &Element) -> impl Iterator<Item = Element> + use<> {
    std::iter::successors(element.first_element_child(), Element::next_element_sibling)
}

/// The sheet as elements that are on no page.
fn off_page(html: &str) -> Option<Element> {
    let root = document().create_element("div").ok()?;
    root.set_inner_html(html);
    Some(root)
}
