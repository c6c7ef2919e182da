//! What was recorded lately: the last 30 seconds of a metric, in bounded memory.
//!
//! A window is a row of slices. Each holds what one stretch of time brought, the oldest is let go of when
//! the others cover the window. Time is counted in what callers say has passed: no clock here.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Kind, Sink};

/// The newest samples of one part of a metric.
///
/// Invariant: without its oldest slice it would cover less than its length.
#[derive(Clone, Debug)]
pub struct Window {
    length: Duration,
    slices: VecDeque<Slice>,
    kind: Kind,
}

#[derive(Clone, Debug)]
struct Slice {
    sink: Sink,
    time: Duration,
}

impl Window {
    /// An empty window.
    pub fn new(kind: Kind, length: Duration) -> Self {
        Self {
            length,
            slices: VecDeque::new(),
            kind,
        }
    }

    /// How far back it reaches.
    pub fn length(&self) -> Duration {
        self.length
    }

    /// To within which time it is right, one way or the other: half the length of a slice.
    fn tolerance(&self) -> Duration {
        self.slice_length() / 2
    }

    fn slice_length(&self) -> Duration {
        SHORTEST_SLICE.max(self.length / MOST_SLICES)
    }

    /// Time passed, and this was recorded in it. Before the first sample nothing is kept.
    pub fn advance(&mut self, recorded: &Sink, time: Duration) {
        if self.slices.is_empty() && recorded.is_empty() {
            return;
        }
        let slice_length = self.slice_length();
        match self.slices.back_mut() {
            Some(slice) if slice.time + SHORTEST_SLICE / 2 < slice_length => {
                slice.sink.merge_newer(recorded);
                slice.time += time;
            }
            _ => self.slices.push_back(Slice {
                sink: recorded.clone(),
                time,
            }),
        }
        let mut covered = self.covered();
        while let Some(oldest) = self.slices.front() {
            covered -= oldest.time;
            if covered + self.tolerance() < self.length {
                break;
            }
            self.slices.pop_front();
        }
    }

    /// Whether it reaches as far back as it should.
    pub fn is_full(&self) -> bool {
        !self.slices.is_empty() && self.covered() + self.tolerance() >= self.length
    }

    /// The time that it covers.
    pub fn covered(&self) -> Duration {
        self.slices.iter().map(|slice| slice.time).sum()
    }

    /// What was recorded in it.
    pub fn sink(&self) -> Sink {
        let mut all = Sink::new(self.kind);
        for slice in &self.slices {
            all.merge_newer(&slice.sink);
        }
        all
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.slices.clear();
    }
}

/// As long as the time between two evaluations.
const SHORTEST_SLICE: Duration = Duration::from_secs(2);
/// A slice of a trend takes 80 kB at most.
const MOST_SLICES: u32 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_secs(2);

    fn count(samples: u32) -> Sink {
        let mut sink = Sink::new(Kind::Counter);
        (0..samples).for_each(|_| sink.add(1.0));
        sink
    }

    fn counted(window: &Window) -> f64 {
        match window.sink() {
            Sink::Counter { sum, .. } => sum,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn it_forgets_what_is_older_than_its_length() {
        let mut window = Window::new(Kind::Counter, Duration::from_secs(6));
        let mut seen = Vec::new();
        for samples in [1, 10, 100, 1000, 0, 0, 0] {
            window.advance(&count(samples), TICK);
            seen.push((counted(&window), window.is_full()));
        }
        assert_eq!(
            seen,
            [
                (1.0, false),
                (11.0, false),
                (111.0, true),
                (1110.0, true),
                (1100.0, true),
                (1000.0, true),
                (0.0, true),
            ]
        );
    }

    #[test]
    fn it_begins_with_the_first_sample() {
        let mut window = Window::new(Kind::Counter, Duration::from_secs(4));
        (0..9).for_each(|_| window.advance(&count(0), TICK));
        assert_eq!(
            (window.covered(), window.is_full()),
            (Duration::ZERO, false)
        );
        window.advance(&count(1), TICK);
        assert!(!window.is_full());
        window.advance(&count(0), TICK);
        assert!(window.is_full());
        window.clear();
        assert!(!window.is_full());
    }

    #[test]
    fn late_and_early_ticks_do_not_change_its_length_by_more_than_a_second() {
        let mut window = Window::new(Kind::Counter, Duration::from_secs(30));
        for millis in (0..400).map(|n| [1_999, 2_001, 2_300, 700, 3_000, 2_000][n % 6]) {
            window.advance(&count(1), Duration::from_millis(millis));
            let covered = window.covered().as_secs_f64();
            assert!(
                !window.is_full() || (29.0..=33.0).contains(&covered),
                "{covered}"
            );
        }
    }

    #[test]
    fn its_memory_is_bounded_whatever_its_length_and_however_often_it_is_told() {
        for (length, tick) in [(86_400, 2_000), (600, 2_000), (30, 10), (2, 1)] {
            let mut window = Window::new(Kind::Counter, Duration::from_secs(length));
            let tick = Duration::from_millis(tick);
            for _ in 0..60_000 {
                window.advance(&count(1), tick);
            }
            assert!(
                window.slices.len() <= 64,
                "{length}: {}",
                window.slices.len()
            );
            assert!(window.is_full());
            let covered = window.covered().as_secs_f64();
            let length = length as f64;
            let slack = (length / 60.0).max(2.0);
            assert!(
                (length - slack..=length + slack).contains(&covered),
                "{length}: {covered}"
            );
        }
    }
}
