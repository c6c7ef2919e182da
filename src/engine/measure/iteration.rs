//! What an iteration counts as when it ends.
//!
//! Its series are looked up once for a VU and kept while its tags stay; a lookup hashes every tag.

use std::sync::MutexGuard;

use super::account::VuAccount;
use super::catalog::Catalog;
use super::run_metrics::RunMetrics;
use crate::metrics::{Series, TagSet, builtin};

/// How an iteration went that was not cut.
#[derive(Clone, Copy, Debug)]
pub struct Whole {
    /// Whether an exception ended it.
    pub is_failed: bool,
    /// In milliseconds, where its beginning is known.
    pub duration: Option<f64>,
}

/// The series of a VU's iterations under the tags that its last one had.
///
/// Invariant: each is what the run's catalog says for `tags`. That never changes once samples are recorded.
#[derive(Debug)]
pub struct IterationSeries {
    tags: TagSet,
    sent: Series,
    received: Series,
    whole: Option<WholeSeries>,
}

/// Looked up for the first iteration that was not cut.
#[derive(Clone, Copy, Debug)]
struct WholeSeries {
    iterations: Series,
    failed: Series,
    duration: Series,
}

impl RunMetrics {
    /// An iteration of a VU is over: records its bytes and, unless it was cut, the rest. `tags` are the VU's at this
    /// moment, `known` what is kept of its last iteration.
    pub fn iteration_ended(
        &self,
        of: &VuAccount,
        known: &mut Option<Box<IterationSeries>>,
        tags: &TagSet,
        whole: Option<Whole>,
    ) {
        let known = match known {
            Some(known) if known.tags == *tags => known,
            _ => known.insert(Box::new(IterationSeries::new(&mut self.catalog(), tags))),
        };
        let whole = whole.map(|whole| (whole, known.whole(|| self.catalog())));
        let (sent, received) = of.traffic.take();
        let mut script = self.script();
        let mut record = |series, value| {
            script.of(|| of.metadata());
            script.add(series, value);
        };
        record(known.sent, sent as f64);
        record(known.received, received as f64);
        if let Some((whole, series)) = whole {
            record(series.iterations, 1.0);
            record(series.failed, f64::from(u8::from(whole.is_failed)));
            if let Some(duration) = whole.duration {
                record(series.duration, duration);
            }
        }
    }
}

impl IterationSeries {
    fn new(catalog: &mut Catalog, tags: &TagSet) -> Self {
        Self {
            tags: tags.clone(),
            sent: catalog.series(builtin::DATA_SENT, tags),
            received: catalog.series(builtin::DATA_RECEIVED, tags),
            whole: None,
        }
    }

    fn whole<'a>(&mut self, catalog: impl FnOnce() -> MutexGuard<'a, Catalog>) -> WholeSeries {
        let tags = &self.tags;
        *self.whole.get_or_insert_with(|| {
            let mut catalog = catalog();
            WholeSeries {
                iterations: catalog.series(builtin::ITERATIONS, tags),
                failed: catalog.series(builtin::ITERATION_FAILED, tags),
                duration: catalog.series(builtin::ITERATION_DURATION, tags),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{MAX_SERIES, MetricId, Recorder, Selector, Sink, SystemTags};

    /// What was recorded of a metric, for each set of tags: `a=1: 3`, how many samples.
    fn told(metrics: &RunMetrics, metric: MetricId) -> Vec<String> {
        metrics.collect(&mut Recorder::new());
        let (catalog, totals) = (metrics.catalog(), metrics.totals());
        let all = catalog.series.of_metric(metric).iter();
        all.filter_map(|&series| {
            let tags = catalog.series.tags(series).iter();
            let tags: Vec<_> = tags.map(|(key, value)| format!("{key}={value}")).collect();
            let figure = match totals.aggregate.sink(series)? {
                Sink::Counter { samples, .. } | Sink::Gauge { samples, .. } => *samples,
                Sink::Rate { total, .. } => *total,
                Sink::Trend(trend) => trend.count(),
            };
            Some(format!("{}: {figure}", tags.join(",")))
        })
        .collect()
    }

    const WHOLE: Option<Whole> = Some(Whole {
        is_failed: false,
        duration: Some(1.0),
    });

    #[test]
    fn what_a_vu_does_counts_under_the_tags_it_has_when_its_iteration_ends() {
        let metrics = RunMetrics::new(SystemTags::default(), &TagSet::new());
        let (account, mut known) = (VuAccount::of_vu(1), None);
        let (a, b) = (TagSet::new().with("a", "1"), TagSet::new().with("a", "2"));
        for (tags, whole) in [
            (&a, None),
            (&a, WHOLE),
            (&a, WHOLE),
            (&b, WHOLE),
            // Another set, with the same tags.
            (&TagSet::new().with("a", "1"), WHOLE),
            (&b, None),
        ] {
            metrics.iteration_ended(&account, &mut known, tags, whole);
        }
        assert_eq!(told(&metrics, builtin::DATA_SENT), ["a=1: 4", "a=2: 2"]);
        assert_eq!(told(&metrics, builtin::ITERATIONS), ["a=1: 3", "a=2: 1"]);
        for metric in [builtin::ITERATION_FAILED, builtin::ITERATION_DURATION] {
            assert_eq!(told(&metrics, metric), ["a=1: 3", "a=2: 1"]);
        }
    }

    #[test]
    fn a_cut_iteration_makes_no_series_of_what_it_does_not_record() {
        let metrics = RunMetrics::new(SystemTags::default(), &TagSet::new());
        let before = metrics.catalog().series.len();
        metrics.iteration_ended(&VuAccount::default(), &mut None, &TagSet::new(), None);
        assert_eq!(metrics.catalog().series.len(), before + 2);
    }

    #[test]
    fn beyond_the_bound_a_vu_counts_where_the_catalog_says() {
        let metrics = RunMetrics::new(SystemTags::default(), &TagSet::new());
        let selector = Selector::parse("iterations{id:5*}").unwrap();
        let mut catalog = metrics.catalog();
        catalog.series.pick_by(builtin::ITERATIONS, &selector);
        drop(catalog);
        let vus = MAX_SERIES + 7;
        let mut known: Vec<_> = (0..vus).map(|_| None).collect();
        for _ in 0..3 {
            for (id, known) in known.iter_mut().enumerate() {
                let tags = TagSet::new().with("id", &id.to_string());
                metrics.iteration_ended(&VuAccount::default(), known, &tags, WHOLE);
            }
        }
        let told = told(&metrics, builtin::ITERATIONS);
        assert_eq!((told.len(), &*told[5]), (MAX_SERIES + 1, "id=5: 3"));
        assert_eq!(told[MAX_SERIES], "id=__other__: 21");
    }
}
