//! What a request is told that has no reply, and what is told of replies of one message.

use super::*;
use crate::conversation::requests::outcome::{Came, Meanwhile};

fn instead(rig: &mut Rig, id: RequestId) -> Meanwhile {
    let now = rig.now;
    rig.desk.expire(now, &mut rig.then);
    match rig.desk.requests().take(id) {
        Some(Outcome::Failed(Failure::Timeout, meanwhile)) => meanwhile,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_request_that_times_out_says_what_came_instead_and_to_whom_it_went() {
    let mut rig = Rig::new(by_id());
    let missed = rig.request(r#"{"id": 0}"#);
    rig.pass(SECOND / 2);
    rig.desk.rules.add(Rule {
        matches: starts_with("2"),
        action: Action::Ignore,
    });
    // Before it: not of its time.
    rig.receive("2");
    rig.receive("before");
    let other = rig.request(r#"{"id": 1}"#);
    let lost = rig.request(r#"{"id": 2}"#);
    rig.pass(SECOND * 3 / 5);
    rig.receive(r#"{"id": 0}"#);
    rig.receive(r#"{"id": 1}"#);
    rig.receive("2");
    rig.receive("push");
    rig.receive("push");
    rig.pass(SECOND);
    assert!(rig.reply(other).is_some());
    let came = Came {
        script: 2,
        rules: 1,
        replies: 1,
        late: 1,
    };
    let expected = Meanwhile {
        allowed: Some(SECOND),
        parts: 0,
        came,
    };
    assert_eq!(instead(&mut rig, lost), expected);
    // It had its time before these came: they are what came until somebody looked.
    assert_eq!(rig.reply(missed).unwrap(), "timeout");
}

#[test]
fn of_a_reply_without_its_last_message_the_others_are_told_apart() {
    let mut rig = Rig::new(Correlation::in_order(
        Some(starts_with("r")),
        Some(starts_with("rend")),
    ));
    let first = rig.request("q");
    let second = rig.request("q");
    for text in ["r1", "rend", "r1", "r2", "push"] {
        rig.receive(text);
    }
    assert!(rig.reply(first).is_some());
    rig.pass(2 * SECOND);
    let meanwhile = instead(&mut rig, second);
    assert_eq!((meanwhile.parts, meanwhile.came.replies), (2, 2));
    assert_eq!((meanwhile.came.script, meanwhile.came.late), (1, 0));
}

#[test]
fn a_reply_of_one_message_has_nothing_between_its_messages_whatever_may_end_it() {
    let mut rig = Rig::new(Correlation::in_order(None, Some(starts_with("end"))));
    let many = Criteria {
        is_many: true,
        ..Criteria::default()
    };
    let ids = [rig.request("q"), rig.begin_with("q", many)];
    for id in ids {
        rig.receive("end");
        assert_eq!(rig.reply(id).unwrap(), "end");
    }
    let spread = |effect: &Effect| match effect {
        Effect::Answered(_, answer) => answer.spread,
        other => panic!("{other:?}"),
    };
    let told: Vec<_> = rig.then.iter().map(spread).collect();
    assert_eq!(told, [None, None]);
}
