//! Series: one metric under one set of tags.
//!
//! Whoever is about to record many values interns the series once and then records by number. The table
//! only names series; what was recorded under them is in recorders and the aggregate.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Kind, MetricId, Registry, TagSet};

/// Series of one metric at most. More are a sign of an id in a tag; they are counted together.
pub const MAX_SERIES: usize = 1000;
/// What every tag of those says.
const OTHER: &str = "__other__";

/// Names a series of one [`SeriesTable`]; dense, so that recording is indexing.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct Series {
    index: u32,
    table: TableId,
    kind: Kind,
}

/// Tells the tables of a process apart: a number of one run must not end up in another.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
pub struct TableId(u32);

impl TableId {
    pub(super) fn next() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    fn series(self, index: usize, kind: Kind) -> Series {
        let index = u32::try_from(index).expect("memory ends before four billion series");
        let table = self;
        Series { index, table, kind }
    }
}

impl Series {
    /// The table it belongs to.
    pub const fn table(self) -> TableId {
        self.table
    }

    /// Position in the table.
    pub const fn index(self) -> usize {
        self.index as usize
    }

    /// Kind of the metric, kept here so that a recorder can make the sink without the registry.
    pub const fn kind(self) -> Kind {
        self.kind
    }
}

/// Every series seen so far.
///
/// Grows with the variety of tags and never shrinks. Invariant: metric and tags together occur once.
#[derive(Debug)]
pub struct SeriesTable {
    id: TableId,
    entries: Vec<Entry>,
    by_metric: Vec<MetricSeries>,
}

#[derive(Clone, Debug)]
struct Entry {
    metric: MetricId,
    tags: TagSet,
}

#[derive(Clone, Debug, Default)]
struct MetricSeries {
    by_tags: HashMap<TagSet, Series>,
    in_order: Vec<Series>,
    /// Some tags were not told apart.
    is_full: bool,
}

impl SeriesTable {
    /// A table without series.
    #[expect(clippy::new_without_default, reason = "each table is another one")]
    pub fn new() -> Self {
        Self {
            id: TableId::next(),
            entries: Vec::new(),
            by_metric: Vec::new(),
        }
    }

    /// Which table this is.
    pub fn id(&self) -> TableId {
        self.id
    }

    /// The series of this metric under these tags, new or known.
    pub fn series(&mut self, registry: &Registry, metric: MetricId, tags: &TagSet) -> Series {
        if self.by_metric.len() <= metric.index() {
            self.by_metric
                .resize_with(metric.index() + 1, MetricSeries::default);
        }
        let of_metric = &mut self.by_metric[metric.index()];
        if let Some(&series) = of_metric.by_tags.get(tags) {
            return series;
        }
        if of_metric.in_order.len() >= MAX_SERIES && tags.iter().any(|(_, value)| value != OTHER) {
            of_metric.is_full = true;
            let other = tags.iter().map(|(key, _)| (key, OTHER)).collect();
            return self.series(registry, metric, &other);
        }
        let series = self
            .id
            .series(self.entries.len(), registry.get(metric).kind);
        of_metric.by_tags.insert(tags.clone(), series);
        of_metric.in_order.push(series);
        self.entries.push(Entry {
            metric,
            tags: tags.clone(),
        });
        series
    }

    /// The metric of a series of this table (a series of another table is a bug and may panic).
    pub fn metric(&self, series: Series) -> MetricId {
        self.entries[series.index()].metric
    }

    /// The tags of a series of this table (a series of another table is a bug and may panic).
    pub fn tags(&self, series: Series) -> &TagSet {
        &self.entries[series.index()].tags
    }

    /// All series of one metric, in order of first use.
    pub fn of_metric(&self, metric: MetricId) -> &[Series] {
        self.by_metric
            .get(metric.index())
            .map_or(&[], |of_metric| &of_metric.in_order)
    }

    /// Metrics with more series than are told apart.
    pub fn full(&self) -> impl Iterator<Item = MetricId> {
        let all = self.by_metric.iter().enumerate();
        all.filter(|(_, one)| one.is_full)
            .map(|(index, _)| MetricId::at(index))
    }

    /// Number of series.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no series yet.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::builtin;

    #[test]
    fn what_goes_beyond_the_bound_is_counted_together() {
        let registry = Registry::new();
        let mut table = SeriesTable::new();
        let tags = |n: usize| TagSet::new().with("id", &n.to_string()).with("x", "y");
        let mut of = |n| table.series(&registry, builtin::WS_PING, &tags(n));
        let known: Vec<Series> = (0..MAX_SERIES).map(&mut of).collect();
        let (one, two) = (of(MAX_SERIES), of(MAX_SERIES + 1));
        assert_eq!((one, of(7)), (two, known[7]), "known ones go on");
        let other = TagSet::new().with("id", OTHER).with("x", OTHER);
        assert_eq!(table.tags(one), &other);
        assert_eq!(table.full().collect::<Vec<_>>(), [builtin::WS_PING]);
        assert_eq!(table.len(), MAX_SERIES + 1);
        let elsewhere = table.series(&registry, builtin::DATA_SENT, &tags(MAX_SERIES));
        assert_eq!(table.tags(elsewhere), &tags(MAX_SERIES));
    }

    #[test]
    fn metric_and_tags_together_name_a_series() {
        let registry = Registry::new();
        let mut table = SeriesTable::new();
        let (a, b) = (
            TagSet::new().with("url", "a"),
            TagSet::new().with("url", "b"),
        );
        let sent_a = table.series(&registry, builtin::DATA_SENT, &a);
        let sent_b = table.series(&registry, builtin::DATA_SENT, &b);
        let ping_a = table.series(&registry, builtin::WS_PING, &a);
        let again = table.series(
            &registry,
            builtin::DATA_SENT,
            &TagSet::new().with("url", "a"),
        );

        assert_eq!(again, sent_a);
        assert_eq!([sent_a, sent_b, ping_a].map(Series::index), [0, 1, 2]);
        assert_eq!(table.len(), 3);
        assert_eq!(
            (table.metric(ping_a), ping_a.kind()),
            (builtin::WS_PING, Kind::Trend)
        );
        assert_eq!(table.tags(sent_b), &b);
        assert_eq!(table.of_metric(builtin::DATA_SENT), [sent_a, sent_b]);
        assert_eq!(table.of_metric(builtin::VU_LOOP_LAG), []);
    }
}
