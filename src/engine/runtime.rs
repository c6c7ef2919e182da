//! One loop: a current-thread tokio runtime, its mailbox and its timers, driven by the VU thread.
//!
//! [`Runtime::poll`] runs sockets until there is something for the script to do and hands it over as a
//! batch. No worker thread stands between the wire and a handler; the [guardian](super::guardian) steps in
//! when a handler takes long. No lock here is held while a script runs.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::os::fd::OwnedFd;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};
use tokio::io::unix::AsyncFd;
use tokio::task::coop::unconstrained;

use super::guardian::Guardian;
use super::inbox::{Shared, lock};
use super::mailbox::{Batch, Event, EventKind, Payload, Target};
use super::measure::milliseconds;
use super::timers::{TimerId, Timers};
use crate::clock::{self, Instant};
use crate::metrics::{Recorder, Series};
use crate::socket::outbox::Outbox;

/// Events handed out at once, so that corked data leaves and sockets are read in between.
pub const MAX_BATCH: usize = 256;
/// Intervals shorter than this are made this long.
const SHORTEST_PERIOD: Duration = Duration::from_micros(1);
/// Ready connections that are polled before a waiting script is looked at.
const READS_PER_BATCH: u32 = 256;
/// A queue of unwritten frames above this is written without waiting for the handler to return.
pub const CORK_LIMIT: usize = 16 * 1024;

/// What the VU thread keeps between polls.
#[derive(Debug, Default)]
struct Script {
    batch: Batch,
    pending: VecDeque<Event>,
    timers: Timers,
    armed: Option<Instant>,
}

/// Tokio's runtime, which must not wait for a name look-up that hangs when it goes.
#[derive(Debug)]
struct Tokio(Option<Arc<tokio::runtime::Runtime>>);

impl std::ops::Deref for Tokio {
    type Target = tokio::runtime::Runtime;

    fn deref(&self) -> &Self::Target {
        self.0.as_ref().expect("taken by drop only")
    }
}

impl Drop for Tokio {
    fn drop(&mut self) {
        // The guardian, the only other owner, is gone by now.
        if let Some(runtime) = self.0.take().and_then(Arc::into_inner) {
            runtime.shutdown_background();
        }
    }
}

/// The loop. Made and polled by one thread; its parts are `Send`, because the guardian may drive it.
#[derive(Debug)]
pub struct Runtime {
    // Before `tokio`: the guardian must let go of the runtime first.
    guardian: Guardian,
    tokio: Tokio,
    shared: Arc<Shared>,
    script: Mutex<Script>,
    timerfd: AsyncFd<OwnedFd>,
}

impl Runtime {
    /// A loop with nothing in it, and its guardian.
    pub fn new() -> std::io::Result<Self> {
        let tokio = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .event_interval(READS_PER_BATCH)
            .max_blocking_threads(16)
            .thread_name("k6ws-resolve")
            .build()?;
        let tokio = Arc::new(tokio);
        let shared = Arc::new(Shared::default());
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timerfd = register(&tokio, timerfd_create(TimerfdClockId::Monotonic, flags)?)?;
        let dirty = shared.clone();
        let guardian = Guardian::start(tokio.clone(), move || dirty.flush_dirty())?;
        Ok(Self {
            guardian,
            tokio: Tokio(Some(tokio)),
            shared,
            script: Mutex::default(),
            timerfd,
        })
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn spawn(
        &self,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> tokio::task::AbortHandle {
        self.tokio.spawn(task).abort_handle()
    }

    /// A descriptor that becomes part of the loop.
    pub(crate) fn register(&self, fd: OwnedFd) -> std::io::Result<AsyncFd<OwnedFd>> {
        register(&self.tokio, fd)
    }

    /// Runs sockets and timers until there are events or `patience` is spent, and tells how many events
    /// wait for [`Runtime::hand_out`]. At least one turn is given to the sockets in any case.
    pub fn poll(&self, patience: Option<Duration>) -> usize {
        let give_up = patience.map(|patience| clock::now() + patience);
        self.guardian.watch().enter();
        let mut has_turned = false;
        let wait = poll_fn(|cx| self.wait(cx, give_up, &mut has_turned));
        // Without tokio's budget: all that is dirty is written in one go.
        self.tokio.block_on(unconstrained(wait));
        self.guardian.leave();
        lock(&self.script).pending.len()
    }

    /// Gives the sockets one turn, keeping what they bring for the next poll.
    pub fn turn(&self) {
        self.guardian.watch().enter();
        let mut has_turned = false;
        self.tokio.block_on(poll_fn(|cx| {
            self.shared.flush_dirty();
            if std::mem::replace(&mut has_turned, true) {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        }));
        self.guardian.leave();
    }

    fn wait(
        &self,
        cx: &mut Context<'_>,
        give_up: Option<Instant>,
        has_turned: &mut bool,
    ) -> Poll<()> {
        self.shared.flush_dirty();
        let mut script = lock(&self.script);
        let now = clock::now();
        script.expire(now);
        let is_first = !std::mem::replace(has_turned, true);
        let has_news = !script.pending.is_empty() || {
            let mut inbox = lock(&self.shared.inbox);
            inbox.consumer = Some(cx.waker().clone());
            !inbox.mailbox.is_empty()
        };
        let is_over = give_up.is_some_and(|give_up| give_up <= now);
        if !is_first && (has_news || is_over) {
            script.collect(&self.shared);
            return Poll::Ready(());
        }
        if has_news || is_over {
            // The sockets get their turn even when a script never runs out of events.
            cx.waker().wake_by_ref();
        } else {
            self.arm(cx, &mut script, give_up, now);
        }
        Poll::Pending
    }

    /// Sets the timerfd to the next deadline and asks to be polled when it fires.
    fn arm(
        &self,
        cx: &mut Context<'_>,
        script: &mut Script,
        give_up: Option<Instant>,
        now: Instant,
    ) {
        let next = match (script.timers.next_due(), give_up) {
            (Some(timer), Some(give_up)) => Some(timer.min(give_up)),
            (timer, give_up) => timer.or(give_up),
        };
        if next != script.armed {
            // Zero disarms, so a deadline that is just due becomes one nanosecond.
            let wait = next.map_or(Duration::ZERO, |next| {
                next.saturating_duration_since(now)
                    .max(Duration::from_nanos(1))
            });
            let value = Timespec {
                tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: i64::from(wait.subsec_nanos()),
            };
            let interval = Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            };
            let time = Itimerspec {
                it_interval: interval,
                it_value: value,
            };
            if timerfd_settime(&self.timerfd, TimerfdTimerFlags::empty(), &time).is_ok() {
                script.armed = next;
            }
        }
        // Setting it anew clears its readiness in the kernel; here it is cleared when it wakes us.
        while let Poll::Ready(Ok(mut ready)) = self.timerfd.poll_read_ready(cx) {
            script.armed = None;
            ready.clear_ready();
        }
    }

    /// Moves up to [`MAX_BATCH`] events out, with what their payloads refer to, through `each`.
    ///
    /// Runs without any lock of the runtime: `each` may create Python objects.
    pub fn hand_out<E>(
        &self,
        mut each: impl FnMut(&Event, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let (batch, mut pending) = {
            let mut script = lock(&self.script);
            (
                std::mem::take(&mut script.batch),
                std::mem::take(&mut script.pending),
            )
        };
        let mut result = Ok(());
        let mut delivered = Vec::new();
        let oldest = pending.front().map(|event| event.at);
        for event in pending.drain(..pending.len().min(MAX_BATCH)) {
            let bytes = batch.bytes(&event.payload);
            if event.kind.counts_as_undelivered() {
                delivered.push((event.target, bytes.len()));
            }
            result = each(&event, bytes);
            if result.is_err() {
                break;
            }
        }
        if let Some(oldest) = oldest {
            let mut inbox = lock(&self.shared.inbox);
            if let Some(lag) = inbox.lag {
                let waited = clock::now().saturating_duration_since(oldest);
                inbox.recorder.add(lag, milliseconds(waited));
            }
            for (target, bytes) in delivered {
                if let Some(paused) = inbox.mailbox.delivered(target, 1, bytes) {
                    lock(&self.shared.dirty).push(paused);
                }
            }
        }
        let mut script = lock(&self.script);
        script.batch = batch;
        script.pending = pending;
        result
    }

    /// Queues an event from the VU thread itself.
    pub fn push(&self, event: Event) {
        self.shared.post(|inbox| inbox.mailbox.push(event));
    }

    /// Marks a connection as having something to write.
    pub fn mark_dirty(&self, outbox: &Arc<Outbox>) {
        lock(&self.shared.dirty).push(outbox.clone());
        self.guardian.watch().dirty();
    }

    /// A message that was handed out is kept back by the script's side.
    pub fn held(&self, target: Target, bytes: usize) {
        lock(&self.shared.inbox).mailbox.held(target, bytes);
    }

    /// A message that was kept back is now delivered.
    pub fn released(&self, target: Target, bytes: usize) {
        let paused = lock(&self.shared.inbox).mailbox.delivered(target, 1, bytes);
        if let Some(outbox) = paused {
            self.mark_dirty(&outbox);
        }
    }

    /// Arms a timer that posts [`EventKind::Timer`] once, or every `period`.
    pub fn add_timer(&self, delay: Duration, period: Option<Duration>) -> TimerId {
        // A period that rounds to nothing would be no interval at all.
        let period = period.map(|period| period.max(SHORTEST_PERIOD));
        lock(&self.script).timers.add(clock::now() + delay, period)
    }

    /// Disarms a timer. False when it had fired for the last time.
    pub fn cancel_timer(&self, id: TimerId) -> bool {
        lock(&self.script).timers.cancel(id)
    }

    /// Moves what the driver recorded into `take`.
    pub fn drain_recorder(&self, take: impl FnOnce(&mut Recorder)) {
        take(&mut lock(&self.shared.inbox).recorder);
    }

    /// Connections that are being made, are open or are closing.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// Records from now on, or no longer, how long the oldest event of each batch waited for the script.
    pub fn measure_lag(&self, lag: Option<Series>) {
        lock(&self.shared.inbox).lag = lag;
    }

    /// How often the guardian took over since the start.
    pub fn takeovers(&self) -> u64 {
        self.guardian.takeovers()
    }
}

fn register(tokio: &tokio::runtime::Runtime, fd: OwnedFd) -> std::io::Result<AsyncFd<OwnedFd>> {
    let _entered = tokio.enter();
    // SAFETY: the descriptor is ours alone and `AsyncFd` owns it: it is closed only with it.
    #[expect(unsafe_code, reason = "tokio asks for this promise")]
    let registered = unsafe { AsyncFd::register(fd) };
    Ok(registered?)
}

impl Script {
    fn expire(&mut self, now: Instant) {
        let pending = &mut self.pending;
        self.timers.expire(now, |id, due, is_last| {
            let payload = Payload::Timer(id, is_last);
            pending.push_back(Event {
                target: 0,
                kind: EventKind::Timer,
                payload,
                at: due,
            });
        });
    }

    /// Takes what the driver left, once the last batch is used up.
    fn collect(&mut self, shared: &Shared) {
        let uses_batch = |event: &Event| !matches!(event.kind, EventKind::Timer);
        if self.pending.iter().any(uses_batch) {
            return;
        }
        lock(&shared.inbox).mailbox.swap(&mut self.batch);
        self.pending.extend(self.batch.events.drain(..));
    }
}
