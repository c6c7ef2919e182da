//! One output at work: a thread that takes samples from its queue, encodes them and writes them.
//!
//! Nobody waits for it but the end of the run, and that only up to a deadline. Whatever goes wrong is said
//! once, as the text of a failure; how much was lost is the difference of what was offered and what was
//! written, so that nothing can be forgotten.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::csv::Csv;
use super::dates::Dates;
use super::error::reason;
use super::format::Format;
use super::json::Json;
use super::sink::Sink;
use super::spec::{FormatSpec, Spec};
use super::target::{Patience, Target};
use super::{Describe, OutputError, Settings};
use crate::clock::{self, Instant};
use crate::metrics::{Sample, SampleQueue, Taken};

/// An output that can be written, before the run.
pub struct Output {
    description: String,
    format: Box<dyn Format>,
    sink: Sink,
    period: Duration,
    patience: Arc<Patience>,
}

impl Output {
    /// Opens what `spec`, read from `text`, asks for; a file is made anew.
    pub(super) fn open(
        text: String,
        spec: &Spec,
        settings: &Settings,
    ) -> Result<Self, OutputError> {
        let patience: Arc<Patience> = Arc::default();
        let target = match &spec.path {
            Some(path) => Target::open(Path::new(path), patience.clone()),
            None => Target::stdout(patience.clone()),
        };
        let target = target.map_err(|error| OutputError::Target {
            output: text,
            reason: reason(&error),
        })?;
        let is_gzip = spec
            .path
            .as_ref()
            .is_some_and(|path| Path::new(path).extension().is_some_and(|end| end == "gz"));
        let format: Box<dyn Format> = match spec.format {
            FormatSpec::Json => Box::new(Json::new(settings.thresholds.clone())),
            FormatSpec::Csv(times) => Box::new(Csv::new(settings.system_tags, times)),
            FormatSpec::Snapshots => {
                return Err(OutputError::Argument {
                    output: spec.describe(),
                    reason: "it has no samples".to_owned(),
                });
            }
        };
        Ok(Self {
            description: spec.describe(),
            format,
            sink: Sink::new(target, is_gzip),
            period: spec.period,
            patience,
        })
    }

    /// What the run description says of it: `json (samples.json)`.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Begins to write; `describe` tells what the series of the samples are.
    pub fn start(self, describe: Describe) -> io::Result<Running> {
        let queue: Arc<SampleQueue> = Arc::default();
        let status: Arc<Status> = Arc::default();
        let (done, is_done) = channel();
        let writer = Writer {
            queue: queue.clone(),
            status: status.clone(),
            patience: self.patience.clone(),
            format: self.format,
            describe,
            dates: Dates::new(),
            buffer: Vec::with_capacity(BUFFER + BUFFER / 8),
            buffered: 0,
            unflushed: 0,
            is_given_up: false,
        };
        let (sink, period) = (self.sink, self.period);
        let thread = std::thread::Builder::new()
            .name("k6ws-output".into())
            .spawn(move || writer.work(sink, period, done))?;
        Ok(Running {
            description: self.description,
            queue,
            status,
            patience: self.patience,
            is_done,
            thread: Some(thread),
            is_slow_told: false,
        })
    }
}

/// What the thread and its owner share.
#[derive(Debug, Default)]
struct Status {
    written: AtomicU64,
    failure: Mutex<Failure>,
}

#[derive(Debug, Default)]
struct Failure {
    has_failed: bool,
    untold: Option<String>,
}

impl Status {
    /// Keeps the first failure: what follows it is its consequence.
    fn fail(&self, text: String) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        if !failure.has_failed {
            *failure = Failure {
                has_failed: true,
                untold: Some(text),
            };
        }
    }

    fn untold(&self) -> Option<String> {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.untold.take()
    }
}

/// An output that is being written. Dropped before its end, it has a moment to write what it has.
#[derive(Debug)]
pub struct Running {
    description: String,
    queue: Arc<SampleQueue>,
    status: Arc<Status>,
    patience: Arc<Patience>,
    is_done: Receiver<()>,
    pub(super) thread: Option<JoinHandle<()>>,
    is_slow_told: bool,
}

impl Running {
    /// What the run description says of it.
    pub fn description(&self) -> &str {
        &self.description
    }

    #[cfg(test)]
    pub(super) fn patience(&self) -> Arc<Patience> {
        self.patience.clone()
    }

    /// Where its samples go.
    pub fn queue(&self) -> &Arc<SampleQueue> {
        &self.queue
    }

    /// Why samples are being lost, if they are; each output says it once.
    pub fn trouble(&mut self) -> Option<String> {
        let mut text = self.status.untold();
        if text.is_some() {
            self.is_slow_told = true;
        } else if !self.is_slow_told && self.queue.dropped() > 0 {
            self.is_slow_told = true;
            text = Some("it takes samples too slowly".to_owned());
        }
        text.map(|text| format!("output {}: {text}; samples are lost", self.description))
    }

    /// Waits until everything is written, up to `until`, and tells whether it is. Close the queue before.
    pub fn wait(&mut self, until: Instant) -> bool {
        let patience = until.saturating_duration_since(clock::now());
        if self.thread.is_some()
            && self.is_done.recv_timeout(patience) == Err(RecvTimeoutError::Timeout)
        {
            return false;
        }
        if let Some(thread) = self.thread.take() {
            // A panic in there has been reported; what it did not write counts as lost.
            let _ = thread.join();
        }
        true
    }

    /// Gives up what is not written yet.
    pub fn give_up(&mut self) {
        if self.wait(clock::now()) {
            return;
        }
        self.patience.spend();
        self.status
            .fail("what was left could not be written in time".to_owned());
        // Only a file whose disk does not answer keeps the thread longer; it ends by itself then.
        self.wait(clock::now() + GRACE);
    }

    /// Samples offered and not written; final once nothing is under way.
    pub fn lost(&self) -> u64 {
        let written = self.status.written.load(Ordering::Acquire);
        self.queue.offered().saturating_sub(written)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.queue.close();
        if !self.wait(clock::now() + GRACE) {
            self.patience.spend();
        }
    }
}

/// The thread's side.
struct Writer {
    queue: Arc<SampleQueue>,
    status: Arc<Status>,
    patience: Arc<Patience>,
    format: Box<dyn Format>,
    describe: Describe,
    dates: Dates,
    buffer: Vec<u8>,
    /// Samples in the buffer.
    buffered: u64,
    /// Samples written and perhaps still in the compressor.
    unflushed: u64,
    /// A failure that cannot be made good: nothing is written any more.
    is_given_up: bool,
}

impl Writer {
    /// Works until the queue is closed and empty. `_done` is dropped at the end, whatever happens.
    fn work(mut self, mut sink: Sink, period: Duration, _done: Sender<()>) {
        self.format.begin(&mut self.buffer);
        let mut next = clock::now() + period;
        while !self.patience.is_spent() {
            let is_clean = self.buffer.is_empty() && self.unflushed == 0;
            let wait = next.saturating_duration_since(clock::now());
            match self.queue.take((!is_clean).then_some(wait)) {
                Taken::Samples(chunk) => {
                    self.dates.look();
                    if is_clean {
                        next = clock::now() + period;
                    }
                    self.encode(&mut sink, &chunk);
                }
                Taken::Nothing => {}
                Taken::Closed => break,
            }
            if clock::now() >= next {
                self.flush(&mut sink);
                next = clock::now() + period;
            }
        }
        if !self.patience.is_spent() {
            self.flush(&mut sink);
        }
        if !self.is_given_up
            && let Err(error) = sink.finish()
        {
            self.status
                .fail(format!("its end is missing: {}", reason(&error)));
        }
    }

    fn encode(&mut self, sink: &mut Sink, chunk: &[Sample]) {
        if self.is_given_up {
            return;
        }
        for sample in chunk {
            let date = self.dates.date(sample.at);
            self.format
                .sample(&mut self.buffer, sample, date, &self.describe);
            self.buffered += 1;
            if self.buffer.len() >= BUFFER {
                self.write(sink);
            }
        }
    }

    /// Writes the buffer, or loses all of it.
    fn write(&mut self, sink: &mut Sink) {
        if self.buffer.is_empty() {
            return;
        }
        let samples = std::mem::take(&mut self.buffered);
        if !self.is_given_up {
            match sink.write(&self.buffer) {
                Ok(()) => {
                    self.format.written();
                    self.unflushed += samples;
                    if matches!(sink, Sink::Plain(_)) {
                        self.settle();
                    }
                }
                Err(error) => {
                    self.format.lost();
                    self.failed(sink, &error);
                }
            }
        }
        self.buffer.clear();
    }

    fn flush(&mut self, sink: &mut Sink) {
        self.write(sink);
        if self.is_given_up {
            return;
        }
        match sink.flush() {
            Ok(()) => self.settle(),
            Err(error) => self.failed(sink, &error),
        }
    }

    fn failed(&mut self, sink: &mut Sink, error: &io::Error) {
        self.status.fail(reason(error));
        if !sink.recover() {
            self.is_given_up = true;
            self.unflushed = 0;
        }
    }

    fn settle(&mut self) {
        let samples = std::mem::take(&mut self.unflushed);
        self.status.written.fetch_add(samples, Ordering::Release);
    }
}

/// What is encoded before it is written.
const BUFFER: usize = 64 * 1024;
/// How long a writer may take to notice that its time is up.
const GRACE: Duration = Duration::from_millis(500);
