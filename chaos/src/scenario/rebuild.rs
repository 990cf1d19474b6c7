//! All read models are dropped and made again from the journal; the bus is wiped.

use crate::report::Row;

pub fn rows() -> Vec<Row> {
    vec![
        Row::missing(
            "rebuild",
            "all read models dropped: byte-equal from the journal",
            "`countersign rebuild` (issue 3, item 2)",
        ),
        Row::missing(
            "wiped bus",
            "every open task is reissued exactly once",
            "the reconcile of streams against Postgres (issue 3, item 4)",
        ),
    ]
}
