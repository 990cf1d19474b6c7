//! Whether an agent is on the bus, as a face.

use super::face::{Face, Tone};
use countersign_domain::{Millis, reading::Connection};

pub fn face(connection: Connection) -> Face {
    match connection {
        Connection::Never => Face::new("Never connected", "circle-dashed", Tone::Quiet),
        Connection::Connected(_) => Face::new("Connected", "radio", Tone::Ok),
        Connection::Lost(_) => Face::new("Lost", "unplug", Tone::Bad),
    }
}

/// Since when it is so.
pub fn since(connection: Connection) -> Option<Millis> {
    match connection {
        Connection::Never => None,
        Connection::Connected(at) | Connection::Lost(at) => Some(at),
    }
}
