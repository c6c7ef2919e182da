//! What the observer of a connection asks and tells, on the thread of whoever drives it.

use super::following::{Replies, end};
use super::{Conversation, Offered};
use crate::clock::{self, Instant};
use crate::conversation::ask::Nobody;
use crate::conversation::desk::Taker;
use crate::conversation::message::Message;
use crate::conversation::requests::{Failure, RequestId};
use crate::engine::runtime::shared::{Shared, lock};

impl Conversation {
    /// Offers a message that has just arrived. What rules have to say is to be sent at once.
    pub(in crate::engine) fn offer(
        &self,
        shared: &Shared,
        message: &Message<'_>,
        at: Instant,
        replies: &mut Replies,
    ) -> Offered {
        let mut state = lock(&self.state);
        // Kernels do not stamp backwards, but a clock that was set may be believed again.
        state.latest = state.latest.max(at);
        if !state.undecided.is_empty() || state.desk.needs_python() {
            state.undecided.push_back(message.bytes().len());
            return Offered::Undecided;
        }
        if state.desk.is_idle() {
            return Offered::Script;
        }
        let mut effects = std::mem::take(&mut state.effects);
        let taker = state.desk.take(message, at, &mut Nobody, &mut effects);
        Self::post(&mut state, effects, shared, at, replies);
        match taker {
            Taker::Request => Offered::Taken(None),
            Taker::Rule(ruled) => Offered::Taken(Some(ruled)),
            Taker::Script | Taker::Unknown => Offered::Script,
        }
    }

    /// The last byte of a request left with a write that began then.
    pub(in crate::engine) fn wrote(&self, id: RequestId, at: Instant) {
        lock(&self.state).desk.wrote(id, at);
    }

    /// No more replies can come.
    pub(in crate::engine) fn ended(&self, shared: &Shared, is_cut: bool) {
        let mut state = lock(&self.state);
        if state.desk.is_idle() {
            return;
        }
        let why = Failure::of_end(is_cut);
        if !state.undecided.is_empty() && !is_cut {
            // Some of what has arrived may be replies.
            state.over = Some(why);
            return;
        }
        let mut effects = std::mem::take(&mut state.effects);
        let is_lasting = state.is_lasting && !is_cut;
        end(&mut state.desk, why, is_lasting, &mut effects);
        Self::post(&mut state, effects, shared, clock::now(), &mut Vec::new());
    }
}
