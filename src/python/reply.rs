//! `k6ws._core.ReplyBase`: a request as the script holds it.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};

use super::convert::text;
use super::under_gil::UnderGil;
use crate::conversation::message::Kind;
use crate::conversation::requests::{Outcome, RequestId};
use crate::engine::conversation::{Carrier, Conversation};

/// A request, and what became of it.
#[pyclass(frozen, subclass, name = "ReplyBase", module = "k6ws._core")]
#[derive(Default)]
pub(super) struct PyReplyBase(UnderGil<Option<Requested>>);

/// Which request of which connection. Dropped, nobody will ask for it.
pub(super) struct Requested {
    carrier: Arc<dyn Carrier>,
    id: RequestId,
}

impl Requested {
    pub(super) fn new(carrier: Arc<dyn Carrier>, id: RequestId) -> Self {
        Self { carrier, id }
    }
}

impl Drop for Requested {
    fn drop(&mut self) {
        self.carrier.conversation().let_go(self.id);
    }
}

/// `(error, messages, check)`: why it failed, what came, and which check did not hold.
type OutcomeTuple = (Option<&'static str>, Py<PyList>, Option<usize>);

#[pymethods]
impl PyReplyBase {
    #[new]
    #[pyo3(signature = (*_arguments, **_keywords))]
    fn new(_arguments: &Bound<'_, PyTuple>, _keywords: Option<&Bound<'_, PyDict>>) -> Self {
        Self::default()
    }

    /// The number that its event comes with.
    fn _number(&self, py: Python<'_>) -> Option<u64> {
        self.id(py).map(RequestId::to_number)
    }

    /// Whether it has its outcome; if not, an `ANSWERED` event comes when it has.
    fn _want(&self, py: Python<'_>) -> bool {
        self.with(py, |conversation, id| conversation.want(id))
            .unwrap_or(true)
    }

    /// Whether it has its outcome.
    fn _has_ended(&self, py: Python<'_>) -> bool {
        self.with(py, |conversation, id| conversation.has_ended(id))
            .unwrap_or(true)
    }

    /// Its outcome, once it has it; the first time this is asked.
    fn _take(&self, py: Python<'_>) -> PyResult<Option<OutcomeTuple>> {
        let taken = self
            .with(py, |conversation, id| conversation.take(id))
            .flatten();
        let Some(outcome) = taken else {
            return Ok(None);
        };
        let (error, messages, check) = match outcome {
            Outcome::Answered(messages) => (None, messages, None),
            Outcome::Wrong(messages, check) => (Some("check"), messages, Some(check)),
            Outcome::Failed(why) => (Some(why.as_str()), Vec::new(), None),
        };
        let messages = messages.iter().map(|one| message(py, one.kind, &one.bytes));
        let messages = messages.collect::<PyResult<Vec<_>>>()?;
        Ok(Some((error, PyList::new(py, messages)?.unbind(), check)))
    }
}

impl PyReplyBase {
    pub(super) fn stand_for(&self, py: Python<'_>, requested: Requested) {
        drop(self.0.replace(py, Some(requested)));
    }

    pub(super) fn id(&self, py: Python<'_>) -> Option<RequestId> {
        self.0.look(py, |one| one.as_ref().map(|one| one.id))
    }

    fn with<R>(
        &self,
        py: Python<'_>,
        look: impl FnOnce(&Conversation, RequestId) -> R,
    ) -> Option<R> {
        self.0.look(py, |one| {
            one.as_ref()
                .map(|one| look(one.carrier.conversation(), one.id))
        })
    }
}

/// A message for Python: text, or bytes.
fn message<'py>(py: Python<'py>, kind: Kind, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    Ok(match kind {
        Kind::Text => text(py, bytes)?,
        _ => PyBytes::new(py, bytes).into_any(),
    })
}
