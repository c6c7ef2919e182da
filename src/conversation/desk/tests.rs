//! Who takes which message, and what follows from it; no socket, no clock that runs.

use super::*;
use crate::conversation::ask::Nobody;
use crate::conversation::key::KeySource;
use crate::conversation::matcher::Matcher;
use crate::conversation::message::{Kind, Side};
use crate::conversation::pointer::Pointer;
use crate::conversation::requests::exchange::Check;
use crate::conversation::rules::{Rule, Ruled};

mod instead;
mod kept;
mod late;
mod long;
mod lost;
mod model;
mod planned;

const SECOND: Duration = Duration::from_secs(1);
const IGNORED: Taker = Taker::Rule(Ruled::Ignore);

struct Rig {
    desk: Desk,
    now: Instant,
    then: Effects,
}

fn pointer(written: &str) -> KeySource {
    KeySource::Pointer(Pointer::parse(written).unwrap())
}

fn by_id() -> Correlation {
    Correlation::by(pointer("/id"), pointer("/id"), None, None)
}

fn starts_with(text: &str) -> Matcher {
    Matcher::StartsWith(Side::Text, text.as_bytes().into())
}

fn message(text: &str) -> Message<'_> {
    Message::new(Kind::Text, text.as_bytes())
}

impl Rig {
    fn new(correlation: Correlation) -> Self {
        let mut desk = Desk::default();
        desk.correlate(Arc::new(correlation));
        Self {
            desk,
            now: crate::clock::now(),
            then: Vec::new(),
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
    }

    fn asked(&self) -> Asked {
        Asked {
            called: self.now,
            deadline: Some(self.now + SECOND),
            name: 0,
            criteria: None,
            key: None,
            planned: None,
        }
    }

    fn begin(&mut self, text: &str) -> Result<RequestId, Refused> {
        let asked = self.asked();
        self.desk.begin(&message(text), asked, &mut Nobody)
    }

    fn begin_with(&mut self, text: &str, criteria: Criteria) -> RequestId {
        let mut asked = self.asked();
        asked.criteria = Some(criteria);
        let id = self.desk.begin(&message(text), asked, &mut Nobody).unwrap();
        self.desk.wrote(id, self.now);
        id
    }

    /// Made and written now.
    fn request(&mut self, text: &str) -> RequestId {
        let id = self.begin(text).unwrap();
        self.desk.wrote(id, self.now);
        id
    }

    fn receive(&mut self, text: &str) -> Taker {
        let Self { desk, now, then } = self;
        desk.take(&message(text), *now, &mut Nobody, then)
    }

    fn reply(&mut self, id: RequestId) -> Option<String> {
        match self.desk.requests().take(id)? {
            Outcome::Answered(messages) => {
                let texts = messages
                    .iter()
                    .map(|one| String::from_utf8_lossy(&one.bytes));
                Some(texts.collect::<Vec<_>>().join(" "))
            }
            Outcome::Wrong(_, check) => Some(format!("wrong {check}")),
            Outcome::TooLong { .. } => Some("too long".into()),
            Outcome::Failed(why, _) => Some(why.as_str().into()),
        }
    }

    fn failures(&self) -> Vec<&'static str> {
        let failed = self.then.iter().filter_map(|effect| match effect {
            Effect::Failed(_, why) => Some(why.as_str()),
            _ => None,
        });
        failed.collect()
    }

    fn times(&self) -> Vec<(u128, u128)> {
        let answered = self.then.iter().filter_map(|effect| match effect {
            Effect::Answered(_, answer) => {
                Some((answer.blocked.as_millis(), answer.took.as_millis()))
            }
            _ => None,
        });
        answered.collect()
    }
}

#[test]
fn replies_find_their_requests_in_any_order_and_are_timed_from_the_write() {
    let mut rig = Rig::new(by_id());
    let first = rig.begin(r#"{"id": 1}"#).unwrap();
    let second = rig.begin(r#"{"id": 2}"#).unwrap();
    rig.pass(SECOND / 100);
    rig.desk.wrote(first, rig.now);
    rig.desk.wrote(second, rig.now);
    rig.pass(SECOND / 50);
    assert_eq!(rig.receive(r#"{"id": 2, "a": "b"}"#), Taker::Request);
    rig.pass(SECOND / 50);
    assert_eq!(rig.receive(r#"{"push": 7}"#), Taker::Script);
    assert_eq!(rig.receive(r#"{"id": 3}"#), Taker::Script);
    assert_eq!(rig.receive(r#"{"id": 1}"#), Taker::Request);
    assert_eq!(rig.reply(second).unwrap(), r#"{"id": 2, "a": "b"}"#);
    assert_eq!(rig.reply(first).unwrap(), r#"{"id": 1}"#);
    assert_eq!(rig.times(), [(10, 20), (10, 40)]);
    // A second reply is a message like any other.
    assert_eq!(rig.receive(r#"{"id": 1}"#), Taker::Script);
    assert_eq!(rig.desk.requests().under_way(), 0);
}

#[test]
fn what_comes_before_the_write_is_no_reply() {
    let mut rig = Rig::new(by_id());
    let id = rig.begin(r#"{"id": 1}"#).unwrap();
    assert_eq!(rig.receive(r#"{"id": 1}"#), Taker::Script);
    rig.desk.wrote(id, rig.now);
    assert_eq!(rig.receive(r#"{"id": 1}"#), Taker::Request);

    let mut rig = Rig::new(Correlation::in_order(None, None));
    let id = rig.begin("PING").unwrap();
    assert_eq!(rig.receive("pushed"), Taker::Script);
    rig.desk.wrote(id, rig.now);
    assert_eq!(rig.receive("PONG"), Taker::Request);
}

#[test]
fn in_order_the_place_of_one_that_timed_out_stays() {
    let mut rig = Rig::new(Correlation::in_order(None, None));
    let lost = rig.request("GET a");
    rig.pass(SECOND / 2);
    let kept = rig.request("GET b");
    rig.pass(SECOND * 3 / 4);
    assert_eq!(rig.receive("of a"), Taker::Request);
    assert_eq!(rig.receive("of b"), Taker::Request);
    assert_eq!(rig.reply(lost).unwrap(), "timeout");
    assert_eq!(rig.reply(kept).unwrap(), "of b");
    assert_eq!(rig.receive("pushed"), Taker::Script);
}

#[test]
fn a_request_with_a_matcher_of_its_own_takes_the_first_that_fits() {
    let mut rig = Rig::new(by_id());
    let criteria = Criteria {
        matches: Some(starts_with("welcome")),
        ..Criteria::default()
    };
    let id = rig.begin_with("hello", criteria);
    assert_eq!(rig.receive("other"), Taker::Script);
    assert_eq!(rig.receive("welcome, you"), Taker::Request);
    assert_eq!(rig.receive("welcome again"), Taker::Script);
    assert_eq!(rig.reply(id).unwrap(), "welcome, you");
}

#[test]
fn a_reply_of_several_messages_is_its_last_one_or_all_of_them() {
    let mut rig = Rig::new(Correlation::in_order(None, Some(starts_with("end"))));
    let last = rig.request("q");
    for (text, wait) in [("a", 10), ("b", 50), ("end", 20)] {
        rig.pass(SECOND * wait / 1000);
        assert_eq!(rig.receive(text), Taker::Request);
    }
    assert_eq!(rig.reply(last).unwrap(), "end");
    let Some(Effect::Answered(_, answer)) = rig
        .then
        .iter()
        .find(|effect| matches!(effect, Effect::Answered(..)))
    else {
        panic!("{:?}", rig.then);
    };
    assert_eq!(answer.took, SECOND * 80 / 1000);
    assert_eq!(answer.spread, Some((SECOND / 100, SECOND / 20)));
    let gaps = rig.then.iter().filter(|one| matches!(one, Effect::Gap(..)));
    assert_eq!(gaps.count(), 2);

    let criteria = Criteria {
        is_many: true,
        ..Criteria::default()
    };
    let all = rig.begin_with("q", criteria);
    for text in ["a", "b", "end"] {
        rig.receive(text);
    }
    assert_eq!(rig.reply(all).unwrap(), "a b end");
}

#[test]
fn a_wrong_answer_is_a_failed_request_and_its_named_checks_are_told() {
    let mut rig = Rig::new(by_id());
    let check = |name: &str, text: &str| Check {
        name: (!name.is_empty()).then(|| name.into()),
        matches: Matcher::Contains(
            Side::Text,
            Arc::new(memchr::memmem::Finder::new(text.as_bytes()).into_owned()),
        ),
    };
    let criteria = Criteria {
        checks: vec![check("has ok", "ok"), check("", "id"), check("no", "no")],
        ..Criteria::default()
    };
    let id = rig.begin_with(r#"{"id": 1}"#, criteria);
    rig.receive(r#"{"id": 1, "ok": 1}"#);
    assert_eq!(rig.reply(id).unwrap(), "wrong 2");
    assert_eq!(
        rig.then,
        [
            Effect::Check("has ok".into(), true),
            Effect::Check("no".into(), false),
            Effect::Failed(0, Failure::Check)
        ]
    );
}

#[test]
fn made_is_answered_and_failed_whatever_ends_it() {
    let mut rig = Rig::new(by_id());
    for id in 0..100_000 {
        rig.request(&format!("{{\"id\": {id}}}"));
    }
    for id in (0..100_000).step_by(2) {
        rig.receive(&format!("{{\"id\": {id}}}"));
    }
    let now = rig.now;
    assert_eq!(rig.desk.fail_all(Failure::Closed, &mut rig.then), 50_000);
    assert_eq!(rig.times().len(), 50_000);
    assert_eq!(rig.failures(), vec!["closed"; 50_000]);
    assert_eq!(rig.desk.requests().under_way(), 0);
    assert_eq!(rig.desk.expire(now + 9 * SECOND, &mut rig.then), None);
}

#[test]
fn a_message_without_a_key_or_with_one_under_way_makes_no_request() {
    let mut rig = Rig::new(by_id());
    assert_eq!(rig.begin("no json"), Err(Refused::NoKey));
    assert_eq!(rig.begin(r#"{"other": 1}"#), Err(Refused::NoKey));
    let long = format!("{{\"id\": \"{}\"}}", "x".repeat(2000));
    assert_eq!(rig.begin(&long), Err(Refused::KeyTooLong));
    rig.request(r#"{"id": 1}"#);
    assert_eq!(rig.begin(r#"{"id": 1}"#), Err(Refused::DuplicateKey));
    let mut bare = Desk::default();
    let asked = rig.asked();
    let refused = bare.begin(&message("x"), asked, &mut Nobody);
    assert_eq!(refused, Err(Refused::NoCorrelation));
}

#[test]
fn rules_take_what_no_request_takes_in_the_order_of_their_registration() {
    let mut rig = Rig::new(by_id());
    let first = rig.desk.rules.add(Rule {
        matches: starts_with("2"),
        action: Action::Ignore,
    });
    rig.desk.rules.add(Rule {
        matches: starts_with(""),
        action: Action::Ignore,
    });
    let id = rig.request(r#"{"id": 1}"#);
    assert_eq!(rig.receive(r#"{"id": 1}"#), Taker::Request);
    assert!(rig.reply(id).is_some());
    assert_eq!(rig.receive("2"), IGNORED);
    rig.desk.rules.remove(first);
    assert_eq!(rig.receive("2"), IGNORED);
    rig.desk.rules.clear();
    assert_eq!(rig.receive("2"), Taker::Script);
}

#[test]
fn what_is_only_measured_goes_to_the_script_as_well() {
    let mut rig = Rig::new(by_id());
    rig.desk.measure(0, None);
    let now = rig.now;
    let (id, _) = rig
        .desk
        .begin_measured(&message(r#"{"id": 1}"#), now, &mut Nobody)
        .unwrap();
    rig.desk.wrote(id, now);
    let none = rig
        .desk
        .begin_measured(&message("no key"), now, &mut Nobody);
    assert!(none.is_none());
    rig.pass(SECOND);
    assert_eq!(rig.receive(r#"{"id": 1}"#), Taker::Script);
    assert_eq!(rig.times(), [(0, 1000)]);
    assert_eq!(rig.desk.requests().under_way(), 0);
}

#[test]
fn what_ends_the_replies_of_a_session_is_not_asked_of_one_with_a_match_of_its_own() {
    let done = Some(starts_with("end"));
    let mut rig = Rig::new(Correlation::by(pointer("/id"), pointer("/id"), None, done));
    let id = rig.begin_with(
        "hello",
        Criteria {
            matches: Some(starts_with("welcome")),
            ..Criteria::default()
        },
    );
    rig.receive("welcome");
    assert_eq!(rig.reply(id).unwrap(), "welcome");
}

/// Knows what callable 0 says only once it was told.
struct Callable(Option<bool>, bool);

impl Ask for Callable {
    fn ask(&mut self, _callable: usize, _message: &Message<'_>) -> bool {
        self.1 = self.0.is_none();
        self.0.unwrap_or_default()
    }

    fn key(&mut self, _callable: usize, _message: &Message<'_>) -> Option<Vec<u8>> {
        None
    }

    fn lacks_answer(&self) -> bool {
        self.1
    }
}

#[test]
fn nothing_happens_until_a_callable_has_said_its_word() {
    let mut rig = Rig::new(by_id());
    let criteria = Criteria {
        done: Some(Matcher::Callable(0)),
        ..Criteria::default()
    };
    let id = rig.begin_with(r#"{"id": 1}"#, criteria);
    assert!(rig.desk.needs_python());
    let reply = message(r#"{"id": 1}"#);
    let (now, then) = (rig.now, &mut rig.then);
    let mut unknown = Callable(None, false);
    assert_eq!(
        rig.desk.take(&reply, now, &mut unknown, then),
        Taker::Unknown
    );
    assert_eq!(*then, []);
    let mut no = Callable(Some(false), false);
    assert_eq!(rig.desk.take(&reply, now, &mut no, then), Taker::Request);
    assert_eq!(*then, []);
    let mut yes = Callable(Some(true), false);
    assert_eq!(rig.desk.take(&reply, now, &mut yes, then), Taker::Request);
    assert_eq!(rig.reply(id).unwrap(), r#"{"id": 1}"#);
    assert!(!rig.desk.needs_python());
}
