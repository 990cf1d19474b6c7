//! The limits of briefs, in one place: reader, linter and documentation take them from here.

use std::ops::RangeInclusive;

/// Bytes of a payload. The longest context in any script fits, with all else.
pub const PAYLOAD_BYTES: usize = 96 * 1024;
/// Lists and objects inside one another. A brief needs three.
pub const DEPTH: usize = 8;
/// Values of all kinds in a payload.
pub const NODES: usize = 2_000;

/// Characters of a brief's own name.
pub const NAME_CHARS: usize = 64;
/// Characters of a title.
pub const TITLE_CHARS: usize = 120;
/// Characters of the question: what fits into a line of the inbox, and is read in one breath.
pub const QUESTION_CHARS: usize = 140;
/// Characters of the context: some twelve minutes. What explains at greater length is evidence.
pub const CONTEXT_CHARS: usize = 12_000;
/// Characters of a category.
pub const CATEGORY_CHARS: usize = 32;
/// How many options there are. One is no choice, five are none that a person makes in a minute.
pub const OPTIONS: RangeInclusive<usize> = 2..=4;
/// Characters of an option's key.
pub const KEY_CHARS: usize = 16;
/// Characters of an option's title.
pub const OPTION_TITLE_CHARS: usize = 120;
/// Characters of what an option leads to.
pub const CONSEQUENCE_CHARS: usize = 600;
/// Characters of an option's effort.
pub const EFFORT_CHARS: usize = 60;
/// Characters of why an option is recommended.
pub const WHY_CHARS: usize = 800;
/// How many artifacts may be named.
pub const EVIDENCE: RangeInclusive<usize> = 1..=20;
/// Characters of an artifact's title in a brief.
pub const EVIDENCE_TITLE_CHARS: usize = 120;
/// How many facts may be named.
pub const FACTS: usize = 20;
/// How many agents an allocation may name.
pub const AGENTS: usize = 100;
/// What an agent may have for a day, in millionths of a dollar: above a million a slip of the unit is likelier.
pub const BUDGET_MICRO_USD: i64 = 1_000_000_000_000;

/// Characters of the one input that is needed.
pub const INPUT_CHARS: usize = 200;
/// Characters of a trace's name, as the bus reads it.
pub const TRACE_CHARS: usize = 200;

/// What an option costs, in millionths of a dollar, either way: above a billion a slip of the unit is likelier than a
/// plan. Every such number is counted exactly by every reader of JSON (RFC 7493, section 2.2).
pub const COST_MICRO_USD: i64 = 1_000_000_000_000_000;
/// Confidence in millionths.
pub const CONFIDENCE: RangeInclusive<i64> = 0..=1_000_000;

/// A deadline further away is no deadline. Milliseconds.
pub const FARTHEST_MS: i64 = 90 * 86_400_000;
/// Where silence is to be an answer, a founder has so long to object: a brief with a deadline in a second would decide
/// itself. Milliseconds.
pub const NOTICE_MS: i64 = 60 * 60 * 1_000;
