//! What the user asked for, made valid once.
//!
//! [`parse`] takes the tiers of options as their authors wrote them, applies k6's precedence and either
//! yields [`Options`] or the one [`ConfigError`] that says what to mend. Nothing downstream checks again.
//! CLI, environment, file, script and library all come through here. Knows nothing of files, flags, tasks
//! or Python; a value is JSON with the name of its [`Source`].
//!
//! The way of a value: `merge` (who wins) → `block` (which option is it) → `field` (is it of the right
//! type) → `execution`, `scenario`, `executor`, `thresholds`, `summary`, `tls` (what does it mean). All names are in `names`.

mod arrival;
mod block;
mod course;
mod describe;
mod dump;
mod error;
mod execution;
mod executor;
mod field;
mod given;
mod merge;
mod names;
mod nearest;
mod network;
mod scenario;
mod secrets;
mod segment;
mod source;
mod stages;
mod summary;
mod thresholds;
mod tls;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::metrics::{SystemTags, TrendStat};

pub use course::Stretch;
pub use error::ConfigError;
pub use executor::ExecutorConfig;
pub use given::{Given, Known, known};
pub use scenario::Scenario;
pub use source::{Source, Tier};
pub use stages::Stage;
pub use thresholds::{Criterion, MetricThresholds};

use crate::segment::{Segment, Sequence, Share};
use crate::socket::dial::routes::NetworkOptions;
use crate::socket::tls::TlsDefaults;
use field::Field;

/// The options of one test run.
///
/// Only [`parse`] makes one, so whoever holds it may rely on it.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag that the user sets by its name"
)]
#[expect(
    clippy::manual_non_exhaustive,
    reason = "the attribute binds other crates only, and everyone who could cheat is in this one"
)]
pub struct Options {
    /// What is run; without those that this share of the test has nothing to do in.
    pub scenarios: Vec<Scenario>,
    /// The part of the test that is run here, if only a part is.
    pub segment: Option<Segment>,
    /// All parts of the test, if they were given.
    pub sequence: Option<Sequence>,
    /// What that part owns.
    pub share: Share,
    /// Run tags, put on every sample.
    pub tags: BTreeMap<String, String>,
    /// Which of the built-in tags samples carry.
    pub system_tags: SystemTags,
    /// `User-Agent` of handshakes.
    pub user_agent: String,
    /// What is trusted and shown in TLS, unless a connection says otherwise.
    pub tls: TlsDefaults,
    /// Turn warnings about misuse in the script into exceptions.
    pub throw: bool,
    /// An exception in an iteration fails the run.
    pub fail_on_exceptions: bool,
    /// Keep the cookies of a VU from one iteration to the next.
    pub no_cookies_reset: bool,
    /// Which hosts may be reached, where their names lead, and on which way.
    pub network: NetworkOptions,
    /// A VU that is quicker rests until its iteration has lasted this long.
    pub min_iteration_duration: Duration,
    /// How long `setup` may take.
    pub setup_timeout: Duration,
    /// How long `teardown` may take.
    pub teardown_timeout: Duration,
    /// How long `handle_summary` may take.
    pub handle_summary_timeout: Duration,
    /// The run waits until it is told to begin.
    pub paused: bool,
    /// `setup` is not run.
    pub no_setup: bool,
    /// `teardown` is not run.
    pub no_teardown: bool,
    /// What must hold for the run to pass; parts of metrics without conditions among them.
    pub thresholds: Vec<MetricThresholds>,
    /// Nothing is judged.
    pub no_thresholds: bool,
    /// What the summary says of a trend.
    pub summary_trend_stats: Vec<TrendStat>,
    /// The summary's unit of time, `s`, `ms` or `us`; by size if none.
    pub summary_time_unit: Option<String>,
    /// What won, as it was written.
    pub given: Vec<Given>,
    /// What the user should know before the run: options that are unknown, dropped or without effect.
    pub warnings: Vec<String>,
    /// Private, so that nobody else can write an `Options { … }`.
    _only_parse_makes_one: (),
}

impl Options {
    /// What was given for an option, as it was written.
    pub(super) fn given_value(&self, snake: &str) -> Option<&Value> {
        let given = self.given.iter().find(|one| one.snake == snake);
        given.map(|one| &one.value)
    }

    /// Metrics and parts of them that are shown.
    pub fn shown(&self) -> impl Iterator<Item = &str> {
        let shown = self.thresholds.iter().filter(|one| one.is_shown);
        shown.map(|one| &*one.name)
    }

    /// What was given for an option whose value is an object; empty if nothing was.
    pub fn given_object(&self, snake: &str) -> serde_json::Map<String, Value> {
        let given = self.given.iter().find(|one| one.snake == snake);
        let object = given.and_then(|one| one.value.as_object());
        object.cloned().unwrap_or_default()
    }
}

/// Reads options from tiers given from low to high precedence.
pub fn parse(tiers: &[Tier]) -> Result<Options, ConfigError> {
    let mut merged = merge::merge(tiers)?;
    let mut warnings = std::mem::take(&mut merged.warnings);
    let mut scenarios = execution::scenarios(&merged, &mut warnings)?;
    let segment::Part {
        segment,
        sequence,
        share,
    } = segment::part(&merged)?;
    scenarios.retain(|scenario| scenario.executor.has_work(&share));
    if scenarios.is_empty() {
        warnings.push("nothing is run here: this execution segment has no VU".into());
    }
    let text = |name| merged.get(name).map(Field::text).transpose();
    let time = |name| {
        let given = merged.get(name);
        given.map_or(Ok(STAGE_TIMEOUT), |field| field.duration(SHORTEST_TIMEOUT))
    };
    let flag = |name| merged.get(name).map_or(Ok(false), Field::flag);
    let no_thresholds = flag("no_thresholds")?;
    let mut thresholds = thresholds::thresholds(&merged, no_thresholds, &mut warnings)?;
    if let Some(field) = merged.get("show") {
        thresholds::show(&mut thresholds, field)?;
    }
    Ok(Options {
        scenarios,
        segment,
        sequence,
        share,
        tags: merged
            .get("tags")
            .map_or_else(|| Ok(BTreeMap::new()), Field::text_map)?,
        system_tags: summary::system_tags(merged.get("system_tags"))?,
        user_agent: text("user_agent")?.unwrap_or(DEFAULT_USER_AGENT).to_owned(),
        tls: tls::defaults(&merged)?,
        throw: flag("throw")?,
        fail_on_exceptions: flag("fail_on_exceptions")?,
        no_cookies_reset: flag("no_cookies_reset")?,
        network: network::network(&merged)?,
        min_iteration_duration: merged
            .get("min_iteration_duration")
            .map_or(Ok(Duration::ZERO), |field| field.duration(Duration::ZERO))?,
        setup_timeout: time("setup_timeout")?,
        teardown_timeout: time("teardown_timeout")?,
        handle_summary_timeout: merged
            .get("handle_summary_timeout")
            .map_or(Ok(SUMMARY_TIMEOUT), |field| {
                field.duration(SHORTEST_TIMEOUT)
            })?,
        paused: flag("paused")?,
        no_setup: flag("no_setup")?,
        no_teardown: flag("no_teardown")?,
        thresholds,
        no_thresholds,
        summary_trend_stats: summary::trend_stats(merged.get("summary_trend_stats"))?,
        summary_time_unit: summary::time_unit(merged.get("summary_time_unit"))?,
        given: given::given(&merged),
        warnings,
        _only_parse_makes_one: (),
    })
}

/// How long `setup` and `teardown` may take unless the user says otherwise, as in k6.
const STAGE_TIMEOUT: Duration = Duration::from_secs(60);
const SUMMARY_TIMEOUT: Duration = Duration::from_secs(120);
const SHORTEST_TIMEOUT: Duration = Duration::from_millis(1);
const DEFAULT_USER_AGENT: &str = concat!("k6ws/", env!("CARGO_PKG_VERSION"));
