//! A connection is lost, and another one takes its place.

use super::*;

impl Rig {
    /// One that found no connection: it waits for the next one.
    fn wait(&mut self, text: &str) -> RequestId {
        let id = self.begin(text).unwrap();
        self.desk.requests().queued(id, false);
        id
    }

    fn lose(&mut self) {
        self.desk.lose(Failure::Closed, &mut self.then);
    }

    fn send(&mut self, id: RequestId) {
        self.desk.requests().queued(id, true);
        self.desk.wrote(id, self.now);
    }
}

#[test]
fn what_was_sent_has_failed_and_what_was_not_waits_for_the_next_connection() {
    let mut rig = Rig::new(by_id());
    let sent = rig.request(r#"{"id": 1}"#);
    let queued = rig.begin(r#"{"id": 2}"#).unwrap();
    let waits = rig.wait(r#"{"id": 3}"#);
    rig.lose();
    assert_eq!(rig.failures(), ["closed", "closed"]);
    assert!(rig.desk.requests().has_ended(sent));
    assert!(rig.desk.requests().has_ended(queued));
    assert!(!rig.desk.requests().has_ended(waits));
    // Their keys are free again, and that of the one that waits is not.
    assert!(rig.begin(r#"{"id": 3}"#).is_err());
    let anew = rig.request(r#"{"id": 1}"#);
    rig.send(waits);
    assert_eq!(rig.receive(r#"{"id": 3}"#), Taker::Request);
    assert_eq!(rig.receive(r#"{"id": 1}"#), Taker::Request);
    assert_eq!(rig.reply(waits).as_deref(), Some(r#"{"id": 3}"#));
    assert_eq!(rig.reply(anew).as_deref(), Some(r#"{"id": 1}"#));
}

#[test]
fn places_in_order_are_those_of_the_next_connection() {
    let mut rig = Rig::new(Correlation::in_order(None, None));
    let late = rig.request("late");
    rig.pass(2 * SECOND);
    rig.desk.expire(rig.now, &mut rig.then);
    let lost = rig.request("lost");
    let first = rig.wait("first");
    let second = rig.wait("second");
    rig.lose();
    assert_eq!(rig.failures(), ["timeout", "closed"]);
    rig.send(first);
    rig.send(second);
    // Nobody keeps the places of what the lost connection owed.
    rig.receive("one");
    rig.receive("two");
    assert_eq!(rig.reply(first).as_deref(), Some("one"));
    assert_eq!(rig.reply(second).as_deref(), Some("two"));
    assert!(rig.desk.requests().has_ended(late) && rig.desk.requests().has_ended(lost));
}

#[test]
fn what_waits_too_long_has_timed_out_and_leaves_nothing_behind() {
    let mut rig = Rig::new(by_id());
    rig.wait(r#"{"id": 1}"#);
    rig.lose();
    rig.pass(2 * SECOND);
    rig.desk.expire(rig.now, &mut rig.then);
    assert_eq!(rig.failures(), ["timeout"]);
    // It was never sent: no late reply is waited for, and its key is free.
    assert!(rig.desk.requests().awaits_nothing());
    rig.request(r#"{"id": 1}"#);
}

#[test]
fn made_is_answered_and_failed_over_any_number_of_connections() {
    let mut rig = Rig::new(by_id());
    let mut made = 0;
    let mut waiting = Vec::new();
    for connection in 0..5 {
        for id in waiting.drain(..) {
            rig.send(id);
        }
        for number in 0..4 {
            rig.request(&format!(r#"{{"id": "{connection}-{number}"}}"#));
            made += 1;
        }
        rig.receive(&format!(r#"{{"id": "{connection}-0"}}"#));
        waiting.push(rig.wait(&format!(r#"{{"id": "{connection}-w"}}"#)));
        made += 1;
        rig.lose();
    }
    rig.desk.end(Failure::Closed, &mut rig.then);
    assert_eq!(rig.failures().len() + rig.times().len(), made);
    assert_eq!(rig.times().len(), 5);
}
