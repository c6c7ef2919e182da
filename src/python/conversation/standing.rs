//! What a conversation stands on: one connection, or several, one after the other.

use std::sync::Arc;

use pyo3::prelude::*;

use super::super::answers::Answers;
use super::super::event_loop::PyLoop;
use super::super::under_gil::UnderGil;
use super::super::wakes::Wakes;
use super::PyConversation;
use super::callables::Named;
use super::sending::{send, told};
use crate::conversation::desk::Taker;
use crate::conversation::message::Message;
use crate::conversation::requests::RequestId;
use crate::engine::Runtime;
use crate::engine::conversation::{Carrier, Conversation, Replies};

impl PyConversation {
    pub(in crate::python) fn new(
        owner: Py<PyLoop>,
        carrier: Arc<dyn Carrier>,
        is_tcp: bool,
    ) -> Self {
        let receiver = carrier.conversation().id();
        Self {
            owner,
            carrier,
            is_tcp,
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
        let resumed = Self::new(owner, carrier, before.is_tcp);
        let callables = before.callables.replace(py, Named::default());
        drop(resumed.callables.replace(py, callables));
        resumed
    }

    /// What another connection takes up.
    pub(in crate::python) fn shared(&self) -> Arc<Conversation> {
        self.carrier.conversation().clone()
    }

    pub(super) fn send(&self, py: Python<'_>, message: &Message<'_>, id: RequestId) -> u8 {
        send(py, &*self.carrier, self.runtime(), message, id)
    }

    pub(super) fn runtime(&self) -> &Runtime {
        self.owner.get().runtime()
    }

    pub(super) fn with_wakes<R>(
        &self,
        look: impl FnOnce(&mut Option<Box<Wakes>>) -> R,
    ) -> Option<R> {
        self.owner.get().with_wakes(self.receiver, look)
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
        told(
            py,
            &*self.carrier,
            self.runtime(),
            (taker, replies),
            answers,
        )
    }
}
