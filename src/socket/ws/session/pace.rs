//! How fast a session reads, and how long it puts up with silence.
//!
//! All of it is off by default, and then costs one look at an empty `Option` in each turn.

use std::time::Duration;

use crate::clock::{self, Instant};
use crate::socket::read_rate::ReadRate;

/// What the session is to keep to.
#[derive(Clone, Copy, Debug, Default)]
pub struct PaceConfig {
    /// Silence of the peer after which it is left.
    pub idle_timeout: Option<Duration>,
    /// Our own pings.
    pub keep_alive: Option<KeepAlive>,
    /// Bytes of the stream that are read in a second, if not as many as come.
    pub recv_rate: Option<f64>,
}

/// Pings that prove that the peer is still there.
#[derive(Clone, Copy, Debug)]
pub struct KeepAlive {
    /// Time between two of them.
    pub interval: Duration,
    /// How long a pong may take.
    pub timeout: Duration,
}

/// What a session has to do for its pace.
pub(super) enum Due {
    /// Send a ping.
    Ping,
    /// Leave a peer that has been silent for too long, for this reason.
    Leave(String),
}

/// How a session keeps to it; knows nothing of the session.
pub(super) struct Pace {
    config: PaceConfig,
    /// When bytes came last, or could not have come because nobody read.
    heard: Instant,
    next_ping: Instant,
    /// We have read as much as we may until then, so what the peer says is not heard.
    rationed_until: Option<Instant>,
    rate: Option<ReadRate>,
}

impl Pace {
    /// Nothing where nothing is asked for.
    pub(super) fn new(config: PaceConfig) -> Option<Box<Self>> {
        let PaceConfig {
            idle_timeout,
            keep_alive,
            recv_rate,
        } = config;
        if idle_timeout.is_none() && keep_alive.is_none() && recv_rate.is_none() {
            return None;
        }
        let now = clock::now();
        let interval = keep_alive.map_or(Duration::ZERO, |pings| pings.interval);
        Some(Box::new(Self {
            config,
            heard: now,
            next_ping: now + interval,
            rationed_until: None,
            rate: recv_rate.map(ReadRate::new),
        }))
    }

    /// How many bytes may be read now, up to `most`; at 0 the deadline says when there are some.
    pub(super) fn allowance(&mut self, most: usize) -> usize {
        let Some(rate) = &mut self.rate else {
            return most;
        };
        match rate.allowance(most, clock::now()) {
            Ok(most) => most,
            Err(until) => {
                self.rationed_until = Some(until);
                0
            }
        }
    }

    /// Something else may keep us from reading now: then that is what is waited for.
    pub(super) fn forget_ration(&mut self) {
        self.rationed_until = None;
    }

    /// So many bytes came.
    pub(super) fn heard(&mut self, bytes: usize) {
        if let Some(rate) = &mut self.rate {
            rate.spend(bytes);
        }
        self.heard = clock::now();
    }

    /// What is to be done now, if anything. `oldest_ping` has no pong yet; `is_deaf` while nothing is read.
    pub(super) fn due(&mut self, oldest_ping: Option<Instant>, is_deaf: bool) -> Option<Due> {
        let now = clock::now();
        if is_deaf || self.rationed_until.is_some() {
            // Nobody listens: that is not the peer's silence.
            self.heard = now;
        }
        if let Some(patience) = self.config.idle_timeout
            && now.duration_since(self.heard) >= patience
        {
            return Some(Due::Leave(format!("nothing came for {patience:?}")));
        }
        let pings = self.config.keep_alive?;
        // A pong has its turn behind what the peer is sending: who sends is there.
        let since = oldest_ping.map(|at| now.duration_since(at.max(self.heard)));
        if since.is_some_and(|since| since >= pings.timeout) {
            return Some(Due::Leave(format!("no pong within {:?}", pings.timeout)));
        }
        if now >= self.next_ping {
            self.next_ping = now + pings.interval;
            return Some(Due::Ping);
        }
        None
    }

    /// When something may have to be done. Only an open session pings, and only it is left for silence.
    pub(super) fn deadline(&self, oldest_ping: Option<Instant>, is_open: bool) -> Option<Instant> {
        if !is_open {
            return self.rationed_until;
        }
        let idle = self
            .config
            .idle_timeout
            .map(|patience| self.heard + patience);
        let pings = self.config.keep_alive;
        let overdue = pings.and_then(|pings| Some(oldest_ping?.max(self.heard) + pings.timeout));
        let next = pings.map(|_| self.next_ping);
        let deadlines = [idle, overdue, next, self.rationed_until];
        deadlines.into_iter().flatten().min()
    }
}
