//! Who listens: adds up what one process or several say of a run, and tells it again.
//!
//! Each *instance* has numbers of its own for metrics, series, groups and checks; here they meet under their names.
//! Adding is merging: counts, sums, buckets, extremes; the last value of a gauge is the latest. How many VUs there are
//! is the sum over all instances at the same time. Thresholds of one instance stand as it says; those of several are
//! judged anew, over all numbers; of windows only what follows from how each instance stands is known.

mod beginning;
mod over_time;
mod retelling;

use std::collections::BTreeSet;

use super::delta::{Definition, Delta, Facts, Failed, Now, Opening, Tags};
use super::error::SnapshotError;
use super::pieces::each;
use crate::metrics::{MetricId, Registry, Series, SeriesTable, Sink, TagSet, builtin};
use crate::options::Options;
use crate::report::history::History;
use crate::report::{Ender, Failure, Totals};
use crate::verdict::Judge;

/// A run as it was told.
#[derive(Debug)]
pub struct Recording {
    registry: Registry,
    series: SeriesTable,
    totals: Totals,
    judge: Judge,
    opening: Option<Opening>,
    scenarios: Vec<String>,
    options: Option<Options>,
    instances: Vec<Instance>,
    /// What came when, where somebody asks for it.
    history: Option<History>,
    /// Metrics and parts of them that somebody asked to be shown.
    shown: BTreeSet<String>,
    /// What is missing of it, where that is known.
    troubles: Vec<String>,
}

/// What one process has said.
#[derive(Debug, Default)]
struct Instance {
    metrics: Vec<MetricId>,
    series: Vec<Series>,
    groups: Vec<String>,
    checks: Vec<Vec<String>>,
    /// What it said last, with the last that the script's side said.
    facts: Facts,
    now: Now,
    /// Milliseconds since 1970 of its opening.
    opened: f64,
    /// The last `vus` and `vus_max`.
    vus: [Option<f64>; 2],
    /// Microseconds since its opening of its last piece, and of the one before.
    piece: [u64; 2],
}

impl Recording {
    /// Nothing was told yet by so many processes.
    pub fn of(instances: usize) -> Self {
        Self {
            registry: Registry::new(),
            series: SeriesTable::new(),
            totals: Totals::default(),
            judge: Judge::default(),
            opening: None,
            scenarios: Vec::new(),
            options: None,
            instances: (0..instances).map(|_| Instance::default()).collect(),
            history: None,
            shown: BTreeSet::new(),
            troubles: Vec::new(),
        }
    }

    /// Takes what an instance says next. After an error nothing of it is to be believed.
    pub fn take(&mut self, instance: usize, bytes: &[u8]) -> Result<(), SnapshotError> {
        let (delta, pieces) = Delta::decode(bytes)?;
        self.take_decoded(instance, delta, pieces)
    }

    /// The same of what was decoded.
    pub(super) fn take_decoded(
        &mut self,
        instance: usize,
        mut delta: Delta,
        pieces: &[u8],
    ) -> Result<(), SnapshotError> {
        let opening = delta.opening.take();
        // Those of the script first: a built-in metric gives way to them.
        self.define(instance, &delta.metrics)?;
        self.instances[instance].opened = match &opening {
            Some(opening) if !opening.at.is_finite() => {
                return Err(SnapshotError::Malformed("it began at no time"));
            }
            Some(opening) => opening.at,
            None => self.instances[instance].opened,
        };
        self.open(opening)?;
        self.name(instance, &delta)?;
        self.add(instance, pieces)?;
        self.count(instance, &delta)?;
        self.fail(&delta)?;
        self.reach(instance, &delta);
        if !(delta.now.clock_started.is_finite() && delta.now.scenarios_started.is_finite()) {
            return Err(SnapshotError::Malformed("its clock is not one"));
        }
        let one = &mut self.instances[instance];
        one.facts = Facts {
            told: delta.facts.told.take().or(one.facts.told.take()),
            ..delta.facts
        };
        one.now = delta.now;
        Ok(())
    }

    /// Has the side of the script of the one process that there is say this last, though it had said all.
    pub fn tell_anew(&mut self, told: String) {
        if let [one] = &mut *self.instances {
            one.facts.told = Some(told);
        }
    }

    fn define(&mut self, instance: usize, new: &[Definition]) -> Result<(), SnapshotError> {
        if self.instances[instance].metrics.len() + new.len() > MOST_METRICS {
            return Err(SnapshotError::Malformed("it has too many metrics"));
        }
        for one in new.iter().filter(|one| !one.is_builtin) {
            self.registered(one)?;
        }
        for one in new {
            let id = match self.registry.find(&one.name) {
                Some(id) => id,
                None => self.registered(one)?,
            };
            let known = self.registry.get(id);
            if (known.kind, known.unit) != (one.kind, one.unit) {
                return Err(SnapshotError::Malformed("a metric is of two kinds"));
            }
            self.instances[instance].metrics.push(id);
        }
        Ok(())
    }

    fn registered(&mut self, one: &Definition) -> Result<MetricId, SnapshotError> {
        self.registry
            .register(&one.name, one.kind, one.unit)
            .map_err(|_| SnapshotError::Malformed("it has a metric that there cannot be"))
    }

    fn name(&mut self, instance: usize, delta: &Delta) -> Result<(), SnapshotError> {
        let one = &mut self.instances[instance];
        if one.series.len() + delta.series.len() > MOST_SERIES
            || one.groups.len() + delta.groups.len() > MOST_SERIES
        {
            return Err(SnapshotError::Malformed("it has too many series or groups"));
        }
        for (metric, Tags(tags)) in &delta.series {
            let metric = usize::try_from(*metric)
                .ok()
                .and_then(|at| one.metrics.get(at));
            let Some(&metric) = metric else {
                return Err(SnapshotError::Malformed("a series has no metric"));
            };
            if tags
                .iter()
                .any(|(key, value)| key == "group" && is_too_deep(value))
            {
                return Err(SnapshotError::Malformed(TOO_DEEP));
            }
            let tags: TagSet = tags.iter().map(|(key, value)| (key, value)).collect();
            one.series
                .push(self.series.series(&self.registry, metric, &tags));
        }
        for full in &delta.full {
            if let Some(&metric) = usize::try_from(*full)
                .ok()
                .and_then(|at| one.metrics.get(at))
            {
                self.series.mark_full(metric);
            }
        }
        for path in &delta.groups {
            if is_too_deep(path) {
                return Err(SnapshotError::Malformed(TOO_DEEP));
            }
            self.totals.checks.touch_group(path);
            one.groups.push(path.clone());
            one.checks.push(Vec::new());
        }
        Ok(())
    }

    fn add(&mut self, instance: usize, pieces: &[u8]) -> Result<(), SnapshotError> {
        let beginning = self.beginning(instance);
        let Self {
            series: table,
            totals,
            instances,
            history,
            ..
        } = self;
        each(pieces, |until, series, sink| {
            let known = &instances[instance].series;
            let series = usize::try_from(series).ok().and_then(|at| known.get(at));
            let Some(&series) = series.filter(|series| series.kind() == sink.kind()) else {
                return Err(SnapshotError::Malformed("numbers have no series"));
            };
            let sink = match (&sink, vus(table.metric(series))) {
                (&Sink::Gauge { value, samples, .. }, Some(which)) if instances.len() > 1 => {
                    instances[instance].vus[which] = Some(value);
                    match together(instances, which, samples) {
                        Some(sum) => sum,
                        None => return Ok(()),
                    }
                }
                _ => sink,
            };
            totals.add(table, series, &sink);
            if let Some(history) = history {
                let at = beginning.saturating_add(instances[instance].within(until));
                history.add(series.index(), at, &sink);
            }
            Ok(())
        })
    }

    fn count(&mut self, instance: usize, delta: &Delta) -> Result<(), SnapshotError> {
        let one = &mut self.instances[instance];
        for checked in &delta.checks {
            let at = usize::try_from(checked.group).ok();
            let Some((at, checks)) = at.and_then(|at| Some((at, one.checks.get_mut(at)?))) else {
                return Err(SnapshotError::Malformed("a check has no group"));
            };
            let index = usize::try_from(checked.check).unwrap_or(usize::MAX);
            match &checked.name {
                Some(name) if index == checks.len() && index < MOST_SERIES => {
                    checks.push(name.clone());
                }
                None if index < checks.len() => {}
                _ => return Err(SnapshotError::Malformed("a check has no name")),
            }
            let (path, name) = (&one.groups[at], &checks[index]);
            self.totals
                .checks
                .add(path, name, checked.passes, checked.fails);
        }
        Ok(())
    }

    fn fail(&mut self, delta: &Delta) -> Result<(), SnapshotError> {
        for (failures, new) in [
            (&mut self.totals.refusals, &delta.refusals),
            (&mut self.totals.breaks, &delta.breaks),
        ] {
            for one in new {
                failures.add_many(one.cause.clone().into(), one.status, failure(one));
            }
        }
        for one in &delta.ends {
            let Some(by) = Ender::read(&one.by) else {
                return Err(SnapshotError::Malformed(
                    "a session was ended by nobody we know",
                ));
            };
            self.totals
                .ends
                .add_many(one.code, by, one.reason.clone(), one.count);
        }
        let others = &mut self.totals.ends.others;
        *others = others.saturating_add(delta.other_ends);
        Ok(())
    }
}

fn failure(one: &Failed) -> Failure {
    let [first, hint, body] = one.texts.clone().unwrap_or_default();
    Failure {
        count: one.count,
        first,
        hint,
        body,
        first_at: one.first_at,
        last_at: one.last_at,
    }
}

/// How many VUs all instances have; while one of them has not said it, nobody knows.
fn together(instances: &[Instance], which: usize, samples: u64) -> Option<Sink> {
    let all = instances.iter().map(|one| one.vus[which]);
    let value = all.sum::<Option<f64>>()?;
    Some(Sink::Gauge {
        value,
        min: value,
        max: value,
        samples,
    })
}

/// Which of the two gauges that say how many VUs there are.
fn vus(metric: MetricId) -> Option<usize> {
    [builtin::VUS, builtin::VUS_MAX]
        .iter()
        .position(|one| *one == metric)
}

fn is_too_deep(path: &str) -> bool {
    path.matches("::").count() > DEEPEST
}

const TOO_DEEP: &str = "groups lie inside one another without end";
/// Groups inside one another: more than anybody reads, fewer than a stack holds.
const DEEPEST: usize = 200;
const MOST_METRICS: usize = 10_000;
/// Of all metrics; also of groups, and of the checks of a group.
const MOST_SERIES: usize = 100_000;

#[cfg(test)]
mod tests;
