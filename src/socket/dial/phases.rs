//! How far a dial has come, and how long each phase took.
//!
//! The phases follow one another without a gap, so their times add up to the whole, failures included. What a
//! proxy takes to open the way counts as connecting.

use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::proxy::Proxy;
use super::target::Target;
use crate::clock::{self, Instant};
use crate::socket::error::{Cause, Phase, SocketError, network};

/// How long the phases of one dial took; `None` for those that were not reached.
#[derive(Clone, Copy, Debug)]
pub struct Spans {
    /// The dial began.
    pub started: Instant,
    /// It was over, well or not.
    pub ended: Instant,
    /// Name to addresses.
    pub resolve: Option<Duration>,
    /// TCP handshake, with a proxy's.
    pub connect: Option<Duration>,
    /// TLS handshake.
    pub tls: Option<Duration>,
    /// HTTP upgrade.
    pub upgrade: Option<Duration>,
    /// Nobody waited for the end of it: these times say nothing of the peer.
    pub is_given_up: bool,
}

impl Spans {
    /// Of a dial that never began.
    pub fn none(at: Instant) -> Self {
        Self {
            started: at,
            ended: at,
            resolve: None,
            connect: None,
            tls: None,
            upgrade: None,
            is_given_up: false,
        }
    }

    /// The whole.
    pub fn total(&self) -> Duration {
        self.ended - self.started
    }

    fn add(&mut self, phase: Phase, now: Instant) {
        let spent = now - self.ended;
        self.ended = now;
        let span = match phase {
            Phase::Resolve => &mut self.resolve,
            Phase::Connect | Phase::Proxy => &mut self.connect,
            Phase::Tls => &mut self.tls,
            Phase::Upgrade | Phase::Session => &mut self.upgrade,
        };
        *span = Some(span.unwrap_or_default() + spent);
    }
}

/// How far a dial has come, so that a deadline can say where it struck.
#[derive(Debug)]
pub struct Reached {
    /// The phase under way.
    phase: Phase,
    /// Whom it is with, as error texts name it: an address, or both ends once connected.
    pub ends: String,
    /// What the name led to: the address connected to, or that was tried first.
    pub resolved: Option<IpAddr>,
    /// The proxy, until it has opened the way, and to whom.
    pub via: Option<(Arc<Proxy>, Target)>,
    spans: Spans,
}

impl Reached {
    /// Before the first phase, which begins now.
    pub fn new(target: &Target) -> Self {
        Self {
            phase: Phase::Resolve,
            ends: target.host.to_string(),
            resolved: None,
            via: None,
            spans: Spans::none(clock::now()),
        }
    }

    /// The phase under way is over, the next one begins.
    pub fn enter(&mut self, phase: Phase) {
        self.spans.add(self.phase, clock::now());
        self.phase = phase;
    }

    /// The times of all phases, the one under way up to now.
    pub fn spans(&self) -> Spans {
        self.spans_until(clock::now())
    }

    /// The times of all phases, the one under way up to `end`: what came later was our own waiting.
    pub fn spans_until(&self, end: Instant) -> Spans {
        let mut spans = self.spans;
        spans.add(self.phase, end);
        spans
    }

    /// The times and the error of an attempt that nobody waits for any more, before it had an outcome.
    pub fn given_up(&self) -> (Spans, SocketError) {
        let spans = Spans {
            is_given_up: true,
            ..self.spans()
        };
        let phase = self.phase.as_str();
        let text = format!("cut in the {phase} phase, before it had an outcome");
        let hint = "the iteration, the run or the script ended while it was connecting";
        let error = SocketError::new(self.phase, Cause::Cut, text).with_hint(hint);
        (spans, error)
    }

    /// What `doing` yields, or the error that this phase did not end in time. Boxed, so that a dial has room for
    /// the phase under way and not for all of them: in a storm of connects that is most of the memory.
    ///
    /// # Cancel safety
    /// That of `doing`.
    pub async fn within<T, E: From<SocketError>>(
        &self,
        limit: Option<Duration>,
        doing: Pin<Box<impl Future<Output = Result<T, E>>>>,
    ) -> Result<T, E> {
        self.within_since(clock::now(), limit, doing).await
    }

    /// The same where the time has run since `began`: what came before shares the limit.
    ///
    /// # Cancel safety
    /// That of `doing`.
    pub async fn within_since<T, E: From<SocketError>>(
        &self,
        began: Instant,
        limit: Option<Duration>,
        doing: Pin<Box<impl Future<Output = Result<T, E>>>>,
    ) -> Result<T, E> {
        let by = |limit| Some((limit, began.checked_add(limit)?));
        let Some((limit, by)) = limit.and_then(by) else {
            return doing.await;
        };
        match tokio::time::timeout_at(by, doing).await {
            Ok(result) => result,
            Err(_) => Err(self.late(limit).into()),
        }
    }

    /// The error of a dial whose time, `limit`, ran out here.
    pub fn timed_out(&self, limit: Duration) -> SocketError {
        let error = self.late(limit);
        match &self.via {
            Some((proxy, target)) => proxy.named(target, error),
            None => error,
        }
    }

    fn late(&self, limit: Duration) -> SocketError {
        let ends = &self.ends;
        let net = network(ends);
        let (cause, text) = match self.phase {
            Phase::Resolve => (Cause::Dns, format!("lookup {ends}: i/o timeout")),
            Phase::Connect => (
                Cause::ConnectTimeout,
                format!("dial {net} {ends}: i/o timeout"),
            ),
            Phase::Proxy => (
                Cause::ConnectTimeout,
                format!("read {net} {ends}: i/o timeout"),
            ),
            Phase::Tls => (Cause::TlsTimeout, format!("read {net} {ends}: i/o timeout")),
            Phase::Upgrade | Phase::Session => (
                Cause::HandshakeTimeout,
                format!("read {net} {ends}: i/o timeout"),
            ),
        };
        let hint = format!(
            "the {} phase had not ended within {}",
            self.phase.as_str(),
            crate::units::format_duration(limit)
        );
        SocketError::new(self.phase, cause, text).with_hint(hint)
    }
}

#[cfg(test)]
mod tests;
