//! What a conversation stands on: one connection, or several, one after the other.

use std::sync::Arc;

use pyo3::prelude::*;

use super::super::answers::Answers;
use super::super::event_loop::PyLoop;
use super::super::under_gil::UnderGil;
use super::PyConversation;
use super::callables::Named;
use super::sending::{send, told};
use crate::conversation::desk::Taker;
use crate::conversation::message::Message;
use crate::conversation::requests::RequestId;
use crate::engine::conversation::{Carrier, Conversation, Replies};

impl PyConversation {
    pub(in crate::python) fn new(owner: Py<PyLoop>, carrier: Arc<dyn Carrier>) -> Self {
        let receiver = carrier.conversation().id();
        Self {
            owner,
            carrier,
            receiver,
            callables: UnderGil::default(),
            unmet: UnderGil::default(),
        }
    }

    /// The same conversation on another connection, which has taken it up; `before` is of no use any more.
    pub(in crate::python) fn resumed(
        py: Python<'_>,
        owner: Py<PyLoop>,
        carrier: Arc<dyn Carrier>,
        before: &Self,
    ) -> Self {
        let resumed = Self::new(owner, carrier);
        let callables = before.callables.replace(py, Named::default());
        drop(resumed.callables.replace(py, callables));
        resumed
    }

    /// What another connection takes up.
    pub(in crate::python) fn shared(&self) -> Arc<Conversation> {
        self.carrier.conversation().clone()
    }

    pub(super) fn send(&self, py: Python<'_>, message: &Message<'_>, id: RequestId) -> u8 {
        send(py, &*self.carrier, self.owner.get().runtime(), message, id)
    }

    pub(super) fn inner(&self) -> &Conversation {
        self.carrier.conversation()
    }

    pub(super) fn told(
        &self,
        py: Python<'_>,
        taker: Taker,
        replies: Replies,
        answers: &Answers,
    ) -> isize {
        let runtime = self.owner.get().runtime();
        told(py, &*self.carrier, runtime, (taker, replies), answers)
    }
}
