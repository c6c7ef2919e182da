//! `k6ws._core.Correlation` and where its keys stand: `Capture`, `Field`.

use std::sync::Arc;

use pyo3::PyTraverseError;
use pyo3::exceptions::PyTypeError;
use pyo3::gc::PyVisit;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyInt, PyString};

use super::asking::{Asking, Callables, Decoded, key_of, with_message};
use super::matching::{PyMatcher, size};
use super::patterns::{invalid, is_compiled, pattern_of};
use crate::conversation::correlation::Correlation;
use crate::conversation::fault::Fault;
use crate::conversation::key::{Key, KeyFault, KeySource, LONGEST};
use crate::conversation::matcher::Matcher;
use crate::conversation::pattern::Pattern;
use crate::conversation::pointer::Pointer;

/// A group of a pattern, as a key.
#[pyclass(frozen, name = "Capture", module = "k6ws._core")]
pub(super) struct PyCapture {
    pattern: Pattern,
    group: usize,
    written: String,
}

#[pymethods]
impl PyCapture {
    /// The only group, unless `group` says which by its number or name.
    #[new]
    #[pyo3(signature = (pattern, group=None))]
    fn new(pattern: &Bound<'_, PyAny>, group: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let py = pattern.py();
        let written = match group {
            Some(group) => format!("capture({}, {})", pattern.repr()?, group.repr()?),
            None => format!("capture({})", pattern.repr()?),
        };
        let pattern = pattern_of(pattern)?;
        let group = group_of(&pattern, group).map_err(|fault| invalid(py, &fault))?;
        Ok(Self {
            pattern,
            group,
            written,
        })
    }

    fn __repr__(&self) -> &str {
        &self.written
    }
}

fn group_of(pattern: &Pattern, group: Option<&Bound<'_, PyAny>>) -> Result<usize, Fault> {
    let hint = "put what is the key in parentheses, and what is no key in (?:…)";
    let Some(group) = group else {
        return match pattern.groups() {
            1 => Ok(1),
            0 => Err(Fault::new(
                "a pattern without a group captures no key",
                hint,
            )),
            many => Err(Fault::new(
                format!("a pattern with {many} groups does not say which one is the key"),
                format!("{hint}; or name it: capture(pattern, 1)"),
            )),
        };
    };
    let found = if let Ok(name) = group.cast::<PyString>() {
        name.to_str().ok().and_then(|name| pattern.group_of(name))
    } else {
        let number = group.extract::<usize>().ok();
        number.filter(|number| *number <= pattern.groups())
    };
    found.ok_or_else(|| {
        let names: Vec<_> = pattern.names().collect();
        Fault::new(
            format!("the pattern has no group {group}"),
            format!(
                "it has {} groups, with the names {names:?}",
                pattern.groups()
            ),
        )
    })
}

/// Bytes at a place, as a key.
#[pyclass(frozen, name = "Field", module = "k6ws._core")]
pub(super) struct PyField {
    offset: usize,
    size: usize,
}

#[pymethods]
impl PyField {
    /// `size` bytes, behind the first `offset` ones.
    #[new]
    fn new(offset: &Bound<'_, PyAny>, size: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (offset, bytes) = (
            self::size(offset, "an offset")?,
            self::size(size, "a size")?,
        );
        if bytes == 0 || bytes > LONGEST {
            return Err(invalid(
                size.py(),
                &Fault::new(
                    format!("a key cannot have {bytes} bytes"),
                    format!("it has from 1 to {LONGEST}"),
                ),
            ));
        }
        Ok(Self {
            offset,
            size: bytes,
        })
    }

    fn __repr__(&self) -> String {
        format!("field({}, {})", self.offset, self.size)
    }
}

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
        let key = parts.key(sent)?;
        let answer = match received {
            Some(received) => parts.key(received)?,
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

    fn key(&mut self, value: &Bound<'_, PyAny>) -> PyResult<KeySource> {
        self.written.push(value.repr()?.to_string());
        if let Ok(capture) = value.cast::<PyCapture>() {
            let capture = capture.get();
            return Ok(KeySource::Capture(capture.pattern.clone(), capture.group));
        }
        if let Ok(field) = value.cast::<PyField>() {
            let PyField { offset, size } = *field.get();
            return Ok(KeySource::Field { offset, size });
        }
        if let Ok(written) = value.cast::<PyString>() {
            return pointer_of(written).map(KeySource::Pointer);
        }
        if value.is_instance_of::<PyBytes>() {
            return Err(no_pointer(value)?);
        }
        if is_compiled(value)? {
            let capture = PyCapture::new(value, None)?;
            return Ok(KeySource::Capture(capture.pattern, capture.group));
        }
        if value.is_callable() {
            return Ok(KeySource::Callable(self.callables.add(value)));
        }
        let kind = value.get_type();
        Err(PyTypeError::new_err(format!(
            "{kind} says no key: a JSON pointer, capture(…), field(…) and a callable do"
        )))
    }
}

fn pointer_of(written: &Bound<'_, PyString>) -> PyResult<Pointer> {
    let text = written.to_str()?;
    match Pointer::parse(text) {
        Ok(pointer) => Ok(pointer),
        Err(fault) if text.starts_with('/') => Err(invalid(written.py(), &fault)),
        Err(_) => Err(no_pointer(written)?),
    }
}

fn no_pointer(written: &Bound<'_, PyAny>) -> PyResult<PyErr> {
    let text = format!(
        "{written} is no JSON pointer; did you mean capture({written})?",
        written = written.repr()?
    );
    let hint = "a JSON pointer begins with a slash: \"/id\"";
    Ok(invalid(written.py(), &Fault::new(text, hint)))
}
