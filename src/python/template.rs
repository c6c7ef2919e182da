//! `k6ws._core.Template`: an answer that is written from the message that it answers.

use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::asking::with_message;
use super::matching::PyMatcher;
use super::patterns::invalid;
use crate::conversation::template::Template;

/// An answer: text with what it takes from messages that a matcher has matched, or bytes.
#[pyclass(frozen, name = "Template", module = "k6ws._core")]
pub(super) struct PyTemplate(Arc<Template>);

impl PyTemplate {
    /// What is written.
    pub(super) fn template(&self) -> &Arc<Template> {
        &self.0
    }
}

#[pymethods]
impl PyTemplate {
    #[new]
    fn new(reply: &Bound<'_, PyAny>, answered: &PyMatcher) -> PyResult<Self> {
        let py = reply.py();
        let template = if let Ok(text) = reply.cast::<PyString>() {
            let compiled = Template::of_text(text.to_str()?, answered.matcher());
            compiled.map_err(|fault| invalid(py, &fault))?
        } else if let Ok(bytes) = reply.cast::<PyBytes>() {
            let compiled = Template::of_bytes(bytes.as_bytes(), answered.matcher());
            compiled.map_err(|fault| invalid(py, &fault))?
        } else {
            let kind = reply.get_type();
            let text = format!("an answer is text or bytes, not {kind}");
            return Err(PyTypeError::new_err(text));
        };
        Ok(Self(Arc::new(template)))
    }

    /// The answer to a message; `None` if that has not what the answer takes.
    #[pyo3(signature = (data, *, is_tcp=false))]
    fn fill<'py>(
        &self,
        data: &Bound<'py, PyAny>,
        is_tcp: bool,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let py = data.py();
        let mut answer = Vec::new();
        let is_filled = with_message(data, is_tcp, |message| {
            Ok(self.0.fill(message, &mut answer))
        })?;
        if !is_filled {
            return Ok(None);
        }
        match (self.0.is_text(), std::str::from_utf8(&answer)) {
            (true, Ok(text)) => Ok(Some(PyString::new(py, text).into_any())),
            _ => Ok(Some(PyBytes::new(py, &answer).into_any())),
        }
    }

    /// Whether it is text.
    #[getter]
    fn is_text(&self) -> bool {
        self.0.is_text()
    }
}
