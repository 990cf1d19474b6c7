//! How values of `domain` read on a page: words, icons, colours, numbers and drawings. Pure, so that
//! the server and the browser write the same text.

pub mod attempt;
pub mod breaker;
pub mod brief;
pub mod chart;
pub mod clock;
pub mod clock_skew;
pub mod command;
pub mod connection;
pub mod credential;
pub mod decision;
pub mod desk_address;
pub mod duration;
pub mod face;
pub mod fraction;
pub mod hash;
pub mod lane;
pub mod letter;
pub mod letter_filter;
pub mod moment;
pub mod number;
pub mod path;
pub mod relative_time;
pub mod review;
pub mod task_filter;
pub mod task_merge;
pub mod task_row;
pub mod task_state;
pub mod trace_lanes;
