//! Single samples, for outputs that want each of them.
//!
//! A recorder with a [`SampleLog`] keeps, besides its sums, what was recorded when; the samples go in chunks
//! through bounded [`SampleQueue`]s to whoever writes them. The recording side never waits: what a queue has
//! no room for is dropped and counted. Without an output there is no log, and recording stays an addition.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Series, SystemTag, SystemTags};
use crate::clock::Instant;

/// One value of one series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When it happened.
    pub at: Instant,
    /// What was recorded.
    pub value: f64,
    /// Of what.
    pub series: Series,
    /// Whose.
    pub metadata: Metadata,
}

/// Whose sample it is: written beside it, and never part of a series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The VU's number.
    pub vu: Option<u32>,
    /// Its iteration, from 0.
    pub iteration: Option<u32>,
}

/// Samples that were recorded one after the other.
pub type Chunk = Arc<Vec<Sample>>;

/// The samples of one recorder since they were last handed over.
#[derive(Debug)]
pub struct SampleLog {
    chunk: Vec<Sample>,
    queues: Arc<[Arc<SampleQueue>]>,
    /// Which metadata are wanted.
    wanted: SystemTags,
    /// That of the next sample.
    next: Metadata,
}

impl SampleLog {
    /// A log whose samples go to each of these queues.
    pub fn new(queues: Arc<[Arc<SampleQueue>]>, wanted: SystemTags) -> Self {
        Self {
            chunk: Vec::new(),
            queues,
            wanted,
            next: Metadata::default(),
        }
    }

    /// Says whose the next sample is.
    pub(super) fn of(&mut self, whose: Metadata) {
        self.next = Metadata {
            vu: whose.vu.filter(|_| self.wanted.contains(SystemTag::Vu)),
            iteration: whose
                .iteration
                .filter(|_| self.wanted.contains(SystemTag::Iter)),
        };
    }

    /// Keeps one sample.
    pub(super) fn push(&mut self, series: Series, value: f64, at: Instant) {
        if self.chunk.capacity() == 0 {
            self.chunk.reserve_exact(CHUNK);
        }
        let metadata = std::mem::take(&mut self.next);
        self.chunk.push(Sample {
            at,
            value,
            series,
            metadata,
        });
        if self.chunk.len() >= CHUNK {
            self.hand_over();
        }
    }

    /// Passes on what was kept.
    pub(super) fn hand_over(&mut self) {
        if self.chunk.is_empty() {
            return;
        }
        let mut chunk = std::mem::take(&mut self.chunk);
        // Queues count samples: a few of them must not hold the memory of many.
        chunk.shrink_to_fit();
        let chunk = Arc::new(chunk);
        for queue in &*self.queues {
            queue.offer(&chunk);
        }
    }
}

impl Drop for SampleLog {
    /// Nothing is lost with a recorder that goes.
    fn drop(&mut self) {
        self.hand_over();
    }
}

/// Samples on their way to one writer, at most [`MOST_WAITING`].
#[derive(Debug, Default)]
pub struct SampleQueue {
    state: Mutex<State>,
    news: Condvar,
}

#[derive(Debug, Default)]
struct State {
    chunks: VecDeque<Chunk>,
    waiting: usize,
    offered: u64,
    dropped: u64,
    is_closed: bool,
}

/// What a writer gets.
#[derive(Debug)]
pub enum Taken {
    /// Samples, the oldest that wait.
    Samples(Chunk),
    /// There was none in the time given.
    Nothing,
    /// There is none, and none will come.
    Closed,
}

impl SampleQueue {
    /// Adds a chunk, or drops and counts it if there is no room or nobody takes any more. Never waits.
    pub fn offer(&self, chunk: &Chunk) {
        let mut state = self.state();
        state.offered += chunk.len() as u64;
        if state.is_closed || state.waiting + chunk.len() > MOST_WAITING {
            state.dropped += chunk.len() as u64;
            return;
        }
        state.waiting += chunk.len();
        state.chunks.push_back(chunk.clone());
        drop(state);
        self.news.notify_one();
    }

    /// Takes a chunk, waiting for one up to `patience`, or for as long as it takes.
    pub fn take(&self, patience: Option<Duration>) -> Taken {
        let is_idle = |state: &mut State| state.chunks.is_empty() && !state.is_closed;
        let state = self.state();
        let mut state = match patience {
            None => {
                let woken = self.news.wait_while(state, is_idle);
                woken.unwrap_or_else(PoisonError::into_inner)
            }
            Some(patience) => {
                let woken = self.news.wait_timeout_while(state, patience, is_idle);
                woken.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        match state.chunks.pop_front() {
            Some(chunk) => {
                state.waiting -= chunk.len();
                Taken::Samples(chunk)
            }
            None if state.is_closed => Taken::Closed,
            None => Taken::Nothing,
        }
    }

    /// No more samples will come; those that wait can still be taken.
    pub fn close(&self) {
        self.state().is_closed = true;
        self.news.notify_all();
    }

    /// Samples offered so far, those that were dropped included.
    pub fn offered(&self) -> u64 {
        self.state().offered
    }

    /// Samples there was no room for.
    pub fn dropped(&self) -> u64 {
        self.state().dropped
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Samples that are handed over together: 56 KiB.
const CHUNK: usize = 1024;
/// Samples a writer may be behind: 28 MB, five seconds of a hundred thousand a second.
pub const MOST_WAITING: usize = 500_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;
    use crate::metrics::{Recorder, Registry, SeriesTable, TagSet, builtin};

    fn vus() -> (SeriesTable, Series) {
        let mut table = SeriesTable::new();
        let series = table.series(&Registry::new(), builtin::VUS, &TagSet::new());
        (table, series)
    }

    fn logged(count: usize) -> Arc<SampleQueue> {
        let queue = Arc::new(SampleQueue::default());
        let (_, series) = vus();
        let mut log = SampleLog::new(Arc::new([queue.clone()]), SystemTags::default());
        let now = clock::now();
        for value in 0..count {
            log.push(series, value as f64, now);
        }
        drop(log);
        queue
    }

    #[test]
    fn samples_arrive_in_order_and_none_is_kept_back() {
        let queue = logged(2 * CHUNK + 3);
        let mut values = Vec::new();
        while let Taken::Samples(chunk) = queue.take(Some(Duration::ZERO)) {
            values.extend(chunk.iter().map(|sample| sample.value));
        }
        let expected: Vec<f64> = (0..2 * CHUNK + 3).map(|value| value as f64).collect();
        assert_eq!(values, expected);
        assert_eq!(
            (queue.offered(), queue.dropped()),
            (2 * CHUNK as u64 + 3, 0)
        );
    }

    #[test]
    fn what_a_slow_writer_has_no_room_for_is_dropped_and_counted() {
        let queue = logged(MOST_WAITING + CHUNK);
        assert_eq!(queue.offered(), (MOST_WAITING + CHUNK) as u64);
        let mut taken = 0;
        while let Taken::Samples(chunk) = queue.take(Some(Duration::ZERO)) {
            taken += chunk.len();
        }
        assert!(taken <= MOST_WAITING);
        assert_eq!(queue.dropped(), queue.offered() - taken as u64);
        assert!(queue.dropped() >= CHUNK as u64);
    }

    #[test]
    fn a_closed_queue_gives_what_waits_and_takes_no_more() {
        let queue = logged(1);
        queue.close();
        queue.offer(&Arc::new(Vec::new()));
        assert!(matches!(queue.take(None), Taken::Samples(chunk) if chunk.len() == 1));
        assert!(matches!(queue.take(None), Taken::Closed));
    }

    #[test]
    fn a_recorder_logs_the_instant_it_is_told_and_its_own_table_only() {
        let queue = Arc::new(SampleQueue::default());
        let (table, series) = vus();
        let (_, foreign) = vus();
        let mut recorder = Recorder::only(table.id());
        recorder.log_samples(Some(SampleLog::new(
            Arc::new([queue.clone()]),
            SystemTags::default(),
        )));
        let at = clock::now();
        recorder.add_at(series, 1.0, at);
        recorder.add_at(foreign, 2.0, at);
        recorder.add(series, 3.0);
        recorder.hand_over();
        let Taken::Samples(chunk) = queue.take(None) else {
            panic!("nothing was logged")
        };
        let values: Vec<f64> = chunk.iter().map(|sample| sample.value).collect();
        assert_eq!(values, [1.0, 3.0]);
        assert_eq!(chunk[0].at, at);
        assert!(chunk[1].at >= at);
        recorder.log_samples(None);
        recorder.add(series, 4.0);
        recorder.hand_over();
        assert!(matches!(queue.take(Some(Duration::ZERO)), Taken::Nothing));
    }
}
