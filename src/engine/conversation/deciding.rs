//! Messages that a callable of the script has a say in: what is done about them on the VU thread.

use super::Conversation;
use super::following::{Replies, end};
use crate::clock::Instant;
use crate::conversation::ask::Ask;
use crate::conversation::desk::Taker;
use crate::conversation::message::Message;
use crate::engine::Runtime;
use crate::engine::runtime::shared::lock;

impl Conversation {
    /// Decides about a message that came undecided. Who takes it, and what rules have to say.
    pub fn decide(
        &self,
        runtime: &Runtime,
        message: &Message<'_>,
        at: Instant,
        ask: &mut dyn Ask,
    ) -> (Taker, Replies) {
        self.on_vu_thread(runtime.shared(), |desk, then| {
            desk.take(message, at, ask, then)
        })
    }

    /// A message that came undecided has been decided: those behind it may be the driver's again. How many bytes it
    /// has; nothing where it had been given up.
    pub fn decided(&self, runtime: &Runtime) -> Option<usize> {
        let mut state = lock(&self.state);
        let bytes = state.undecided.pop_front()?;
        if !state.undecided.is_empty() {
            return Some(bytes);
        }
        let (over, is_lasting) = (state.over.take(), state.is_lasting);
        drop(state);
        if let Some(why) = over {
            self.on_vu_thread(runtime.shared(), |desk, then| {
                end(desk, why, is_lasting, then);
            });
        }
        Some(bytes)
    }

    /// Has the rules from number `from` on look at a message that was there before them. As [`Conversation::decide`].
    pub fn obey(
        &self,
        runtime: &Runtime,
        message: &Message<'_>,
        from: u32,
        ask: &mut dyn Ask,
    ) -> (Taker, Replies) {
        self.on_vu_thread(runtime.shared(), |desk, then| {
            desk.obey(message, from, None, ask, then)
        })
    }
}
