//! Series: one metric under one set of tags.
//!
//! Whoever is about to record many values interns the series once and then records by number. The table
//! only names series; what was recorded under them is in recorders and the aggregate.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

use super::{Kind, MetricId, Registry, Selector, TagSet};

/// Series of one metric at most. More are a sign of an id in a tag; they are counted together.
pub const MAX_SERIES: usize = 1000;
/// What every tag of those says, but where a selector would not find them under it.
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
    /// Who picks series of it by their tags; these must find every sample.
    selectors: Vec<Selector>,
    /// Tags and values that stand for all that are the same to the selectors.
    stand_ins: Vec<(Box<str>, Box<str>)>,
}

impl MetricSeries {
    /// The tags under which what is not told apart is counted: few, however many values there are.
    fn together(&mut self, tags: &TagSet) -> TagSet {
        let Self {
            selectors,
            stand_ins,
            ..
        } = self;
        let mut folded = TagSet::new();
        for (tag, value) in tags.iter() {
            let is_same = |other: &str| {
                let mut all = selectors.iter();
                all.all(|selector| selector.is_same_for(tag, value, other))
            };
            let mut known = stand_ins.iter().filter(|(of, _)| &**of == tag);
            let stand_in = if is_same(OTHER) {
                OTHER
            } else if let Some((_, known)) = known.find(|(_, known)| is_same(known)) {
                known
            } else {
                stand_ins.push((tag.into(), value.into()));
                value
            };
            folded = folded.with(tag, stand_in);
        }
        folded
    }
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

    /// Has this selector find every sample of the metric, however many series there will be.
    pub fn pick_by(&mut self, metric: MetricId, selector: &Selector) {
        self.of(metric).selectors.push(selector.clone());
    }

    /// Whether somebody picks series of this metric.
    pub fn is_picked(&self, metric: MetricId) -> bool {
        let of_metric = self.by_metric.get(metric.index());
        of_metric.is_some_and(|one| !one.selectors.is_empty())
    }

    /// The series of this metric under these tags, new or known.
    pub fn series(&mut self, registry: &Registry, metric: MetricId, tags: &TagSet) -> Series {
        let of_metric = self.of(metric);
        if let Some(&series) = of_metric.by_tags.get(tags) {
            return series;
        }
        if of_metric.in_order.len() >= MAX_SERIES {
            let together = of_metric.together(tags);
            if together != *tags {
                of_metric.is_full = true;
                return self.series(registry, metric, &together);
            }
        }
        let series = self
            .id
            .series(self.entries.len(), registry.get(metric).kind);
        let of_metric = self.of(metric);
        of_metric.by_tags.insert(tags.clone(), series);
        of_metric.in_order.push(series);
        self.entries.push(Entry {
            metric,
            tags: tags.clone(),
        });
        series
    }

    fn of(&mut self, metric: MetricId) -> &mut MetricSeries {
        if self.by_metric.len() <= metric.index() {
            self.by_metric
                .resize_with(metric.index() + 1, MetricSeries::default);
        }
        &mut self.by_metric[metric.index()]
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

    /// Every series, in order of first use: its metric and its tags.
    pub fn iter(&self) -> impl Iterator<Item = (MetricId, &TagSet)> {
        self.entries.iter().map(|entry| (entry.metric, &entry.tags))
    }

    /// Somebody else who told fewer apart has said so.
    pub fn mark_full(&mut self, metric: MetricId) {
        self.of(metric).is_full = true;
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
    fn selectors_find_their_samples_beyond_the_bound() {
        let texts = [
            "checks{id:5000}",
            "checks{id!=6000}",
            "checks{id:7*}",
            "checks{id:*8,x:y}",
            "checks{x:y}",
            "checks{x:*}",
        ];
        let selectors = texts.map(|text| Selector::parse(text).unwrap());
        let registry = Registry::new();
        let mut table = SeriesTable::new();
        for selector in &selectors {
            table.pick_by(builtin::CHECKS, selector);
        }
        for n in 0..9000 {
            let x = if n % 3 == 0 { "y" } else { "z" };
            let tags = TagSet::new().with("id", &n.to_string()).with("x", x);
            let series = table.series(&registry, builtin::CHECKS, &tags);
            for selector in &selectors {
                let found = selector.matches(table.tags(series));
                assert_eq!(found, selector.matches(&tags), "{tags:?} {selector:?}");
            }
        }
        assert!(table.len() < MAX_SERIES + 20, "{}", table.len());
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
