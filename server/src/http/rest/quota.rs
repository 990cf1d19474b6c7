//! How many requests a token may make: 600 at once, and ten more each second, on each serving process.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use countersign_domain::ApiTokenId;
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DashMapStateStore,
};
use std::{num::NonZeroU32, time::Duration};

const MOST: NonZeroU32 = NonZeroU32::new(600).expect("it is not zero");
/// In which a spent quota is whole again. Seconds.
const WINDOW_S: u64 = 60;
/// Tokens that are remembered before those with a whole quota are forgotten.
const REMEMBERED: usize = 10_000;

/// What each token has left.
pub struct Quotas<C: Clock = DefaultClock> {
    limiter: RateLimiter<ApiTokenId, DashMapStateStore<ApiTokenId>, C, StateInformationMiddleware>,
    clock: C,
}

/// What a token has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub remaining: u32,
    /// Until there is more. Seconds.
    pub reset_s: u64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self::new(DefaultClock::default())
    }
}

impl<C: Clock + Clone> Quotas<C> {
    fn new(clock: C) -> Self {
        let every = Duration::from_secs(WINDOW_S) / MOST.get();
        let quota = Quota::with_period(every).expect("requests come back").allow_burst(MOST);
        let limiter = RateLimiter::dashmap_with_clock(quota, clock.clone()).with_middleware();
        Self { limiter, clock }
    }

    /// Takes one request from the token's quota; `Err` where there is none left.
    pub fn take(&self, token: ApiTokenId) -> Result<Standing, Standing> {
        if self.limiter.len() > REMEMBERED {
            self.limiter.retain_recent();
        }
        match self.limiter.check_key(&token) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let spent = u64::from(MOST.get().saturating_sub(remaining));
                Ok(Standing { remaining, reset_s: (spent * WINDOW_S).div_ceil(u64::from(MOST.get())) })
            }
            Err(until) => {
                let wait = until.wait_time_from(self.clock.now());
                Err(Standing { remaining: 0, reset_s: wait.as_secs() + 1 })
            }
        }
    }
}

impl Standing {
    /// As draft-ietf-httpapi-ratelimit-headers-10 has it: what the policy is, and where the token stands in it.
    pub fn write(self, headers: &mut HeaderMap) {
        let policy = format!("\"token\";q={MOST};w={WINDOW_S}");
        let limit = format!("\"token\";r={};t={}", self.remaining, self.reset_s);
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", limit)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;
    use uuid::Uuid;

    #[test]
    fn a_spent_quota_is_whole_again_after_a_minute_and_nobody_elses_is_touched() {
        let clock = FakeRelativeClock::default();
        let quotas = Quotas::new(clock.clone());
        let (one, other) = (ApiTokenId(Uuid::from_u128(1)), ApiTokenId(Uuid::from_u128(2)));
        for left in (0..600).rev() {
            assert_eq!(quotas.take(one).map(|standing| standing.remaining), Ok(left));
        }
        assert_eq!(quotas.take(one), Err(Standing { remaining: 0, reset_s: 1 }));
        assert_eq!(quotas.take(other).map(|standing| standing.remaining), Ok(599));
        clock.advance(Duration::from_secs(60));
        assert_eq!(quotas.take(one), Ok(Standing { remaining: 599, reset_s: 1 }));
    }
}
