//! `k6ws._core.Framing`: how a stream is cut into messages, as Python holds it; `Framer`, which cuts one.

use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString};

use super::convert::{error, text};
use super::keys::captured;
use crate::conversation::framing::{
    Framer, Framing, FramingError, InvalidFraming, LengthPrefix, Unframeable,
};

/// Immutable, so connections share it.
#[pyclass(frozen, name = "Framing", module = "k6ws.framing")]
pub(super) struct PyFraming {
    pub(super) inner: Arc<Framing>,
    written: String,
}

#[pymethods]
impl PyFraming {
    /// Lines of text; `written` is how a script writes it, here and below.
    #[staticmethod]
    fn lines(
        py: Python<'_>,
        end: &str,
        max: usize,
        keeps_bad_utf8: bool,
        written: String,
    ) -> PyResult<Self> {
        Self::of(py, Framing::lines(end, max, keeps_bad_utf8), written)
    }

    /// Bytes up to an end.
    #[staticmethod]
    fn delimiter(py: Python<'_>, end: &[u8], max: usize, written: String) -> PyResult<Self> {
        Self::of(py, Framing::delimiter(end, max), written)
    }

    /// So many bytes.
    #[staticmethod]
    fn fixed(py: Python<'_>, size: usize, written: String) -> PyResult<Self> {
        Self::of(py, Framing::fixed(size), written)
    }

    /// A length in front; `prefix` has its size, whether it is little-endian, the bytes before it, whether it counts
    /// itself, and what is added to it.
    #[staticmethod]
    fn length_prefix(
        py: Python<'_>,
        prefix: (usize, bool, usize, bool, i64),
        max: usize,
        written: String,
    ) -> PyResult<Self> {
        let (size, is_little, offset, is_inclusive, adjust) = prefix;
        let prefix = LengthPrefix {
            size,
            is_little,
            offset,
            is_inclusive,
            adjust,
        };
        Self::of(py, Framing::length_prefix(prefix, max), written)
    }

    /// A varint in front.
    #[staticmethod]
    fn varint(py: Python<'_>, offset: usize, max: usize, written: String) -> PyResult<Self> {
        Self::of(py, Framing::varint(offset, max), written)
    }

    /// A head that says how much follows it; `length` says where, `head` is how heads are written.
    #[staticmethod]
    fn length_in_head(
        py: Python<'_>,
        length: &Bound<'_, PyAny>,
        end: &[u8],
        tail: &[u8],
        head: Option<&[u8]>,
        max: usize,
        written: String,
    ) -> PyResult<Self> {
        let length = captured(length)?;
        let framing = Framing::length_in_head(end, length, tail, head, max);
        Self::of(py, framing, written)
    }

    /// All until the end.
    #[staticmethod]
    fn until_close(py: Python<'_>, max: usize, written: String) -> PyResult<Self> {
        Self::of(py, Framing::until_close(max), written)
    }

    /// Whether messages are `str`; else they are `bytes`.
    #[getter]
    fn is_text(&self) -> bool {
        self.inner.is_text()
    }

    /// Bytes of a message at most.
    #[getter]
    fn max(&self) -> usize {
        self.inner.max()
    }

    /// A message as it goes on the wire.
    fn wrap<'py>(
        &self,
        py: Python<'py>,
        message: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let wrapped = with_bytes(message, |bytes| self.wrapped(py, bytes))?;
        Ok(PyBytes::new(py, &wrapped))
    }

    /// Something that cuts one stream.
    fn framer(&self) -> PyFramer {
        let framer = Framer::new(self.inner.clone());
        PyFramer(Mutex::new(framer))
    }

    fn __repr__(&self) -> &str {
        &self.written
    }
}

impl PyFraming {
    fn of(
        py: Python<'_>,
        framing: Result<Framing, InvalidFraming>,
        written: String,
    ) -> PyResult<Self> {
        match framing {
            Ok(framing) => Ok(Self {
                inner: Arc::new(framing),
                written,
            }),
            Err(invalid) => {
                let message = format!("{written}: {invalid}");
                Err(error(py, "InvalidParameter", message, ""))
            }
        }
    }

    /// A message as it goes on the wire.
    pub(super) fn wrapped(&self, py: Python<'_>, message: &[u8]) -> PyResult<Vec<u8>> {
        let mut out = Vec::with_capacity(message.len() + 16);
        match self.inner.wrap(message, &mut out) {
            Ok(()) => Ok(out),
            Err(refused) => Err(self.refused(py, &refused)),
        }
    }

    fn refused(&self, py: Python<'_>, refused: &Unframeable) -> PyErr {
        let message = format!("{refused}, with framing={}", self.written);
        let hint = "framing.Raw(message) writes bytes as they are";
        error(py, "FramingError", message, hint)
    }
}

/// What a message of a script is in bytes: text, bytes or another buffer.
pub(super) fn with_bytes<R>(
    message: &Bound<'_, PyAny>,
    look: impl FnOnce(&[u8]) -> PyResult<R>,
) -> PyResult<R> {
    if let Ok(bytes) = message.cast::<PyBytes>() {
        return look(bytes.as_bytes());
    }
    let bytes = if let Ok(text) = message.cast::<PyString>() {
        match text.to_str() {
            Ok(text) => return look(text.as_bytes()),
            // What `lines(errors="surrogateescape")` has let through.
            Err(_) => text.call_method1("encode", ("utf-8", "surrogateescape"))?,
        }
    } else {
        let builtins = message.py().import("builtins")?;
        let view = builtins.getattr("memoryview")?.call1((message,));
        let Ok(view) = view else {
            let kind = message.get_type().name()?;
            let why = format!(
                "a message is text (str) or bytes, not {kind}; a codec makes these of objects"
            );
            return Err(PyTypeError::new_err(why));
        };
        view.call_method0("tobytes")?
    };
    look(bytes.cast::<PyBytes>()?.as_bytes())
}

/// Cuts one stream.
#[pyclass(frozen, name = "Framer", module = "k6ws._core")]
pub(super) struct PyFramer(Mutex<Framer>);

#[pymethods]
impl PyFramer {
    /// Takes the next bytes; the messages that end in them.
    fn feed<'py>(&self, py: Python<'py>, data: &[u8]) -> PyResult<Bound<'py, PyList>> {
        let mut framer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut messages = Vec::new();
        let fed = framer.feed(data, |message| messages.push(message.to_vec()));
        let is_text = framer.framing().is_text();
        drop(framer);
        match fed {
            Ok(()) => list(py, is_text, messages),
            Err(wrong) => Err(raised(py, &wrong)),
        }
    }

    /// The stream has ended; the message that it left, if any.
    fn end<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let mut framer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut messages = Vec::new();
        let ended = framer.end(|message| messages.push(message.to_vec()));
        let is_text = framer.framing().is_text();
        drop(framer);
        match ended {
            Ok(()) => list(py, is_text, messages),
            Err(wrong) => Err(raised(py, &wrong)),
        }
    }

    /// Bytes of an unfinished message that have come.
    fn kept(&self) -> usize {
        let framer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        framer.kept()
    }
}

fn list(py: Python<'_>, is_text: bool, messages: Vec<Vec<u8>>) -> PyResult<Bound<'_, PyList>> {
    let list = PyList::empty(py);
    for message in messages {
        if is_text {
            list.append(text(py, &message)?)?;
        } else {
            list.append(PyBytes::new(py, &message))?;
        }
    }
    Ok(list)
}

fn raised(py: Python<'_>, wrong: &FramingError) -> PyErr {
    error(py, "FramingError", wrong.to_string(), wrong.hint())
}
