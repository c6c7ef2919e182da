//! `k6ws._core.VuBase` and `SourceBase`: what the hand-out of events reads of a VU and of a source of its events.
//!
//! Whether an event is accepted is decided when it is made: then its handler itself is handed out. What Python
//! changes meanwhile (another handler, a close, a cut) therefore holds for the next event, however many wait.

use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};

use super::under_gil::UnderGil;
use crate::engine::runtime::mailbox::EventKind;

/// What a VU accepts. The rest of a VU is Python's.
#[pyclass(frozen, subclass, name = "VuBase", module = "k6ws._core")]
#[derive(Default)]
pub(super) struct PyVuBase {
    accepts: UnderGil<Option<Py<PyAny>>>,
    is_unsettled: UnderGil<bool>,
}

#[pymethods]
impl PyVuBase {
    #[new]
    #[pyo3(signature = (*_arguments, **_keywords))]
    fn new(_arguments: &Bound<'_, PyTuple>, _keywords: Option<&Bound<'_, PyDict>>) -> Self {
        Self::default()
    }

    /// Whose events may be delivered now; `None` for nobody's.
    #[getter]
    fn accepts(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.accepts.look(py, |one| clone(py, one.as_ref()))
    }

    #[setter]
    fn set_accepts(&self, py: Python<'_>, accepts: Option<Py<PyAny>>) {
        self.accepts.replace(py, accepts);
    }

    /// Something must be looked at when a handler has run.
    #[getter]
    fn is_unsettled(&self, py: Python<'_>) -> bool {
        self.is_unsettled.look(py, |is| *is)
    }

    #[setter]
    fn set_is_unsettled(&self, py: Python<'_>, is_unsettled: bool) {
        self.is_unsettled.replace(py, is_unsettled);
    }

    #[expect(clippy::needless_pass_by_value, reason = "PyO3 calls it so")]
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.accepts.visit(|one| visit.call(&*one))
    }

    fn __clear__(&self, py: Python<'_>) {
        self.accepts.replace(py, None);
    }
}

/// A source of events: whose they are, and what its messages are given to.
#[pyclass(frozen, subclass, name = "SourceBase", module = "k6ws._core")]
#[derive(Default)]
pub(super) struct PySourceBase {
    belongs: UnderGil<Belonging>,
    on_text: UnderGil<Handler>,
    on_binary: UnderGil<Handler>,
    sends: UnderGil<Sends>,
}

/// Whose the events are, and what that VU accepts while they are delivered.
#[derive(Default)]
struct Belonging {
    vu: Option<Py<PyVuBase>>,
    scope: Option<Py<PyAny>>,
}

/// What a message is given to, where that is one callable.
#[derive(Default)]
struct Handler {
    call: Option<Py<PyAny>>,
    /// A function of Python's, or a method that is one: what raises in it leaves its frame behind.
    is_plain: bool,
}

/// What sockets send through, without asking Python.
#[derive(Default)]
pub(super) struct Sends {
    /// As long as it is open; `None` where more is to be done.
    pub(super) connection: Option<Py<PyAny>>,
    /// Whether `send` takes bytes as well.
    pub(super) takes_bytes: bool,
}

impl Handler {
    fn of(py: Python<'_>, call: Option<Py<PyAny>>) -> PyResult<Self> {
        let is_plain = match &call {
            Some(call) => is_plain(call.bind(py))?,
            None => false,
        };
        Ok(Self { call, is_plain })
    }
}

/// Another reference to the same object.
pub(super) fn clone<T>(py: Python<'_>, one: Option<&Py<T>>) -> Option<Py<T>> {
    one.map(|one| one.clone_ref(py))
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
    fn belong(&self, py: Python<'_>, vu: Py<PyVuBase>, scope: Py<PyAny>) {
        let belongs = Belonging {
            vu: Some(vu),
            scope: Some(scope),
        };
        self.belongs.replace(py, belongs);
    }

    /// What the VU accepts while events of this source are delivered.
    #[getter]
    fn scope(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.belongs.look(py, |one| clone(py, one.scope.as_ref()))
    }

    /// Says which connection sockets send through from now on, without asking Python; `None` for none.
    fn send_by(&self, py: Python<'_>, connection: Option<Py<PyAny>>, takes_bytes: bool) {
        let sends = Sends {
            connection,
            takes_bytes,
        };
        self.sends.replace(py, sends);
    }

    /// What is called with a text message, where that is one handler.
    #[getter]
    fn on_text(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.on_text.look(py, |one| clone(py, one.call.as_ref()))
    }

    #[setter]
    fn set_on_text(&self, py: Python<'_>, call: Option<Py<PyAny>>) -> PyResult<()> {
        self.on_text.replace(py, Handler::of(py, call)?);
        Ok(())
    }

    /// The same for a binary message, or for data of TCP.
    #[getter]
    fn on_binary(&self, py: Python<'_>) -> Option<Py<PyAny>> {
        self.on_binary.look(py, |one| clone(py, one.call.as_ref()))
    }

    #[setter]
    fn set_on_binary(&self, py: Python<'_>, call: Option<Py<PyAny>>) -> PyResult<()> {
        self.on_binary.replace(py, Handler::of(py, call)?);
        Ok(())
    }

    #[expect(clippy::needless_pass_by_value, reason = "PyO3 calls it so")]
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.belongs.visit(|one| {
            visit.call(&one.vu)?;
            visit.call(&one.scope)
        })?;
        self.on_text.visit(|one| visit.call(&one.call))?;
        self.on_binary.visit(|one| visit.call(&one.call))?;
        self.sends.visit(|one| visit.call(&one.connection))
    }

    fn __clear__(&self, py: Python<'_>) {
        self.belongs.replace(py, Belonging::default());
        self.on_text.replace(py, Handler::default());
        self.on_binary.replace(py, Handler::default());
        self.sends.replace(py, Sends::default());
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
        let vu = self.belongs.look(py, |belongs| {
            let (vu, scope) = (belongs.vu.as_ref()?, belongs.scope.as_ref()?);
            let is_accepted = vu.get().accepts.look(py, |accepts| {
                accepts.as_ref().is_some_and(|one| one.is(scope))
            });
            is_accepted.then(|| vu.clone_ref(py))
        })?;
        let call = handler.look(py, |one| {
            one.call
                .as_ref()
                .filter(|_| one.is_plain)
                .map(|call| call.clone_ref(py))
        })?;
        vu.get().accepts.replace(py, None);
        Some((call, vu))
    }

    /// The handler has run: the VU accepts again. The VU itself, if it has something to settle.
    pub(super) fn handled(&self, py: Python<'_>) -> Option<Py<PyVuBase>> {
        let (vu, before) = self.belongs.look(py, |belongs| {
            let vu = belongs.vu.as_ref()?;
            let before = vu
                .get()
                .accepts
                .replace(py, clone(py, belongs.scope.as_ref()));
            let is_unsettled = vu.get().is_unsettled.look(py, |is| *is);
            Some((is_unsettled.then(|| vu.clone_ref(py)), before))
        })?;
        // Only here: this may run a finaliser.
        drop(before);
        vu
    }

    /// What sockets send through, if they may without asking Python.
    pub(super) fn sends(&self, py: Python<'_>) -> Option<(Py<PyAny>, bool)> {
        self.sends.look(py, |sends| {
            Some((sends.connection.as_ref()?.clone_ref(py), sends.takes_bytes))
        })
    }
}
