//! The ports that agents were told, kept over restarts in `ports.json`.

use std::net::{IpAddr, TcpListener};
use std::ops::Range;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::EmbeddedError;
use super::data_dir::write_private;

/// NATS's own port and its neighbours. Below the range from which Linux takes
/// ports for outgoing connections, so that none of those takes ours while the
/// child is down.
const USUAL: Range<u16> = 4222..4322;
/// Each port in the list is tried at a start before a new one is chosen.
const REMEMBERED: usize = 4;

/// The ports on which this data directory's nats-server has listened, the
/// first one first: that is the one which most agents know, so a server that
/// had to give way comes back to it.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Ports {
    nats: Vec<u16>,
}

impl Ports {
    /// What is remembered; nothing when the file is missing or broken, since a
    /// start on another port is better than none.
    pub(super) fn read(root: &Path) -> Self {
        let text = std::fs::read_to_string(root.join("ports.json")).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    pub(super) fn first(&self) -> Option<u16> {
        self.nats.first().copied()
    }

    /// In the order in which they should be tried.
    pub(super) fn candidates(&self) -> impl Iterator<Item = u16> {
        let new = USUAL.filter(|port| !self.nats.contains(port));
        self.nats.iter().copied().chain(new)
    }

    pub(super) fn remember(&mut self, root: &Path, port: u16) -> Result<(), EmbeddedError> {
        if self.nats.contains(&port) {
            return Ok(());
        }
        self.nats.truncate(REMEMBERED - 1);
        self.nats.push(port);
        let text = serde_json::to_vec(self).unwrap_or_default();
        write_private(&root.join("ports.json"), &text)
    }
}

pub(super) fn is_free(host: IpAddr, port: u16) -> bool {
    TcpListener::bind((host, port)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_port_is_tried_first_and_no_port_twice() {
        let ports = Ports { nats: vec![4300, 4222] };
        let tried: Vec<u16> = ports.candidates().collect();
        assert_eq!(tried[..3], [4300, 4222, 4223]);
        assert_eq!(tried.len(), USUAL.len());
    }
}
