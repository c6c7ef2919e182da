//! Who is told what a run says of itself once a second: a thread of its own, behind a bounded queue.
//!
//! Whoever offers never waits, and gives the same bytes to all. What follows relies on what was said before, so behind
//! something that is lost nothing is told any more: a listener knows the run up to there.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::frames::LARGEST;
use super::target::Patience;
use crate::clock::{self, Instant};

/// Somebody who listens to a run.
#[derive(Debug)]
pub struct Listener {
    about: About,
    queue: Arc<Queue>,
    patience: Arc<Patience>,
    thread: Option<JoinHandle<()>>,
}

/// What is said of a listener.
#[derive(Debug)]
pub struct About {
    /// What the run description says of it, if anything.
    pub description: Option<String>,
    /// What its troubles begin with: `output snapshots (run.k6ws)`.
    pub name: String,
    /// What ends before the run does where something is lost: `the file`.
    pub what_ends: &'static str,
}

#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Arc<[u8]>>,
    bytes: usize,
    is_closed: bool,
    is_done: bool,
    /// What was said and not heard.
    lost: u64,
    /// Why, until it is told.
    failure: Option<String>,
}

impl Listener {
    /// Begins to listen: `hear` is called for all that is said, in its order, until it says why it cannot go on.
    pub fn start(
        about: About,
        hear: impl FnMut(&[u8]) -> Result<(), String> + Send + 'static,
    ) -> io::Result<Self> {
        Self::patient(about, Arc::default(), hear)
    }

    /// As [`Listener::start`], for who may wait for others: not for longer than this patience.
    pub(super) fn patient(
        about: About,
        patience: Arc<Patience>,
        hear: impl FnMut(&[u8]) -> Result<(), String> + Send + 'static,
    ) -> io::Result<Self> {
        let queue: Arc<Queue> = Arc::default();
        let shared = queue.clone();
        let thread = std::thread::Builder::new()
            .name("k6ws-output".into())
            .spawn(move || shared.tell(hear))?;
        Ok(Self {
            about,
            queue,
            patience,
            thread: Some(thread),
        })
    }

    /// What the run description says of it.
    pub fn description(&self) -> Option<&str> {
        self.about.description.as_deref()
    }

    /// Has this told next. Never waits.
    pub fn offer(&self, said: &Arc<[u8]>) {
        let mut state = self.queue.state();
        if said.len() > LARGEST {
            state.lose(1, || {
                let most = LARGEST >> 20;
                format!("one second has more than {most} MiB to say: give series fewer tags, or tags fewer values")
            });
        } else if state.bytes + said.len() > LARGEST || state.waiting.len() >= MOST_WAITING {
            state.lose(1, || "it is taken too slowly".into());
        } else if state.lost > 0 || state.is_closed {
            state.lost += 1;
        } else {
            state.bytes += said.len();
            state.waiting.push_back(said.clone());
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
        let About {
            name, what_ends, ..
        } = &self.about;
        Some(format!(
            "{name}: {why}; {what_ends} ends before the run does"
        ))
    }

    /// Waits until everything is told, up to `until`, and says whether it is. Close it before.
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

    /// Gives up what is not told yet, and says how much is missing.
    pub fn settle(&mut self) -> u64 {
        let mut state = self.queue.state();
        if !state.is_done {
            let left = state.waiting.len() as u64;
            state.waiting.clear();
            state.lose(left.max(1), || "it was not done in time".into());
            self.patience.spend();
        }
        state.lost
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // The thread ends by itself: what waits is bounded, and nobody is waited for.
        self.close();
        if self.thread.is_some() {
            self.patience.spend();
        }
    }
}

impl State {
    fn lose(&mut self, how_many: u64, why: impl FnOnce() -> String) {
        if self.lost == 0 {
            self.failure = Some(why());
        }
        self.lost += how_many;
    }
}

impl Queue {
    fn tell(&self, hear: impl FnMut(&[u8]) -> Result<(), String>) {
        // However it ends, nobody waits for it any more, once whoever heard has put its things in order.
        let _done = Done(self);
        let mut hear = hear;
        while let Some(said) = self.next() {
            let heard = hear(&said);
            let mut state = self.state();
            state.bytes -= said.len();
            if let Err(why) = heard {
                let left = 1 + state.waiting.len() as u64;
                state.lose(left, || why);
                state.waiting.clear();
                break;
            }
        }
    }

    /// What is to be told next; nothing at the end, or when it was given up.
    fn next(&self) -> Option<Arc<[u8]>> {
        let is_idle = |state: &mut State| state.waiting.is_empty() && !state.is_closed;
        let waited = self.changed.wait_while(self.state(), is_idle);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        state.waiting.pop_front()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Done<'a>(&'a Queue);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if std::thread::panicking() {
            let left = 1 + state.waiting.len() as u64;
            state.lose(left, || "it failed, which is a bug of k6ws".into());
        }
        state.is_done = true;
        drop(state);
        self.0.changed.notify_all();
    }
}

/// So many minutes lie behind nobody who is ever going to catch up.
const MOST_WAITING: usize = 1_000;

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    fn about() -> About {
        About {
            description: None,
            name: "somebody".into(),
            what_ends: "what it knows",
        }
    }

    fn soon() -> Instant {
        clock::now() + Duration::from_secs(30)
    }

    fn said(byte: u8) -> Arc<[u8]> {
        vec![byte].into()
    }

    #[test]
    fn all_that_is_said_is_heard_in_its_order() {
        let (tell, told) = mpsc::channel();
        let mut listener = Listener::start(about(), move |said| {
            tell.send(said.to_vec())
                .map_err(|_| "nobody is there".into())
        })
        .unwrap();
        for number in 0..200 {
            listener.offer(&said(number));
        }
        listener.close();
        assert!(listener.wait(soon()));
        assert_eq!((listener.settle(), listener.trouble()), (0, None));
        let all: Vec<_> = told.iter().flatten().collect();
        assert_eq!(all, (0..200).collect::<Vec<u8>>());
    }

    #[test]
    fn whoever_hears_too_slowly_loses_the_rest_and_holds_nobody_up() {
        let (go, gone) = mpsc::channel::<()>();
        let mut heard = 0_usize;
        let (tell, told) = mpsc::channel();
        let mut listener = Listener::start(about(), move |_| {
            let _ = gone.recv();
            heard += 1;
            tell.send(heard).map_err(|_| "nobody is there".into())
        })
        .unwrap();
        // One is being heard, or still waits: so there may be room for one more.
        for _ in 0..MOST_WAITING + 5 {
            listener.offer(&said(1));
        }
        drop(go);
        listener.close();
        assert!(listener.wait(soon()));
        let lost = usize::try_from(listener.settle()).unwrap();
        assert!((4..=5).contains(&lost), "{lost}");
        assert_eq!(told.iter().last(), Some(MOST_WAITING + 5 - lost));
        let text = listener.trouble().unwrap_or_default();
        assert!(text.contains("taken too slowly"), "{text}");
    }

    #[test]
    fn who_cannot_go_on_says_why_once_and_hears_no_more() {
        let mut listener = Listener::start(about(), |said| match said {
            [2] => Err("two is too many".into()),
            _ => Ok(()),
        })
        .unwrap();
        for number in 0..5 {
            listener.offer(&said(number));
        }
        listener.close();
        assert!(listener.wait(soon()));
        assert_eq!(listener.settle(), 3);
        let expected = "somebody: two is too many; what it knows ends before the run does";
        assert_eq!(listener.trouble().as_deref(), Some(expected));
        assert_eq!(listener.trouble(), None);
    }

    #[test]
    fn one_that_panics_is_not_waited_for() {
        let mut listener = Listener::start(about(), |_| panic!("as it may")).unwrap();
        listener.offer(&said(1));
        listener.close();
        assert!(listener.wait(soon()));
        assert_eq!(listener.settle(), 1);
    }

    #[test]
    fn what_is_not_heard_in_time_is_given_up_and_counted() {
        let (go, gone) = mpsc::channel::<()>();
        let mut listener = Listener::start(about(), move |_| {
            let _ = gone.recv();
            Ok(())
        })
        .unwrap();
        for number in 0..3 {
            listener.offer(&said(number));
        }
        listener.close();
        assert!(!listener.wait(clock::now() + Duration::from_millis(20)));
        assert!(listener.settle() >= 2);
        drop(go);
        assert!(listener.wait(soon()));
    }
}
