//! What is promised of the mailbox: bounds, order, and a fair share for each connection.

use super::*;
use crate::clock;
use crate::socket::ws::outbox::Outbox;

/// The next batch, with what its events refer to.
fn taken(mailbox: &mut Mailbox) -> (Batch, VecDeque<Event>) {
    let (mut batch, mut events) = Default::default();
    mailbox.take(&mut batch, &mut events);
    (batch, events)
}

/// Pushes a message.
fn push(mailbox: &mut Mailbox, receiver: ReceiverId, text: &str) -> bool {
    mailbox.push_message(
        receiver,
        EventKind::Text,
        text.as_bytes().into(),
        clock::now(),
    )
}

#[test]
fn a_connection_is_paused_at_the_bound_and_woken_at_half() {
    let mut mailbox = Mailbox::default();
    let outbox = Arc::new(Outbox::new(1));
    for n in 1..MAX_MESSAGES {
        let room = mailbox.push_message(7, EventKind::Text, b"x"[..].into(), clock::now());
        assert!(room, "{n}");
    }
    assert!(!mailbox.push_message(7, EventKind::Text, b"x"[..].into(), clock::now()));
    assert!(!mailbox.has_room(7, &outbox));
    assert!(mailbox.has_room(8, &outbox), "others go on");
    assert!(mailbox.delivered(7, 1, 1).is_none());
    assert!(mailbox.delivered(7, MAX_MESSAGES / 2, 512).is_some());
    assert!(mailbox.has_room(7, &outbox));
}

#[test]
fn who_waits_for_all_is_woken_when_nothing_is_left() {
    let mut mailbox = Mailbox::default();
    let outbox = Arc::new(Outbox::new(1));
    assert!(mailbox.is_all_delivered(7, &outbox));
    for _ in 0..2 {
        mailbox.push_message(7, EventKind::Text, b"x"[..].into(), clock::now());
    }
    assert!(!mailbox.is_all_delivered(7, &outbox));
    assert!(mailbox.delivered(7, 1, 1).is_none());
    assert!(mailbox.delivered(7, 1, 1).is_some());
    assert!(mailbox.is_all_delivered(7, &outbox));
}

#[test]
fn one_message_over_the_byte_bound_is_admitted() {
    let mut mailbox = Mailbox::default();
    let big = vec![0; 2 * MAX_BYTES];
    assert!(!mailbox.push_message(1, EventKind::Binary, big.into(), clock::now()));
    let (batch, events) = taken(&mut mailbox);
    assert_eq!(batch.bytes(&events[0].payload).len(), 2 * MAX_BYTES);
}

#[test]
fn messages_come_out_as_they_went_in() {
    let mut mailbox = Mailbox::default();
    for text in ["a", "bc", ""] {
        mailbox.push_message(1, EventKind::Text, text.as_bytes().into(), clock::now());
    }
    let (batch, events) = taken(&mut mailbox);
    let texts: Vec<&[u8]> = events.iter().map(|e| batch.bytes(&e.payload)).collect();
    assert_eq!(texts, [b"a".as_slice(), b"bc", b""]);
    assert!(mailbox.is_empty());
}

#[test]
fn a_flood_delays_a_quiet_connection_by_its_share_at_most() {
    let mut mailbox = Mailbox::default();
    for _ in 0..1000 {
        push(&mut mailbox, 1, "flood");
    }
    push(&mut mailbox, 2, "quiet");
    push(&mut mailbox, 3, "quiet");
    let (_, events) = taken(&mut mailbox);
    let position = |receiver| events.iter().position(|event| event.receiver == receiver);
    let share = SHARE.div_ceil(SHARE_OF_MESSAGE + "flood".len());
    assert_eq!((position(2), position(3)), (Some(share), Some(share + 1)));
    // Later ones as well, while the flood is being handed out.
    push(&mut mailbox, 2, "again");
    let (_, events) = taken(&mut mailbox);
    let position = events.iter().position(|event| event.receiver == 2);
    assert!(position.is_some_and(|at| at <= share), "{position:?}");
}

#[test]
fn each_connection_keeps_its_order_however_rounds_are_taken() {
    let mut mailbox = Mailbox::default();
    let mut expected: [Vec<String>; 3] = Default::default();
    let mut got: [Vec<String>; 3] = Default::default();
    let mut collect = |mailbox: &mut Mailbox| {
        let (batch, events) = taken(mailbox);
        for event in &events {
            let what = match event.kind {
                EventKind::Text => String::from_utf8(batch.bytes(&event.payload).to_vec()).unwrap(),
                kind => format!("{kind:?}"),
            };
            got[event.receiver as usize].push(what);
        }
        events.len()
    };
    for step in 0..4000_u32 {
        // Some flood, some are quiet, some send more than a share at once.
        let receiver = if step % 7 == 0 {
            2
        } else {
            u32::from(step % 3 == 0)
        };
        let text = format!(
            "{step}{}",
            "x".repeat(if step % 50 == 0 { SHARE } else { 0 })
        );
        push(&mut mailbox, receiver, &text);
        expected[receiver as usize].push(text);
        if step % 11 == 0 {
            mailbox.push(Event::bare(receiver, EventKind::Writable, clock::now()));
            expected[receiver as usize].push("Writable".into());
        }
        if step % 900 == 0 {
            collect(&mut mailbox);
        }
    }
    while collect(&mut mailbox) > 0 {}
    assert!(mailbox.is_empty());
    assert_eq!(got, expected);
}

#[test]
fn all_together_have_a_bound_and_each_goes_on_once_it_is_caught_up() {
    let mut mailbox = Mailbox::default();
    let outbox = Arc::new(Outbox::new(1));
    let big = vec![0; MAX_BYTES / 2];
    let mut receiver = 0;
    while mailbox.undelivered <= BUDGET {
        receiver += 1;
        let kind = EventKind::Binary;
        mailbox.push_message(receiver, kind, big[..].into(), clock::now());
    }
    // Far below its own bound, and yet it waits; who has nothing here does not.
    assert!(!mailbox.has_room(1, &outbox));
    assert!(mailbox.has_room(receiver + 1, &outbox));
    assert!(
        mailbox.delivered(1, 1, big.len()).is_some(),
        "it has caught up"
    );
    for one in 2..=receiver {
        mailbox.delivered(one, 1, big.len());
    }
    assert_eq!(mailbox.undelivered, 0);
}

#[test]
fn what_is_let_go_of_counts_no_more() {
    let mut mailbox = Mailbox::default();
    push(&mut mailbox, 1, "x");
    mailbox.held(1, 10);
    mailbox.held(2, 10);
    mailbox.forget(1);
    // Handed out after that, it is not subtracted twice.
    assert!(mailbox.delivered(1, 1, 1).is_none());
    mailbox.delivered(2, 1, 10);
    assert_eq!(mailbox.undelivered, 0);
}

#[test]
fn a_burst_gives_its_memory_back() {
    let mut mailbox = Mailbox::default();
    let mut batch = Batch::default();
    for round in 0..100 {
        for receiver in 0..100 {
            mailbox.push_message(
                receiver,
                EventKind::Binary,
                [round; SHARE][..].into(),
                clock::now(),
            );
        }
    }
    let mut events = VecDeque::new();
    while !mailbox.is_empty() {
        batch.clear();
        mailbox.take(&mut batch, &mut events);
        events.clear();
    }
    batch.clear();
    let kept: usize = (batch
        .rounds
        .iter()
        .chain(&mailbox.rounds)
        .chain(&mailbox.spare))
    .map(|round| round.arena.capacity())
    .sum();
    assert!(kept <= 3 * SPARE_ROUNDS * 256 * 1024, "{kept}");
}
