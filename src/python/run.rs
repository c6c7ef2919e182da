//! `k6ws._core.Run`: a load test as Python carries it out.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::convert::{duration, error, to_python};
use super::dashboard::PyDashboard;
use super::event_loop::PyLoop;
use super::metric::{PySeries, definition};
use super::options::PyOptions;
use super::recording::{PyRecording, completed};
use super::status::{PyInstanceStatus, PyScenarioStatus};
use super::vu::{PyAccount, PyTags};
use crate::engine::Runtime;
use crate::engine::context::RunContext;
use crate::engine::measure::RunMetrics;
use crate::engine::measure::ws::ConnectionLabels;
use crate::engine::run::{IterationEnd, Kept, Run};
use crate::engine::runtime::mailbox::ReceiverId;
use crate::report::View;
use crate::verdict::Look;

/// A load test on a loop.
#[pyclass(frozen, name = "Run", module = "k6ws._core")]
pub(super) struct PyRun {
    run: Run,
    owner: Py<PyLoop>,
    /// What is kept of it in this process, where that is wanted.
    kept: Option<Kept>,
    /// The receivers of its VUs, which go with the run: the loop outlives it.
    targets: Mutex<Vec<ReceiverId>>,
}

impl PyRun {
    pub(super) fn context(&self) -> &Arc<RunContext> {
        self.run.context()
    }

    pub(super) fn metrics(&self) -> &Arc<RunMetrics> {
        self.run.metrics()
    }

    pub(super) fn run(&self) -> &Run {
        &self.run
    }

    pub(super) fn runtime(&self) -> &Runtime {
        self.owner.get().runtime()
    }

    fn targets(&self) -> MutexGuard<'_, Vec<ReceiverId>> {
        self.targets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl PyRun {
    #[new]
    #[pyo3(signature = (owner, options, outputs=Vec::new(), *, is_kept=false, dashboard=None))]
    fn new(
        py: Python<'_>,
        owner: Py<PyLoop>,
        options: &PyOptions,
        outputs: Vec<String>,
        is_kept: bool,
        dashboard: Option<&PyDashboard>,
    ) -> PyResult<Self> {
        let run = Run::new(options.options().clone())
            .map_err(|refused| error(py, "OptionsError", refused.to_string(), ""))?;
        let outputs = super::outputs::open(py, &run, outputs)?;
        run.open(owner.get().runtime());
        run.write_to(owner.get().runtime(), outputs.samples)?;
        let runtime = owner.get().runtime();
        let kept = super::outputs::tell(&run, runtime, outputs.snapshots, is_kept, dashboard)?;
        Ok(Self {
            run,
            owner,
            kept,
            targets: Mutex::default(),
        })
    }

    /// VUs initialised so far.
    fn vus(&self) -> usize {
        self.run.vus()
    }

    /// The account of a VU; `vu` is its position in the pool, from 0.
    fn account(&self, vu: u32) -> PyResult<PyAccount> {
        let missing = || PyValueError::new_err(format!("there is no VU {vu}"));
        self.run.account(vu).map(PyAccount).ok_or_else(missing)
    }

    /// The tags of the scenario at a position.
    fn scenario_tags(&self, scenario: usize) -> PyResult<PyTags> {
        let missing = || PyValueError::new_err(format!("there is no scenario {scenario}"));
        self.run
            .scenario_tags(scenario)
            .map(PyTags)
            .ok_or_else(missing)
    }

    /// Names the receiver that is told which VU starts what, as `(vu, scenario, number)`, and which is cut.
    fn employ(&self, receiver: Py<PyAny>) {
        let target = self.owner.get().add_receiver(receiver);
        self.targets().push(target);
        self.run.employ(target);
    }

    /// Names the receiver that is told, once, that every scenario has finished.
    fn watch(&self, receiver: Py<PyAny>) {
        self.run.watch(self.owner.get().add_receiver(receiver));
    }

    /// From now on the thresholds of the options are judged; the script has declared its metrics by now.
    fn judge_by_thresholds(&self, py: Python<'_>) -> PyResult<()> {
        self.run.judge_by_thresholds().map_err(|refused| {
            let hint = refused.hint.clone().unwrap_or_default();
            error(py, "OptionsError", refused.to_string(), &hint)
        })
    }

    /// Whether there is anything to judge.
    fn has_thresholds(&self) -> bool {
        self.run.has_thresholds()
    }

    /// Judges what was recorded so far. The names of crossed metrics if that ends the run, else nothing.
    fn judge(&self) -> Vec<String> {
        let findings = self.run.look(self.runtime(), Look::Running);
        if findings.is_abort {
            findings.crossed
        } else {
            Vec::new()
        }
    }

    /// Judges when the scenarios have just ended.
    fn judge_scenarios(&self) {
        self.run.look(self.runtime(), Look::ScenariosEnded);
    }

    /// Judges everything: the names of crossed metrics, and of those that lack data.
    fn judge_all(&self) -> (Vec<String>, Vec<String>) {
        let findings = self.run.look(self.runtime(), Look::AllEnded);
        (findings.crossed, findings.without_data)
    }

    /// The test clock starts.
    fn start_clock(&self) {
        self.run.start_clock();
    }

    /// The scenarios start.
    fn begin(&self) {
        self.run.begin(self.runtime());
    }

    /// Lets scenarios whose time has come start or end.
    fn wake(&self) {
        self.run.wake(self.runtime());
    }

    /// Milliseconds until `wake` must be called again, if at all.
    fn next_wake(&self) -> Option<f64> {
        self.run
            .next_wake()
            .map(crate::engine::measure::milliseconds)
    }

    /// A VU begins the iteration it was told to start.
    fn iteration_began(&self, vu: u32) {
        self.run.iteration_began(vu);
    }

    /// A VU's iteration is over; `tags` are the VU's at this moment.
    fn iteration_ended(&self, vu: u32, tags: &PyTags, is_interrupted: bool, is_failed: bool) {
        let end = if is_interrupted {
            IterationEnd::Interrupted
        } else if is_failed {
            IterationEnd::Failed
        } else {
            IterationEnd::Complete
        };
        self.run.iteration_ended(self.runtime(), vu, &tags.0, end);
    }

    /// Starts nothing more and cuts what runs.
    fn stop(&self) {
        self.run.stop(self.runtime());
    }

    /// The test clock stops, and the VUs get no more events.
    fn end(&self) {
        self.run.end(self.runtime());
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

    /// How far a scenario is that has begun.
    fn scenario_status(&self, name: &str) -> PyResult<PyScenarioStatus> {
        let status = self.run.scenario_status(name);
        let missing = || PyValueError::new_err(format!("no scenario {name:?} has begun"));
        status.map(Into::into).ok_or_else(missing)
    }

    /// Of each scenario, how many iterations were complete, how many of those failed, were interrupted, were dropped.
    fn iteration_counts(&self) -> Vec<(u64, u64, u64, u64)> {
        self.run.iteration_counts()
    }

    /// How far this process is.
    fn instance_status(&self) -> PyInstanceStatus {
        self.run.instance_status().into()
    }

    /// The number of a VU over all processes of the test.
    fn id_in_test(&self, vu: u32) -> u64 {
        self.run.id_in_test(vu)
    }

    /// The number of an iteration over all processes of the test.
    fn number_in_test(&self, scenario: &str, number: u64) -> u64 {
        self.run.number_in_test(scenario, number)
    }

    /// Scenarios newly found short of VUs, with the VUs they may have.
    fn short_of_vus(&self) -> Vec<(String, u32)> {
        self.run.short_of_vus()
    }

    /// Records how many VUs there are.
    fn sample_vus(&self) {
        self.run.sample_vus();
    }

    /// Whether samples carry this system tag.
    fn has_system_tag(&self, name: &str) -> bool {
        let catalog = self.run.metrics().catalog();
        catalog.system_tags.names().any(|wanted| wanted == name)
    }

    /// Records one result of a check made in `group`.
    fn check(&self, account: &PyAccount, group: &str, tags: &PyTags, name: &str, is_passed: bool) {
        if !account.0.is_cut() {
            self.run
                .metrics()
                .check(&account.0, group, &tags.0, name, is_passed);
        }
    }

    /// Declares a metric of the script, or raises where the name is another's; what the user should know of it.
    fn declare(&self, py: Python<'_>, name: &str, kind: &str, is_time: bool) -> PyResult<String> {
        let (kind, unit) = definition(kind, is_time)?;
        self.run
            .metrics()
            .declare(name, kind, unit)
            .map_err(|refused| error(py, "K6Error", refused.to_string(), ""))
    }

    /// The series of a metric of the script under these tags; the metric is declared if it is not yet.
    fn custom_series(
        &self,
        py: Python<'_>,
        name: &str,
        kind: &str,
        is_time: bool,
        tags: &PyTags,
    ) -> PyResult<PySeries> {
        let (kind, unit) = definition(kind, is_time)?;
        let metrics = self.run.metrics();
        let series = metrics
            .custom_series(name, kind, unit, &tags.0)
            .map_err(|refused| error(py, "K6Error", refused.to_string(), ""))?;
        let metrics = metrics.clone();
        Ok(PySeries { metrics, series })
    }

    /// Records an attempt to connect to something that is no WebSocket URL.
    fn malformed_url(&self, account: &PyAccount, tags: &PyTags, url: &str, is_named: bool) {
        if !account.0.is_cut() {
            let labels = ConnectionLabels {
                metrics: self.run.metrics().clone(),
                vu: account.0.clone(),
                tags: tags.0.clone(),
                url: url.into(),
                is_named,
            };
            labels.never_dialled("url");
        }
    }

    /// Records a TCP connect that was refused before anything was dialled.
    fn tcp_error(&self, account: &PyAccount, tags: &PyTags) {
        if !account.0.is_cut() {
            let metric = crate::metrics::builtin::TCP_ERRORS;
            self.run
                .metrics()
                .record_of(&account.0, metric, &tags.0, 1.0);
        }
    }

    /// Records how long a group took, in milliseconds.
    fn group_ended(&self, account: &PyAccount, tags: &PyTags, ms: f64) -> PyResult<()> {
        duration(ms, "group duration")?;
        if !account.0.is_cut() {
            let metric = crate::metrics::builtin::GROUP_DURATION;
            self.run
                .metrics()
                .record_of(&account.0, metric, &tags.0, ms);
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

    /// Whether anybody is told of the run while it lasts.
    fn is_told(&self) -> bool {
        self.run.is_told()
    }

    /// What was kept of it so far, where it is kept; all of it after `finish_snapshots`.
    fn recording(&self) -> Option<PyRecording> {
        self.kept.clone().map(PyRecording::of)
    }

    /// Has this told as well: what only this side knows, as JSON.
    fn add_to_snapshots(&self, told: &str) -> PyResult<()> {
        super::recording::add_to_snapshots(&self.run, told)
    }

    /// Says the last of it and waits until that is written or its time is up. Returns the snapshots that are missing.
    fn finish_snapshots(&self, py: Python<'_>) -> PyResult<u64> {
        super::outputs::finish_snapshots(py, &self.run)
    }

    /// What happened, in the schema of `handle_summary`; with what only Python knows, as JSON, where that is `told`, and
    /// then the document of it as well.
    #[pyo3(signature = (*, no_color, stdout_is_tty, stderr_is_tty, mode="compact", told=None))]
    fn summary<'py>(
        &self,
        py: Python<'py>,
        no_color: bool,
        stdout_is_tty: bool,
        stderr_is_tty: bool,
        mode: &str,
        told: Option<&str>,
    ) -> PyResult<(Bound<'py, PyAny>, Option<Bound<'py, PyAny>>)> {
        let view = View {
            mode: mode.into(),
            no_color,
            stdout_is_tty,
            stderr_is_tty,
        };
        let data = self.run.summary(self.runtime(), &view);
        completed(py, data, told)
    }

    /// Every metric without a sample, by name, as the summary would have it.
    fn silent_metrics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.run.silent_metrics())
    }

    /// Every series with its figures, and the numbers of those that a threshold's part of a metric has.
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.run.rows(self.runtime()))
    }

    /// How far the run is.
    fn progress<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.run.progress(self.runtime()))
    }
}
