//! What rules see of the messages that pass, and what they make of it.

use super::*;
use crate::clock;
use crate::conversation::ask::Nobody;
use crate::conversation::desk::{Desk, Effect, Effects, Taker};
use crate::conversation::key::KeySource;
use crate::conversation::message::Side;
use crate::conversation::pointer::Pointer;
use crate::conversation::requests::Failure;

fn watch(name: &str, is_taken: bool) -> Rule {
    let number = KeySource::Pointer(Pointer::parse("/n").unwrap());
    Rule {
        matches: Matcher::StartsWith(Side::Text, b"{".as_slice().into()),
        action: Action::Watch(Box::new(Watch {
            name: name.into(),
            stamp: None,
            sequence: Some(number),
            source: None,
            is_taken,
        })),
    }
}

fn take(desk: &mut Desk, text: &str) -> (Taker, Effects) {
    let mut then = Effects::new();
    let message = Message::new(Kind::Text, text.as_bytes());
    let taker = desk.take(&message, clock::now(), &mut Nobody, &mut then);
    (taker, then)
}

fn seen(name: &str) -> Effect {
    Effect::Delivered(name.into(), Delivery::default())
}

#[test]
fn what_is_watched_goes_on_until_a_rule_takes_it() {
    let mut desk = Desk::default();
    desk.rules.add(watch("first", false));
    assert_eq!(
        take(&mut desk, r#"{"n": 1}"#),
        (Taker::Script, vec![seen("first")])
    );
    desk.rules.add(watch("second", true));
    desk.rules.add(watch("third", false));
    assert_eq!(
        take(&mut desk, r#"{"n": 2}"#),
        (
            Taker::Rule(Ruled::Delivered),
            vec![seen("first"), seen("second")]
        )
    );
    assert_eq!(take(&mut desk, "other"), (Taker::Script, vec![]));
}

#[test]
fn what_has_lain_meets_only_the_rules_that_are_new_to_it() {
    let mut desk = Desk::default();
    desk.rules.add(watch("old", false));
    let young = desk.rules.add(watch("young", false));
    let mut then = Effects::new();
    let message = Message::new(Kind::Text, br#"{"n": 1}"#);
    let taker = desk.obey(&message, young, None, &mut Nobody, &mut then);
    assert_eq!((taker, then), (Taker::Script, vec![seen("young")]));
}

#[test]
fn what_is_missing_at_the_end_is_told_once() {
    let mut desk = Desk::default();
    desk.rules.add(watch("tick", true));
    take(&mut desk, r#"{"n": 1}"#);
    take(&mut desk, r#"{"n": 4}"#);
    let mut then = Effects::new();
    desk.end(Failure::Closed, &mut then);
    desk.end(Failure::Closed, &mut then);
    assert_eq!(then, [Effect::Lost("tick".into(), 2)]);
}

#[test]
fn a_rule_that_is_removed_says_what_is_missing_and_sees_nothing_more() {
    let mut desk = Desk::default();
    let gone = desk.rules.add(watch("gone", false));
    desk.rules.add(watch("stays", false));
    take(&mut desk, r#"{"n": 1}"#);
    take(&mut desk, r#"{"n": 4}"#);
    let mut then = Effects::new();
    desk.remove_rule(gone, &mut then);
    assert_eq!(then, [Effect::Lost("gone".into(), 2)]);
    // And once.
    desk.remove_rule(gone, &mut then);
    assert_eq!(then.len(), 1);
    let (_, seen_by) = take(&mut desk, r#"{"n": 5}"#);
    assert_eq!(seen_by, [seen("stays")]);
}

#[test]
fn numbers_are_missing_over_a_connection_that_was_lost() {
    let mut desk = Desk::default();
    desk.rules.add(watch("tick", false));
    take(&mut desk, r#"{"n": 1}"#);
    let mut then = Effects::new();
    desk.lose(Failure::Closed, &mut then);
    assert_eq!(then, []);
    // 2 to 4 came while there was no connection.
    take(&mut desk, r#"{"n": 5}"#);
    desk.end(Failure::Closed, &mut then);
    assert_eq!(then, [Effect::Lost("tick".into(), 3)]);
}
