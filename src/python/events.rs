//! A batch of events as the Python loop gets it: `[(receiver, kind, data), …]`.
//!
//! Messages of one socket that arrived one after the other become one entry with a list: a flood is where the
//! time per message counts, and most of an entry's cost is in calling its receiver.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString};

use super::event::PyMessageEvent;
use super::receivers::Receiver;
use crate::clock;
use crate::engine::runtime::mailbox::{Event, EventKind, Payload, ReceiverId};
use crate::socket::error::SocketError;

/// The list while it is made.
pub(super) struct EventList<'py> {
    py: Python<'py>,
    entries: Bound<'py, PyList>,
    /// The last entry, if it is of messages that others may join.
    open: Option<OpenEntry<'py>>,
}

struct OpenEntry<'py> {
    receiver: ReceiverId,
    call: Py<PyAny>,
    socket: Py<PyAny>,
    first: Bound<'py, PyAny>,
    list: Option<Bound<'py, PyList>>,
}

impl<'py> EventList<'py> {
    /// Nothing yet.
    pub(super) fn new(py: Python<'py>) -> Self {
        Self {
            py,
            entries: PyList::empty(py),
            open: None,
        }
    }

    /// Adds a message to the entry before it, if that is of the same socket.
    pub(super) fn joins(&mut self, event: &Event, bytes: &[u8]) -> PyResult<bool> {
        let py = self.py;
        let Some(open) = &mut self.open else {
            return Ok(false);
        };
        if open.receiver != event.receiver || !is_message(event.kind) {
            return Ok(false);
        }
        let message = message_event(py, event, bytes, open.socket.clone_ref(py))?;
        if let Some(list) = &open.list {
            list.append(message)?;
            return Ok(true);
        }
        let list = PyList::new(py, [&open.first, &message])?;
        let kind = EventKind::Messages as u8;
        let entry = (open.call.clone_ref(py), kind, &list).into_pyobject(py)?;
        self.entries.set_item(self.entries.len() - 1, entry)?;
        open.list = Some(list);
        Ok(true)
    }

    /// Adds an entry.
    pub(super) fn push(&mut self, event: &Event, bytes: &[u8], receiver: Receiver) -> PyResult<()> {
        let py = self.py;
        let kind = event.kind as u8;
        let Receiver { call, socket } = receiver;
        if let Some(socket) = &socket
            && is_message(event.kind)
        {
            let message = message_event(py, event, bytes, socket.clone_ref(py))?;
            self.entries.append((&call, kind, &message))?;
            self.open = Some(OpenEntry {
                receiver: event.receiver,
                call,
                socket: socket.clone_ref(py),
                first: message,
                list: None,
            });
            return Ok(());
        }
        self.open = None;
        let data = data(py, event, bytes, socket.is_some())?;
        self.entries.append((call, kind, data))
    }

    /// The list, complete.
    pub(super) fn into_list(self) -> Bound<'py, PyList> {
        self.entries
    }
}

fn is_message(kind: EventKind) -> bool {
    matches!(kind, EventKind::Text | EventKind::Binary)
}

fn message_event<'py>(
    py: Python<'py>,
    event: &Event,
    bytes: &[u8],
    socket: Py<PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    let data = match event.kind {
        EventKind::Text => PyString::from_bytes(py, bytes)?.into_any(),
        _ => PyBytes::new(py, bytes).into_any(),
    };
    let message = PyMessageEvent::new(data.unbind(), socket, event.at);
    Ok(Bound::new(py, message)?.into_any())
}

/// What a handler is given.
fn data<'py>(
    py: Python<'py>,
    event: &Event,
    bytes: &[u8],
    has_socket: bool,
) -> PyResult<Bound<'py, PyAny>> {
    Ok(match (&event.payload, event.kind) {
        (_, EventKind::Text) => PyString::from_bytes(py, bytes)?.into_any(),
        (_, EventKind::Binary | EventKind::Data) => PyBytes::new(py, bytes).into_any(),
        (_, EventKind::Ping | EventKind::Pong) if has_socket => {
            let at = clock::epoch_milliseconds(event.at);
            at.into_pyobject(py)?.into_any()
        }
        (Payload::Failure(Some(error)), _) => failure(error).into_pyobject(py)?.into_any(),
        (Payload::WriteFailed(failed), _) => {
            let (writes, partial, error) = &**failed;
            let data = (*writes, *partial, failure(error));
            data.into_pyobject(py)?.into_any()
        }
        (
            Payload::Start {
                vu,
                scenario,
                number,
            },
            _,
        ) => (*vu, *scenario, *number).into_pyobject(py)?.into_any(),
        (Payload::Number(number), _) => number.into_pyobject(py)?.into_any(),
        (Payload::Closed(how), _) => {
            let (status, error) = &**how;
            let closed = (
                status.code,
                status.reason.as_str(),
                status.to_string(),
                error.as_ref().map(failure),
            );
            closed.into_pyobject(py)?.into_any()
        }
        _ => py.None().into_bound(py),
    })
}

/// `(text, cause, hint)`.
fn failure(error: &SocketError) -> (&str, &'static str, &str) {
    (error.text.as_str(), error.cause.as_str(), &error.hint)
}
