//! `k6ws._core.Matcher`: a question to a message, from what scripts write.

use std::sync::Arc;

use pyo3::PyTraverseError;
use pyo3::exceptions::PyTypeError;
use pyo3::gc::PyVisit;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyMapping, PyString};

use super::asking::{Asking, Callables, Decoded, with_message};
use super::patterns::{invalid, is_compiled, pattern_of};
use super::values::{bytes_of, expected_of, needle, pointer_of, size};
use crate::conversation::fault::Fault;
use crate::conversation::matcher::{Bits, Matcher};

/// Whether a message is the one that is meant.
#[pyclass(frozen, name = "Matcher", module = "k6ws._core")]
pub(super) struct PyMatcher {
    matcher: Arc<Matcher>,
    callables: Callables,
    /// How a script would write it.
    written: String,
    binds: Binds,
}

/// How strongly a written matcher holds together, weakest first.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Binds {
    Or,
    And,
    Whole,
}

/// So many may lie inside one another.
const DEEPEST: usize = 100;

impl PyMatcher {
    /// What is asked.
    pub(super) fn matcher(&self) -> &Arc<Matcher> {
        &self.matcher
    }

    /// The same, as part of what has the callables of `list` as well.
    pub(super) fn joined(&self, py: Python<'_>, list: &mut Callables) -> Matcher {
        let joined = self.matcher.shifted(list.next());
        list.append(py, &self.callables);
        if list.has_own_codec() {
            joined.decoded()
        } else {
            joined
        }
    }

    /// What a script may write for a matcher; nothing of what it may not.
    pub(super) fn read(value: &Bound<'_, PyAny>) -> PyResult<Option<Self>> {
        let py = value.py();
        if let Ok(matcher) = value.cast::<Self>() {
            let matcher = matcher.get();
            return Ok(Some(Self {
                matcher: matcher.matcher.clone(),
                callables: matcher.callables.copied(py),
                written: matcher.written.clone(),
                binds: matcher.binds,
            }));
        }
        if value.is_instance_of::<PyString>() || value.is_instance_of::<PyBytes>() {
            return Self::equals(value).map(Some);
        }
        if value.cast::<PyMapping>().is_ok() {
            return Self::json(value).map(Some);
        }
        if is_compiled(value)? {
            return Self::regex(value).map(Some);
        }
        if value.is_callable() {
            let mut callables = Callables::default();
            let number = callables.add(value)?;
            let name = value.getattr("__qualname__").and_then(|name| name.str());
            let written = name.or_else(|_| value.repr())?.to_string();
            return Ok(Some(Self {
                matcher: Arc::new(Matcher::Callable(number)),
                callables,
                written,
                binds: Binds::Whole,
            }));
        }
        Ok(None)
    }

    fn plain(matcher: Matcher, written: String) -> Self {
        Self {
            matcher: Arc::new(matcher),
            callables: Callables::default(),
            written,
            binds: Binds::Whole,
        }
    }

    /// Two matchers as one; nothing where the other is none.
    fn join<'py>(
        first: &Bound<'py, PyAny>,
        second: &Bound<'py, PyAny>,
        binds: Binds,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = first.py();
        let (Some(first), Some(second)) = (Self::read(first)?, Self::read(second)?) else {
            return Ok(py.NotImplemented().into_bound(py));
        };
        let mut callables = first.callables.copied(py);
        let parts = [(*first.matcher).clone(), second.joined(py, &mut callables)];
        // What is joined alike lies in one list.
        let flat = parts.iter().flat_map(|part| match (part, binds) {
            (Matcher::And(parts), Binds::And) | (Matcher::Or(parts), Binds::Or) => &parts[..],
            (one, _) => std::slice::from_ref(one),
        });
        let flat: Arc<[Matcher]> = flat.cloned().collect();
        let (matcher, sign) = match binds {
            Binds::Or => (Matcher::Or(flat), "|"),
            _ => (Matcher::And(flat), "&"),
        };
        let joined = Self {
            callables,
            written: format!("{} {sign} {}", first.within(binds), second.within(binds)),
            binds,
            matcher: Arc::new(matcher),
        };
        Ok(joined.checked(py)?.into_pyobject(py)?.into_any())
    }

    fn within(&self, binds: Binds) -> String {
        if self.binds < binds {
            format!("({})", self.written)
        } else {
            self.written.clone()
        }
    }

    fn checked(self, py: Python<'_>) -> PyResult<Self> {
        if self.matcher.depth() > DEEPEST {
            let text = format!("matchers lie inside one another more than {DEEPEST} deep");
            return Err(invalid(
                py,
                &Fault::new(text, "a callable can say the same"),
            ));
        }
        Ok(self)
    }
}

#[pymethods]
impl PyMatcher {
    /// What scripts write for a matcher: one, text or bytes, a dict, a compiled pattern, a callable.
    #[staticmethod]
    pub(super) fn of(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::read(value)?.ok_or_else(|| {
            let kind = value.get_type();
            PyTypeError::new_err(format!(
                "{kind} is no matcher: text, bytes, a dict of JSON pointers, a compiled pattern, a callable and \
                 what k6ws.match has are"
            ))
        })
    }

    /// It is this text, these bytes, or JSON of this value.
    #[staticmethod]
    fn equals(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        let written = format!("equals({})", value.repr()?);
        if let Some((side, bytes)) = bytes_of(value)? {
            return Ok(Self::plain(Matcher::Equals(side, bytes.into()), written));
        }
        let expected = expected_of(value)?;
        let equal = value.py().import("operator")?.getattr("eq")?;
        let partial = value.py().import("functools")?.getattr("partial")?;
        let mut callables = Callables::default();
        let number = callables.add(&partial.call1((equal, value))?)?;
        Ok(Self {
            callables,
            ..Self::plain(Matcher::value(expected, number), written)
        })
    }

    /// This is in it.
    #[staticmethod]
    fn contains(part: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (side, bytes) = needle(part)?;
        let written = format!("contains({})", part.repr()?);
        Ok(Self::plain(Matcher::contains(side, bytes), written))
    }

    /// It begins with this.
    #[staticmethod]
    fn starts_with(start: &Bound<'_, PyAny>) -> PyResult<Self> {
        let (side, bytes) = needle(start)?;
        let written = format!("starts_with({})", start.repr()?);
        Ok(Self::plain(
            Matcher::StartsWith(side, bytes.into()),
            written,
        ))
    }

    /// The pattern is found in it.
    #[staticmethod]
    fn regex(pattern: &Bound<'_, PyAny>) -> PyResult<Self> {
        let written = format!("regex({})", pattern.repr()?);
        Ok(Self::plain(Matcher::Regex(pattern_of(pattern)?), written))
    }

    /// It is JSON, and has these values at these pointers.
    #[staticmethod]
    fn json(values: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = values.py();
        let Ok(mapping) = values.cast::<PyMapping>() else {
            return Err(PyTypeError::new_err(format!(
                "values of JSON are a dict of pointers and what stands there, not {}",
                values.repr()?
            )));
        };
        let asked = mapping.items()?.iter().map(|item| {
            let (pointer, value) = item.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
            let Ok(pointer) = pointer.cast::<PyString>() else {
                return Err(PyTypeError::new_err(format!(
                    "a JSON pointer is text, not {}",
                    pointer.repr()?
                )));
            };
            Ok((pointer_of(pointer)?, expected_of(&value)?))
        });
        let asked = asked.collect::<PyResult<Vec<_>>>()?;
        if asked.is_empty() {
            let hint = "has(\"\") says whether it is JSON";
            return Err(invalid(py, &Fault::new("json({}) asks for nothing", hint)));
        }
        let written = format!("json({})", values.repr()?);
        Ok(Self::plain(Matcher::json(asked), written))
    }

    /// It is JSON, and has this place, whatever is there.
    #[staticmethod]
    fn has(pointer: &Bound<'_, PyString>) -> PyResult<Self> {
        let matcher = Matcher::Has(Arc::new(pointer_of(pointer)?));
        Ok(Self::plain(matcher, format!("has({})", pointer.repr()?)))
    }

    /// It has these bytes at a place, or those of their bits that the mask has.
    #[staticmethod]
    #[pyo3(signature = (offset, bytes, mask=None))]
    fn at(
        py: Python<'_>,
        offset: &Bound<'_, PyAny>,
        bytes: &Bound<'_, PyBytes>,
        mask: Option<&Bound<'_, PyBytes>>,
    ) -> PyResult<Self> {
        let written = match mask {
            Some(mask) => format!("at({offset}, {}, mask={})", bytes.repr()?, mask.repr()?),
            None => format!("at({offset}, {})", bytes.repr()?),
        };
        let place = size(offset, "an offset")?;
        let bits = Bits::new(place, bytes.as_bytes(), mask.map(PyBytesMethods::as_bytes));
        let bits = bits.ok_or_else(|| {
            invalid(
                py,
                &Fault::new(
                    format!("{written} would never match"),
                    "a mask is as long as the bytes, and has every bit that they have",
                ),
            )
        })?;
        Ok(Self::plain(Matcher::At(Arc::new(bits)), written))
    }

    /// It is text, or came by TCP.
    #[staticmethod]
    fn text() -> Self {
        Self::plain(Matcher::Text, "text".to_owned())
    }

    /// It is binary, or came by TCP.
    #[staticmethod]
    fn binary() -> Self {
        Self::plain(Matcher::Binary, "binary".to_owned())
    }

    /// Whether a message is meant; callables are called with `decoded`. What came by TCP is neither text nor binary.
    #[pyo3(signature = (data, decoded=Decoded(None), *, is_tcp=false), text_signature = "($self, data, decoded=..., *, is_tcp=False)")]
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts it")]
    fn matches(
        &self,
        data: &Bound<'_, PyAny>,
        decoded: Decoded<'_>,
        is_tcp: bool,
    ) -> PyResult<bool> {
        let mut ask = Asking::new(&self.callables, data, &decoded);
        let matches = with_message(data, is_tcp, |message| {
            Ok(self.matcher.matches(message, &mut ask))
        })?;
        ask.answer(matches)
    }

    /// Whether a callable of the script may have the word.
    #[getter]
    fn needs_python(&self) -> bool {
        self.matcher.needs_python()
    }

    fn __and__<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        Self::join(slf, other, Binds::And)
    }

    fn __rand__<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        Self::join(other, slf, Binds::And)
    }

    fn __or__<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        Self::join(slf, other, Binds::Or)
    }

    fn __ror__<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        Self::join(other, slf, Binds::Or)
    }

    fn __invert__(&self, py: Python<'_>) -> PyResult<Self> {
        let not = Self {
            matcher: Arc::new(Matcher::Not(self.matcher.clone())),
            callables: self.callables.copied(py),
            written: format!("~{}", self.within(Binds::Whole)),
            binds: Binds::Whole,
        };
        not.checked(py)
    }

    #[expect(clippy::unused_self, reason = "PyO3 calls it so")]
    fn __bool__(&self) -> PyResult<bool> {
        Err(PyTypeError::new_err(
            "a matcher is neither true nor false: join matchers by `&` and `|`, and turn one round by `~`, \
             where `and`, `or` and `not` would choose one now",
        ))
    }

    pub(super) fn __repr__(&self) -> &str {
        &self.written
    }

    #[expect(clippy::needless_pass_by_value, reason = "PyO3 calls it so")]
    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        self.callables.visit(&visit)
    }
}
