//! How it goes with one connection: what was asked, who was let in, and since when nothing is taken.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use crate::clock::{self, Instant};

/// How it goes with what a client was given.
#[derive(Debug, Default)]
pub(super) struct Progress {
    known: Mutex<Known>,
    silence: Duration,
}

#[derive(Debug, Default)]
struct Known {
    /// It has asked for something.
    is_asked: bool,
    /// It was let in to look at the run.
    is_let_in: bool,
    /// What it holds is needed elsewhere.
    is_given_up: bool,
    /// Since when it takes nothing.
    owed_since: Option<Instant>,
}

impl Progress {
    /// Nothing was asked for yet. After so long a silence it is told that there is nothing to tell.
    pub(super) fn new(silence: Duration) -> Self {
        Self {
            known: Mutex::default(),
            silence,
        }
    }

    pub(super) const fn silence(&self) -> Duration {
        self.silence
    }

    pub(super) fn asked(&self) {
        self.known().is_asked = true;
    }

    pub(super) fn is_asked(&self) -> bool {
        self.known().is_asked
    }

    pub(super) fn let_in(&self) {
        self.known().is_let_in = true;
    }

    pub(super) fn is_let_in(&self) -> bool {
        self.known().is_let_in
    }

    /// Ends our patience with it.
    pub(super) fn give_up(&self) {
        self.known().is_given_up = true;
    }

    #[cfg(test)]
    pub(super) fn is_given_up(&self) -> bool {
        self.known().is_given_up
    }

    pub(super) fn is_owed(&self, is_owed: bool) {
        self.known().owed_since = is_owed.then(clock::now);
    }

    /// Waits until it has taken nothing for so long.
    pub(super) async fn end_of_patience(&self, patience: Duration) {
        loop {
            let since = {
                let known = self.known();
                if known.is_given_up {
                    return;
                }
                known.owed_since
            };
            let waited = since.map_or(Duration::ZERO, |since| clock::now() - since);
            if waited >= patience {
                return;
            }
            let left = patience.saturating_sub(waited);
            sleep(left.min(patience / LOOKS)).await;
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often is looked in the time that patience lasts.
const LOOKS: u32 = 6;
