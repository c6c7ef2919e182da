//! One loop: a current-thread tokio runtime, its mailbox and its timers, driven by the VU thread.
//!
//! [`Runtime::poll`] runs sockets until there is something for the script to do and hands it over as a
//! batch. No worker thread stands between the wire and a handler; the [guardian](super::guardian) steps in
//! when a handler takes long. No lock here is held while a script runs.

use std::future::poll_fn;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};
use tokio::io::unix::AsyncFd;
use tokio::task::coop::unconstrained;

use super::alarm::Alarm;
use super::embedded::Embedding;
use super::guardian::{self, Guardian};
use super::handover::Handover;
use super::lag::LagMeter;
use super::mailbox::{Event, ReceiverId};
use super::shared::{Shared, lock};
use super::timers::TimerId;
use super::tokio_runtime::{self, Tokio};
use crate::clock::{self, Instant};
use crate::metrics::{Recorder, TableId};
use crate::socket::queue::Flush;

pub use super::handover::{HandOut, MAX_BATCH};

/// Between two looks at whether every connection is gone.
const GOODBYE_STEP: Duration = Duration::from_millis(10);

/// The loop. Made and polled by one thread; its parts are `Send`, because the guardian may drive it.
#[derive(Debug)]
pub struct Runtime {
    // Before `tokio`: the guardian must let go of the runtime first.
    guardian: Guardian,
    tokio: Tokio,
    sides: Arc<Sides>,
}

/// What the VU thread, the driver and the guardian meet in.
#[derive(Debug)]
struct Sides {
    shared: Arc<Shared>,
    handover: Handover,
    embedding: Embedding,
}

impl Runtime {
    /// A loop with nothing in it, and its guardian.
    pub fn new() -> std::io::Result<Self> {
        Self::kept_by(tokio_runtime::wants_reactor())
    }

    /// The same, where the reactor keeps all plain connections, or a task each of them.
    pub(crate) fn kept_by(is_reactor: bool) -> std::io::Result<Self> {
        let tokio = tokio_runtime::builder().build()?;
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timerfd =
            tokio_runtime::register(&tokio, timerfd_create(TimerfdClockId::Monotonic, flags)?)?;
        let runtime = Self::on(tokio, Alarm::Kernel(timerfd), guardian::rest)?;
        if is_reactor {
            runtime.tokio.serve(runtime.shared())?;
        }
        Ok(runtime)
    }

    /// The same on this runtime of tokio, woken by this alarm; `rest` is how its guardian waits.
    fn on(
        tokio: tokio::runtime::Runtime,
        alarm: Alarm,
        rest: fn(Option<Duration>),
    ) -> std::io::Result<Self> {
        let tokio = Arc::new(tokio);
        let sides = Arc::new(Sides {
            shared: Arc::default(),
            handover: Handover::new(alarm),
            embedding: Embedding::default(),
        });
        let guarded = sides.clone();
        let guardian = Guardian::start(tokio.clone(), move |cx| guarded.guard(cx), rest)?;
        Ok(Self {
            guardian,
            tokio: Tokio::new(tokio),
            sides,
        })
    }

    /// A loop whose clock stands still, with the clock; its guardian does not tick.
    #[cfg(test)]
    pub(super) fn paused() -> (Self, tokio::runtime::Handle) {
        let tokio = tokio_runtime::builder().start_paused(true).build().unwrap();
        let clock = tokio.handle().clone();
        let paused = Self::on(tokio, Alarm::Paused(None), |_| std::thread::park());
        (paused.unwrap(), clock)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.sides.shared
    }

    /// Begins a task; one of a loop that is closed is dropped instead.
    pub(crate) fn spawn(
        &self,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> Option<tokio::task::AbortHandle> {
        self.tokio.spawn(task)
    }

    /// A descriptor that becomes part of the loop.
    pub(crate) fn register(&self, fd: OwnedFd) -> std::io::Result<AsyncFd<OwnedFd>> {
        self.tokio.register(fd)
    }

    /// Runs sockets and timers until there are events or `patience` is spent, and tells how many events
    /// wait for [`Runtime::begin_hand_out`]. At least one turn is given to the sockets in any case.
    pub fn poll(&self, patience: Option<Duration>) -> usize {
        let give_up = patience.map(|patience| clock::now() + patience);
        self.guardian.watch().enter();
        let mut has_turned = false;
        let wait = poll_fn(|cx| self.wait(cx, give_up, &mut has_turned));
        // Without tokio's budget: all that is dirty is written in one go.
        self.tokio.block_on(unconstrained(wait));
        self.guardian.leave();
        self.sides.handover.pending()
    }

    /// Gives the sockets one turn, keeping what they bring for the next poll.
    pub fn turn(&self) {
        if self.sides.embedding.is_embedded() {
            // The guardian is driving already.
            return self.guardian.watch().dirty();
        }
        self.guardian.watch().enter();
        let mut has_turned = false;
        self.tokio.block_on(poll_fn(|cx| {
            self.shared().drive(cx);
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
        let Sides {
            shared, handover, ..
        } = &*self.sides;
        shared.drive(cx);
        let now = clock::now();
        let is_first = !std::mem::replace(has_turned, true);
        let has_news = handover.has_news(cx, shared, now, is_first);
        let is_over = give_up.is_some_and(|give_up| give_up <= now);
        if !is_first && (has_news || is_over) {
            handover.collect(shared, now);
            return Poll::Ready(());
        }
        if has_news || is_over {
            // The sockets get their turn even when a script never runs out of events.
            cx.waker().wake_by_ref();
        } else {
            handover.arm(cx, give_up, now);
        }
        Poll::Pending
    }

    /// Has the guardian drive from now on, for a program with an event loop of its own. The descriptor
    /// becomes readable when [`Runtime::take`] has something to bring.
    pub fn embed(&self) -> std::io::Result<BorrowedFd<'_>> {
        let ready = self.sides.embedding.begin()?;
        self.guardian.drive_always(true);
        Ok(ready)
    }

    /// Back to being driven by [`Runtime::poll`].
    pub fn end_embedding(&self) {
        self.sides.embedding.end();
        self.guardian.drive_always(false);
    }

    /// Takes what there is for [`Runtime::begin_hand_out`], without driving anything.
    pub fn take(&self) {
        self.sides.embedding.looked();
        self.sides.handover.collect(self.shared(), clock::now());
    }

    /// Takes out up to [`MAX_BATCH`] events, to be handed out one by one where no lock of the runtime is held:
    /// Python objects may be made of them. Give the rest back to [`Runtime::end_hand_out`].
    pub fn begin_hand_out(&self) -> HandOut {
        self.sides.handover.begin(self.shared())
    }

    /// Takes back what is left of a batch.
    pub fn end_hand_out(&self, out: HandOut) {
        self.sides.handover.end(out);
        if self.sides.embedding.is_embedded() {
            // It looks again at what is left, at timers and at connections that may be read again.
            self.guardian.watch().dirty();
        }
    }

    /// Moves a batch out through `each`, event by event.
    pub fn hand_out<E>(&self, each: impl FnMut(&Event, &[u8]) -> Result<(), E>) -> Result<(), E> {
        self.sides.handover.hand_out(self.shared(), each)
    }

    /// Queues an event from the VU thread itself.
    pub fn push(&self, event: Event) {
        self.shared().post(|arrivals| arrivals.mailbox.push(event));
    }

    /// Marks a connection as having something to write.
    pub fn mark_dirty<Q: Flush + 'static>(&self, queue: &Arc<Q>) {
        match (queue.key(), self.shared().reactor.get()) {
            (Some(key), Some(reactor)) => reactor.mark_dirty(key),
            _ => lock(&self.shared().dirty).push(queue.clone()),
        }
        self.guardian.watch().dirty();
    }

    /// The script has let go of a connection: nothing of it will be delivered any more.
    pub fn forget(&self, receiver: ReceiverId) {
        lock(&self.shared().arrivals).mailbox.forget(receiver);
    }

    /// A message that was handed out is kept back by the script's side.
    pub fn held(&self, receiver: ReceiverId, bytes: usize) {
        lock(&self.shared().arrivals).mailbox.held(receiver, bytes);
    }

    /// A message that was kept back is now delivered.
    pub fn released(&self, receiver: ReceiverId, bytes: usize) {
        let paused = lock(&self.shared().arrivals)
            .mailbox
            .delivered(receiver, 1, bytes);
        if let Some(queue) = paused {
            lock(&self.shared().dirty).push(queue);
            self.guardian.watch().dirty();
        }
    }

    /// Arms a timer that posts [`EventKind::Timer`](super::mailbox::EventKind::Timer) once, or every
    /// `period`.
    pub fn add_timer(&self, delay: Duration, period: Option<Duration>) -> TimerId {
        let id = self.sides.handover.add_timer(delay, period);
        if self.sides.embedding.is_embedded() {
            self.guardian.watch().dirty();
        }
        id
    }

    /// Has whoever drives look at once at what is due: a timer was armed from another thread.
    pub fn wake(&self) {
        let consumer = lock(&self.shared().arrivals).consumer.take();
        if let Some(consumer) = consumer {
            consumer.wake();
        }
    }

    /// Disarms a timer. False when it had fired for the last time.
    pub fn cancel_timer(&self, id: TimerId) -> bool {
        self.sides.handover.cancel_timer(id)
    }

    /// Moves what the driver recorded into `take`.
    pub fn drain_recorder(&self, take: impl FnOnce(&mut Recorder)) {
        take(&mut lock(&self.shared().arrivals).recorder);
    }

    /// Connections that are being made, are open or are closing.
    pub fn connections(&self) -> usize {
        self.shared().connections.load(Ordering::Relaxed)
    }

    /// Records only numbers of this table from now on: a run begins.
    pub fn record_only(&self, table: TableId) {
        lock(&self.shared().arrivals).recorder = Recorder::only(table);
    }

    /// Records from now on, or no longer, how long each event waits for the script.
    pub(crate) fn measure_lag(&self, lag: Option<LagMeter>) {
        self.sides.handover.measure(self.shared(), lag);
    }

    /// A descriptor that can be read once for each hold: a time in which handlers kept the loop so long that
    /// the guardian had to look after the sockets. Reading it blocks until the next.
    pub fn listen_for_holds(&self) -> std::io::Result<BorrowedFd<'_>> {
        self.sides.handover.holds.listen()
    }

    /// Has whoever reads the descriptor of the holds return from it.
    pub fn wake_listener_of_holds(&self) {
        self.sides.handover.holds.notify();
    }

    /// The number of the hold that is under way, from 1; 0 while there is none.
    pub fn hold(&self) -> u64 {
        self.sides.handover.hold()
    }

    /// How long the longest hold of the run was, and its number.
    pub fn longest_hold(&self) -> (Duration, u64) {
        self.sides.handover.longest_hold()
    }

    /// Gives everything back, whoever still has a part of it: the thread ends. Connections that were told to
    /// close may take up to `patience` to say goodbye; what is left is closed without.
    pub fn close(&self, patience: Duration) {
        self.end_embedding();
        let give_up = clock::now() + patience;
        while self.connections() > 0 && clock::now() < give_up {
            self.poll(Some(GOODBYE_STEP));
            // Nobody is there to be told.
            let _ = self.hand_out(|_, _| Ok::<(), ()>(()));
        }
        self.guardian.stop();
        self.sides.handover.close();
        self.tokio.close();
    }

    /// How often the guardian took over since the start.
    pub fn takeovers(&self) -> u64 {
        self.guardian.takeovers()
    }
}

impl Sides {
    /// What the guardian does at each of its turns.
    fn guard(&self, cx: &mut Context<'_>) {
        self.shared.drive(cx);
        if !self.embedding.is_embedded() {
            return self.handover.guarded();
        }
        let now = clock::now();
        if self.handover.would_have_news(cx, &self.shared, now) {
            self.embedding.tell();
        } else {
            self.handover.arm(cx, None, now);
        }
    }
}

#[cfg(test)]
mod tests;
