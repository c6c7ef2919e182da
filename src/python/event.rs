//! `k6ws._core.MessageEvent`: a message as the handlers of `k6ws.websockets` get it.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;

use crate::clock::{self, Instant};

/// A message and when it arrived. Made for each message, so it holds what is at hand and works out the rest
/// when it is asked for.
#[pyclass(frozen, name = "MessageEvent", module = "k6ws._core")]
pub(super) struct PyMessageEvent {
    #[pyo3(get)]
    data: Py<PyAny>,
    #[pyo3(get)]
    target: Py<PyAny>,
    at: Instant,
}

impl PyMessageEvent {
    pub(super) fn new(data: Py<PyAny>, target: Py<PyAny>, at: Instant) -> Self {
        Self { data, target, at }
    }
}

#[pymethods]
impl PyMessageEvent {
    /// Always `message`.
    #[classattr]
    fn r#type() -> &'static str {
        "message"
    }

    /// When the message arrived, in milliseconds since 1970.
    #[getter]
    fn timestamp(&self) -> f64 {
        clock::epoch_milliseconds(self.at)
    }

    /// The DOM's name of `timestamp`.
    #[getter(timeStamp)]
    fn time_stamp(&self) -> f64 {
        self.timestamp()
    }

    /// The URL of the socket.
    #[getter]
    fn origin<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.target.bind(py).getattr("url")
    }

    /// The same event with other data: what arrived, in another form.
    fn with_data(&self, py: Python<'_>, data: Py<PyAny>) -> Self {
        Self::new(data, self.target.clone_ref(py), self.at)
    }

    #[expect(clippy::needless_pass_by_value, reason = "PyO3 calls it so")]
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.data)?;
        visit.call(&self.target)
    }
}
