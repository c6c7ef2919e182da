//! What is counted for a VU as a whole, and whether it still may count.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::socket::stream::Traffic;

/// What a VU and its connections share.
#[derive(Debug, Default)]
pub struct VuAccount {
    /// Bytes of all its connections since they were last taken.
    pub traffic: Arc<Traffic>,
    is_cut: AtomicBool,
}

impl VuAccount {
    /// From now on only what a cut VU may still record is recorded; false begins a new iteration.
    pub fn set_cut(&self, is_cut: bool) {
        self.is_cut.store(is_cut, Ordering::Relaxed);
    }

    /// Whether the VU is cut.
    pub fn is_cut(&self) -> bool {
        self.is_cut.load(Ordering::Relaxed)
    }
}
