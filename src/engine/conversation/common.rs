//! What the two halves of a connection have in common: who hears its session, and who holds it for the script.

use std::sync::{Arc, OnceLock};

use super::Conversation;

/// Empty when the dial begins.
#[derive(Debug)]
pub(in crate::engine) struct Common<S> {
    /// As what it is recorded; set when that is known, in a run.
    pub(in crate::engine) series: OnceLock<S>,
    /// Set by the script's half, for one that makes requests or has rules: most have none. It may outlast the
    /// connection.
    pub(in crate::engine) conversation: OnceLock<Arc<Conversation>>,
}

impl<S> Common<S> {
    /// Of a connection that takes up this conversation, if there is one.
    pub(in crate::engine) fn taking_up(conversation: Option<Arc<Conversation>>) -> Self {
        let common = Self::default();
        if let Some(conversation) = conversation {
            // It is empty.
            let _ = common.conversation.set(conversation);
        }
        common
    }
}

impl<S> Default for Common<S> {
    fn default() -> Self {
        Self {
            series: OnceLock::new(),
            conversation: OnceLock::new(),
        }
    }
}
