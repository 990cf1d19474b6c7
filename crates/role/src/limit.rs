//! The limits of role files, in one place: the parser, the schema and the page about role files take
//! them from here.

use crate::quantity::{Bytes, MicroUsd, MilliCpu, Seconds};
use std::ops::RangeInclusive;

/// Size of a file. The seven roles of the reference fleet have about 1 KiB each.
pub const FILE_BYTES: usize = 64 * 1024;
/// Lines of a file: what a person can still review, and what a text diff can still compare quickly.
pub const FILE_LINES: usize = 2_000;
/// Lists and mappings inside one another. A role file needs four.
pub const DEPTH: usize = 12;
/// Values of all kinds in a file.
pub const NODES: usize = 4_000;

/// Items of a list (kinds, delegates, broadcasts, reads, hosts, forbidden actions, words of a command).
pub const LIST_ITEMS: usize = 64;
/// Characters of a title.
pub const TITLE_CHARS: usize = 80;
/// Characters of a mission.
pub const MISSION_CHARS: usize = 2_000;
/// Characters of one word of a command.
pub const WORD_CHARS: usize = 1_000;
/// Characters of a path under `reads`.
pub const PATH_CHARS: usize = 200;
/// Characters of a topic under `broadcasts`: those of a subject that the bridge still reads.
pub const TOPIC_CHARS: usize = 128;
/// Characters of an image's name.
pub const IMAGE_CHARS: usize = 255;
/// Characters of a host's name (RFC 1035).
pub const HOST_CHARS: usize = 253;

/// How long an agent may stay silent over a task. Below, a slow network redelivers; above, a dead agent holds
/// a task for longer than a working hour.
pub const ACK_WAIT: RangeInclusive<Seconds> = Seconds(10)..=Seconds(3_600);
/// Attempts before a task is a dead letter.
pub const MAX_DELIVER: RangeInclusive<u64> = 1..=20;
/// Tasks that an agent may hold at a time.
pub const MAX_ACK_PENDING: RangeInclusive<u64> = 1..=100;
/// Size of an agent's volume.
pub const VOLUME: RangeInclusive<Bytes> = Bytes(16 << 20)..=Bytes(500 << 30);
/// Processor time of a pod.
pub const CPU: RangeInclusive<MilliCpu> = MilliCpu(10)..=MilliCpu(16_000);
/// Memory of a pod.
pub const MEMORY: RangeInclusive<Bytes> = Bytes(32 << 20)..=Bytes(64 << 30);
/// Budget of an agent's day. Above, a slip of the unit is likelier than an intention.
pub const USD_PER_DAY: RangeInclusive<MicroUsd> = MicroUsd(10_000)..=MicroUsd(10_000_000_000);
