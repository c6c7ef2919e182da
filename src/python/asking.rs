//! How the script's callables are asked about a message: whether it is meant, what its key is.
//!
//! They run below a Rust frame, which holds nothing meanwhile; they are asked for a value, and may not wait.

use pyo3::PyTraverseError;
use pyo3::exceptions::{PyTypeError, PyUnicodeEncodeError};
use pyo3::gc::PyVisit;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyInt, PyString};

use crate::conversation::ask::Ask;
use crate::conversation::message::{Kind, Message};

/// The callables that a matcher or a correlation knows by their numbers.
#[derive(Default)]
pub(super) struct Callables {
    /// The number of the first.
    first: usize,
    all: Vec<Py<PyAny>>,
    /// They are asked about what a codec of the script's own has decoded.
    has_own_codec: bool,
}

impl Callables {
    /// None yet; the first has this number.
    pub(super) fn from(first: usize, has_own_codec: bool) -> Self {
        Self {
            first,
            all: Vec::new(),
            has_own_codec,
        }
    }

    /// Whether they are asked about what a codec of the script's own has decoded.
    pub(super) fn has_own_codec(&self) -> bool {
        self.has_own_codec
    }

    /// They are, from now on.
    pub(super) fn use_own_codec(&mut self) {
        self.has_own_codec = true;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The one with this number.
    pub(super) fn get(&self, number: usize) -> Option<&Py<PyAny>> {
        self.all.get(number.checked_sub(self.first)?)
    }

    /// The number that the next one has.
    pub(super) fn next(&self) -> usize {
        self.first + self.all.len()
    }

    /// Adds one, and gives its number.
    pub(super) fn add(&mut self, callable: &Bound<'_, PyAny>) -> PyResult<usize> {
        check_asked(callable)?;
        let number = self.next();
        self.all.push(callable.clone().unbind());
        Ok(number)
    }

    /// Adds those of another list behind its own.
    pub(super) fn append(&mut self, py: Python<'_>, other: &Self) {
        self.all
            .extend(other.all.iter().map(|one| one.clone_ref(py)));
    }

    /// One more owner of the same: each counts for the collector of garbage.
    pub(super) fn copied(&self, py: Python<'_>) -> Self {
        let mut copy = Self::default();
        copy.append(py, self);
        copy
    }

    pub(super) fn visit(&self, visit: &PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.all.iter().try_for_each(|one| visit.call(one))
    }
}

/// Flags of the code of generators and coroutines (`inspect.CO_GENERATOR` and those behind it).
const ANSWERS_LATER: u32 = 0x20 | 0x80 | 0x100 | 0x200;

/// Refuses a function that answers later: what it returns at once would be taken for a yes.
#[pyfunction]
pub(super) fn check_asked(callable: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = callable.py();
    let own = callable.getattr_opt(intern!(py, "__code__"))?;
    let code = match own {
        Some(code) => Some(code),
        // An object that can be called.
        None => match callable.get_type().getattr_opt(intern!(py, "__call__"))? {
            Some(call) => call.getattr_opt(intern!(py, "__code__"))?,
            None => None,
        },
    };
    let flags = code.and_then(|code| code.getattr(intern!(py, "co_flags")).ok());
    let flags = flags.and_then(|flags| flags.extract::<u32>().ok());
    if flags.is_some_and(|flags| flags & ANSWERS_LATER != 0) {
        return Err(PyTypeError::new_err(format!(
            "a function that is asked about messages answers at once: {} is a coroutine function, or a generator",
            callable.repr()?
        )));
    }
    Ok(())
}

/// Asks callables about one message. The first that raises is the last that is asked; everything after it is "no".
pub(super) struct Asking<'a, 'py> {
    callables: &'a Callables,
    decoded: &'a Bound<'py, PyAny>,
    has_own_codec: bool,
    failure: Option<PyErr>,
}

impl<'a, 'py> Asking<'a, 'py> {
    /// `decoded` is what the callables are given, the message itself where nothing has decoded it.
    pub(super) fn new(
        callables: &'a Callables,
        data: &'a Bound<'py, PyAny>,
        decoded: &'a Decoded<'py>,
    ) -> Self {
        let decoded = decoded.0.as_ref().unwrap_or(data);
        Self {
            callables,
            decoded,
            // What JSON says is equal either way.
            has_own_codec: !decoded.is(data),
            failure: None,
        }
    }

    /// What was found out, unless a callable has raised.
    pub(super) fn answer<T>(self, answer: T) -> PyResult<T> {
        self.failure.map_or(Ok(answer), Err)
    }

    fn call<T>(
        &mut self,
        callable: usize,
        read: impl FnOnce(&Bound<'py, PyAny>) -> PyResult<T>,
    ) -> Option<T> {
        if self.failure.is_some() {
            return None;
        }
        let callable = self.callables.get(callable)?.bind(self.decoded.py());
        match callable.call1((self.decoded,)).and_then(|said| read(&said)) {
            Ok(read) => Some(read),
            Err(error) => {
                self.failure = Some(error);
                None
            }
        }
    }
}

impl Ask for Asking<'_, '_> {
    fn ask(&mut self, callable: usize, _message: &Message<'_>) -> bool {
        self.call(callable, PyAnyMethods::is_truthy)
            .unwrap_or_default()
    }

    fn has_own_codec(&self) -> bool {
        self.has_own_codec
    }

    fn key(&mut self, callable: usize, _message: &Message<'_>) -> Option<Vec<u8>> {
        self.call(callable, key_of).flatten()
    }
}

/// The bytes of a key as scripts give them.
pub(super) fn key_of(value: &Bound<'_, PyAny>) -> PyResult<Option<Vec<u8>>> {
    if value.is_none() {
        return Ok(None);
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Some(text.to_str()?.as_bytes().to_vec()));
    }
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(Some(bytes.as_bytes().to_vec()));
    }
    if value.is_instance_of::<PyInt>() && !value.is_instance_of::<PyBool>() {
        return Ok(Some(value.str()?.to_str()?.as_bytes().to_vec()));
    }
    Err(PyTypeError::new_err(format!(
        "a key is text, bytes or a whole number, or None where there is none; not {}",
        value.get_type().name()?
    )))
}

/// Calls `with` with a message that Python has: text, or bytes. What came by TCP is neither.
pub(super) fn with_message<T>(
    data: &Bound<'_, PyAny>,
    is_tcp: bool,
    with: impl FnOnce(&Message<'_>) -> PyResult<T>,
) -> PyResult<T> {
    if let Ok(bytes) = data.cast::<PyBytes>() {
        let kind = if is_tcp { Kind::Data } else { Kind::Binary };
        return with(&Message::new(kind, bytes.as_bytes()));
    }
    let Ok(text) = data.cast::<PyString>() else {
        return Err(PyTypeError::new_err(format!(
            "a message is text or bytes, not {}",
            data.get_type().name()?
        )));
    };
    let kind = if is_tcp { Kind::Data } else { Kind::Text };
    match text.to_str() {
        Ok(text) => with(&Message::new(kind, text.as_bytes())),
        Err(error) if error.is_instance_of::<PyUnicodeEncodeError>(data.py()) => {
            // A line of TCP that is no UTF-8, kept with `surrogateescape`.
            let bytes = data.call_method1("encode", ("utf-8", "surrogateescape"))?;
            with(&Message::new(
                Kind::Data,
                bytes.cast::<PyBytes>()?.as_bytes(),
            ))
        }
        Err(error) => Err(error),
    }
}

/// What callables are given in place of the message itself, if that is something else.
pub(super) struct Decoded<'py>(pub(super) Option<Bound<'py, PyAny>>);

impl<'py> FromPyObject<'_, 'py> for Decoded<'py> {
    type Error = std::convert::Infallible;

    fn extract(decoded: Borrowed<'_, 'py, PyAny>) -> Result<Self, Self::Error> {
        Ok(Self(Some(decoded.to_owned())))
    }
}
