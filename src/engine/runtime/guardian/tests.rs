//! When the guardian drives, when it lets go, and when it sleeps: its whole loop on the test's own thread, where each of
//! its rests is a line of a script. What only a thread can show is at the end.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::mpsc;

use super::*;

/// What happens while the guardian rests, or at one of its turns.
type Step = Box<dyn Fn(&Watch)>;

/// A guardian whose rests are played: the script says what happens in each, and it is over with the last one.
struct Play {
    watch: Watch,
    rests: RefCell<VecDeque<Step>>,
    turns: RefCell<VecDeque<Step>>,
    log: RefCell<Vec<String>>,
}

/// Nothing happens.
fn nothing() -> Step {
    Box::new(|_| ())
}

/// The VU thread comes back to drive.
fn enters() -> Step {
    Box::new(Watch::enter)
}

/// The VU thread goes to run handlers.
fn leaves() -> Step {
    Box::new(|watch| watch.leave(&std::thread::current()))
}

fn both(first: Step, second: Step) -> Step {
    Box::new(move |watch| {
        first(watch);
        second(watch);
    })
}

impl Play {
    /// The VU thread is away, as at the beginning.
    fn new(rests: impl IntoIterator<Item = Step>, turns: impl IntoIterator<Item = Step>) -> Self {
        let watch = Watch::default();
        watch.phase.store(1, Ordering::SeqCst);
        Self {
            watch,
            rests: RefCell::new(rests.into_iter().collect()),
            turns: RefCell::new(turns.into_iter().collect()),
            log: RefCell::default(),
        }
    }

    /// What it did, until the script was over.
    fn run(&self) -> Vec<String> {
        let builder = &mut tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().start_paused(true).build().unwrap();
        let over = || self.watch.is_over.store(true, Ordering::SeqCst);
        let rest = |bound: Option<Duration>| {
            let bound = bound.map_or("for ever".to_owned(), |bound| format!("{bound:?}"));
            self.log.borrow_mut().push(format!("rests {bound}"));
            match self.rests.borrow_mut().pop_front() {
                Some(step) => step(&self.watch),
                None => over(),
            }
        };
        let turn = |cx: &mut Context<'_>| {
            let is_driving = self.watch.is_driving.load(Ordering::SeqCst);
            assert!(is_driving, "and says so");
            self.log.borrow_mut().push("drives".into());
            match self.turns.borrow_mut().pop_front() {
                Some(step) => step(&self.watch),
                None => over(),
            }
            // As a socket or a timer does; what ended the turn is seen then.
            cx.waker().wake_by_ref();
        };
        guard(&self.watch, &runtime, turn, rest);
        assert!(!self.watch.is_driving.load(Ordering::SeqCst));
        self.log.borrow().clone()
    }
}

#[test]
fn who_is_away_for_a_whole_tick_is_stood_in_for_until_it_is_back() {
    let play = Play::new([nothing(), nothing()], [nothing(), enters()]);
    assert_eq!(
        play.run(),
        [
            "rests 5ms",
            "drives",
            "drives",
            "rests 5ms",
            "rests for ever"
        ]
    );
    assert_eq!(play.watch.takeovers.load(Ordering::Relaxed), 1);
}

#[test]
fn who_comes_back_within_the_tick_is_left_alone_and_the_next_absence_has_a_tick_of_its_own() {
    let back_and_away = || both(enters(), leaves());
    let play = Play::new([back_and_away(), back_and_away(), nothing()], []);
    assert_eq!(
        play.run(),
        ["rests 5ms", "rests 5ms", "rests 5ms", "drives"],
        "away at each look, and each time another time"
    );
    assert_eq!(play.watch.takeovers.load(Ordering::Relaxed), 1);
}

#[test]
fn while_the_vu_thread_drives_it_sleeps_without_a_bound_and_is_woken_by_its_going() {
    let asleep = Box::new(|watch: &Watch| {
        assert!(watch.is_asleep.load(Ordering::SeqCst), "so it is woken");
        leaves()(watch);
    });
    let play = Play::new([enters(), nothing(), asleep, nothing()], []);
    assert_eq!(
        play.run(),
        [
            "rests 5ms",
            "rests 5ms",
            "rests for ever",
            "rests 5ms",
            "drives"
        ]
    );
    assert!(!play.watch.is_asleep.load(Ordering::SeqCst));
}

#[test]
fn in_a_loop_of_somebody_else_it_drives_at_once_and_again_after_each_visit() {
    let play = Play::new([nothing()], [both(enters(), leaves()), enters(), nothing()]);
    play.watch.is_always.store(true, Ordering::SeqCst);
    assert_eq!(
        play.run(),
        ["drives", "drives", "rests 5ms", "rests for ever"],
        "a tick only while the VU thread drives"
    );
    assert_eq!(play.watch.takeovers.load(Ordering::Relaxed), 2);
}

#[test]
fn the_end_is_seen_in_each_of_its_states() {
    let over = || -> Step { Box::new(|watch| watch.is_over.store(true, Ordering::SeqCst)) };
    let resting = Play::new([over()], [nothing(), nothing()]);
    // Once it has rested it looks who is away before it looks whether it is over; a turn ends at once then.
    assert_eq!(resting.run(), ["rests 5ms"]);
    let driving = Play::new([nothing()], [over()]);
    assert_eq!(driving.run(), ["rests 5ms", "drives"]);
    let asleep = Play::new([enters(), nothing(), over()], []);
    assert_eq!(asleep.run(), ["rests 5ms", "rests 5ms", "rests for ever"]);
}

#[test]
fn a_panic_at_one_of_its_turns_is_not_the_last_of_them() {
    let panics = Box::new(|_: &Watch| panic!("the first turn"));
    let play = Play::new([nothing(), nothing()], [panics, enters()]);
    assert_eq!(
        play.run(),
        ["rests 5ms", "drives", "rests 5ms", "drives", "rests 5ms"]
    );
    assert!(play.watch.turn.lock().unwrap().is_none());
}

/// A guardian of a loop with a clock that stands still, which drives always, and what it tells at each turn.
fn guardian() -> (Guardian, mpsc::Receiver<()>) {
    let builder = &mut tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().start_paused(true).build().unwrap();
    let (tell, told) = mpsc::channel();
    let guardian = Guardian::start(Arc::new(runtime), move |_| tell.send(()).unwrap(), rest);
    (guardian.unwrap(), told)
}

const LONG: Duration = Duration::from_secs(10);

#[test]
fn what_is_to_be_written_is_looked_at_while_it_drives_and_its_thread_ends_with_it() {
    let (guardian, told) = guardian();
    guardian.drive_always(true);
    told.recv_timeout(LONG).unwrap();
    for _ in 0..3 {
        while told.try_recv().is_ok() {}
        guardian.watch().dirty();
        told.recv_timeout(LONG).unwrap();
    }
    assert!(guardian.takeovers() >= 1);
    guardian.stop();
    // Its sender went with the thread.
    while told.try_recv().is_ok() {}
    assert_eq!(told.try_recv(), Err(mpsc::TryRecvError::Disconnected));
    guardian.stop();
}
