//! A conversation that outlasts its connection: requests that were not sent wait for the next one, rules and what they
//! have counted stay.

use super::Conversation;
use crate::conversation::requests::Failure;
use crate::engine::Runtime;
use crate::engine::runtime::mailbox::ReceiverId;
use crate::engine::runtime::shared::lock;

impl Conversation {
    /// The end of its connection is not its own from now on.
    pub fn outlast(&self) {
        lock(&self.state).is_lasting = true;
    }

    /// Whether the end of its connection is not its own.
    pub fn is_lasting(&self) -> bool {
        lock(&self.state).is_lasting
    }

    /// Another connection takes it up, whose events go to `id`. All events of the one before have been told.
    pub(in crate::engine) fn taken_up(&self, id: ReceiverId) {
        let mut state = lock(&self.state);
        state.id = id;
        state.undecided.clear();
        state.over = None;
    }

    /// No other connection takes it up: what waits for one has failed.
    pub fn over(&self, runtime: &Runtime) {
        lock(&self.state).is_lasting = false;
        self.on_vu_thread(runtime.shared(), |desk, then| {
            desk.end(Failure::Closed, then);
        });
    }
}
