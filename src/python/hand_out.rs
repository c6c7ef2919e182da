//! Events as the Python loop takes them, one by one: `(call, kind, data, vu)`.
//!
//! A message that its VU accepts comes with its handler itself, which is called with the data; `vu` is who is in
//! it then. Every other event comes with its receiver, which is called with kind and data, and without a VU.
//! There, messages of one socket that arrived one after the other become one event with a list: most of the cost
//! is in calling the receiver.

use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyList;
use pyo3::{IntoPyObjectExt, intern};

use super::acceptance::{PySourceBase, PyVuBase, clone};
use super::events::{data, is_message, message_event};
use super::receivers::{Receiver, Receivers, Whose};
use super::under_gil::UnderGil;
use super::wakes::Woken;
use crate::clock::Instant;
use crate::engine::Runtime;
use crate::engine::runtime::event_loop::HandOut;
use crate::engine::runtime::mailbox::{Event, EventKind, ReceiverId};

/// What Python is given for an event.
pub(super) type Handed = (Py<PyAny>, u8, Py<PyAny>, Option<Py<PyVuBase>>);

/// Batches that are being handed out, and whose handler has the last event.
#[derive(Default)]
pub(super) struct HandingOut(UnderGil<State>);

#[derive(Default)]
struct State {
    /// More than one only where a finaliser, run while an object is made, has waited for events.
    #[expect(
        clippy::vec_box,
        reason = "taken out and put back for each event: a pointer"
    )]
    batches: Vec<Box<HandOut>>,
    /// Whether handlers are handed out at all; not where an asyncio loop of the program runs them.
    is_direct: bool,
    /// The source whose handler was handed out last.
    running: Option<Py<PySourceBase>>,
    /// When the event that was handed out last became known.
    arrived: Option<Instant>,
}

impl HandingOut {
    /// There is a batch; `is_direct` if handlers of its events may be handed out themselves.
    pub(super) fn begin(&self, py: Python<'_>, batch: HandOut, is_direct: bool) {
        self.0.look(py, |state| {
            state.is_direct = is_direct;
            state.batches.push(Box::new(batch));
        });
    }

    /// The source whose handler was handed out last, if that has not returned: it is put aside, or it raised.
    pub(super) fn leave(&self, py: Python<'_>) -> Option<Py<PySourceBase>> {
        self.0.look(py, |state| state.running.take())
    }

    /// When the event that was handed out last became known at its socket.
    pub(super) fn arrived(&self, py: Python<'_>) -> Option<Instant> {
        self.0.look(py, |state| state.arrived)
    }

    /// The same, and it goes on.
    pub(super) fn running(&self, py: Python<'_>) -> Option<Py<PySourceBase>> {
        self.0.look(py, |state| clone(py, state.running.as_ref()))
    }

    /// How many messages for this receiver wait in batches that are being handed out.
    pub(super) fn messages_of(&self, py: Python<'_>, receiver: ReceiverId) -> usize {
        self.0.look(py, |state| {
            let batches = state.batches.iter();
            batches.map(|batch| batch.messages_of(receiver)).sum()
        })
    }

    /// The next event; `None` when the batch is used up.
    pub(super) fn next(
        &self,
        py: Python<'_>,
        runtime: &Runtime,
        receivers: &Mutex<Receivers>,
    ) -> PyResult<Option<Handed>> {
        let (ran, batch, is_direct) = self.0.look(py, |state| {
            (state.running.take(), state.batches.pop(), state.is_direct)
        });
        // No lock is held while objects are made or dropped: a finaliser may come back here.
        if let Some(ran) = ran
            && let Some(vu) = handled(py, &ran)
        {
            let settle = vu.bind(py).getattr(intern!(py, "settle_after"));
            self.0.look(py, |state| state.batches.extend(batch));
            let kind = EventKind::Writable as u8;
            return Ok(Some((settle?.unbind(), kind, py.None(), None)));
        }
        let Some(mut batch) = batch else {
            return Ok(None);
        };
        while let Some(event) = batch.next() {
            // The look-up alone is under this lock.
            let whose = lock(receivers).of(py, &event, is_direct);
            let (made, source) = match whose {
                None => continue,
                Some(Whose::Waiting(woken)) => (resumed(py, woken), None),
                Some(Whose::Receiver(receiver)) => (called(py, &event, &mut batch, receiver), None),
                Some(Whose::Handler(direct)) => {
                    let (call, vu) = direct.accepted;
                    let bytes = batch.bytes(&event);
                    let data = match direct.socket {
                        Some(socket) => message_event(py, &event, bytes, socket),
                        None => data(py, &event, bytes, false),
                    };
                    let made = data.map(|data| (call, event.kind as u8, data.unbind(), Some(vu)));
                    (made, Some(direct.source))
                }
            };
            match made {
                Ok(handed) => {
                    self.0.look(py, |state| {
                        state.running = source;
                        state.arrived = Some(event.at);
                        state.batches.push(batch);
                    });
                    return Ok(Some(handed));
                }
                // What stands behind it is still delivered.
                Err(failed) => {
                    source.and_then(|source| handled(py, &source));
                    failed.write_unraisable(py, None);
                }
            }
        }
        runtime.end_hand_out(*batch);
        Ok(None)
    }
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

fn handled(py: Python<'_>, source: &Py<PySourceBase>) -> Option<Py<PyVuBase>> {
    source.get().handled(py)
}

/// An outcome for who waits for it.
fn resumed(py: Python<'_>, woken: Woken) -> PyResult<Handed> {
    let outcome = woken.told(py)?.into_py_any(py)?;
    Ok((woken.call, EventKind::Answered as u8, outcome, None))
}

/// An event for its receiver, with the messages of the same socket that stand right behind it.
fn called(
    py: Python<'_>,
    event: &Event,
    batch: &mut HandOut,
    receiver: Receiver,
) -> PyResult<Handed> {
    let Receiver { call, socket, .. } = receiver;
    let bytes = batch.bytes(event);
    let Some(socket) = socket.as_ref().filter(|_| is_message(event.kind)) else {
        let data = data(py, event, bytes, socket.is_some())?;
        return Ok((call, event.kind as u8, data.unbind(), None));
    };
    let first = message_event(py, event, bytes, socket.clone_ref(py))?;
    let mut list: Option<Bound<'_, PyList>> = None;
    while let Some(next) = batch.next_message_of(event.receiver) {
        let message = message_event(py, &next, batch.bytes(&next), socket.clone_ref(py))?;
        match &list {
            Some(list) => list.append(message)?,
            None => list = Some(PyList::new(py, [&first, &message])?),
        }
    }
    Ok(match list {
        None => (call, event.kind as u8, first.unbind(), None),
        Some(list) => (
            call,
            EventKind::Messages as u8,
            list.into_any().unbind(),
            None,
        ),
    })
}
