//! A worker that wakes after its lease must not complete what another has completed.

use crate::report::Row;

pub fn rows() -> Vec<Row> {
    vec![Row::missing(
        "fencing",
        "500 of 500 stale completions refused, 500 effects",
        "claims, leases and fences over the Workspace API (issue 3, item 3)",
    )]
}
