//! `k6ws._core.Options`: what the user asked for, parsed and checked in one place for every way in.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde_json::{Value, json};

use super::convert::{error, to_python};
use crate::engine::measure::milliseconds;
use crate::options::{Options, Source, Tier, known, parse};
use crate::schedule::needed_vus;
use crate::socket::local::LocalAddresses;

/// Options that are valid.
#[pyclass(frozen, name = "Options", module = "k6ws._core")]
pub(super) struct PyOptions(Options);

impl PyOptions {
    pub(super) fn options(&self) -> &Options {
        &self.0
    }
}

#[pymethods]
impl PyOptions {
    /// The options as they are carried out, under k6's names.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.to_json())
    }

    /// Remarks for the user, one line each.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.0.warnings.clone()
    }

    /// What the `User-Agent` header says.
    #[getter]
    fn user_agent(&self) -> &str {
        &self.0.user_agent
    }

    /// Whether a failed `ws.connect` raises.
    #[getter]
    fn throw(&self) -> bool {
        self.0.throw
    }

    /// How long `handle_summary` may take, in milliseconds.
    #[getter]
    fn handle_summary_timeout(&self) -> f64 {
        milliseconds(self.0.handle_summary_timeout)
    }

    /// Whether the run waits until it is told to begin.
    #[getter]
    fn paused(&self) -> bool {
        self.0.paused
    }

    /// Whether an exception in an iteration fails the run.
    #[getter]
    fn fail_on_exceptions(&self) -> bool {
        self.0.fail_on_exceptions
    }

    /// Whether a VU's cookies outlive its iterations.
    #[getter]
    fn no_cookies_reset(&self) -> bool {
        self.0.no_cookies_reset
    }

    /// How long `setup` may take, in milliseconds.
    #[getter]
    fn setup_timeout(&self) -> f64 {
        milliseconds(self.0.setup_timeout)
    }

    /// How long `teardown` may take, in milliseconds.
    #[getter]
    fn teardown_timeout(&self) -> f64 {
        milliseconds(self.0.teardown_timeout)
    }

    /// Whether `setup` is left out.
    #[getter]
    fn no_setup(&self) -> bool {
        self.0.no_setup
    }

    /// Whether `teardown` is left out.
    #[getter]
    fn no_teardown(&self) -> bool {
        self.0.no_teardown
    }

    /// `summaryTimeUnit`, if given.
    #[getter]
    fn summary_time_unit(&self) -> Option<&str> {
        self.0.summary_time_unit.as_deref()
    }

    /// The values that won, as they were written: `(snake, camel, value, source)`; for showing without secrets.
    fn given<'py>(&self, py: Python<'py>, is_shown: bool) -> PyResult<Bound<'py, PyAny>> {
        let given = self.0.given.iter().map(|one| {
            let value = if is_shown {
                one.without_secrets()
            } else {
                one.value.clone()
            };
            json!([one.snake, one.camel, value, name_of(one.source)])
        });
        to_python(py, &Value::Array(given.collect()))
    }

    /// The part of the test that is run here: 1 is all of it.
    #[getter]
    fn segment_size(&self) -> f64 {
        self.0.share.size()
    }

    /// How many addresses connections come from.
    #[getter]
    fn sources(&self) -> usize {
        self.0.network.local.as_ref().map_or(1, LocalAddresses::len)
    }

    /// VUs that all scenarios need at one time, at most.
    #[getter]
    fn max_vus(&self) -> u64 {
        needed_vus(&self.0.scenarios, &self.0.share).maximum
    }

    /// The scenarios: name, exec, env, description and the times that the run description needs.
    fn scenarios<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let scenarios = self.0.scenarios.iter().map(|scenario| {
            let end =
                scenario.start_time + scenario.executor.regular_end() + scenario.graceful_stop;
            json!({
                "name": scenario.name,
                "exec": scenario.exec,
                "vu_start": scenario.vu_start,
                "vu_stop": scenario.vu_stop,
                "env": scenario.env,
                "executor": scenario.executor.name(),
                "vus": self.0.share.of_vus(scenario.executor.vus()),
                "description": scenario.describe(&self.0.share),
                "max_duration_ms": milliseconds(end),
            })
        });
        to_python(py, &Value::Array(scenarios.collect()))
    }
}

/// Every option there is: our spelling, k6's spelling, and what becomes of it.
#[pyfunction]
pub(super) fn option_names() -> Vec<(&'static str, &'static str, &'static str)> {
    known()
        .map(|one| (one.snake, one.camel, one.standing))
        .collect()
}

/// Parses tiers of options, lowest first, given as JSON: `[["script", {…}], ["cli", {…}]]`.
#[pyfunction]
pub(super) fn parse_options(py: Python<'_>, tiers: &str) -> PyResult<PyOptions> {
    let tiers: Vec<(String, serde_json::Map<String, Value>)> = serde_json::from_str(tiers)
        .map_err(|error| PyValueError::new_err(format!("options are not valid JSON: {error}")))?;
    let mut parsed = Vec::new();
    for (source, values) in tiers {
        let known = SOURCES.iter().find(|(name, _)| *name == source);
        let Some((_, source)) = known.copied() else {
            return Err(PyValueError::new_err(format!("no such source: {source}")));
        };
        parsed.push(Tier { source, values });
    }
    match parse(&parsed) {
        Ok(options) => Ok(PyOptions(options)),
        Err(refused) => {
            let hint = refused.hint.clone().unwrap_or_default();
            Err(error(py, "OptionsError", refused.to_string(), &hint))
        }
    }
}

fn name_of(source: Source) -> &'static str {
    let known = SOURCES.iter().find(|(_, known)| *known == source);
    known.map_or("", |(name, _)| name)
}

/// What tiers are called in Python.
const SOURCES: [(&str, Source); 6] = [
    ("default", Source::Default),
    ("config", Source::ConfigFile),
    ("script", Source::Script),
    ("program", Source::Program),
    ("env", Source::Env),
    ("cli", Source::Cli),
];
