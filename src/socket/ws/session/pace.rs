//! How fast a session reads, and how long it puts up with silence.
//!
//! All of it is off by default, and then costs one look at an empty `Option` in each turn.

use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Sleep;

use super::{READ_SIZE, Session, State};
use crate::clock::{self, Instant};
use crate::socket::error::{Cause, Phase, SocketError};
use crate::socket::read_rate::ReadRate;
use crate::socket::ws::close::{self, CloseStatus};
use crate::socket::ws::fact::Observer;

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

/// How a session keeps to it.
pub(super) struct Pace {
    config: PaceConfig,
    /// When bytes came last, or could not have come because nobody read.
    heard: Instant,
    next_ping: Instant,
    /// We have read as much as we may for now, so what the peer says is not heard.
    is_rationed: bool,
    /// The next moment at which something may have to be done.
    alarm: Pin<Box<Sleep>>,
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
            is_rationed: false,
            alarm: Box::pin(tokio::time::sleep_until(now)),
            rate: recv_rate.map(ReadRate::new),
        }))
    }

    /// How many bytes may be read now; at 0 the task is woken when there are some.
    pub(super) fn allowance(&mut self, cx: &mut Context<'_>) -> usize {
        let Some(rate) = &mut self.rate else {
            return READ_SIZE;
        };
        let most = rate.allowance(READ_SIZE, cx);
        self.is_rationed = most == 0;
        most
    }

    /// So many bytes came.
    pub(super) fn heard(&mut self, bytes: usize) {
        if let Some(rate) = &mut self.rate {
            rate.spend(bytes);
        }
        self.heard = clock::now();
    }

    fn deadline(&self, oldest_ping: Option<Instant>) -> Option<Instant> {
        let idle = self
            .config
            .idle_timeout
            .map(|patience| self.heard + patience);
        let pings = self.config.keep_alive;
        let overdue = pings.and_then(|pings| Some(oldest_ping?.max(self.heard) + pings.timeout));
        let next = pings.map(|_| self.next_ping);
        [idle, overdue, next].into_iter().flatten().min()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin, O: Observer> Session<S, O> {
    /// Sends a ping when it is time, and leaves a peer that has been silent for too long.
    pub(super) fn keep_pace(&mut self, cx: &mut Context<'_>) {
        while self.state == State::Open {
            let Some(pace) = &mut self.pace else { return };
            let now = clock::now();
            if self.is_paused || pace.is_rationed {
                // Nobody listens: that is not the peer's silence.
                pace.heard = now;
            }
            if let Some(patience) = pace.config.idle_timeout
                && now.duration_since(pace.heard) >= patience
            {
                return self.silent(&format!("nothing came for {patience:?}"));
            }
            if let Some(pings) = pace.config.keep_alive {
                let oldest = self.pings.oldest();
                // A pong has its turn behind what the peer is sending: who sends is there.
                if oldest.is_some_and(|at| now.duration_since(at.max(pace.heard)) >= pings.timeout)
                {
                    return self.silent(&format!("no pong within {:?}", pings.timeout));
                }
                if now >= pace.next_ping {
                    pace.next_ping = now + pings.interval;
                    // Refused when full: a peer that does not read is left at the send timeout.
                    let _ = self.outbox.ping();
                }
            }
            let Some(deadline) = pace.deadline(self.pings.oldest()) else {
                return;
            };
            pace.alarm.as_mut().reset(deadline.max(now));
            if pace.alarm.as_mut().poll(cx).is_pending() {
                return;
            }
        }
    }

    fn silent(&mut self, why: &str) {
        self.outbox
            .close(close::GOING_AWAY, why, self.config.close_timeout);
        let text = format!("websocket: {why}");
        let error = SocketError::new(Phase::Session, Cause::IdleTimeout, text)
            .with_hint("idle_timeout and keep_alive of this connection say how long to wait");
        let status = CloseStatus::new(close::ABNORMAL, why);
        self.closed(status, Some(error), State::Draining);
        self.peer_is_done();
    }
}
