//! The output `snapshots=FILE`: what a run says of itself once a second, kept in a file.
//!
//! A thread of its own compresses and writes, from a queue that is bounded in bytes: whoever offers never waits. What
//! follows relies on what was said before, so behind something that is lost nothing is written any more, and the file
//! ends there as one that was cut.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::OutputError;
use super::error::reason;
use super::frames::{LARGEST, frame, mark};
use super::target::{Patience, Target};
use crate::clock::{self, Instant};

/// A file that can be written, before the run.
#[derive(Debug)]
pub struct SnapshotFile {
    description: String,
    target: Target,
    patience: Arc<Patience>,
}

/// A file that is being written.
#[derive(Debug)]
pub struct SnapshotWriter {
    description: String,
    queue: Arc<Queue>,
    patience: Arc<Patience>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Vec<u8>>,
    bytes: usize,
    is_closed: bool,
    is_done: bool,
    /// Snapshots that are not in the file.
    lost: u64,
    /// Why, until it is told.
    failure: Option<String>,
}

impl SnapshotFile {
    /// Makes the file anew. `text` is what was asked for.
    pub(super) fn open(text: &str, path: &str, description: String) -> Result<Self, OutputError> {
        let patience: Arc<Patience> = Arc::default();
        let target = Target::open(Path::new(path), patience.clone());
        let target = target.map_err(|error| OutputError::Target {
            output: text.to_owned(),
            reason: reason(&error),
        })?;
        Ok(Self {
            description,
            target,
            patience,
        })
    }

    /// Begins to write.
    pub fn start(self) -> io::Result<SnapshotWriter> {
        let queue: Arc<Queue> = Arc::default();
        let (shared, target) = (queue.clone(), self.target);
        let thread = std::thread::Builder::new()
            .name("k6ws-output".into())
            .spawn(move || shared.write_to(target))?;
        Ok(SnapshotWriter {
            description: self.description,
            queue,
            patience: self.patience,
            thread: Some(thread),
        })
    }
}

impl SnapshotWriter {
    /// What the run description says of it.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Has this written next. Never waits.
    pub fn offer(&self, said: Vec<u8>) {
        let mut state = self.queue.state();
        if state.bytes + said.len() > LARGEST {
            state.lose(1, || "the disk takes it too slowly".into());
        } else if state.lost > 0 || state.is_closed {
            state.lost += 1;
        } else {
            state.bytes += said.len();
            state.waiting.push_back(said);
        }
        drop(state);
        self.queue.changed.notify_all();
    }

    /// Nothing will follow.
    pub fn close(&self) {
        self.queue.state().is_closed = true;
        self.queue.changed.notify_all();
    }

    /// Why something is missing, if so; said once.
    pub fn trouble(&self) -> Option<String> {
        let why = self.queue.state().failure.take()?;
        Some(format!(
            "output {}: {why}; the file ends before the run does",
            self.description
        ))
    }

    /// Waits until everything is written, up to `until`, and tells whether it is. Close it before.
    pub fn wait(&mut self, until: Instant) -> bool {
        let patience = until.saturating_duration_since(clock::now());
        let state = self.queue.state();
        let waited = self
            .queue
            .changed
            .wait_timeout_while(state, patience, |state| !state.is_done);
        let is_done = waited.unwrap_or_else(PoisonError::into_inner).0.is_done;
        if is_done && let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        is_done
    }

    /// Gives up what is not written yet, and tells how many snapshots are missing.
    pub fn settle(&mut self) -> u64 {
        let mut state = self.queue.state();
        if !state.is_done {
            let left = state.waiting.len() as u64;
            state.lose(left.max(1), || "it could not be written in time".into());
            self.patience.spend();
        }
        state.lost
    }
}

impl Drop for SnapshotWriter {
    fn drop(&mut self) {
        // The thread ends by itself: what waits is bounded, and nobody is waited for.
        self.close();
        if self.thread.is_some() {
            self.patience.spend();
        }
    }
}

impl State {
    fn lose(&mut self, snapshots: u64, why: impl FnOnce() -> String) {
        if self.lost == 0 {
            self.failure = Some(why());
        }
        self.lost += snapshots;
    }
}

impl Queue {
    fn write_to(&self, mut target: Target) {
        let mut before = mark();
        while let Some(said) = self.next() {
            let written = frame(&said).and_then(|frame| {
                target.write_all(before)?;
                target.write_all(&frame)
            });
            before = &[];
            match written {
                Ok(()) => target.mark(),
                Err(_) => drop(target.go_back()),
            }
            let mut state = self.state();
            state.bytes -= said.len();
            if let Err(error) = written {
                let left = 1 + state.waiting.len() as u64;
                state.lose(left, || reason(&error));
                state.waiting.clear();
                break;
            }
        }
        self.state().is_done = true;
        self.changed.notify_all();
    }

    /// What is to be written next; nothing at the end, or when it was given up.
    fn next(&self) -> Option<Vec<u8>> {
        let is_idle = |state: &mut State| state.waiting.is_empty() && !state.is_closed;
        let waited = self.changed.wait_while(self.state(), is_idle);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.waiting.pop_front()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::Duration;

    use super::super::frames::Frames;
    use super::super::tests::Folder;
    use super::*;

    fn writer(path: &str) -> SnapshotWriter {
        let file = SnapshotFile::open("snapshots", path, format!("snapshots ({path})")).unwrap();
        file.start().unwrap()
    }

    fn soon() -> Instant {
        clock::now() + Duration::from_secs(30)
    }

    #[test]
    fn what_is_offered_is_in_the_file_in_order() {
        let folder = Folder::new();
        let path = folder.path("run.k6ws");
        let mut writer = writer(path.to_str().unwrap());
        for number in 0..50_u8 {
            writer.offer(vec![number; 100]);
        }
        writer.close();
        assert!(writer.wait(soon()));
        assert_eq!((writer.settle(), writer.trouble()), (0, None));
        let mut frames = Frames::new(File::open(path).unwrap()).unwrap();
        for number in 0..50_u8 {
            assert_eq!(frames.next().unwrap(), Some(vec![number; 100]));
        }
        assert_eq!(frames.next().unwrap(), None);
    }

    #[test]
    fn behind_what_is_lost_nothing_is_written() {
        let folder = Folder::new();
        let path = folder.path("run.k6ws");
        let mut writer = writer(path.to_str().unwrap());
        writer.offer(vec![1]);
        writer.offer(vec![0; LARGEST + 1]);
        writer.offer(vec![2]);
        writer.close();
        assert!(writer.wait(soon()));
        assert_eq!(writer.settle(), 2);
        assert!(
            writer
                .trouble()
                .is_some_and(|text| text.contains("too slowly"))
        );
        assert_eq!(writer.trouble(), None);
        let mut frames = Frames::new(File::open(path).unwrap()).unwrap();
        assert_eq!(frames.next().unwrap(), Some(vec![1]));
        assert_eq!(frames.next().unwrap(), None);
    }

    #[test]
    fn a_full_disk_is_told_and_ends_the_file() {
        // The system fails here with what a full disk fails with.
        let mut writer = writer("/dev/full");
        writer.offer(vec![1]);
        writer.offer(vec![2]);
        writer.close();
        assert!(writer.wait(soon()));
        assert_eq!(writer.settle(), 2);
        let text = writer.trouble().unwrap_or_default();
        assert!(text.contains("No space left on device"), "{text}");
    }

    #[test]
    fn a_place_that_cannot_be_written_is_refused_before_the_run() {
        let error = SnapshotFile::open("snapshots=/no/such/x", "/no/such/x", String::new());
        let text = error.unwrap_err().to_string();
        assert!(text.contains("No such file"), "{text}");
    }
}
