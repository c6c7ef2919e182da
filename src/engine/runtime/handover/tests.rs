//! What the VU thread is handed, in which order and when; the clock stands still until a test moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

use tokio::time::advance;

use super::*;
use crate::engine::runtime::mailbox::MAX_MESSAGES;
use crate::socket::ws::outbox::Outbox;

const MOMENT: Duration = Duration::from_millis(5);

fn handover() -> Handover {
    Handover::new(Alarm::Paused(None))
}

fn post(shared: &Shared, receiver: u32, text: &str) {
    shared.post(|arrivals| {
        let bytes = text.as_bytes().into();
        let at = clock::now();
        arrivals
            .mailbox
            .push_message(receiver, EventKind::Text, bytes, at)
    });
}

/// One turn of the loop: what it is handed, up to a text that the script refuses.
fn turn(handover: &Handover, shared: &Shared, refused: &str) -> Vec<String> {
    let mut told = Vec::new();
    handover.collect(shared, clock::now());
    let result = handover.hand_out(shared, |event, bytes| {
        let text = match event.payload {
            Payload::Timer(_, is_last) => format!("timer, last: {is_last}"),
            _ => String::from_utf8_lossy(bytes).into_owned(),
        };
        let is_refused = text == refused;
        told.push(text);
        if is_refused { Err(()) } else { Ok(()) }
    });
    assert_eq!(
        result.is_err(),
        told.last().is_some_and(|last| last == refused)
    );
    told
}

#[tokio::test(start_paused = true)]
async fn messages_come_in_order_and_a_timer_once_it_is_due() {
    let (handover, shared) = (handover(), Shared::default());
    handover.add_timer(MOMENT, None);
    post(&shared, 1, "a");
    post(&shared, 2, "b");
    assert_eq!(turn(&handover, &shared, ""), ["a", "b"]);
    advance(MOMENT).await;
    post(&shared, 1, "c");
    assert_eq!(turn(&handover, &shared, ""), ["timer, last: true", "c"]);
    advance(MOMENT * 9).await;
    assert!(turn(&handover, &shared, "").is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_interval_fires_until_it_is_cancelled() {
    let (handover, shared) = (handover(), Shared::default());
    let id = handover.add_timer(MOMENT, Some(MOMENT));
    for _ in 0..3 {
        advance(MOMENT).await;
        assert_eq!(turn(&handover, &shared, ""), ["timer, last: false"]);
    }
    assert!(handover.cancel_timer(id));
    advance(MOMENT * 9).await;
    assert!(turn(&handover, &shared, "").is_empty());
    assert!(!handover.cancel_timer(id));
}

#[tokio::test(start_paused = true)]
async fn what_stands_behind_a_refused_event_stays_for_the_next_turn() {
    let (handover, shared) = (handover(), Shared::default());
    for text in ["a", "b", "c"] {
        post(&shared, 1, text);
    }
    assert_eq!(turn(&handover, &shared, "b"), ["a", "b"]);
    assert_eq!(handover.pending(), 1);
    post(&shared, 1, "d");
    assert_eq!(turn(&handover, &shared, ""), ["c"]);
    assert_eq!(turn(&handover, &shared, ""), ["d"]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_has_a_bound_and_the_next_one_goes_on_from_there() {
    let (handover, shared) = (handover(), Shared::default());
    let texts: Vec<String> = (0..MAX_BATCH + 5).map(|n| n.to_string()).collect();
    for text in &texts {
        post(&shared, 1, text);
    }
    assert_eq!(turn(&handover, &shared, ""), texts[..MAX_BATCH]);
    assert_eq!(turn(&handover, &shared, ""), texts[MAX_BATCH..]);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_was_paused_is_read_again_when_the_script_has_caught_up() {
    let (handover, shared) = (handover(), Shared::default());
    let outbox = Arc::new(Outbox::new(1));
    for _ in 0..MAX_MESSAGES {
        post(&shared, 7, "x");
    }
    assert!(!lock(&shared.arrivals).mailbox.has_room(7, &outbox));
    let mut handed = 0;
    while lock(&shared.dirty).is_empty() {
        let now = turn(&handover, &shared, "").len();
        assert!(now > 0, "nothing is left, and it was not told");
        handed += now;
    }
    assert_eq!(handed, MAX_MESSAGES as usize / 2);
    assert!(lock(&shared.arrivals).mailbox.has_room(7, &outbox));
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_is_woken_by_mail_and_asking_alone_makes_no_event() {
    let (handover, shared) = (handover(), Shared::default());
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    let cx = &mut Context::from_waker(&waker);
    assert!(!handover.has_news(cx, &shared, clock::now(), true));
    post(&shared, 1, "a");
    assert!(woken.0.load(Ordering::Relaxed));
    assert_eq!(turn(&handover, &shared, ""), ["a"]);

    handover.add_timer(MOMENT, None);
    assert!(!handover.would_have_news(cx, &shared, clock::now()));
    advance(MOMENT).await;
    assert!(handover.would_have_news(cx, &shared, clock::now()));
    assert_eq!(handover.pending(), 0);
    assert!(handover.has_news(cx, &shared, clock::now(), false));
    assert_eq!(handover.pending(), 1);
}
