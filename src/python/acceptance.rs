//! `k6ws._core.VuBase` and `SourceBase`: what the hand-out of events reads of a VU and of a source of its events.
//!
//! Whether an event is accepted is decided when it is made: then its handler itself is handed out. What Python
//! changes meanwhile (another handler, a close, a cut) therefore holds for the next event, however many wait.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};

use crate::engine::runtime::mailbox::EventKind;

/// What a VU accepts. The rest of a VU is Python's.
#[pyclass(subclass, name = "VuBase", module = "k6ws._core")]
#[derive(Default)]
pub(super) struct PyVuBase {
    /// Whose events may be delivered now; `None` for nobody's.
    #[pyo3(get, set)]
    accepts: Option<Py<PyAny>>,
    /// Something must be looked at when a handler has run.
    #[pyo3(get, set)]
    is_unsettled: bool,
}

#[pymethods]
impl PyVuBase {
    #[new]
    #[pyo3(signature = (*_arguments, **_keywords))]
    fn new(_arguments: &Bound<'_, PyTuple>, _keywords: Option<&Bound<'_, PyDict>>) -> Self {
        Self::default()
    }

    #[expect(clippy::needless_pass_by_value, reason = "PyO3 calls it so")]
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.accepts)
    }

    fn __clear__(&mut self) {
        self.accepts = None;
    }
}

/// A source of events: whose they are, and what its messages are given to.
#[pyclass(subclass, name = "SourceBase", module = "k6ws._core")]
#[derive(Default)]
pub(super) struct PySourceBase {
    vu: Option<Py<PyVuBase>>,
    /// What the VU accepts while events of this source are delivered.
    #[pyo3(get, set)]
    scope: Option<Py<PyAny>>,
    on_text: Handler,
    on_binary: Handler,
    /// The connection that sockets send through as long as it is open; `None` where more is to be done.
    pub(super) sends: Option<Py<PyAny>>,
    /// Whether `send` takes bytes as well.
    pub(super) sends_bytes: bool,
}

/// What a message is given to, where that is one callable.
#[derive(Default)]
struct Handler {
    call: Option<Py<PyAny>>,
    /// A function of Python's, or a method that is one: what raises in it leaves its frame behind.
    is_plain: bool,
}

impl Handler {
    fn of(py: Python<'_>, call: Option<Py<PyAny>>) -> PyResult<Self> {
        let is_plain = match &call {
            Some(call) => is_plain(call.bind(py))?,
            None => false,
        };
        Ok(Self { call, is_plain })
    }

    fn get(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.call.as_ref().map(|call| call.clone_ref(py))
    }
}

fn is_plain(call: &Bound<'_, PyAny>) -> PyResult<bool> {
    static FUNCTION: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    static METHOD: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let py = call.py();
    let function = FUNCTION.import(py, "types", "FunctionType")?;
    if call.get_type().is(function) {
        return Ok(true);
    }
    let method = METHOD.import(py, "types", "MethodType")?;
    Ok(call.get_type().is(method) && call.getattr("__func__")?.get_type().is(function))
}

#[pymethods]
impl PySourceBase {
    #[new]
    #[pyo3(signature = (*_arguments, **_keywords))]
    fn new(_arguments: &Bound<'_, PyTuple>, _keywords: Option<&Bound<'_, PyDict>>) -> Self {
        Self::default()
    }

    /// Says whose events these are, and what that VU accepts while they are delivered.
    fn belong(&mut self, vu: Py<PyVuBase>, scope: Py<PyAny>) {
        self.vu = Some(vu);
        self.scope = Some(scope);
    }

    /// Says which connection sockets send through from now on, without asking Python; `None` for none.
    fn send_by(&mut self, connection: Option<Py<PyAny>>, takes_bytes: bool) {
        self.sends = connection;
        self.sends_bytes = takes_bytes;
    }

    /// What is called with a text message, where that is one handler.
    #[getter]
    fn on_text(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.on_text.get(py)
    }

    #[setter]
    fn set_on_text(&mut self, py: Python<'_>, call: Option<Py<PyAny>>) -> PyResult<()> {
        self.on_text = Handler::of(py, call)?;
        Ok(())
    }

    /// The same for a binary message, or for data of TCP.
    #[getter]
    fn on_binary(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.on_binary.get(py)
    }

    #[setter]
    fn set_on_binary(&mut self, py: Python<'_>, call: Option<Py<PyAny>>) -> PyResult<()> {
        self.on_binary = Handler::of(py, call)?;
        Ok(())
    }

    #[expect(clippy::needless_pass_by_value, reason = "PyO3 calls it so")]
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.vu)?;
        visit.call(&self.scope)?;
        visit.call(&self.sends)?;
        visit.call(&self.on_text.call)?;
        visit.call(&self.on_binary.call)
    }

    fn __clear__(&mut self) {
        *self = Self::default();
    }
}

/// A handler that an event is given to, and the VU that is in it.
pub(super) type Accepted = (Py<PyAny>, Py<PyVuBase>);

impl PySourceBase {
    /// The handler of a message of this kind, if the VU accepts it now and one plain handler takes it. From here
    /// on the VU accepts nothing, until [`PySourceBase::handled`].
    pub(super) fn accept(&self, py: Python<'_>, kind: EventKind) -> Option<Accepted> {
        let handler = match kind {
            EventKind::Text => &self.on_text,
            EventKind::Binary | EventKind::Data => &self.on_binary,
            _ => return None,
        };
        if !handler.is_plain {
            return None;
        }
        let (call, vu, scope) = (
            handler.call.as_ref()?,
            self.vu.as_ref()?,
            self.scope.as_ref()?,
        );
        let mut state = vu.bind(py).try_borrow_mut().ok()?;
        if !state.accepts.as_ref()?.is(scope) {
            return None;
        }
        // `scope` keeps it alive: nothing is finalised here.
        state.accepts = None;
        drop(state);
        Some((call.clone_ref(py), vu.clone_ref(py)))
    }

    /// The handler has run: the VU accepts again. The VU itself, if it has something to settle.
    pub(super) fn handled(&self, py: Python<'_>) -> Option<Py<PyVuBase>> {
        let vu = self.vu.as_ref()?;
        let mut state = vu.bind(py).try_borrow_mut().ok()?;
        let before = std::mem::replace(
            &mut state.accepts,
            self.scope.as_ref().map(|scope| scope.clone_ref(py)),
        );
        let is_unsettled = state.is_unsettled;
        drop(state);
        // After the borrow: this may run a finaliser.
        drop(before);
        is_unsettled.then(|| vu.clone_ref(py))
    }
}
