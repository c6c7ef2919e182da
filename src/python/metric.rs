//! Metrics of the script: what they are called, and `k6ws._core.Series`, which takes their values.

use std::collections::HashMap;
use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::convert::error;
use super::vu::PyAccount;
use crate::engine::measure::RunMetrics;
use crate::metrics::{Kind, Registry, Series, Unit};

/// One metric of a run under one set of tags.
#[pyclass(frozen, name = "Series", module = "k6ws._core")]
pub(super) struct PySeries {
    pub(super) metrics: Arc<RunMetrics>,
    pub(super) series: Series,
}

#[pymethods]
impl PySeries {
    /// Records a value, unless the VU was cut. False then.
    fn add(&self, account: &PyAccount, value: f64) -> PyResult<bool> {
        if !value.is_finite() {
            return Err(PyValueError::new_err("not a finite number"));
        }
        let is_recorded = !account.0.is_cut();
        if is_recorded {
            self.metrics.add(&account.0, self.series, value);
        }
        Ok(is_recorded)
    }
}

/// What a script calls a metric's kind, and what that makes of it.
pub(super) fn definition(kind: &str, is_time: bool) -> PyResult<(Kind, Unit)> {
    let unit = if is_time { Unit::Time } else { Unit::Default };
    let kind = match kind {
        "counter" => Kind::Counter,
        "gauge" => Kind::Gauge,
        "rate" => Kind::Rate,
        "trend" => Kind::Trend,
        _ => return Err(PyValueError::new_err(format!("no kind of metric: {kind}"))),
    };
    Ok((kind, unit))
}

/// Refuses a metric whose name breaks the rule, or is that of another kind among `declared` ones.
#[pyfunction]
pub(super) fn check_metric(
    py: Python<'_>,
    name: &str,
    kind: &str,
    is_time: bool,
    declared: HashMap<String, (String, bool)>,
) -> PyResult<()> {
    let mut registry = Registry::new();
    for (name, (kind, is_time)) in declared {
        let (kind, unit) = definition(&kind, is_time)?;
        // It was checked when it was declared.
        let _ = registry.register(&name, kind, unit);
    }
    let (kind, unit) = definition(kind, is_time)?;
    let checked = registry.register(name, kind, unit);
    checked
        .map(drop)
        .map_err(|refused| error(py, "K6Error", refused.to_string(), ""))
}
