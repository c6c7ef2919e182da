//! Everything recorded in a run, by series.
//!
//! The one place where the numbers of all workers come together; thresholds, outputs and the summary read
//! it. Knows series by number only; names and tags are in the [`SeriesTable`].

use super::{MetricId, Series, SeriesTable, Sink};

/// The sinks of a run.
#[derive(Clone, Debug, Default)]
pub struct Aggregate {
    slots: Vec<Option<Slot>>,
    merges: u64,
}

#[derive(Clone, Debug)]
struct Slot {
    series: Series,
    sink: Sink,
    /// The value of `merges` at the last merge: which of several gauges is the newest.
    last_merge: u64,
}

impl Aggregate {
    /// An aggregate without numbers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what was recorded for a series; it counts as newer than all that was merged before.
    pub fn merge(&mut self, series: Series, recorded: &Sink) {
        if recorded.is_empty() {
            return;
        }
        let index = series.index();
        if index >= self.slots.len() {
            self.slots.resize_with(index + 1, || None);
        }
        let slot = self.slots[index].get_or_insert_with(|| Slot {
            series,
            sink: Sink::new(series.kind()),
            last_merge: 0,
        });
        self.merges += 1;
        slot.last_merge = self.merges;
        slot.sink.merge_newer(recorded);
    }

    /// What one series adds up to; `None` if it has no sample.
    pub fn sink(&self, series: Series) -> Option<&Sink> {
        self.slot(series).map(|slot| &slot.sink)
    }

    /// What all series of a metric add up to; `None` if none of them has a sample.
    pub fn total(&self, table: &SeriesTable, metric: MetricId) -> Option<Sink> {
        let series = table.of_metric(metric);
        let mut slots: Vec<_> = series
            .iter()
            .filter_map(|&series| self.slot(series))
            .collect();
        slots.sort_unstable_by_key(|slot| slot.last_merge);
        let (oldest, newer) = slots.split_first()?;
        let mut total = oldest.sink.clone();
        for slot in newer {
            total.merge_newer(&slot.sink);
        }
        Some(total)
    }

    /// Every series with samples, in order of first use.
    pub fn iter(&self) -> impl Iterator<Item = (Series, &Sink)> {
        self.slots
            .iter()
            .flatten()
            .map(|slot| (slot.series, &slot.sink))
    }

    fn slot(&self, series: Series) -> Option<&Slot> {
        self.slots.get(series.index())?.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Kind, Registry, TagSet, builtin};

    fn sink(kind: Kind, values: &[f64]) -> Sink {
        let mut sink = Sink::new(kind);
        for &value in values {
            sink.add(value);
        }
        sink
    }

    #[test]
    fn a_total_covers_every_series_of_its_metric_and_no_other() {
        let registry = Registry::new();
        let mut table = SeriesTable::new();
        let a = table.series(
            &registry,
            builtin::CHECKS,
            &TagSet::new().with("check", "a"),
        );
        let sent = table.series(&registry, builtin::DATA_SENT, &TagSet::new());
        let b = table.series(
            &registry,
            builtin::CHECKS,
            &TagSet::new().with("check", "b"),
        );
        let mut aggregate = Aggregate::new();
        aggregate.merge(b, &sink(Kind::Rate, &[1.0, 0.0]));
        aggregate.merge(a, &sink(Kind::Rate, &[1.0]));
        aggregate.merge(sent, &sink(Kind::Counter, &[]));

        let total = format!("{:?}", aggregate.total(&table, builtin::CHECKS).unwrap());
        assert_eq!(total, "Rate { passes: 2, total: 3 }");
        assert!(aggregate.total(&table, builtin::DATA_SENT).is_none());
        assert!(aggregate.total(&table, builtin::WS_PING).is_none());
        let order: Vec<_> = aggregate.iter().map(|(series, _)| series).collect();
        assert_eq!(order, [a, b]);
    }

    #[test]
    fn the_last_value_of_a_gauge_is_that_of_the_latest_merge() {
        let registry = Registry::new();
        let mut table = SeriesTable::new();
        let a = table.series(&registry, builtin::VUS, &TagSet::new());
        let b = table.series(
            &registry,
            builtin::VUS,
            &TagSet::new().with("instance", "b"),
        );
        let mut aggregate = Aggregate::new();
        aggregate.merge(a, &sink(Kind::Gauge, &[5.0]));
        aggregate.merge(b, &sink(Kind::Gauge, &[9.0]));
        aggregate.merge(a, &sink(Kind::Gauge, &[7.0]));

        let total = format!("{:?}", aggregate.total(&table, builtin::VUS).unwrap());
        assert_eq!(
            total,
            "Gauge { value: 7.0, min: 5.0, max: 9.0, samples: 3 }"
        );
    }
}
