//! `k6ws._core.Correlation`: which reply belongs to which request, of what scripts write.

use std::sync::Arc;

use pyo3::PyTraverseError;
use pyo3::gc::PyVisit;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyString};

use super::asking::{Asking, Callables, Decoded, key_of, with_message};
use super::keys::source_of;
use super::matching::PyMatcher;
use super::patterns::invalid;
use crate::conversation::correlation::Correlation;
use crate::conversation::fault::Fault;
use crate::conversation::key::{Key, KeyFault, KeySource, LONGEST};
use crate::conversation::matcher::Matcher;

/// Which reply belongs to which request.
#[pyclass(frozen, name = "Correlation", module = "k6ws._core")]
pub(super) struct PyCorrelation {
    correlation: Arc<Correlation>,
    callables: Callables,
    name: Option<String>,
    written: String,
}

impl PyCorrelation {
    /// How requests and replies find each other.
    pub(super) fn correlation(&self) -> &Arc<Correlation> {
        &self.correlation
    }

    /// The callables that it knows by number.
    pub(super) fn callables(&self) -> &Callables {
        &self.callables
    }

    /// The key that a script gives itself, for one request.
    pub(super) fn key_given(&self, value: &Bound<'_, PyAny>) -> PyResult<Result<Key, KeyFault>> {
        let Some(bytes) = key_of(value)? else {
            return Ok(Err(KeyFault::Missing));
        };
        let is_number = value.is_instance_of::<PyInt>();
        Ok(self.correlation.key_of_text(&bytes, !is_number))
    }
}

#[pymethods]
impl PyCorrelation {
    /// A reply has the key of its request.
    #[staticmethod]
    #[pyo3(signature = (sent, received, r#where, done, name))]
    fn by(
        sent: &Bound<'_, PyAny>,
        received: Option<&Bound<'_, PyAny>>,
        r#where: Option<&Bound<'_, PyAny>>,
        done: Option<&Bound<'_, PyAny>>,
        name: Option<String>,
    ) -> PyResult<Self> {
        let mut parts = Parts::default();
        let key = parts.source(sent)?;
        let answer = match received {
            Some(received) => parts.source(received)?,
            None => key.clone(),
        };
        let is_reply = parts.matcher("where", r#where)?;
        let is_last = parts.matcher("done", done)?;
        if let Some(name) = &name {
            parts
                .written
                .push(format!("name={}", PyString::new(sent.py(), name).repr()?));
        }
        Ok(Self {
            correlation: Arc::new(Correlation::by(key, answer, is_reply, is_last)),
            written: format!("by({})", parts.written.join(", ")),
            callables: parts.callables,
            name,
        })
    }

    /// Replies come in the order of their requests.
    #[staticmethod]
    #[pyo3(signature = (r#where, done))]
    fn in_order(
        r#where: Option<&Bound<'_, PyAny>>,
        done: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let mut parts = Parts::default();
        let is_reply = parts.matcher("where", r#where)?;
        let is_last = parts.matcher("done", done)?;
        Ok(Self {
            correlation: Arc::new(Correlation::in_order(is_reply, is_last)),
            written: format!("in_order({})", parts.written.join(", ")),
            callables: parts.callables,
            name: None,
        })
    }

    /// The key of a message to be sent; raises `InvalidParameter` if it has none, or one that is too long.
    #[pyo3(signature = (data, decoded=Decoded(None), *, is_tcp=false), text_signature = "($self, data, decoded=..., *, is_tcp=False)")]
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts it")]
    fn key_of_sent<'py>(
        &self,
        data: &Bound<'py, PyAny>,
        decoded: Decoded<'py>,
        is_tcp: bool,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let mut ask = Asking::new(&self.callables, data, &decoded);
        let key = with_message(data, is_tcp, |message| {
            Ok(self.correlation.key_of_sent(message, &mut ask))
        })?;
        made(data.py(), ask.answer(key)?)
    }

    /// The key that a script gives itself for one request, as bytes.
    fn key<'py>(&self, value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        made(value.py(), self.key_given(value)?)
    }

    /// The key of a message that has come; `None` if it is no reply.
    #[pyo3(signature = (data, decoded=Decoded(None), *, is_tcp=false), text_signature = "($self, data, decoded=..., *, is_tcp=False)")]
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts it")]
    fn key_of_received<'py>(
        &self,
        data: &Bound<'py, PyAny>,
        decoded: Decoded<'py>,
        is_tcp: bool,
    ) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let mut ask = Asking::new(&self.callables, data, &decoded);
        let key = with_message(data, is_tcp, |message| {
            Ok(self.correlation.key_of_received(message, &mut ask))
        })?;
        let key = ask.answer(key)?;
        Ok(key.map(|key| PyBytes::new(data.py(), key.as_bytes())))
    }

    /// Whether a message is the last one of its reply; `None` where each reply is one message.
    #[pyo3(signature = (data, decoded=Decoded(None), *, is_tcp=false), text_signature = "($self, data, decoded=..., *, is_tcp=False)")]
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts it")]
    fn is_done(
        &self,
        data: &Bound<'_, PyAny>,
        decoded: Decoded<'_>,
        is_tcp: bool,
    ) -> PyResult<Option<bool>> {
        let mut ask = Asking::new(&self.callables, data, &decoded);
        let is_done = with_message(data, is_tcp, |message| {
            Ok(self.correlation.is_done(message, &mut ask))
        })?;
        ask.answer(is_done)
    }

    /// Whether replies come in the order of their requests, and have no keys.
    #[getter]
    fn is_in_order(&self) -> bool {
        self.correlation.is_in_order()
    }

    /// Whether it says which message is the last one of a reply.
    #[getter]
    fn has_done(&self) -> bool {
        self.correlation.last().is_some()
    }

    /// Whether a callable of the script may have the word.
    #[getter]
    fn needs_python(&self) -> bool {
        self.correlation.needs_python()
    }

    /// What exchanges are called that have no name of their own.
    #[getter]
    fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn __repr__(&self) -> &str {
        &self.written
    }

    #[expect(clippy::needless_pass_by_value, reason = "PyO3 calls it so")]
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.callables.visit(&visit)
    }
}

fn made(py: Python<'_>, key: Result<Key, KeyFault>) -> PyResult<Bound<'_, PyBytes>> {
    let text = match key {
        Ok(key) => return Ok(PyBytes::new(py, key.as_bytes())),
        Err(KeyFault::Missing) => "the message has no key".to_owned(),
        Err(KeyFault::TooLong) => format!("the key of the message has more than {LONGEST} bytes"),
    };
    Err(invalid(py, &Fault::new(text, "")))
}

/// What a correlation is put together of.
#[derive(Default)]
struct Parts {
    callables: Callables,
    written: Vec<String>,
}

impl Parts {
    fn matcher(
        &mut self,
        keyword: &str,
        value: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Option<Matcher>> {
        let Some(value) = value else {
            return Ok(None);
        };
        let matcher = PyMatcher::of(value)?;
        self.written
            .push(format!("{keyword}={}", matcher.__repr__()));
        Ok(Some(matcher.joined(value.py(), &mut self.callables)))
    }

    fn source(&mut self, value: &Bound<'_, PyAny>) -> PyResult<KeySource> {
        self.written.push(value.repr()?.to_string());
        source_of(value, &mut self.callables)
    }
}
