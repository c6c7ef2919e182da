//! Values of a script, as the core takes them: text and bytes, numbers of bytes, what JSON has.

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};

use super::patterns::invalid;
use crate::conversation::Expected;
use crate::conversation::fault::Fault;
use crate::conversation::message::Side;
use crate::conversation::pointer::Pointer;

/// Text or bytes, and which messages they are looked for in.
pub(super) fn bytes_of<'a>(value: &'a Bound<'_, PyAny>) -> PyResult<Option<(Side, &'a [u8])>> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Some((Side::Text, text.to_str()?.as_bytes())));
    }
    let bytes = value.cast::<PyBytes>().ok();
    Ok(bytes.map(|bytes| (Side::Binary, bytes.as_bytes())))
}

pub(super) fn needle<'a>(value: &'a Bound<'_, PyAny>) -> PyResult<(Side, &'a [u8])> {
    bytes_of(value)?.ok_or_else(|| {
        let kind = value.get_type();
        PyTypeError::new_err(format!("text or bytes are looked for, not {kind}"))
    })
}

pub(super) fn pointer_of(written: &Bound<'_, PyString>) -> PyResult<Pointer> {
    Pointer::parse(written.to_str()?).map_err(|fault| invalid(written.py(), &fault))
}

/// A number of bytes.
pub(super) fn size(value: &Bound<'_, PyAny>, what: &str) -> PyResult<usize> {
    value.extract::<usize>().map_err(|_| {
        let text = value
            .repr()
            .map_or_else(|_| "?".to_owned(), |text| text.to_string());
        invalid(
            value.py(),
            &Fault::new(
                format!("{what} is a number of bytes from 0 on, not {text}"),
                "",
            ),
        )
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
