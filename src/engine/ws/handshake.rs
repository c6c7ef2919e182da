//! How a handshake ended, left by the observer for the script's side.

use std::sync::Mutex;

use crate::engine::runtime::shared::lock;
use crate::socket::ws::upgrade::{Answer, Refused};

/// How the handshake ended.
#[derive(Debug)]
pub enum Outcome {
    /// The session is open.
    Opened(Answer),
    /// There is no session.
    Refused(Refused),
}

/// Where the outcome of a handshake lies until the script's side takes it.
#[derive(Debug, Default)]
pub(super) struct Handshake(Mutex<Option<Box<Outcome>>>);

impl Handshake {
    /// The handshake has ended.
    pub(super) fn settle(&self, outcome: Outcome) {
        *lock(&self.0) = Some(Box::new(outcome));
    }
    /// How it ended, once it has; the first time this is asked.
    pub(super) fn take(&self) -> Option<Outcome> {
        Some(*lock(&self.0).take()?)
    }
}
