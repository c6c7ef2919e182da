//! The numbers of one run: what they are called, who records them, what they add up to.
//!
//! Knows nothing of connections and of what facts mean: that is said in `ws` and `tcp`.

use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::account::VuAccount;
use super::catalog::Catalog;
use super::lateness::Lateness;
use super::tcp_series::RecentTcp;
use super::ws_series::RecentWs;
use crate::clock;
use crate::metrics::{
    MetricId, Recorder, Registry, SampleLog, Series, SeriesTable, SystemTag, SystemTags, TagSet,
    builtin,
};
use crate::report::{Failure, Totals};

/// The numbers of one run.
#[derive(Debug)]
pub struct RunMetrics {
    catalog: Mutex<Catalog>,
    script: Mutex<Recorder>,
    pub(super) active: AtomicU32,
    /// The series of `ws_active`.
    pub(super) active_series: Series,
    totals: Mutex<Totals>,
    lateness: Arc<Lateness>,
}

impl RunMetrics {
    /// Nothing measured yet.
    pub fn new(system_tags: SystemTags, run_tags: &TagSet) -> Self {
        let mut catalog = Catalog {
            registry: Registry::new(),
            series: SeriesTable::new(),
            system_tags,
            recent_ws: RecentWs::default(),
            recent_tcp: RecentTcp::default(),
        };
        let active_series = catalog.series(builtin::WS_ACTIVE, run_tags);
        Self {
            catalog: Mutex::new(catalog),
            script: Mutex::default(),
            active: AtomicU32::new(0),
            active_series,
            totals: Mutex::default(),
            lateness: Arc::default(),
        }
    }

    /// How much came late.
    pub fn lateness(&self) -> &Arc<Lateness> {
        &self.lateness
    }

    /// Names and tags.
    pub fn catalog(&self) -> MutexGuard<'_, Catalog> {
        self.catalog.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was added up, without what recorders still hold: see [`RunMetrics::collect`].
    pub fn totals(&self) -> MutexGuard<'_, Totals> {
        self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a value of a series from the VU thread.
    pub fn add(&self, of: &VuAccount, series: Series, value: f64) {
        let mut script = self.script();
        script.of(|| of.metadata());
        script.add(series, value);
    }

    /// Records a value from the VU thread that belongs to no VU.
    pub fn record(&self, metric: MetricId, tags: &TagSet, value: f64) {
        let series = self.catalog().series(metric, tags);
        self.script().add(series, value);
    }

    /// Records a value of a VU from the VU thread.
    pub fn record_of(&self, vu: &VuAccount, metric: MetricId, tags: &TagSet, value: f64) {
        let series = self.catalog().series(metric, tags);
        self.add(vu, series, value);
    }

    /// Adds up what the recorders hold: the driver's, which the caller brings, then the script's.
    pub fn collect(&self, driver: &mut Recorder) {
        // Everywhere in this order: the recorder, the catalog, the totals.
        let mut script = self.script();
        let catalog = self.catalog();
        let mut totals = self.totals();
        totals.take(&catalog.series, driver);
        totals.take(&catalog.series, &mut script);
        if let Some(pieces) = &mut totals.pieces {
            pieces.cut(clock::now());
        }
    }

    /// Records one result of a check made in `group`, with the tags it was made under.
    pub fn check(&self, of: &VuAccount, group: &str, tags: &TagSet, name: &str, is_passed: bool) {
        let series = self.checked(group, tags, name, is_passed);
        self.add(of, series, f64::from(u8::from(is_passed)));
    }

    /// Counts one result of a check, and tells as what its sample is recorded.
    pub(super) fn checked(
        &self,
        group: &str,
        tags: &TagSet,
        name: &str,
        is_passed: bool,
    ) -> Series {
        self.totals().checks.record(group, name, is_passed);
        let mut catalog = self.catalog();
        let tagged = catalog.tag(tags, SystemTag::Check, name);
        catalog.series(builtin::CHECKS, &tagged)
    }

    /// Counts a connection that was not made; `new` says what happened to the first of its kind.
    pub fn refused(&self, cause: &'static str, status: Option<u16>, new: impl FnOnce() -> Failure) {
        let at = clock::epoch_milliseconds(clock::now());
        self.totals().refusals.add(cause, status, at, new);
    }

    /// Has the VU thread's recorder keep single samples, or no longer; what it kept is handed over.
    pub fn log_samples(&self, log: Option<SampleLog>) {
        self.script().log_samples(log);
    }

    /// Passes on the single samples that the VU thread's recorder kept.
    pub fn hand_over(&self) {
        self.script().hand_over();
    }

    pub(super) fn script(&self) -> MutexGuard<'_, Recorder> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
