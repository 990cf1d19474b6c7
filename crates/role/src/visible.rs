//! Characters that deceive the reader of a role file, and texts shown without them.

pub(crate) use countersign_domain::hidden::{escaped, is_hidden, shown};
