//! The intervals of a series that have something, in order.

use super::cells::{Cell, Row};
use super::column::{varint, varints};
use crate::metrics::Sink;

/// All of a series.
#[derive(Clone, Debug)]
pub(super) struct Rows<C> {
    rows: Vec<Row<C>>,
    /// So many of the first ones are as they were told.
    told: usize,
}

impl<C: Cell> Rows<C> {
    pub(super) const fn new() -> Self {
        Self {
            rows: Vec::new(),
            told: 0,
        }
    }

    /// Adds to an interval; returns the bytes that this takes. Mostly it is the last one, or a new one behind it: of
    /// several processes one may be behind the others.
    pub(super) fn add(&mut self, interval: u32, cell: C) -> usize {
        let at = self.rows.partition_point(|row| row.interval < interval);
        self.told = self.told.min(at);
        if let Some(row) = self.rows.get_mut(at).filter(|row| row.interval == interval) {
            let before = row.cell.heap();
            row.cell.merge(&cell);
            return row.cell.heap().saturating_sub(before);
        }
        let (before, heap) = (self.rows.capacity(), cell.heap());
        if self.rows.len() == before {
            // Not as much again: of many series at once that is as much as all of them have.
            self.rows.reserve_exact((before / 8).max(4));
        }
        self.rows.insert(at, Row { interval, cell });
        (self.rows.capacity() - before) * size_of::<Row<C>>() + heap
    }

    /// The same with so many intervals in one.
    pub(super) fn merged(&self, factor: u32) -> Self {
        let mut merged: Vec<Row<C>> = Vec::new();
        for row in &self.rows {
            let interval = row.interval / factor;
            match merged.last_mut().filter(|last| last.interval == interval) {
                Some(last) => last.cell.merge(&row.cell),
                None => merged.push(Row {
                    interval,
                    cell: row.cell.clone(),
                }),
            }
        }
        merged.shrink_to_fit();
        Self {
            rows: merged,
            told: 0,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        let heap: usize = self.rows.iter().map(|row| row.cell.heap()).sum();
        self.rows.capacity() * size_of::<Row<C>>() + heap
    }

    /// What the intervals `from..to` add up to, in their order.
    pub(super) fn window(&self, from: u32, to: u32) -> Option<Sink> {
        let from = self.rows.partition_point(|row| row.interval < from);
        let to = self.rows.partition_point(|row| row.interval < to);
        let mut sinks = self.rows.get(from..to)?.iter();
        let mut sum = sinks.next()?.cell.sink()?;
        for row in sinks {
            sum.merge_newer(&row.cell.sink()?);
        }
        Some(sum)
    }

    /// Appends all of them.
    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        write(&self.rows, bytes);
    }

    /// Appends those that have changed since this was called last.
    pub(super) fn write_changed(&mut self, bytes: &mut Vec<u8>) {
        write(&self.rows[self.told..], bytes);
        self.told = self.rows.len();
    }
}

fn write<C: Cell>(rows: &[Row<C>], bytes: &mut Vec<u8>) {
    varint(bytes, rows.len() as u64);
    if rows.is_empty() {
        return;
    }
    let mut before = 0;
    let gaps = rows.iter().map(|row| {
        let gap = row.interval - before;
        before = row.interval;
        gap.into()
    });
    varints(bytes, gaps);
    C::write(rows, bytes);
}
