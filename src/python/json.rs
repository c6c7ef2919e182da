//! `k6ws._core.decode_json` and `encode_json`: messages of JSON as Python objects and back.
//!
//! Decoded by jiter. Encoded here where a message is made of Python's own types alone: what is not, and what JSON
//! cannot say, is for Python's `json`, which has the words for it.

use jiter::{FloatMode, PartialMode, PythonParse, StringCacheMode};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use super::convert::error;
use super::framing::with_bytes;

/// Characters of a message that an error shows, on either side of what is wrong.
const SHOWN: usize = 30;
/// Deeper messages are left to Python, which also knows what contains itself.
const DEEPEST: usize = 100;

const PARSE: PythonParse = PythonParse {
    allow_inf_nan: false,
    // Names of members come again in the next message.
    cache_mode: StringCacheMode::Keys,
    partial_mode: PartialMode::Off,
    catch_duplicate_keys: false,
    float_mode: FloatMode::Float,
};

/// What a message of JSON says. Of a member that is there twice the last one counts (RFC 8259 section 4).
#[pyfunction]
pub(super) fn decode_json<'py>(
    py: Python<'py>,
    data: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    with_bytes(data, |bytes| {
        PARSE.python_parse(py, bytes).map_err(|wrong| {
            let message = format!(
                "not JSON: {} at byte {}: {}",
                wrong.error_type,
                wrong.index,
                excerpt(bytes, wrong.index)
            );
            error(py, "CodecError", message, "")
        })
    })
}

/// What a message has where something is wrong.
fn excerpt(bytes: &[u8], at: usize) -> String {
    let at = at.min(bytes.len());
    let (from, to) = (at.saturating_sub(SHOWN), (at + SHOWN).min(bytes.len()));
    let shown = String::from_utf8_lossy(&bytes[from..to]);
    let before = if from > 0 { "…" } else { "" };
    let after = if to < bytes.len() { "…" } else { "" };
    format!("{before}{shown:?}{after}")
}

/// A message as JSON; nothing where Python's `json` has to look.
#[pyfunction]
pub(super) fn encode_json<'py>(
    py: Python<'py>,
    message: &Bound<'py, PyAny>,
) -> PyResult<Option<Bound<'py, PyString>>> {
    let mut out = Vec::with_capacity(256);
    if !write(message, &mut out, 0)? {
        return Ok(None);
    }
    Ok(Some(PyString::from_bytes(py, &out)?))
}

/// Whether it could be written.
fn write(value: &Bound<'_, PyAny>, out: &mut Vec<u8>, depth: usize) -> PyResult<bool> {
    if depth > DEEPEST {
        return Ok(false);
    }
    if let Ok(text) = value.cast_exact::<PyString>() {
        return Ok(write_text(text, out));
    }
    if let Ok(members) = value.cast_exact::<PyDict>() {
        return write_members(members, out, depth);
    }
    if let Ok(number) = value.cast_exact::<PyInt>() {
        let Ok(number) = number.extract::<i64>() else {
            return Ok(false);
        };
        return Ok(written(number, out));
    }
    if let Ok(number) = value.cast_exact::<PyFloat>() {
        let number = number.value();
        return Ok(number.is_finite() && written(number, out));
    }
    if let Ok(items) = value.cast_exact::<PyList>() {
        return write_items(items.iter(), out, depth);
    }
    if let Ok(items) = value.cast_exact::<PyTuple>() {
        return write_items(items.iter(), out, depth);
    }
    if let Ok(is) = value.cast_exact::<PyBool>() {
        return Ok(written(is.is_true(), out));
    }
    if value.is_none() {
        out.extend_from_slice(b"null");
        return Ok(true);
    }
    Ok(false)
}

fn write_text(text: &Bound<'_, PyString>, out: &mut Vec<u8>) -> bool {
    // Half a surrogate pair is none.
    text.to_str().is_ok_and(|text| written(text, out))
}

fn written(value: impl serde::Serialize, out: &mut Vec<u8>) -> bool {
    serde_json::to_writer(out, &value).is_ok()
}

fn write_members(members: &Bound<'_, PyDict>, out: &mut Vec<u8>, depth: usize) -> PyResult<bool> {
    out.push(b'{');
    for (index, (name, value)) in members.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        // Other names than text are Python's to spell.
        let Ok(name) = name.cast_exact::<PyString>() else {
            return Ok(false);
        };
        if !write_text(name, out) {
            return Ok(false);
        }
        out.push(b':');
        if !write(&value, out, depth + 1)? {
            return Ok(false);
        }
    }
    out.push(b'}');
    Ok(true)
}

fn write_items<'py>(
    items: impl Iterator<Item = Bound<'py, PyAny>>,
    out: &mut Vec<u8>,
    depth: usize,
) -> PyResult<bool> {
    out.push(b'[');
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        if !write(&item, out, depth + 1)? {
            return Ok(false);
        }
    }
    out.push(b']');
    Ok(true)
}
