//! What the two halves of a connection have in common: who hears its session, and who holds it for the script.

use std::sync::OnceLock;

use super::Conversation;

/// Empty when the dial begins.
#[derive(Debug)]
pub(in crate::engine) struct Common<S> {
    /// As what it is recorded; set when that is known, in a run.
    pub(in crate::engine) series: OnceLock<S>,
    /// Set by the script's half, for one that makes requests or has rules. Boxed: most have none.
    pub(in crate::engine) conversation: OnceLock<Box<Conversation>>,
}

impl<S> Default for Common<S> {
    fn default() -> Self {
        Self {
            series: OnceLock::new(),
            conversation: OnceLock::new(),
        }
    }
}
