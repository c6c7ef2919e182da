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
pub(super) struct Host {
    is_hosted: AtomicBool,
    is_told: AtomicBool,
    bell: OnceLock<OwnedFd>,
}

impl Host {
    /// The program looks after the loop from now on: it is told through the descriptor.
    pub(super) fn begin(&self) -> std::io::Result<BorrowedFd<'_>> {
        if self.bell.get().is_none() {
            let fd = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
            // Only the thread of the loop gets here, so there is no other.
            let _ = self.bell.set(fd);
        }
        self.is_hosted.store(true, Ordering::SeqCst);
        let bell = self.bell.get().ok_or(std::io::ErrorKind::NotFound)?;
        Ok(bell.as_fd())
    }

    /// The loop is driven by its thread again.
    pub(super) fn end(&self) {
        self.is_hosted.store(false, Ordering::SeqCst);
    }

    /// Whether the program is to be told.
    pub(super) fn is_hosted(&self) -> bool {
        self.is_hosted.load(Ordering::SeqCst)
    }

    /// Tells the program that there is something to take.
    pub(super) fn tell(&self) {
        if let Some(bell) = self.bell.get()
            && !self.is_told.swap(true, Ordering::SeqCst)
        {
            // Fails only when 2^64 calls are unanswered.
            let _ = rustix::io::write(bell, &1_u64.to_ne_bytes());
        }
    }

    /// The program is about to look: what comes from now on is told anew.
    pub(super) fn looked(&self) {
        if let Some(bell) = self.bell.get() {
            let mut count = [0; 8];
            // Non-blocking; empty when whoever tells has not written yet, and then it rings in vain later.
            // That ring is read here too: nobody has told since, but the descriptor would stay readable.
            let _ = rustix::io::read(bell, &mut count);
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

    use super::Host;
    use crate::engine::Runtime;

    fn rings(bell: std::os::fd::BorrowedFd<'_>, patience: Duration) -> bool {
        let mut fds = [PollFd::new(&bell, PollFlags::IN)];
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
        let bell = runtime.host().unwrap();
        assert!(!rings(bell, Duration::ZERO));
        for round in 0..3 {
            runtime.add_timer(Duration::from_millis(1), None);
            assert!(rings(bell, Duration::from_secs(20)), "{round}");
            assert_eq!(taken(&runtime), 1, "{round}");
            assert!(!rings(bell, Duration::ZERO), "{round}");
        }
        runtime.unhost();
        // Driven by its thread again.
        runtime.add_timer(Duration::from_millis(1), None);
        assert_eq!(runtime.poll(Some(Duration::from_secs(20))), 1);
    }

    #[test]
    fn no_ring_is_lost_between_two_threads() {
        const ALL: u64 = 300_000;
        let host = Arc::new(Host::default());
        host.begin().unwrap();
        let made = Arc::new(AtomicU64::new(0));
        let (teller, count) = (host.clone(), made.clone());
        let telling = std::thread::spawn(move || {
            for _ in 0..ALL {
                count.fetch_add(1, Ordering::SeqCst);
                teller.tell();
            }
        });
        let bell = host.begin().unwrap();
        let mut seen = 0;
        while seen < ALL {
            assert!(rings(bell, Duration::from_secs(5)), "{seen} seen");
            host.looked();
            seen = made.load(Ordering::SeqCst);
        }
        telling.join().unwrap();
    }

    #[test]
    fn a_ring_in_vain_is_heard_once_and_not_for_ever() {
        const ALL: u64 = 2_000;
        let host = Arc::new(Host::default());
        let bell = host.begin().unwrap();
        let (teller, asked) = (host.clone(), Arc::new(AtomicU64::new(0)));
        let (wanted, told) = (asked.clone(), Arc::new(AtomicU64::new(0)));
        let done = told.clone();
        let telling = std::thread::spawn(move || {
            for round in 1..=ALL {
                while wanted.load(Ordering::SeqCst) < round {
                    std::thread::yield_now();
                }
                teller.tell();
                done.store(round, Ordering::SeqCst);
            }
        });
        for round in 1..=ALL {
            asked.store(round, Ordering::SeqCst);
            // Looked at all the time, so that some look falls between the two halves of a ring.
            while told.load(Ordering::SeqCst) < round {
                host.looked();
            }
            host.looked();
            assert!(!rings(bell, Duration::ZERO), "{round}");
        }
        telling.join().unwrap();
    }
}
