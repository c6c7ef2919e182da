//! `k6ws._core.ReplyBase`: a request as the script holds it.

use std::sync::Arc;

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use super::convert::text;
use super::under_gil::UnderGil;
use crate::conversation::message::Kind;
use crate::conversation::requests::outcome::{Came, Meanwhile, Received};
use crate::conversation::requests::{Failure, Outcome, RequestId};
use crate::engine::conversation::Conversation;
use crate::engine::measure::milliseconds;

/// A request, and what became of it.
#[pyclass(frozen, subclass, name = "ReplyBase", module = "k6ws._core")]
#[derive(Default)]
pub(super) struct PyReplyBase(UnderGil<Option<Requested>>);

/// Which request of which conversation. Dropped, nobody will ask for it.
pub(super) struct Requested {
    conversation: Arc<Conversation>,
    id: RequestId,
}

/// There are as many as requests under way.
const _: () = assert!(size_of::<PyReplyBase>() == 16);

impl Requested {
    pub(super) fn new(conversation: Arc<Conversation>, id: RequestId) -> Self {
        Self { conversation, id }
    }
}

impl Drop for Requested {
    fn drop(&mut self) {
        self.conversation.let_go(self.id);
    }
}

/// `(allowed_ms, parts, script, rules, replies, late)`: how long a request was given that timed out, and how many messages
/// came instead of its reply.
type Instead = (Option<f64>, u32, u32, u32, u32, u32);

/// `(error, messages, check, instead)`: why it failed, what came, which check did not hold, what came instead.
type OutcomeTuple = (
    Option<&'static str>,
    Py<PyList>,
    Option<usize>,
    Option<Instead>,
);

#[pymethods]
impl PyReplyBase {
    #[new]
    fn new() -> Self {
        Self::default()
    }

    /// The number that its event comes with.
    fn _number(&self, py: Python<'_>) -> Option<u64> {
        self.id(py).map(RequestId::to_number)
    }

    /// Whether it has its outcome; if not, an `ANSWERED` event comes when it has.
    fn _want(&self, py: Python<'_>) -> bool {
        self.with(py, Conversation::want).unwrap_or(true)
    }

    /// Whether it has its outcome.
    fn _has_ended(&self, py: Python<'_>) -> bool {
        self.with(py, Conversation::has_ended).unwrap_or(true)
    }

    /// Its outcome, once it has it; the first time this is asked.
    fn _take(&self, py: Python<'_>) -> PyResult<Option<OutcomeTuple>> {
        let taken = self.with(py, Conversation::take).flatten();
        let Some(outcome) = taken else {
            return Ok(None);
        };
        let (error, messages, check) = parts(&outcome);
        let messages = messages.iter().map(|one| message(py, one));
        let messages = messages.collect::<PyResult<Vec<_>>>()?;
        let messages = PyList::new(py, messages)?.unbind();
        Ok(Some((error, messages, check, instead(&outcome))))
    }

    /// As `_take` of one whose reply is one message, and no check judged: `(error, reply)`.
    fn _last(&self, py: Python<'_>) -> PyResult<Option<Last>> {
        let taken = self.with(py, Conversation::take).flatten();
        taken.map(|outcome| last(py, &outcome)).transpose()
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
            one.as_ref().map(|one| look(&one.conversation, one.id))
        })
    }
}

/// Why a request failed, what came, and which check did not hold: none where too much came.
fn parts(outcome: &Outcome) -> (Option<&'static str>, &[Received], Option<usize>) {
    match outcome {
        Outcome::Answered(messages) => (None, messages, None),
        Outcome::Wrong(messages, check) => (Some(Failure::Check.as_str()), messages, Some(*check)),
        Outcome::TooLong { .. } => (Some(Failure::Check.as_str()), &[], None),
        Outcome::Failed(why, _) => (Some(why.as_str()), &[], None),
    }
}

fn instead(outcome: &Outcome) -> Option<Instead> {
    let Outcome::Failed(Failure::Timeout, meanwhile) = outcome else {
        return None;
    };
    let Meanwhile {
        allowed,
        parts,
        came:
            Came {
                script,
                rules,
                replies,
                late,
            },
    } = *meanwhile;
    Some((
        allowed.map(milliseconds),
        parts,
        script,
        rules,
        replies,
        late,
    ))
}

/// Why a request failed, and the last message that came; of one that timed out what came instead.
pub(super) type Last = (Option<&'static str>, Py<PyAny>);

/// What became of a request whose reply is one message.
pub(super) fn last(py: Python<'_>, outcome: &Outcome) -> PyResult<Last> {
    let (error, messages, _) = parts(outcome);
    let reply = match messages.last() {
        Some(one) => message(py, one)?.unbind(),
        None => instead(outcome).into_py_any(py)?,
    };
    Ok((error, reply))
}

/// A message for Python: text, or bytes.
pub(super) fn message<'py>(py: Python<'py>, received: &Received) -> PyResult<Bound<'py, PyAny>> {
    Ok(match received.kind {
        Kind::Text => text(py, &received.bytes)?,
        _ => PyBytes::new(py, &received.bytes).into_any(),
    })
}
