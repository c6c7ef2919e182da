//! Patterns of a script, as the core takes them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::convert::error;
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
