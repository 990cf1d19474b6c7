//! Places where a test can make the process die, to show that what was under way is neither lost nor done
//! twice. Compiled into debug builds only, and silent unless the process was started with one armed.

#[cfg(debug_assertions)]
use std::sync::{
    OnceLock,
    atomic::{AtomicU64, Ordering},
};

#[cfg(debug_assertions)]
struct Armed {
    name: String,
    left: AtomicU64,
}

#[cfg(debug_assertions)]
static ARMED: OnceLock<Armed> = OnceLock::new();

/// Arms one place, as `name:nth`: the process ends at the nth time that it gets there. Text in another form
/// arms nothing.
pub fn arm(text: &str) {
    #[cfg(debug_assertions)]
    if let Some((name, nth)) = text.rsplit_once(':')
        && let Ok(nth) = nth.parse()
    {
        let _ = ARMED.set(Armed { name: name.to_owned(), left: AtomicU64::new(nth) });
    }
    #[cfg(not(debug_assertions))]
    let _ = text;
}

/// Ends the process, without cleaning up, if this is the armed place and its time has come.
pub fn hit(name: &str) {
    #[cfg(debug_assertions)]
    if let Some(armed) = ARMED.get()
        && armed.name == name
        && armed.left.fetch_sub(1, Ordering::SeqCst) == 1
    {
        std::process::abort();
    }
    #[cfg(not(debug_assertions))]
    let _ = name;
}
