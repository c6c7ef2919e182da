//! `k6ws._core.Arrival`: a message on its way to whoever decides about it.

use pyo3::prelude::*;

use super::event::PyMessageEvent;
use crate::clock::Instant;

/// A message that callables of the script have a say in, as it arrived.
#[pyclass(frozen, name = "Arrival", module = "k6ws._core")]
pub(super) struct PyArrival {
    /// The message.
    #[pyo3(get)]
    pub(super) data: Py<PyAny>,
    pub(super) at: Instant,
}

impl PyArrival {
    pub(super) fn new(data: Py<PyAny>, at: Instant) -> Self {
        Self { data, at }
    }
}

#[pymethods]
impl PyArrival {
    /// The same as the event that listeners of this socket are given.
    fn event(&self, py: Python<'_>, socket: Py<PyAny>) -> PyMessageEvent {
        PyMessageEvent::new(self.data.clone_ref(py), socket, self.at)
    }
}
