//! Replies of which all messages are wanted, and that are longer than what is kept.

use super::*;

const MANY: usize = 9 << 20;

fn all_until_the_end() -> Criteria {
    Criteria {
        done: Some(starts_with("end")),
        is_many: true,
        ..Criteria::default()
    }
}

fn lates(rig: &Rig) -> usize {
    rig.then.iter().filter(|one| **one == Effect::Late).count()
}

#[test]
fn it_fails_at_once_and_its_rest_is_late_and_nobody_elses() {
    let mut rig = Rig::new(Correlation::in_order(None, None));
    let long = rig.begin_with("a", all_until_the_end());
    let next = rig.request("b");
    let part = "x".repeat(MANY);
    assert_eq!(rig.receive(&part), Taker::Request);
    assert!(!rig.desk.requests().has_ended(long));
    assert_eq!(rig.receive(&part), Taker::Request);
    assert_eq!(rig.reply(long).as_deref(), Some("too long"));
    assert_eq!(rig.failures(), ["check"]);
    assert_eq!(rig.receive(&part), Taker::Request);
    assert_eq!(lates(&rig), 0);
    assert_eq!(rig.receive("end of a"), Taker::Request);
    assert_eq!(lates(&rig), 1);
    assert_eq!(rig.receive("of b"), Taker::Request);
    assert_eq!(rig.reply(next).as_deref(), Some("of b"));
    assert_eq!(rig.failures(), ["check"]);
}

#[test]
fn where_its_last_message_is_one_too_many_nothing_is_late() {
    let mut rig = Rig::new(by_id());
    let id = rig.begin_with(r#"{"id": 1}"#, all_until_it_says_so());
    let part = |is_last: bool| {
        let filling = "x".repeat(MANY);
        format!(r#"{{"id": 1, "last": {is_last}, "filling": "{filling}"}}"#)
    };
    rig.receive(&part(false));
    rig.receive(&part(true));
    assert_eq!(rig.reply(id).as_deref(), Some("too long"));
    // The key is free again.
    let again = rig.begin(r#"{"id": 1}"#);
    assert!(again.is_ok());
    assert_eq!(lates(&rig), 0);
}

fn all_until_it_says_so() -> Criteria {
    let finder = memchr::memmem::Finder::new(b"\"last\": true").into_owned();
    Criteria {
        done: Some(Matcher::Contains(Side::Text, Arc::new(finder))),
        ..all_until_the_end()
    }
}

#[test]
fn one_message_is_always_kept_and_so_is_as_much_as_one_may_have() {
    let mut rig = Rig::new(Correlation::in_order(None, None));
    let whole = format!("end{}", "x".repeat(2 * MANY));
    let id = rig.begin_with("a", all_until_the_end());
    assert_eq!(rig.receive(&whole), Taker::Request);
    assert_eq!(rig.reply(id).map(|one| one.len()), Some(whole.len()));

    rig.desk = Desk::new(4 * MANY);
    rig.desk
        .correlate(Arc::new(Correlation::in_order(None, None)));
    let id = rig.begin_with("b", all_until_the_end());
    rig.receive(&"x".repeat(MANY));
    rig.receive(&whole);
    assert_eq!(rig.reply(id).map(|one| one.len()), Some(3 * MANY + 4));
    assert_eq!(rig.failures(), [""; 0]);
}
