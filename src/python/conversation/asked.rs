//! What Python asks for, as the core takes it.

use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::super::convert::duration;
use super::super::refused::refused;
use crate::clock;
use crate::conversation::desk::{Asked, Refused};
use crate::conversation::key::Key;

/// A plain request that is made now, and has so long.
pub(super) fn asked(timeout_ms: Option<f64>, name: u32) -> PyResult<Asked> {
    let called = clock::now();
    let timeout = timeout_ms.map(|ms| duration(ms, "timeout")).transpose()?;
    Ok(Asked {
        called,
        deadline: timeout.map(|timeout| called + timeout),
        name,
        criteria: None,
        key: None,
        planned: None,
    })
}

/// Times in milliseconds.
pub(super) fn times(ms: Vec<f64>) -> PyResult<Vec<Duration>> {
    ms.into_iter().map(|ms| duration(ms, "time")).collect()
}

/// A key that the script gave.
pub(super) fn key_of(py: Python<'_>, key: &Bound<'_, PyBytes>) -> PyResult<Key> {
    Key::new(key.as_bytes()).map_err(|_| refused(py, Refused::KeyTooLong))
}
