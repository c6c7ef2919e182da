//! `k6ws._core.SocketBase` and what extends it: the sends of sockets that scripts hold, where Python is not needed.
//!
//! What leaves as it is goes from here to the outbox. Everything else (another type, a surrogate alone, a socket
//! that is not open, an outbox that is full) is for `_send` of the class above, which is called last of all: no
//! lock is held then, since it may wait.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};

use super::acceptance::{PySourceBase, clone};
use super::connection::{ACCEPTED, PyConnection};
use super::under_gil::UnderGil;

/// A socket of a script.
#[pyclass(frozen, subclass, name = "SocketBase", module = "k6ws._core")]
#[derive(Default)]
pub(super) struct PySocketBase {
    source: UnderGil<Option<Py<PySourceBase>>>,
}

#[pymethods]
impl PySocketBase {
    #[new]
    #[pyo3(signature = (*_arguments, **_keywords))]
    fn new(_arguments: &Bound<'_, PyTuple>, _keywords: Option<&Bound<'_, PyDict>>) -> Self {
        Self::default()
    }

    /// Says through whose connection it sends.
    fn _sends_through(&self, py: Python<'_>, source: Py<PySourceBase>) {
        self.source.replace(py, Some(source));
    }

    #[expect(clippy::needless_pass_by_value, reason = "PyO3 calls it so")]
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.source.visit(|one| visit.call(&*one))
    }

    fn __clear__(&self, py: Python<'_>) {
        self.source.replace(py, None);
    }
}

/// The socket of `k6ws.ws`.
#[pyclass(frozen, extends = PySocketBase, subclass, name = "TextSocketBase", module = "k6ws._core")]
pub(super) struct PyTextSocketBase;

#[pymethods]
impl PyTextSocketBase {
    #[new]
    #[pyo3(signature = (*_arguments, **_keywords))]
    fn new(
        _arguments: &Bound<'_, PyTuple>,
        _keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        PyClassInitializer::from(PySocketBase::default()).add_subclass(Self)
    }

    /// Send a text message; it leaves before the next event is handled.
    ///
    /// Args:
    ///     data: Text. A number or boolean is sent as JavaScript writes it (``Date.now()`` ports).
    ///
    /// A socket that is closed reports ``websocket: close sent`` to the ``error`` handlers. When too much
    /// waits to be written, ``send`` waits for the peer to read, up to ``send_timeout``. A surrogate without
    /// its other half is sent as U+FFFD.
    ///
    /// Raises:
    ///     TypeError: ``data`` is neither text nor a number.
    ///     WSError: The session is over: ``connect`` has returned, and no handler is left to tell.
    #[expect(clippy::doc_markdown, reason = "what Python's help() shows")]
    fn send(slf: &Bound<'_, Self>, data: &Bound<'_, PyAny>) -> PyResult<()> {
        PySocketBase::send(slf.as_super(), data)
    }
}

/// The socket of `k6ws.websockets`.
#[pyclass(frozen, extends = PySocketBase, subclass, name = "WebSocketBase", module = "k6ws._core")]
pub(super) struct PyWebSocketBase;

#[pymethods]
impl PyWebSocketBase {
    #[new]
    #[pyo3(signature = (*_arguments, **_keywords))]
    fn new(
        _arguments: &Bound<'_, PyTuple>,
        _keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyClassInitializer<Self> {
        PyClassInitializer::from(PySocketBase::default()).add_subclass(Self)
    }

    /// Send a message; it leaves before the next event is handled.
    ///
    /// Args:
    ///     data: ``str`` is sent as text, a surrogate without its other half as U+FFFD; :class:`Blob`,
    ///         ``bytes`` and other buffers as binary.
    ///
    /// Raises:
    ///     InvalidStateError: The socket is not open. When its peer has just gone, the message counts as
    ///         ``ws_msgs_unsent``, and ``close`` follows.
    ///     K6Error: Data of another type; nothing is converted, unlike in ``k6/ws``.
    ///     WSError: More than ``max_buffered`` waits, and the peer did not read within ``send_timeout``.
    #[expect(clippy::doc_markdown, reason = "what Python's help() shows")]
    fn send(slf: &Bound<'_, Self>, data: &Bound<'_, PyAny>) -> PyResult<()> {
        PySocketBase::send(slf.as_super(), data)
    }
}

impl PySocketBase {
    fn send(slf: &Bound<'_, Self>, data: &Bound<'_, PyAny>) -> PyResult<()> {
        if !Self::sent(slf, data)? {
            slf.call_method1(intern!(slf.py(), "_send"), (data,))?;
        }
        Ok(())
    }

    /// Whether the message was taken as it is.
    fn sent(slf: &Bound<'_, Self>, data: &Bound<'_, PyAny>) -> PyResult<bool> {
        let py = slf.py();
        let source = slf.get().source.look(py, |one| clone(py, one.as_ref()));
        let Some((connection, takes_bytes)) = source.and_then(|one| one.get().sends(py)) else {
            return Ok(false);
        };
        let Ok(connection) = connection.cast_bound::<PyConnection>(py) else {
            return Ok(false);
        };
        let status = if let Ok(text) = data.cast_exact::<PyString>() {
            match text.to_str() {
                Ok(text) => connection.get().send_text(py, text)?,
                // Half a surrogate pair.
                Err(_) => return Ok(false),
            }
        } else if takes_bytes && let Ok(bytes) = data.cast_exact::<PyBytes>() {
            connection.get().send_binary(py, bytes)?
        } else {
            return Ok(false);
        };
        Ok(status == ACCEPTED)
    }
}
