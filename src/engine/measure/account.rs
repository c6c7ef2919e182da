//! What is counted for a VU as a whole, and whether it still may count.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

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
}

impl VuAccount {
    /// The account of the VU with this number; that of a stage has 0.
    pub fn of_vu(id: u32) -> Self {
        Self {
            id: id.into(),
            ..Self::default()
        }
    }

    /// An iteration begins: the VU's number `iteration`, from 0.
    pub fn begin(&self, iteration: u32) {
        self.iteration.store(iteration, Ordering::Relaxed);
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
