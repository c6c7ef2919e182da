//! What a run says once a second: what came since it said it last, to whoever listens:
//! files, and a keeper in this process.
//!
//! A task of the loop does it, so that it is said while a handler hogs its thread. What was recorded is collected more
//! often while a run is short: the stretches of time that numbers are known for are as long as that.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;
use tokio::task::AbortHandle;
use tokio::time::sleep;

use super::cores::{Cores, health};
use super::state::State;
use crate::clock::{self, Instant};
use crate::engine::Runtime;
use crate::engine::context::RunContext;
use crate::options::Options;
use crate::output::Listener;
use crate::report::snapshot::{Cadence, Deltas, Facts, Now, Opening, Pieces, Planned};
use crate::verdict::Judge;

/// What a run says of itself, and to whom.
pub(super) struct Snapshots {
    run: Sources,
    began: Instant,
    said: Mutex<Said>,
}

/// What is known of a run, each under its own lock.
pub(super) struct Sources {
    pub(super) context: Arc<RunContext>,
    pub(super) state: Arc<Mutex<State>>,
    pub(super) judge: Arc<Mutex<Judge>>,
    pub(super) cores: Arc<Mutex<Cores>>,
}

struct Said {
    deltas: Deltas,
    listeners: Vec<Listener>,
    /// What the side of the script said last.
    told: Option<String>,
    is_introduced: bool,
    is_over: bool,
}

impl Snapshots {
    /// Nothing was said yet. `run` is what it says it of: from now on its totals keep what is new.
    pub(super) fn new(run: Sources, options: &Options, listeners: Vec<Listener>) -> Arc<Self> {
        let began = clock::now();
        let stats = options.summary_trend_stats.iter();
        let stats: Vec<String> = stats.map(ToString::to_string).collect();
        let shaping = json!({
            "thresholds": options.given_object("thresholds"),
            "show": options.shown().collect::<Vec<_>>(),
            "noThresholds": options.no_thresholds,
            "summaryTrendStats": stats,
            "summaryTimeUnit": options.summary_time_unit,
        });
        let scenarios = options.scenarios.iter();
        let opening = Opening {
            at: clock::epoch_milliseconds(began),
            tool: env!("CARGO_PKG_VERSION").into(),
            scenarios: scenarios.map(|one| one.name.clone()).collect(),
            options: shaping.to_string(),
            stages: planned(options).collect(),
            about: String::new(),
        };
        let said = Mutex::new(Said {
            deltas: Deltas::new(opening),
            listeners,
            told: None,
            is_introduced: false,
            is_over: false,
        });
        run.context.metrics().totals().pieces = Some(Pieces::new(began));
        Arc::new(Self { run, began, said })
    }

    /// Starts the task that says it. It holds the loop's part weakly: a loop does not own itself.
    pub(super) fn go_on(self: &Arc<Self>, runtime: &Runtime) -> Option<AbortHandle> {
        let shared = Arc::downgrade(runtime.shared());
        let snapshots = self.clone();
        runtime.spawn(async move {
            let mut cadence = Cadence::new();
            let since = || clock::now().saturating_duration_since(snapshots.began);
            loop {
                sleep(cadence.wait(since())).await;
                let Some(shared) = shared.upgrade() else {
                    return;
                };
                shared.record(|driver| snapshots.run.context.metrics().collect(driver));
                if cadence.is_due(since()) {
                    snapshots.say(false);
                }
            }
        })
    }

    fn say(&self, is_last: bool) {
        let mut said = self.said();
        // Where it comes from is said in front of everything: it is not known for longer where a machine is slow.
        if said.is_over || !(said.is_introduced || is_last) {
            return;
        }
        said.is_over = is_last;
        let (clock_started, scenarios_started, test_time, complete, interrupted) = {
            let state = self
                .run
                .state
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let date = |at: Option<Instant>| at.map_or(0.0, clock::epoch_milliseconds);
            (
                date(state.clock_started),
                date(state.began),
                state.test_time(),
                state.complete,
                state.interrupted,
            )
        };
        let now = Now {
            since_opening: nanoseconds(clock::now().saturating_duration_since(self.began)),
            clock_started,
            test_time: nanoseconds(test_time),
            scenarios_started,
        };
        let metrics = self.run.context.metrics();
        let catalog = metrics.catalog();
        let mut totals = metrics.totals();
        let judge = self
            .run
            .judge
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let facts = Facts {
            standings: judge.standings(),
            health: health(metrics.lateness(), &self.run.cores),
            complete,
            interrupted,
            is_unverified: self.run.context.tls().is_unverified(),
            told: said.told.clone(),
            is_last,
        };
        drop(judge);
        let Said {
            deltas, listeners, ..
        } = &mut *said;
        let bytes = deltas.next(&catalog.registry, &catalog.series, &mut totals, facts, now);
        drop((catalog, totals));
        let bytes: Arc<[u8]> = bytes.into();
        for one in &*listeners {
            one.offer(&bytes);
        }
    }

    /// Where the run comes from, as JSON without secrets. Nothing is said before.
    pub(super) fn introduce(&self, about: String) {
        let mut said = self.said();
        said.deltas.introduce(about);
        said.is_introduced = true;
    }

    /// Has this told as well, which only the side of the script knows; JSON.
    pub(super) fn add(&self, told: String) {
        self.said().told = Some(told);
    }

    /// Says the last of it: nothing follows.
    pub(super) fn end(&self) {
        self.say(true);
        self.said().listeners.iter().for_each(Listener::close);
    }

    /// Waits up to `until` for what was said to be heard by all; whether it is.
    pub(super) fn wait(&self, until: Instant) -> bool {
        self.said().listeners.iter_mut().all(|one| one.wait(until))
    }

    /// Gives up what is not heard yet; how many snapshots are missing in all.
    pub(super) fn settle(&self) -> u64 {
        let mut said = self.said();
        said.listeners.iter_mut().map(Listener::settle).sum()
    }

    /// Where it goes, as the run description says it.
    pub(super) fn descriptions(&self) -> Vec<String> {
        let said = self.said();
        let all = said.listeners.iter().filter_map(Listener::description);
        all.map(str::to_owned).collect()
    }

    /// Why something is missing: the news since the last call.
    pub(super) fn troubles(&self) -> Vec<String> {
        let said = self.said();
        let all = said.listeners.iter();
        all.filter_map(Listener::trouble).collect()
    }

    fn said(&self) -> MutexGuard<'_, Said> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is to be done when. A part of a test does its part of it, which has no number of its own.
fn planned(options: &Options) -> impl Iterator<Item = Planned> {
    let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let whole = if options.segment.is_some() {
        ", with all segments"
    } else {
        ""
    };
    options.scenarios.iter().flat_map(move |scenario| {
        scenario.course().into_iter().map(move |stretch| Planned {
            scenario: scenario.name.clone(),
            name: format!("{}{whole}", stretch.name),
            from: milliseconds(stretch.from),
            to: milliseconds(stretch.to),
        })
    })
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
