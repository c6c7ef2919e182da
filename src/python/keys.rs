//! `k6ws._core.Capture` and `Field`: where the key of a message stands.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::asking::Callables;
use super::patterns::{invalid, is_compiled, pattern_of};
use super::values;
use crate::conversation::fault::Fault;
use crate::conversation::key::{KeySource, LONGEST};
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
    let hint = "put what is meant in parentheses, and what else is grouped in (?:…)";
    let Some(group) = group else {
        return match pattern.groups() {
            1 => Ok(1),
            0 => Err(Fault::new(
                "a pattern without a group captures nothing",
                hint,
            )),
            many => Err(Fault::new(
                format!("a pattern with {many} groups does not say which one is meant"),
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
            values::size(offset, "an offset")?,
            values::size(size, "a size")?,
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

/// The pattern and the group of a capture, or of a pattern with one group.
pub(super) fn captured(value: &Bound<'_, PyAny>) -> PyResult<(Pattern, usize)> {
    if let Ok(capture) = value.cast::<PyCapture>() {
        let capture = capture.get();
        return Ok((capture.pattern.clone(), capture.group));
    }
    let capture = PyCapture::new(value, None)?;
    Ok((capture.pattern, capture.group))
}

/// Where a key stands, of what scripts write; a callable is added to the list.
pub(super) fn source_of(
    value: &Bound<'_, PyAny>,
    callables: &mut Callables,
) -> PyResult<KeySource> {
    if value.is_instance_of::<PyCapture>() {
        let (pattern, group) = captured(value)?;
        return Ok(KeySource::Capture(pattern, group));
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
        let (pattern, group) = captured(value)?;
        return Ok(KeySource::Capture(pattern, group));
    }
    if value.is_callable() {
        return Ok(KeySource::Callable(callables.add(value)?));
    }
    let kind = value.get_type();
    Err(PyTypeError::new_err(format!(
        "{kind} says no key: a JSON pointer, capture(…), field(…) and a callable do"
    )))
}

/// Several, and the callables among them.
pub(super) fn sources_of<const N: usize>(
    values: [Option<&Bound<'_, PyAny>>; N],
) -> PyResult<([Option<KeySource>; N], Callables)> {
    let mut callables = Callables::default();
    let mut sources = [const { None }; N];
    for (source, value) in sources.iter_mut().zip(values) {
        *source = value
            .map(|value| source_of(value, &mut callables))
            .transpose()?;
    }
    Ok((sources, callables))
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
