//! What is counted for a VU as a whole, and whether it still may count.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::clock::Instant;
use crate::metrics::Metadata;
use crate::socket::stream::Traffic;

/// What a VU and its connections share.
#[derive(Debug, Default)]
pub struct VuAccount {
    /// Bytes of all its connections since they were last taken.
    pub traffic: Arc<Traffic>,
    is_cut: AtomicBool,
    id: AtomicU32,
    iteration: AtomicU32,
    plan: Plan,
}

/// When an iteration was to begin by its timetable, until its first request has it.
#[derive(Debug, Default)]
struct Plan {
    /// Looked at first: most iterations have no plan, and most requests are not the first.
    is_there: AtomicBool,
    at: Mutex<Option<Instant>>,
}

impl VuAccount {
    /// The account of the VU with this number; that of a stage has 0.
    pub fn of_vu(id: u32) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }

    /// An iteration begins: the VU's number `iteration`, from 0, which a timetable had begin at `planned`.
    pub fn begin(&self, iteration: u32, planned: Option<Instant>) {
        self.iteration.store(iteration, Ordering::Relaxed);
        self.plan.set(planned);
    }

    /// It is over: what is asked until the next one begins is no part of its plan.
    pub fn end(&self) {
        self.plan.set(None);
    }

    /// When the iteration was to begin, for its first request; nobody else gets it.
    pub fn take_plan(&self) -> Option<Instant> {
        self.plan.take()
    }

    /// Whoever took it was not sent: the next request is the first.
    pub fn give_back_plan(&self, planned: Instant) {
        self.plan.set(Some(planned));
    }

    /// Whose its samples are.
    pub fn metadata(&self) -> Metadata {
        Metadata {
            vu: Some(self.id.load(Ordering::Relaxed)),
            iteration: Some(self.iteration.load(Ordering::Relaxed)),
        }
    }

    /// From now on only what a cut VU may still record is recorded; false begins a new iteration.
    pub fn set_cut(&self, is_cut: bool) {
        self.is_cut.store(is_cut, Ordering::Relaxed);
    }

    /// Whether the VU is cut.
    pub fn is_cut(&self) -> bool {
        self.is_cut.load(Ordering::Relaxed)
    }
}

impl Plan {
    fn set(&self, at: Option<Instant>) {
        if at.is_some() || self.is_there.load(Ordering::Relaxed) {
            *self.at.lock().unwrap_or_else(PoisonError::into_inner) = at;
            self.is_there.store(at.is_some(), Ordering::Relaxed);
        }
    }

    fn take(&self) -> Option<Instant> {
        if !self.is_there.load(Ordering::Relaxed) {
            return None;
        }
        self.is_there.store(false, Ordering::Relaxed);
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        at.take()
    }
}
