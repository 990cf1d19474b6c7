use super::eager::Erase;
use super::{icon::Icon, key_map::OFF_SWITCH};
use leptos::{html, prelude::*};

const KEYS: [(&str, &str); 20] = [
    ("g o", "Go to the overview"),
    ("g i", "Go to the inbox"),
    ("g n", "Go to decisions"),
    ("g m", "Go to the desk"),
    ("g t", "Go to tasks"),
    ("g r", "Go to reviews"),
    ("g d", "Go to dead letters"),
    ("g f", "Go to the fleet"),
    ("g q", "Go to quarantine"),
    ("g b", "Go to artifacts"),
    ("g a", "Go to the audit"),
    ("g s", "Go to your security"),
    ("/", "Search tasks"),
    ("j k", "Next and previous row"),
    ("Enter", "Open the row"),
    ("x", "Tick the row"),
    (".", "Show new tasks"),
    ("t l", "Change the theme"),
    ("Ctrl+K", "Find a page or command"),
    ("?", "This sheet"),
];
const BRIEF_KEYS: [(&str, &str); 12] = [
    ("1–9", "Choose an option"),
    ("Enter", "Decide as chosen"),
    ("e", "Accept the recommendation"),
    ("r", "Reject with a reason"),
    ("h", "Snooze"),
    ("a", "Ask its author"),
    ("b", "See the evidence"),
    ("z", "Take a decision back"),
    ("x", "Tick the brief"),
    ("Shift+J Shift+K", "Tick the next, or the one before"),
    ("[", "Part of the inbox before"),
    ("]", "Part of the inbox after"),
];

/// The sheet of keys, its button, and the switch that turns the keys off.
#[component]
pub fn KeySheet() -> impl IntoView {
    let sheet = NodeRef::<html::Dialog>::new();
    let on = RwSignal::new(true);
    let open = move |_| {
        on.set(kept(|kept| kept.get_item(OFF_SWITCH).ok().flatten()).is_none());
        if let Some(sheet) = sheet.get_untracked() {
            let _ = sheet.show_modal();
        }
    };
    let turn = move |event| {
        on.set(event_target_checked(&event));
        kept(|kept| {
            if on.get_untracked() { kept.remove_item(OFF_SWITCH) } else { kept.set_item(OFF_SWITCH, "1") }.ok()
        });
    };
    view! {
        <button type="button" class="icon-button" data-key="?" on:click=open>
            <Icon name="keyboard"/>
            <span class="sr">"Show keys"</span>
        </button>
        <dialog node_ref=sheet class="sheet" aria-labelledby="keys-title">
            <h2 id="keys-title">"Keys"</h2>
            {list(&KEYS)}
            <h3>"In the inbox and in a brief"</h3>
            {list(&BRIEF_KEYS)}
            <label class="check">
                <input type="checkbox" prop:checked=on on:change=turn/>
                "Use single-letter keys in this browser"
            </label>
            <form method="dialog">
                <button class="button">"Close"</button>
            </form>
        </dialog>
    }
    .erased()
}

fn list(keys: &'static [(&str, &str)]) -> AnyView {
    let rows = keys.iter().map(|(keys, what)| {
        let keys = keys.split(' ').map(|key| view! { <kbd>{key}</kbd> }).collect_view();
        view! {
            <div>
                <dt>{keys}</dt>
                <dd>{*what}</dd>
            </div>
        }
    });
    view! { <dl class="keys">{rows.collect_view()}</dl> }.erased()
}

fn kept<T>(act: impl FnOnce(leptos::web_sys::Storage) -> Option<T>) -> Option<T> {
    window().local_storage().ok().flatten().and_then(act)
}
