//! How fast a connection reads: a slow consumer, by the number of bytes a second.

use std::time::Duration;

use crate::clock::{self, Instant};

/// How much of a second's bytes may be read at once after a rest.
const BURST: f64 = 0.1;
/// Who has used up its bytes waits for this share of a second's.
const PORTION: f64 = 0.01;

/// A budget that grows with time and is spent by reading.
#[derive(Debug)]
pub(super) struct ReadRate {
    /// Bytes a second.
    rate: f64,
    /// Bytes that may be read now, and since when they are counted.
    budget: f64,
    counted: Instant,
}

impl ReadRate {
    /// With a first burst to spend.
    pub(super) fn new(rate: f64) -> Self {
        Self {
            rate,
            budget: rate * BURST,
            counted: clock::now(),
        }
    }

    /// How many bytes may be read now, up to `most`, or from when on there are some.
    pub(super) fn allowance(&mut self, most: usize, now: Instant) -> Result<usize, Instant> {
        let earned = now.duration_since(self.counted).as_secs_f64() * self.rate;
        self.counted = now;
        self.budget = (self.budget + earned).min((self.rate * BURST).max(1.0));
        if self.budget >= 1.0 {
            // More than is there is no trouble.
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "small, ≥ 1"
            )]
            return Ok((self.budget as usize).min(most));
        }
        let missing = (self.rate * PORTION).max(1.0) - self.budget;
        // What rounding takes off would have to be waited for again.
        let wait = Duration::from_secs_f64(missing / self.rate) + Duration::from_nanos(1);
        Err(now + wait)
    }

    /// So many bytes were read.
    pub(super) fn spend(&mut self, bytes: usize) {
        self.budget -= bytes as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes read from a peer that always has some, until `until`.
    async fn read_until(rate: &mut ReadRate, until: Instant) -> usize {
        let mut bytes = 0;
        loop {
            match rate.allowance(1000, clock::now()) {
                Ok(most) => {
                    rate.spend(most);
                    bytes += most;
                }
                Err(next) if next > until => {
                    tokio::time::sleep_until(until).await;
                    return bytes;
                }
                Err(next) => tokio::time::sleep_until(next).await,
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_has_as_many_bytes_as_it_says_and_a_burst_to_begin_with() {
        let second = Duration::from_secs(1);
        for per_second in [1.0, 7.5, 4096.0, 1e6] {
            let mut rate = ReadRate::new(per_second);
            let begin = clock::now();
            let first = read_until(&mut rate, begin + 10 * second).await as f64;
            let next = read_until(&mut rate, begin + 20 * second).await as f64;
            assert!(
                first <= per_second * (10.0 + BURST),
                "{first} of {per_second}"
            );
            assert!(
                (next / (10.0 * per_second) - 1.0).abs() < 0.15,
                "{next} of {per_second}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn rest_earns_no_more_than_a_burst() {
        let mut rate = ReadRate::new(10_000.0);
        tokio::time::advance(Duration::from_secs(3600)).await;
        let now = clock::now();
        let at_once = read_until(&mut rate, now).await;
        assert_eq!(at_once, 1000);
    }
}
