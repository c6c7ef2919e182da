//! All series, at one resolution, in bounded memory.

use serde_json::Value;

use super::cells::{Last, Share, Spread, Sum};
use super::happened::{Happened, What};
use super::rows::Rows;
use super::steps::Step;
use crate::metrics::Sink;

/// What came when.
///
/// Times are microseconds since the beginning.
#[derive(Clone, Debug)]
pub struct History {
    step: Step,
    /// By the number of the series.
    series: Vec<Option<Kept>>,
    happened: Happened,
    /// How far it goes.
    until: u64,
    bytes: usize,
    most_bytes: usize,
    /// All has to be told anew.
    is_rearranged: bool,
}

#[derive(Clone, Debug)]
enum Kept {
    Counter(Rows<Sum>),
    Gauge(Rows<Last>),
    Rate(Rows<Share>),
    Trend(Rows<Spread>),
}

/// Does the same to each kind.
macro_rules! each_kind {
    ($kept:expr, $rows:ident => $what:expr) => {
        match $kept {
            Kept::Counter($rows) => $what,
            Kept::Gauge($rows) => $what,
            Kept::Rate($rows) => $what,
            Kept::Trend($rows) => $what,
        }
    };
}

impl History {
    /// An hour of 200 series takes half of it.
    pub const MOST_BYTES: usize = 64 << 20;

    /// Nothing, in at most so many bytes: where they do not do, intervals get longer.
    pub fn within(most_bytes: usize) -> Self {
        Self {
            step: Step::FIRST,
            series: Vec::new(),
            happened: Happened::default(),
            until: 0,
            bytes: 0,
            most_bytes,
            is_rearranged: false,
        }
    }

    /// Adds what a series brought at a time.
    pub fn add(&mut self, series: usize, at: u64, sink: &Sink) {
        self.reach(at);
        let Some(interval) = self.step.interval(at) else {
            return;
        };
        if series >= self.series.len() {
            self.series.resize(series + 1, None);
        }
        let kept = self.series[series].get_or_insert_with(|| Kept::of(sink));
        self.bytes += kept.add(interval, sink);
        self.shrink();
    }

    /// So many failures or ends happened, at a time in microseconds since the beginning.
    pub fn happen(&mut self, what: What, at: u64, count: u64) {
        self.reach(at);
        if let Some(interval) = self.step.interval(at) {
            self.bytes += self.happened.add(what, interval, count);
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        // What is told in one second is bounded, so is what is too much for a moment.
        while self.bytes > self.most_bytes && self.count() > 1 {
            self.lengthen();
        }
    }

    /// The run has got so far.
    pub fn reach(&mut self, until: u64) {
        self.until = self.until.max(until);
        while self.step.interval(self.until).is_none() {
            self.lengthen();
        }
    }

    /// Series by series: there is never room for all of them twice.
    fn lengthen(&mut self) {
        let factor = self.step.factor();
        let by = intervals(factor);
        for kept in self.series.iter_mut().flatten() {
            *kept = kept.merged(by);
        }
        self.happened = self.happened.merged(by);
        self.step = self.step.times(factor);
        self.bytes = self.measured();
        self.is_rearranged = true;
    }

    /// The same with so many intervals in one.
    pub fn merged(&self, factor: u64) -> Self {
        let by = intervals(factor);
        let series = self.series.iter();
        let mut merged = Self {
            step: self.step.times(factor),
            series: series
                .map(|kept| kept.as_ref().map(|kept| kept.merged(by)))
                .collect(),
            happened: self.happened.merged(by),
            ..*self
        };
        merged.bytes = merged.measured();
        merged
    }

    fn measured(&self) -> usize {
        let kept = self.series.iter().flatten();
        let bytes = kept.map(|kept| each_kind!(kept, rows => rows.bytes()));
        bytes.sum::<usize>() + self.happened.bytes()
    }

    /// How long an interval is.
    pub const fn interval_ms(&self) -> u64 {
        self.step.milliseconds()
    }

    /// How many intervals there are: those that the run has got into.
    pub const fn count(&self) -> u64 {
        if self.until == 0 && self.bytes == 0 {
            return 0;
        }
        self.until / (1_000 * self.interval_ms()) + 1
    }

    /// Whether intervals are longer than the run alone would have them.
    pub fn is_short_of_memory(&self) -> bool {
        self.step > Step::of(self.until)
    }

    /// What it takes of memory.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// What the intervals `from..to` of a series add up to; none where it has nothing there.
    pub fn window(&self, series: usize, from: u32, to: u32) -> Option<Sink> {
        let kept = self.series.get(series)?.as_ref()?;
        each_kind!(kept, rows => rows.window(from, to))
    }

    /// The block of the first `series` ones: for each the intervals that have something, and then its columns.
    pub fn block(&self, series: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for number in 0..series {
            match self.series.get(number).and_then(Option::as_ref) {
                None => bytes.push(0),
                Some(kept) => each_kind!(kept, rows => rows.write(&mut bytes)),
            }
        }
        bytes
    }

    /// What happened, as the page reads it.
    pub fn happened(&self) -> Vec<Value> {
        self.happened.all()
    }

    /// Of what happened that which has changed since the last call.
    pub fn happened_lately(&mut self) -> Vec<Value> {
        self.happened.changed()
    }

    /// The block of those intervals that have changed since the last call; none where intervals have become longer, so
    /// that all has to be told anew.
    pub fn changed(&mut self, series: usize) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        for number in 0..series {
            match self.series.get_mut(number).and_then(Option::as_mut) {
                None => bytes.push(0),
                Some(kept) => each_kind!(kept, rows => rows.write_changed(&mut bytes)),
            }
        }
        let is_rearranged = std::mem::take(&mut self.is_rearranged);
        (!is_rearranged).then_some(bytes)
    }
}

/// More of them than there are make one of all.
fn intervals(factor: u64) -> u32 {
    u32::try_from(factor).unwrap_or(u32::MAX)
}

impl Kept {
    const fn of(sink: &Sink) -> Self {
        match sink {
            Sink::Counter { .. } => Self::Counter(Rows::new()),
            Sink::Gauge { .. } => Self::Gauge(Rows::new()),
            Sink::Rate { .. } => Self::Rate(Rows::new()),
            Sink::Trend(_) => Self::Trend(Rows::new()),
        }
    }

    /// Returns the bytes that this takes.
    fn add(&mut self, interval: u32, sink: &Sink) -> usize {
        match (self, sink) {
            (Self::Counter(rows), &Sink::Counter { sum, samples }) => {
                rows.add(interval, Sum { sum, samples })
            }
            (
                Self::Gauge(rows),
                &Sink::Gauge {
                    value,
                    min,
                    max,
                    samples,
                },
            ) => rows.add(
                interval,
                Last {
                    value,
                    min,
                    max,
                    samples,
                },
            ),
            (Self::Rate(rows), &Sink::Rate { passes, total }) => {
                rows.add(interval, Share { passes, total })
            }
            (Self::Trend(rows), Sink::Trend(_)) => {
                let cell = Spread::of(&sink.parts(true));
                cell.map_or(0, |cell| rows.add(interval, cell))
            }
            // A series is of one kind: whoever reads has refused anything else.
            _ => 0,
        }
    }

    fn merged(&self, factor: u32) -> Self {
        match self {
            Self::Counter(rows) => Self::Counter(rows.merged(factor)),
            Self::Gauge(rows) => Self::Gauge(rows.merged(factor)),
            Self::Rate(rows) => Self::Rate(rows.merged(factor)),
            Self::Trend(rows) => Self::Trend(rows.merged(factor)),
        }
    }
}
