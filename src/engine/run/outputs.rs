//! The outputs of a run: fed while it lasts, finished at its end.
//!
//! Both recorders log their samples for the outputs. A task of the loop hands over what has gathered, so
//! that samples leave while a handler hogs its thread and while nothing happens.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;
use tokio::task::AbortHandle;
use tokio::time::{MissedTickBehavior, interval};

use super::Run;
use super::output_set::Outputs;
use super::snapshots::{Snapshots, Sources};
use crate::clock::{self, Instant};
use crate::engine::Runtime;
use crate::metrics::{Recorder, SampleLog, SampleQueue};
use crate::output::{Described, Listener, Output, Running, Settings};
use crate::report::{Origin, Told, about};

impl Run {
    /// What the formats of outputs take from the options.
    pub fn output_settings(&self) -> Settings {
        Settings {
            system_tags: self.options.system_tags,
            thresholds: self.options.given_object("thresholds"),
        }
    }

    /// Has every sample from now on written to these outputs as well. Call after [`Run::open`].
    pub fn write_to(&self, runtime: &Runtime, outputs: Vec<Output>) -> std::io::Result<()> {
        if outputs.is_empty() {
            return Ok(());
        }
        let mut running = Vec::with_capacity(outputs.len());
        for output in outputs {
            let metrics = self.metrics().clone();
            let describe = Arc::new(move |series| {
                let catalog = metrics.catalog();
                let id = catalog.series.metric(series);
                Described {
                    id,
                    metric: catalog.registry.get(id).clone(),
                    tags: catalog.series.tags(series).clone(),
                }
            });
            running.push(output.start(describe)?);
        }
        let queues: Arc<[Arc<SampleQueue>]> =
            running.iter().map(|one| one.queue().clone()).collect();
        let log = || Some(SampleLog::new(queues.clone(), self.options.system_tags));
        runtime.shared().record(|driver| driver.log_samples(log()));
        self.metrics().log_samples(log());
        let mut outputs = self.outputs();
        outputs.running = running;
        outputs.feeder = self.feed(runtime);
        Ok(())
    }

    /// Has everything from now on told to these. Call once, after [`Run::open`].
    pub fn tell(&self, runtime: &Runtime, listeners: Vec<Listener>) {
        if listeners.is_empty() {
            return;
        }
        let sources = Sources {
            context: self.context.clone(),
            state: self.state.clone(),
            judge: self.judge.clone(),
            cores: self.cores.clone(),
        };
        let snapshots = Snapshots::new(sources, &self.options, listeners);
        let mut outputs = self.outputs();
        outputs.teller = snapshots.go_on(runtime);
        outputs.snapshots = Some(snapshots);
    }

    /// Whether anybody is told of the run while it lasts.
    pub fn is_told(&self) -> bool {
        self.snapshots().is_some()
    }

    /// Tells where the run comes from, without secrets. Nothing is told before.
    pub fn introduce(&self, origin: &Origin) {
        if let Some(snapshots) = self.snapshots() {
            snapshots.introduce(about(origin, &self.options).to_string());
        }
    }

    /// Has this told as well, which only the side of the script knows.
    pub fn add_to_snapshots(&self, told: &Told) {
        if let Some(snapshots) = self.snapshots() {
            snapshots.add(json!(told).to_string());
        }
    }

    /// Says the last of it, after [`Run::end`]: nothing follows.
    pub fn end_snapshots(&self) {
        if let Some(snapshots) = self.snapshots() {
            snapshots.end();
        }
    }

    /// Waits up to `until` for what was said to be heard by all; whether it is.
    pub fn wait_for_snapshots(&self, until: Instant) -> bool {
        self.snapshots().is_none_or(|one| one.wait(until))
    }

    /// Gives up what is not heard yet; how many snapshots are missing in all.
    pub fn settle_snapshots(&self) -> u64 {
        self.snapshots().map_or(0, |one| one.settle())
    }

    fn snapshots(&self) -> Option<Arc<Snapshots>> {
        self.outputs().snapshots.clone()
    }

    /// Starts the task that hands samples over. It holds the loop's part weakly: a loop does not own itself.
    fn feed(&self, runtime: &Runtime) -> Option<AbortHandle> {
        let shared = Arc::downgrade(runtime.shared());
        let metrics = self.metrics().clone();
        runtime.spawn(async move {
            let mut ticks = interval(HAND_OVER);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                let Some(shared) = shared.upgrade() else {
                    return;
                };
                shared.record(Recorder::hand_over);
                metrics.hand_over();
            }
        })
    }

    /// Adds up the last numbers and hands over the last samples; later ones are neither counted nor written.
    pub(super) fn close_records(&self, runtime: &Runtime) {
        let mut outputs = self.outputs();
        outputs.stop_tasks();
        runtime.drain_recorder(|driver| {
            self.metrics().collect(driver);
            *driver = Recorder::closed();
        });
        self.metrics().log_samples(None);
        for output in &outputs.running {
            output.queue().close();
        }
    }

    /// What the run description says of each output.
    pub fn outputs_described(&self) -> Vec<String> {
        let outputs = self.outputs();
        let running = outputs.running.iter();
        let samples = running.map(|one| one.description().to_owned());
        let told = outputs.snapshots.iter().flat_map(|one| one.descriptions());
        samples.chain(told).collect()
    }

    /// Why samples are being lost: the news since the last call.
    pub fn output_troubles(&self) -> Vec<String> {
        let mut outputs = self.outputs();
        let told = outputs.snapshots.iter().flat_map(|one| one.troubles());
        let told: Vec<_> = told.collect();
        let running = outputs.running.iter_mut();
        running.filter_map(Running::trouble).chain(told).collect()
    }

    /// Waits for the outputs up to `until`, after [`Run::end`]; tells whether all is written.
    pub fn wait_for_outputs(&self, until: Instant) -> bool {
        let mut outputs = self.outputs();
        outputs.running.iter_mut().all(|one| one.wait(until))
    }

    /// Gives up what is not written yet, and tells how many samples were lost in all.
    pub fn settle_outputs(&self) -> u64 {
        let mut outputs = self.outputs();
        outputs.running.iter_mut().for_each(Running::give_up);
        outputs.running.iter().map(Running::lost).sum()
    }

    fn outputs(&self) -> MutexGuard<'_, Outputs> {
        self.outputs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When the outputs of a run that is over must have written everything.
pub fn output_deadline() -> Instant {
    clock::now() + FINAL_FLUSH
}

/// How old a sample gets at most before it is on its way.
const HAND_OVER: Duration = Duration::from_millis(200);
/// How long the end of a run waits for slow outputs.
const FINAL_FLUSH: Duration = Duration::from_secs(5);
