//! A loop inside somebody else's: the program has an event loop of its own, such as asyncio's.
//!
//! Then the guardian drives the sockets all the time, and tells the program by a file descriptor that there
//! is something to take. It tells once, until the program has looked; so a batch costs one wake-up.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::event::{EventfdFlags, eventfd};

/// Whether and how the program is told.
#[derive(Debug, Default)]
pub(super) struct Embedding {
    is_embedded: AtomicBool,
    is_told: AtomicBool,
    ready: OnceLock<OwnedFd>,
}

impl Embedding {
    /// The program looks after the loop from now on: it is told through the descriptor.
    pub(super) fn begin(&self) -> std::io::Result<BorrowedFd<'_>> {
        if self.ready.get().is_none() {
            let fd = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
            // Only the thread of the loop gets here, so there is no other.
            let _ = self.ready.set(fd);
        }
        self.is_embedded.store(true, Ordering::SeqCst);
        let ready = self.ready.get().ok_or(std::io::ErrorKind::NotFound)?;
        Ok(ready.as_fd())
    }

    /// The loop is driven by its thread again.
    pub(super) fn end(&self) {
        self.is_embedded.store(false, Ordering::SeqCst);
    }

    /// Whether the program is to be told.
    pub(super) fn is_embedded(&self) -> bool {
        self.is_embedded.load(Ordering::SeqCst)
    }

    /// Tells the program that there is something to take.
    pub(super) fn tell(&self) {
        if let Some(ready) = self.ready.get()
            && !self.is_told.swap(true, Ordering::SeqCst)
        {
            // Fails only when 2^64 calls are unanswered.
            let _ = rustix::io::write(ready, &1_u64.to_ne_bytes());
        }
    }

    /// The program is about to look: what comes from now on is told anew.
    pub(super) fn looked(&self) {
        if let Some(ready) = self.ready.get() {
            let mut count = [0; 8];
            // Non-blocking; empty when whoever tells has not written yet, and then it rings in vain later.
            // That ring is read here too: nobody has told since, but the descriptor would stay readable.
            let _ = rustix::io::read(ready, &mut count);
            // Only now: a ring between the two would be read here and never be heard, nor any after it.
            self.is_told.store(false, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use super::Embedding;
    use crate::engine::Runtime;

    fn rings(ready: std::os::fd::BorrowedFd<'_>, patience: Duration) -> bool {
        let mut fds = [PollFd::new(&ready, PollFlags::IN)];
        let patience = Timespec::try_from(patience).unwrap();
        poll(&mut fds, Some(&patience)).unwrap() > 0
    }

    fn taken(runtime: &Runtime) -> usize {
        let mut count = 0;
        runtime.take();
        let handed = runtime.hand_out(|_, _| {
            count += 1;
            Ok::<(), ()>(())
        });
        handed.unwrap();
        count
    }

    #[test]
    fn a_timer_rings_once_until_the_program_has_looked() {
        let runtime = Runtime::new().unwrap();
        let ready = runtime.embed().unwrap();
        assert!(!rings(ready, Duration::ZERO));
        for round in 0..3 {
            runtime.add_timer(Duration::from_millis(1), None);
            assert!(rings(ready, Duration::from_secs(20)), "{round}");
            assert_eq!(taken(&runtime), 1, "{round}");
            assert!(!rings(ready, Duration::ZERO), "{round}");
        }
        runtime.end_embedding();
        // Driven by its thread again.
        runtime.add_timer(Duration::from_millis(1), None);
        assert_eq!(runtime.poll(Some(Duration::from_secs(20))), 1);
    }

    #[test]
    fn no_ring_is_lost_between_two_threads() {
        const ALL: u64 = 300_000;
        let embedding = Arc::new(Embedding::default());
        embedding.begin().unwrap();
        let made = Arc::new(AtomicU64::new(0));
        let (observer, count) = (embedding.clone(), made.clone());
        let telling = std::thread::spawn(move || {
            for _ in 0..ALL {
                count.fetch_add(1, Ordering::SeqCst);
                observer.tell();
            }
        });
        let ready = embedding.begin().unwrap();
        let mut seen = 0;
        while seen < ALL {
            assert!(rings(ready, Duration::from_secs(5)), "{seen} seen");
            embedding.looked();
            seen = made.load(Ordering::SeqCst);
        }
        telling.join().unwrap();
    }

    #[test]
    fn a_ring_in_vain_is_heard_once_and_not_for_ever() {
        const ALL: u64 = 2_000;
        let embedding = Arc::new(Embedding::default());
        let ready = embedding.begin().unwrap();
        let (observer, asked) = (embedding.clone(), Arc::new(AtomicU64::new(0)));
        let (wanted, told) = (asked.clone(), Arc::new(AtomicU64::new(0)));
        let done = told.clone();
        let telling = std::thread::spawn(move || {
            for round in 1..=ALL {
                while wanted.load(Ordering::SeqCst) < round {
                    std::thread::yield_now();
                }
                observer.tell();
                done.store(round, Ordering::SeqCst);
            }
        });
        for round in 1..=ALL {
            asked.store(round, Ordering::SeqCst);
            // Looked at all the time, so that some look falls between the two halves of a ring.
            while told.load(Ordering::SeqCst) < round {
                embedding.looked();
            }
            embedding.looked();
            assert!(!rings(ready, Duration::ZERO), "{round}");
        }
        telling.join().unwrap();
    }
}
