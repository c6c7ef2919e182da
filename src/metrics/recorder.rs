//! Numbers recorded by one worker since they were last drained.
//!
//! The hot end of the data path: an index, an addition, no lock, no hash, and no clock unless an output
//! wants single samples. Knows neither names nor tags: those were settled when the series was interned.

use super::{Aggregate, Metadata, SampleLog, Series, Sink, TableId};
use crate::clock::{self, Instant};

/// The private sinks of one worker.
///
/// Owned by exactly one worker, so recording takes no lock; whoever owns the aggregate drains it.
/// Invariant: `touched` lists exactly the slots whose sink is not empty.
#[derive(Debug, Default)]
pub struct Recorder {
    slots: Vec<Option<Slot>>,
    touched: Vec<usize>,
    added: u64,
    /// The only table whose series are recorded; a late number of an earlier run is not.
    only: Option<TableId>,
    /// Where single samples are kept, if an output wants them.
    log: Option<SampleLog>,
}

#[derive(Debug)]
struct Slot {
    series: Series,
    sink: Sink,
    /// The value of `added` at the last add: tells which gauge of a metric was set last.
    last_add: u64,
}

impl Recorder {
    /// A recorder without numbers.
    pub fn new() -> Self {
        Self::default()
    }

    /// A recorder for the series of one table: it ignores those of others.
    pub fn only(table: TableId) -> Self {
        Self {
            only: Some(table),
            ..Self::default()
        }
    }

    /// A recorder that ignores everything: what it was for is over.
    pub fn closed() -> Self {
        Self::only(TableId::next())
    }

    /// Keeps single samples from now on, or no longer; what was kept is handed over.
    pub fn log_samples(&mut self, log: Option<SampleLog>) {
        self.log = log;
    }

    /// Passes on the single samples that were kept.
    pub fn hand_over(&mut self) {
        if let Some(log) = &mut self.log {
            log.hand_over();
        }
    }

    /// Says whose the next value is, for outputs that want single samples.
    #[inline]
    pub fn of(&mut self, whose: impl FnOnce() -> Metadata) {
        if let Some(log) = &mut self.log {
            log.of(whose());
        }
    }

    /// Records one value, which must be finite, as of now.
    pub fn add(&mut self, series: Series, value: f64) {
        if self.refuses(series) {
            return;
        }
        if let Some(log) = &mut self.log {
            log.push(series, value, clock::now());
        }
        self.sum_up(series, value);
    }

    /// Records one value, which must be finite, of an instant that is known.
    pub fn add_at(&mut self, series: Series, value: f64, at: Instant) {
        if self.refuses(series) {
            return;
        }
        if let Some(log) = &mut self.log {
            log.push(series, value, at);
        }
        self.sum_up(series, value);
    }

    /// Records a value, which must be finite, as often as `count` says.
    pub fn add_many_at(&mut self, series: Series, value: f64, count: u32, at: Instant) {
        if count == 0 || self.refuses(series) {
            return;
        }
        if let Some(log) = &mut self.log {
            for _ in 0..count {
                log.push(series, value, at);
            }
        }
        self.slot(series).sink.add_many(value, count);
    }

    fn refuses(&self, series: Series) -> bool {
        self.only.is_some_and(|only| only != series.table())
    }

    fn sum_up(&mut self, series: Series, value: f64) {
        self.slot(series).sink.add(value);
    }

    /// The slot of a series, which is about to be added to.
    #[inline]
    fn slot(&mut self, series: Series) -> &mut Slot {
        let index = series.index();
        if index >= self.slots.len() {
            self.slots.resize_with(index + 1, || None);
        }
        let slot = self.slots[index].get_or_insert_with(|| Slot {
            series,
            sink: Sink::new(series.kind()),
            last_add: 0,
        });
        if slot.sink.is_empty() {
            self.touched.push(index);
        }
        self.added += 1;
        slot.last_add = self.added;
        slot
    }

    /// Whether nothing was recorded since the last drain.
    pub fn is_empty(&self) -> bool {
        self.touched.is_empty()
    }

    /// Moves everything recorded into the aggregate; the recorder is empty and keeps its memory.
    ///
    /// Of several recorders of one run, drain the one with the older gauge values first.
    pub fn drain_into(&mut self, aggregate: &mut Aggregate) {
        self.drain(|series, recorded| aggregate.merge(series, recorded));
    }

    /// Gives away everything recorded, series by series; the recorder is empty and keeps its memory.
    pub fn drain(&mut self, mut take: impl FnMut(Series, &Sink)) {
        let slots = &mut self.slots;
        let last_add = |slot: &Option<Slot>| slot.as_ref().map_or(0, |slot| slot.last_add);
        self.touched
            .sort_unstable_by_key(|&index| last_add(&slots[index]));
        for index in self.touched.drain(..) {
            if let Some(slot) = &mut slots[index] {
                take(slot.series, &slot.sink);
                slot.sink.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Kind, Registry, SeriesTable, TagSet, Unit, builtin};

    #[test]
    fn draining_moves_everything_once() {
        let registry = Registry::new();
        let mut table = SeriesTable::new();
        let sent = table.series(&registry, builtin::DATA_SENT, &TagSet::new());
        let ping = table.series(&registry, builtin::WS_PING, &TagSet::new());
        let unused = table.series(&registry, builtin::VUS, &TagSet::new());
        let (mut recorder, mut aggregate) = (Recorder::new(), Aggregate::new());

        for round in 1..=2_u32 {
            recorder.add(ping, 4.0);
            recorder.add(sent, 100.0);
            recorder.add(sent, 11.0);
            assert!(!recorder.is_empty());
            recorder.drain_into(&mut aggregate);
            recorder.drain_into(&mut aggregate);
            assert!(recorder.is_empty());

            let sum = 111 * round;
            let sent = format!("{:?}", aggregate.sink(sent).unwrap());
            assert_eq!(
                sent,
                format!("Counter {{ sum: {sum}.0, samples: {} }}", 2 * round)
            );
            let Some(Sink::Trend(trend)) = aggregate.sink(ping) else {
                panic!("no trend")
            };
            assert_eq!(trend.count(), u64::from(round));
            assert!(aggregate.sink(unused).is_none());
        }
    }

    #[test]
    fn a_late_number_of_an_earlier_run_is_not_recorded() {
        let registry = Registry::new();
        let (mut earlier, mut table) = (SeriesTable::new(), SeriesTable::new());
        let late = earlier.series(&registry, builtin::WS_PING, &TagSet::new());
        let sent = table.series(&registry, builtin::DATA_SENT, &TagSet::new());
        assert_eq!(late.index(), sent.index());
        let mut recorder = Recorder::only(table.id());
        recorder.add(late, 4.0);
        assert!(recorder.is_empty());
        recorder.add(sent, 1.0);
        let mut aggregate = Aggregate::new();
        recorder.drain_into(&mut aggregate);
        assert!(matches!(aggregate.sink(sent), Some(Sink::Counter { .. })));
    }

    #[test]
    fn the_gauge_set_last_is_the_last_one_whatever_was_touched_first() {
        let mut registry = Registry::new();
        let gauge = registry
            .register("depth", Kind::Gauge, Unit::Default)
            .unwrap();
        let mut table = SeriesTable::new();
        let one = table.series(&registry, gauge, &TagSet::new().with("queue", "one"));
        let two = table.series(&registry, gauge, &TagSet::new().with("queue", "two"));
        let (mut recorder, mut aggregate) = (Recorder::new(), Aggregate::new());

        recorder.add(one, 1.0);
        recorder.add(two, 2.0);
        recorder.add(one, 3.0);
        recorder.drain_into(&mut aggregate);

        let total = format!("{:?}", aggregate.total(&table, gauge).unwrap());
        assert_eq!(
            total,
            "Gauge { value: 3.0, min: 1.0, max: 3.0, samples: 3 }"
        );
    }
}
