//! Events as Python objects: what comes with each.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::arrival::PyArrival;
use super::convert::text;
use super::event::PyMessageEvent;
use crate::clock;
use crate::engine::runtime::mailbox::{Event, EventKind, Payload};
use crate::socket::error::SocketError;

/// Whether it is a message of a WebSocket.
pub(super) fn is_message(kind: EventKind) -> bool {
    matches!(kind, EventKind::Text | EventKind::Binary)
}

/// A message as the handlers of `k6ws.websockets` get it.
pub(super) fn message_event<'py>(
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
pub(super) fn data<'py>(
    py: Python<'py>,
    event: &Event,
    bytes: &[u8],
    has_socket: bool,
) -> PyResult<Bound<'py, PyAny>> {
    Ok(match (&event.payload, event.kind) {
        (_, EventKind::Text) => text(py, bytes)?,
        (_, EventKind::Binary | EventKind::Data) => PyBytes::new(py, bytes).into_any(),
        (_, EventKind::UndecidedText) => {
            let text = text(py, bytes)?;
            Bound::new(py, PyArrival::new(text.unbind(), event.at))?.into_any()
        }
        (_, EventKind::UndecidedBinary | EventKind::UndecidedData) => {
            let bytes = PyBytes::new(py, bytes).into_any();
            Bound::new(py, PyArrival::new(bytes.unbind(), event.at))?.into_any()
        }
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
