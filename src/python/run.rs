//! `k6ws._core.Run`, `Account` and `Tags`: a load test, a VU's account, and what samples are tagged with.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::convert::{duration, error, to_python};
use super::event_loop::PyLoop;
use super::options::PyOptions;
use crate::engine::mailbox::Target;
use crate::engine::measure::{Meter, Metering, VuAccount};
use crate::engine::run::{IterationEnd, Run, TerminalState};
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

/// A load test on a loop.
#[pyclass(frozen, name = "Run", module = "k6ws._core")]
pub(super) struct PyRun {
    run: Run,
    owner: Py<PyLoop>,
    /// The receivers of its VUs, which go with the run: the loop outlives it.
    targets: Mutex<Vec<Target>>,
}

impl PyRun {
    pub(super) fn metering(&self) -> &Arc<Metering> {
        self.run.metering()
    }

    fn targets(&self) -> MutexGuard<'_, Vec<Target>> {
        self.targets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl PyRun {
    #[new]
    #[pyo3(signature = (owner, options, outputs=Vec::new()))]
    fn new(
        py: Python<'_>,
        owner: Py<PyLoop>,
        options: &PyOptions,
        outputs: Vec<String>,
    ) -> PyResult<Self> {
        let run = Run::new(options.options().clone())
            .map_err(|refused| error(py, "OptionsError", refused.to_string(), ""))?;
        let outputs = super::outputs::open(py, &run, outputs)?;
        run.open(owner.get().runtime());
        run.write_to(owner.get().runtime(), outputs)?;
        Ok(Self {
            run,
            owner,
            targets: Mutex::default(),
        })
    }

    /// VUs of all scenarios.
    fn vus(&self) -> usize {
        self.run.vus()
    }

    /// The index of the scenario that a VU belongs to; `vu` counts from 0.
    fn scenario_of(&self, vu: usize) -> PyResult<usize> {
        self.run
            .scenario_of(vu)
            .ok_or_else(|| PyValueError::new_err(format!("there is no VU {vu}")))
    }

    /// Names the receiver of a VU's events; `vu` counts from 0. Returns its account and its tags.
    fn attach(&self, vu: usize, receiver: Py<PyAny>) -> PyResult<(PyAccount, PyTags)> {
        let target = self.owner.get().add_receiver(receiver);
        self.targets().push(target);
        let (account, tags) = self
            .run
            .attach(vu, target)
            .ok_or_else(|| PyValueError::new_err(format!("there is no VU {vu}")))?;
        Ok((PyAccount(account), PyTags(tags)))
    }

    /// Names the receiver that is told, once, that every scenario has finished.
    fn watch(&self, receiver: Py<PyAny>) {
        self.run.watch(self.owner.get().add_receiver(receiver));
    }

    /// The test clock starts, and with it the scenarios.
    fn begin(&self) {
        self.run.begin(self.owner.get().runtime());
    }

    /// Lets scenarios whose time has come start or end.
    fn wake(&self) {
        self.run.wake(self.owner.get().runtime());
    }

    /// Milliseconds until `wake` must be called again, if at all.
    fn next_wake(&self) -> Option<f64> {
        self.run
            .next_wake()
            .map(crate::engine::measure::milliseconds)
    }

    /// A VU begins the iteration it was told to start.
    fn iteration_began(&self, vu: usize) {
        self.run.iteration_began(vu);
    }

    /// A VU's iteration is over; `tags` are the VU's at this moment.
    fn iteration_ended(&self, vu: usize, tags: &PyTags, is_interrupted: bool) {
        let end = if is_interrupted {
            IterationEnd::Interrupted
        } else {
            IterationEnd::Complete
        };
        self.run
            .iteration_ended(self.owner.get().runtime(), vu, &tags.0, end);
    }

    /// Starts nothing more and cuts what runs.
    fn stop(&self) {
        self.run.stop(self.owner.get().runtime());
    }

    /// The test clock stops, and the VUs get no more events.
    fn end(&self) {
        self.run.end(self.owner.get().runtime());
        let targets = std::mem::take(&mut *self.targets());
        self.owner.get().remove_receivers(&targets);
    }

    /// The account and tags of a stage that is no iteration, `setup` or `teardown`.
    fn stage(&self, name: &str) -> (PyAccount, PyTags) {
        let (account, tags) = self.run.stage(name);
        (PyAccount(account), PyTags(tags))
    }

    /// A stage is over: records the bytes that it moved.
    fn stage_ended(&self, account: &PyAccount, tags: &PyTags) {
        self.run.stage_ended(&account.0, &tags.0);
    }

    /// Records how many VUs there are.
    fn sample_vus(&self) {
        self.run.sample_vus();
    }

    /// Whether samples carry this system tag.
    fn has_system_tag(&self, name: &str) -> bool {
        let catalog = self.run.metering().catalog();
        catalog.system_tags.names().any(|wanted| wanted == name)
    }

    /// Records one result of a check made in `group`.
    fn check(&self, account: &PyAccount, group: &str, tags: &PyTags, name: &str, is_passed: bool) {
        if !account.0.is_cut() {
            self.run.metering().check(group, &tags.0, name, is_passed);
        }
    }

    /// Records an attempt to connect to something that is no WebSocket URL.
    fn malformed_url(&self, account: &PyAccount, tags: &PyTags, url: &str) {
        if !account.0.is_cut() {
            let metering = self.run.metering();
            let meter = Meter {
                metering: metering.clone(),
                vu: account.0.clone(),
                tags: tags.0.clone(),
                url: url.into(),
            };
            metering.never_dialled(&meter, "url");
        }
    }

    /// Records a TCP connect that was refused before anything was dialled.
    fn tcp_error(&self, account: &PyAccount, tags: &PyTags) {
        if !account.0.is_cut() {
            let metric = crate::metrics::builtin::TCP_ERRORS;
            self.run.metering().record(metric, &tags.0, 1.0);
        }
    }

    /// Records how long a group took, in milliseconds.
    fn group_ended(&self, account: &PyAccount, tags: &PyTags, ms: f64) -> PyResult<()> {
        duration(ms, "group duration")?;
        if !account.0.is_cut() {
            let metric = crate::metrics::builtin::GROUP_DURATION;
            self.run.metering().record(metric, &tags.0, ms);
        }
        Ok(())
    }

    /// What the run description says of each output.
    fn outputs(&self) -> Vec<String> {
        self.run.outputs_described()
    }

    /// Why samples are being lost: the news since the last call.
    fn output_troubles(&self) -> Vec<String> {
        self.run.output_troubles()
    }

    /// Waits, after `end`, until the outputs are written or their time is up. Returns the samples lost.
    fn finish_outputs(&self, py: Python<'_>) -> PyResult<u64> {
        super::outputs::finish(py, &self.run)
    }

    /// What happened, in the schema of `handle_summary`.
    #[pyo3(signature = (*, no_color, stdout_is_tty, stderr_is_tty))]
    fn summary<'py>(
        &self,
        py: Python<'py>,
        no_color: bool,
        stdout_is_tty: bool,
        stderr_is_tty: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        let terminal = TerminalState {
            no_color,
            stdout_is_tty,
            stderr_is_tty,
        };
        to_python(py, &self.run.summary(self.owner.get().runtime(), terminal))
    }

    /// Every series of a metric, as `{"tags": …, "values": …}`.
    fn series<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.run.series(self.owner.get().runtime(), name))
    }

    /// How far the run is.
    fn progress<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.run.progress(self.owner.get().runtime()))
    }
}
