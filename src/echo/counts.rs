//! What an echo server has seen, readable while it runs.
//!
//! Sessions add once for each batch of messages, without a lock. A reply is counted just before it is
//! handed to the operating system and taken back if that fails: whoever has received a reply finds it
//! counted, and a failed send is never a sent message. A batch that went out only in part was not sent.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::socket::stream::Traffic;

/// A reading of an echo server's counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EchoCounts {
    /// WebSocket sessions opened so far.
    pub connections: u64,
    /// Those of them that spoke through tungstenite.
    pub witnessed: u64,
    /// Sessions open now.
    pub open: u64,
    /// HTTP requests answered with anything but an upgrade.
    pub refused: u64,
    /// Complete text and binary messages received.
    pub messages_received: u64,
    /// Messages echoed.
    pub messages_sent: u64,
    /// Payload bytes of the messages received.
    pub bytes_received: u64,
    /// Payload bytes of the messages echoed.
    pub bytes_sent: u64,
    /// Bytes that came over the wire: frames, handshakes and TLS records.
    pub wire_received: u64,
    /// Bytes that went over the wire.
    pub wire_sent: u64,
}

/// A handle on the counters of one server; clones read the same ones.
#[derive(Clone, Debug)]
pub struct EchoCounters(pub(super) Arc<Counters>);

impl EchoCounters {
    /// The counts of this moment. Counters move one by one: only a quiet server reads consistently.
    pub fn read(&self) -> EchoCounts {
        self.0.read()
    }
}

/// The counters themselves, shared by all sessions of a server.
#[derive(Debug, Default)]
pub(super) struct Counters {
    connections: AtomicU64,
    witnessed: AtomicU64,
    open: AtomicU64,
    refused: AtomicU64,
    received: Total,
    sent: Total,
    /// Counts below TLS, for all connections together.
    pub(super) traffic: Arc<Traffic>,
    /// What was taken out of `traffic` by earlier readings, as (sent, received).
    wire: Mutex<(u64, u64)>,
}

/// Messages and their payload bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) messages: u64,
    pub(super) bytes: u64,
}

impl Tally {
    pub(super) fn add(&mut self, payload: &[u8]) {
        self.messages += 1;
        self.bytes += payload.len() as u64;
    }
}

#[derive(Debug, Default)]
struct Total {
    messages: AtomicU64,
    bytes: AtomicU64,
}

impl Total {
    fn add(&self, tally: Tally) {
        if tally.messages > 0 {
            self.messages.fetch_add(tally.messages, Ordering::Relaxed);
            self.bytes.fetch_add(tally.bytes, Ordering::Relaxed);
        }
    }

    fn take_back(&self, tally: Tally) {
        self.messages.fetch_sub(tally.messages, Ordering::Relaxed);
        self.bytes.fetch_sub(tally.bytes, Ordering::Relaxed);
    }
}

impl Counters {
    pub(super) fn session_opened(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn session_witnessed(&self) {
        self.witnessed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn session_ended(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn request_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn received(&self, tally: Tally) {
        self.received.add(tally);
    }

    pub(super) fn sending(&self, tally: Tally) {
        self.sent.add(tally);
    }

    /// What was counted as sent did not reach the operating system.
    pub(super) fn not_sent(&self, tally: Tally) {
        self.sent.take_back(tally);
    }

    pub(super) fn read(&self) -> EchoCounts {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (wire_sent, wire_received) = {
            // Two sums: nothing that a panic elsewhere could leave half-done.
            let mut wire = self.wire.lock().unwrap_or_else(PoisonError::into_inner);
            let (sent, received) = self.traffic.take();
            wire.0 += sent;
            wire.1 += received;
            *wire
        };
        EchoCounts {
            connections: load(&self.connections),
            witnessed: load(&self.witnessed),
            open: load(&self.open),
            refused: load(&self.refused),
            messages_received: load(&self.received.messages),
            messages_sent: load(&self.sent.messages),
            bytes_received: load(&self.received.bytes),
            bytes_sent: load(&self.sent.bytes),
            wire_received,
            wire_sent,
        }
    }
}
