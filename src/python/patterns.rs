//! Patterns and JSON values of a script, as the core takes them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};

use super::convert::error;
use crate::conversation::Expected;
use crate::conversation::fault::Fault;
use crate::conversation::pattern::{Flags, Pattern};

/// What a script wrote that cannot be, as its exception.
pub(super) fn invalid(py: Python<'_>, fault: &Fault) -> PyErr {
    error(py, "InvalidParameter", fault.text.clone(), &fault.hint)
}

/// Whether it is a pattern that `re` has compiled.
pub(super) fn is_compiled(value: &Bound<'_, PyAny>) -> PyResult<bool> {
    let py = value.py();
    value.is_instance(&py.import("re")?.getattr("Pattern")?)
}

/// A pattern that is text, bytes, or compiled by `re`.
pub(super) fn pattern_of(value: &Bound<'_, PyAny>) -> PyResult<Pattern> {
    let py = value.py();
    let (written, flags) = if is_compiled(value)? {
        (value.getattr("pattern")?, flags_of(value)?)
    } else {
        (value.clone(), Flags::default())
    };
    let compiled = if let Ok(text) = written.cast::<PyString>() {
        let text = text.to_str()?;
        remembered(text.as_bytes(), false, flags, || {
            Pattern::of_text(text, flags)
        })
    } else if let Ok(bytes) = written.cast::<PyBytes>() {
        let bytes = bytes.as_bytes();
        remembered(bytes, true, flags, || Pattern::of_bytes(bytes, flags))
    } else {
        return Err(PyTypeError::new_err(format!(
            "a pattern is text, bytes, or what re.compile gives; not {}",
            value.get_type().name()?
        )));
    };
    compiled.map_err(|fault| invalid(py, &fault))
}

/// A pattern that was compiled, and what of.
struct Compiled {
    written: Box<[u8]>,
    is_bytes: bool,
    flags: Flags,
    pattern: Pattern,
}

/// Compiling takes as long as some hundred messages, and each compiled pattern has tables of its own: VUs that write the
/// same one share it. The oldest makes room.
static REMEMBERED: Mutex<VecDeque<Compiled>> = Mutex::new(VecDeque::new());
const MOST_REMEMBERED: usize = 64;

fn remembered(
    written: &[u8],
    is_bytes: bool,
    flags: Flags,
    compile: impl FnOnce() -> Result<Pattern, Fault>,
) -> Result<Pattern, Fault> {
    let is_it = |one: &&Compiled| {
        *one.written == *written && one.is_bytes == is_bytes && one.flags == flags
    };
    if let Some(found) = patterns().iter().find(is_it) {
        return Ok(found.pattern.clone());
    }
    let pattern = compile()?;
    let mut patterns = patterns();
    if patterns.len() == MOST_REMEMBERED {
        patterns.pop_front();
    }
    patterns.push_back(Compiled {
        written: written.into(),
        is_bytes,
        flags,
        pattern: pattern.clone(),
    });
    Ok(pattern)
}

fn patterns() -> MutexGuard<'static, VecDeque<Compiled>> {
    REMEMBERED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn flags_of(compiled: &Bound<'_, PyAny>) -> PyResult<Flags> {
    let (py, flags) = (compiled.py(), compiled.getattr("flags")?.extract::<u32>()?);
    let module = py.import("re")?;
    let has =
        |name: &str| -> PyResult<bool> { Ok(flags & module.getattr(name)?.extract::<u32>()? != 0) };
    if has("LOCALE")?
        || (has("ASCII")? && compiled.getattr("pattern")?.is_instance_of::<PyString>())
    {
        return Err(invalid(
            py,
            &Fault::new(
                "the flags re.ASCII and re.LOCALE are not possible here",
                "write [0-9] for \\d and [A-Za-z0-9_] for \\w; in a pattern of bytes they are ASCII",
            ),
        ));
    }
    Ok(Flags {
        ignores_case: has("IGNORECASE")?,
        is_multi_line: has("MULTILINE")?,
        dot_takes_newline: has("DOTALL")?,
        is_verbose: has("VERBOSE")?,
    })
}

/// No value that a script expects is nested so deep, unless it contains itself.
const DEEPEST: usize = 64;

/// A value that JSON has too.
pub(super) fn expected_of(value: &Bound<'_, PyAny>) -> PyResult<Expected> {
    expected_below(value, DEEPEST)
}

fn expected_below(value: &Bound<'_, PyAny>, left: usize) -> PyResult<Expected> {
    let py = value.py();
    let fault = |text: String| invalid(py, &Fault::new(text, ""));
    if left == 0 {
        return Err(fault(format!("a value is nested deeper than {DEEPEST}")));
    }
    if value.is_none() {
        Ok(Expected::Null)
    } else if let Ok(value) = value.cast::<PyBool>() {
        Ok(Expected::Boolean(value.is_true()))
    } else if value.is_instance_of::<PyInt>() {
        let digits = value.call_method0(intern!(py, "__int__"))?.str()?;
        Ok(Expected::Integer(digits.to_str()?.into()))
    } else if let Ok(float) = value.cast::<PyFloat>() {
        if !float.value().is_finite() {
            return Err(fault(format!("JSON has no number {}", value.repr()?)));
        }
        Ok(Expected::Float(float.value()))
    } else if let Ok(text) = value.cast::<PyString>() {
        Ok(Expected::String(text.to_str()?.into()))
    } else if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        let items = value
            .try_iter()?
            .map(|item| expected_below(&item?, left - 1));
        Ok(Expected::Array(items.collect::<PyResult<_>>()?))
    } else if let Ok(mapping) = value.cast::<PyMapping>() {
        let items = mapping.items()?;
        let items = items.iter().map(|item| {
            let (name, value) = item.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
            let Ok(name) = name.cast::<PyString>() else {
                let text = format!("JSON has no name {}: names are text", name.repr()?);
                return Err(fault(text));
            };
            Ok((name.to_str()?.into(), expected_below(&value, left - 1)?))
        });
        Ok(Expected::Object(items.collect::<PyResult<_>>()?))
    } else {
        Err(PyTypeError::new_err(format!(
            "JSON has no value like {}: text, numbers, booleans, None, lists and dicts are possible",
            value.repr()?
        )))
    }
}
