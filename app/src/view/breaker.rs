//! An agent's circuit breaker, and whether its queue is handed out, as faces.

use super::face::{Face, Tone};
use countersign_domain::{breaker::BreakerState, reading::AgentRow};

pub fn face(state: BreakerState) -> Face {
    match state {
        BreakerState::Closed => Face::new("Closed", "check", Tone::Ok),
        BreakerState::Open => Face::new("Open", "octagon-x", Tone::Bad),
        BreakerState::HalfOpen => Face::new("Half open", "circle-dot-dashed", Tone::Warn),
    }
}

/// What the state means for whoever reads the page, in one sentence.
pub fn meaning(state: BreakerState) -> &'static str {
    match state {
        BreakerState::Closed => "Tasks are handed out.",
        BreakerState::Open => "No task is handed out; what is queued stays.",
        BreakerState::HalfOpen => "One task at a time is handed out, to see how it ends.",
    }
}

/// What holds the agent's queue, if anything: a founder, or the breaker.
pub fn hold(agent: &AgentRow) -> Option<Face> {
    if agent.paused.is_some() {
        return Some(Face::new("Paused", "pause", Tone::Warn));
    }
    match agent.breaker.state {
        BreakerState::Closed => None,
        BreakerState::Open => Some(Face::new("Breaker open", "octagon-x", Tone::Bad)),
        BreakerState::HalfOpen => Some(Face::new("Breaker half open", "circle-dot-dashed", Tone::Warn)),
    }
}
