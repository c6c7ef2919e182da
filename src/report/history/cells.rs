//! What an interval of a series has: of each kind as little as it takes.

use super::buckets::Buckets;
use super::column::{numbers, tidy, varints};
use crate::metrics::{Sink, SinkParts, finite_sum};

/// What came in an interval.
pub(super) trait Cell: Clone {
    /// Adds what came later.
    fn merge(&mut self, newer: &Self);
    /// Bytes that it has beside itself.
    fn heap(&self) -> usize {
        0
    }
    /// What it stands for.
    fn sink(&self) -> Option<Sink>;
    /// Appends the columns of these.
    fn write(rows: &[Row<Self>], bytes: &mut Vec<u8>);
}

/// One of them, by the number of its interval.
#[derive(Clone, Debug)]
pub(super) struct Row<C> {
    pub(super) interval: u32,
    pub(super) cell: C,
}

#[derive(Clone, Debug)]
pub(super) struct Sum {
    pub(super) sum: f64,
    pub(super) samples: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Last {
    pub(super) value: f64,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) samples: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Share {
    pub(super) passes: u64,
    pub(super) total: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Spread {
    count: u64,
    sum: f64,
    min: f64,
    max: f64,
    zeros: u64,
    buckets: Buckets,
}

impl Spread {
    /// Of what a trend says of itself in buckets.
    pub(super) fn of(parts: &SinkParts<'_>) -> Option<Self> {
        let SinkParts::Buckets {
            sum,
            min,
            max,
            zeros,
            negative,
            positive,
        } = parts
        else {
            return None;
        };
        let counted = negative.iter().chain(positive);
        Some(Self {
            count: zeros + counted.map(|(_, count)| count).sum::<u64>(),
            sum: tidy(*sum),
            min: *min,
            max: *max,
            zeros: *zeros,
            buckets: Buckets::of(negative, positive),
        })
    }
}

impl Cell for Sum {
    fn merge(&mut self, newer: &Self) {
        self.sum = tidy(finite_sum(self.sum, newer.sum));
        self.samples += newer.samples;
    }

    fn sink(&self) -> Option<Sink> {
        let Self { sum, samples } = *self;
        Some(Sink::Counter { sum, samples })
    }

    fn write(rows: &[Row<Self>], bytes: &mut Vec<u8>) {
        numbers(bytes, rows.iter().map(|row| row.cell.sum));
        varints(bytes, rows.iter().map(|row| row.cell.samples));
    }
}

impl Cell for Last {
    fn merge(&mut self, newer: &Self) {
        self.value = newer.value;
        self.min = self.min.min(newer.min);
        self.max = self.max.max(newer.max);
        self.samples += newer.samples;
    }

    fn sink(&self) -> Option<Sink> {
        Some(Sink::Gauge {
            value: self.value,
            min: self.min,
            max: self.max,
            samples: self.samples,
        })
    }

    fn write(rows: &[Row<Self>], bytes: &mut Vec<u8>) {
        numbers(bytes, rows.iter().map(|row| row.cell.value));
        numbers(bytes, rows.iter().map(|row| row.cell.min));
        numbers(bytes, rows.iter().map(|row| row.cell.max));
        varints(bytes, rows.iter().map(|row| row.cell.samples));
    }
}

impl Cell for Share {
    fn merge(&mut self, newer: &Self) {
        self.passes += newer.passes;
        self.total += newer.total;
    }

    fn sink(&self) -> Option<Sink> {
        let Self { passes, total } = *self;
        Some(Sink::Rate { passes, total })
    }

    fn write(rows: &[Row<Self>], bytes: &mut Vec<u8>) {
        varints(bytes, rows.iter().map(|row| row.cell.passes));
        varints(bytes, rows.iter().map(|row| row.cell.total));
    }
}

impl Cell for Spread {
    fn merge(&mut self, newer: &Self) {
        self.count += newer.count;
        self.sum = tidy(finite_sum(self.sum, newer.sum));
        self.min = self.min.min(newer.min);
        self.max = self.max.max(newer.max);
        self.zeros += newer.zeros;
        self.buckets.merge(&newer.buckets);
    }

    fn heap(&self) -> usize {
        // What the allocator rounds up and keeps for itself.
        self.buckets.bytes().len() + 16
    }

    fn sink(&self) -> Option<Sink> {
        let [negative, positive] = self.buckets.sides();
        let parts = SinkParts::Buckets {
            sum: self.sum,
            min: self.min,
            max: self.max,
            zeros: self.zeros,
            negative,
            positive,
        };
        Sink::from_parts(parts).ok()
    }

    fn write(rows: &[Row<Self>], bytes: &mut Vec<u8>) {
        varints(bytes, rows.iter().map(|row| row.cell.count));
        numbers(bytes, rows.iter().map(|row| row.cell.sum));
        numbers(bytes, rows.iter().map(|row| row.cell.min));
        numbers(bytes, rows.iter().map(|row| row.cell.max));
        varints(bytes, rows.iter().map(|row| row.cell.zeros));
        for row in rows {
            bytes.extend(row.cell.buckets.bytes());
        }
    }
}
