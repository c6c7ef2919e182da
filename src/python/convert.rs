//! Small conversions that several classes of the binding share.

use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// Milliseconds from Python, which must be finite and not negative.
pub(super) fn duration(milliseconds: f64, what: &str) -> PyResult<Duration> {
    Duration::try_from_secs_f64(milliseconds / 1000.0)
        .map_err(|_| PyValueError::new_err(format!("{what} of {milliseconds} ms is out of range")))
}

/// Data for Python, by way of JSON: rare and small, so the detour costs nothing that matters.
pub(super) fn to_python<'py>(
    py: Python<'py>,
    value: &serde_json::Value,
) -> PyResult<Bound<'py, PyAny>> {
    py.import("json")?
        .call_method1("loads", (value.to_string(),))
}

/// What our own Python says as JSON.
pub(super) fn read_json<T: serde::de::DeserializeOwned>(text: &str) -> PyResult<T> {
    serde_json::from_str(text).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// Text that came; what is not UTF-8 in it, which few let through, as Python's `surrogateescape` has it.
#[inline]
pub(super) fn text<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    match PyString::from_bytes(py, bytes) {
        Ok(text) => Ok(text.into_any()),
        Err(_) => PyBytes::new(py, bytes).call_method1("decode", ("utf-8", "surrogateescape")),
    }
}

/// An exception of `k6ws.errors`, by name.
pub(super) fn error(py: Python<'_>, class: &str, text: String, hint: &str) -> PyErr {
    let made = py
        .import("k6ws.errors")
        .and_then(|errors| errors.getattr(class))
        .and_then(|class| class.call1((text, hint)));
    match made {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

/// Milliseconds in a duration as k6 writes it, such as `1m30s` or `250ms`.
#[pyfunction]
pub(super) fn parse_duration(text: &str) -> PyResult<f64> {
    let parsed = crate::units::parse_duration(text);
    let duration = parsed.map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(crate::engine::measure::milliseconds(duration))
}

/// Whether a script may close with this code (RFC 6455 section 7.4).
#[pyfunction]
pub(super) fn may_close_with(code: &Bound<'_, PyAny>) -> bool {
    // A number that does not fit is no close code either.
    code.extract()
        .is_ok_and(crate::socket::ws::close::may_be_requested)
}
