//! `k6ws._core.Account` and `Tags`: what a VU records with, whatever it records.

use std::sync::Arc;

use pyo3::prelude::*;

use crate::engine::measure::VuAccount;
use crate::metrics::TagSet;

/// An immutable set of tags.
#[pyclass(
    frozen,
    eq,
    hash,
    skip_from_py_object,
    name = "Tags",
    module = "k6ws._core"
)]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct PyTags(pub(super) TagSet);

#[pymethods]
impl PyTags {
    #[new]
    fn new() -> Self {
        Self(TagSet::new())
    }

    /// These tags and more; a key given again takes the new value.
    fn extended(&self, tags: Vec<(String, String)>) -> Self {
        Self(self.0.extended(tags))
    }

    /// The value of a tag.
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)
    }

    /// All tags, sorted by key.
    fn items(&self) -> Vec<(&str, &str)> {
        self.0.iter().collect()
    }
}

/// What a VU and its connections share; opaque to Python.
#[pyclass(frozen, name = "Account", module = "k6ws._core")]
pub(super) struct PyAccount(pub(super) Arc<VuAccount>);

#[pymethods]
impl PyAccount {
    /// Whether the VU has been told to stop.
    fn is_cut(&self) -> bool {
        self.0.is_cut()
    }
}
