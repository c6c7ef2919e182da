//! Replies that come too late, whole or in parts, and questions that were never sent.

use super::*;

fn ends() -> Matcher {
    starts_with("end")
}

fn lates(rig: &Rig) -> usize {
    rig.then.iter().filter(|one| **one == Effect::Late).count()
}

#[test]
fn a_late_reply_is_counted_and_given_to_nobody() {
    let mut rig = Rig::new(by_id());
    let id = rig.request(r#"{"id": 1}"#);
    rig.pass(2 * SECOND);
    let now = rig.now;
    assert_eq!(rig.desk.expire(now, &mut rig.then), None);
    assert_eq!(rig.reply(id).unwrap(), "timeout");
    // Its key is not free while its reply may come.
    assert_eq!(rig.begin(r#"{"id": 1}"#), Err(Refused::DuplicateKey));
    assert_eq!(rig.receive(r#"{"id": 1}"#), Taker::Request);
    assert_eq!(rig.then.last(), Some(&Effect::Late));
    assert_eq!(rig.receive(r#"{"id": 1}"#), Taker::Script);
    assert!(rig.begin(r#"{"id": 1}"#).is_ok());
}

#[test]
fn a_reply_behind_its_time_is_late_although_nobody_has_looked() {
    let mut rig = Rig::new(by_id());
    let id = rig.request(r#"{"id": 1}"#);
    rig.pass(2 * SECOND);
    assert_eq!(rig.receive(r#"{"id": 1}"#), Taker::Request);
    assert_eq!(rig.reply(id).unwrap(), "timeout");
    assert_eq!(rig.then.last(), Some(&Effect::Late));
}

#[test]
fn in_order_all_of_a_late_reply_is_late_and_not_the_next_ones() {
    let mut rig = Rig::new(Correlation::in_order(None, Some(ends())));
    let lost = rig.request("one");
    assert_eq!(rig.receive("part of one"), Taker::Request);
    rig.pass(SECOND * 3 / 4);
    let kept = rig.request("two");
    rig.pass(SECOND / 2);
    for text in ["part of one", "end of one", "part of two"] {
        assert_eq!(rig.receive(text), Taker::Request);
    }
    assert_eq!(rig.reply(lost).unwrap(), "timeout");
    assert_eq!((lates(&rig), rig.reply(kept)), (1, None));
    assert_eq!(rig.receive("end of two"), Taker::Request);
    assert_eq!(rig.reply(kept).unwrap(), "end of two");
}

#[test]
fn in_order_so_many_late_replies_are_waited_for_and_then_no_request_is_made() {
    let mut rig = Rig::new(Correlation::in_order(None, None));
    for _ in 0..10_000 {
        rig.request("one");
    }
    rig.pass(2 * SECOND);
    let now = rig.now;
    assert_eq!(rig.desk.expire(now, &mut rig.then), None);
    assert_eq!(rig.begin("one"), Err(Refused::Unanswered));
    // Each that comes after all makes room for one.
    assert_eq!(rig.receive("late"), Taker::Request);
    let next = rig.request("two");
    for _ in 0..9_999 {
        assert_eq!(rig.receive("late"), Taker::Request);
    }
    assert_eq!((lates(&rig), rig.reply(next)), (10_000, None));
    assert_eq!(rig.receive("answer of two"), Taker::Request);
    assert_eq!(rig.reply(next).unwrap(), "answer of two");
}

#[test]
fn by_key_all_of_a_late_reply_is_late() {
    let done = Matcher::Contains(
        Side::Text,
        Arc::new(memchr::memmem::Finder::new(b"last").into_owned()),
    );
    let mut rig = Rig::new(Correlation::by(
        pointer("/id"),
        pointer("/id"),
        None,
        Some(done),
    ));
    let id = rig.request(r#"{"id": 1}"#);
    rig.pass(2 * SECOND);
    for (text, late) in [
        (r#"{"id": 1}"#, 0),
        (r#"{"id": 1}"#, 0),
        (r#"{"id": 1, "last": 1}"#, 1),
    ] {
        assert_eq!((rig.receive(text), lates(&rig)), (Taker::Request, late));
    }
    assert_eq!(rig.receive(r#"{"id": 1}"#), Taker::Script);
    assert_eq!(rig.reply(id).unwrap(), "timeout");
}

#[test]
fn one_that_times_out_in_the_queue_keeps_its_place_until_it_was_answered() {
    let mut rig = Rig::new(Correlation::in_order(None, None));
    let lost = rig.begin("one").unwrap();
    rig.pass(2 * SECOND);
    let now = rig.now;
    rig.desk.expire(now, &mut rig.then);
    let kept = rig.begin("two").unwrap();
    assert_eq!(rig.receive("pushed"), Taker::Script);
    rig.desk.wrote(lost, rig.now);
    rig.desk.wrote(kept, rig.now);
    assert_eq!(rig.receive("of one"), Taker::Request);
    assert_eq!(rig.receive("of two"), Taker::Request);
    assert_eq!(rig.reply(lost).unwrap(), "timeout");
    assert_eq!(
        (lates(&rig), rig.reply(kept).unwrap()),
        (1, "of two".into())
    );
}

#[test]
fn one_that_found_no_room_leaves_nothing_behind() {
    for correlation in [Correlation::in_order(None, None), by_id()] {
        let mut rig = Rig::new(correlation);
        let id = rig.begin(r#"{"id": 1}"#).unwrap();
        rig.desk.requests().queued(id, false);
        rig.pass(2 * SECOND);
        let now = rig.now;
        rig.desk.expire(now, &mut rig.then);
        assert_eq!(rig.reply(id).unwrap(), "timeout");
        assert_eq!(rig.receive(r#"{"id": 1}"#), Taker::Script);
        let again = rig.request(r#"{"id": 1}"#);
        assert_eq!(rig.receive(r#"{"id": 1}"#), Taker::Request);
        assert_eq!((lates(&rig), rig.reply(again).is_some()), (0, true));
    }
}

#[test]
fn only_so_many_keys_are_remembered() {
    let mut rig = Rig::new(by_id());
    for id in 0..10_001 {
        rig.request(&format!("{{\"id\": {id}}}"));
    }
    rig.pass(2 * SECOND);
    let now = rig.now;
    rig.desk.expire(now, &mut rig.then);
    assert_eq!(rig.receive(r#"{"id": 0}"#), Taker::Script);
    for id in 1..10_001 {
        assert_eq!(rig.receive(&format!("{{\"id\": {id}}}")), Taker::Request);
    }
    assert_eq!(lates(&rig), 10_000);
    assert!(rig.desk.is_idle());
}

#[test]
fn late_replies_wait_for_callables_as_well() {
    let mut rig = Rig::new(by_id());
    let criteria = Criteria {
        matches: Some(Matcher::Callable(0)),
        ..Criteria::default()
    };
    let late = rig.request(r#"{"id": 1}"#);
    rig.pass(2 * SECOND);
    rig.begin_with("own", criteria);
    let reply = message(r#"{"id": 1}"#);
    let (now, then) = (rig.now, &mut rig.then);
    let mut unknown = Callable(None, false);
    let taker = rig.desk.take(&reply, now, &mut unknown, then);
    assert_eq!((taker, then.len()), (Taker::Unknown, 0));
    let mut no = Callable(Some(false), false);
    assert_eq!(rig.desk.take(&reply, now, &mut no, then), Taker::Request);
    assert_eq!(then.last(), Some(&Effect::Late));
    assert_eq!(rig.reply(late).unwrap(), "timeout");
}

#[test]
fn a_refused_request_asks_nobody() {
    let mut rig = Rig::new(by_id());
    rig.request(r#"{"id": 1}"#);
    let mut asked = rig.asked();
    asked.criteria = Some(Criteria {
        done: Some(Matcher::Callable(0)),
        ..Criteria::default()
    });
    let refused = rig.desk.begin(&message(r#"{"id": 1}"#), asked, &mut Nobody);
    assert_eq!(refused, Err(Refused::DuplicateKey));
    assert!(!rig.desk.needs_python());
}
