//! How matchers join, and who is asked.

use proptest::prelude::*;

use super::super::ask::Nobody;
use super::super::message::Kind;
use super::super::pattern::Flags;
use super::*;

/// Says yes to what its callables say, and remembers who was asked.
struct Script {
    answers: Vec<bool>,
    asked: Vec<usize>,
}

impl Ask for Script {
    fn ask(&mut self, callable: usize, _message: &Message<'_>) -> bool {
        self.asked.push(callable);
        self.answers[callable]
    }

    fn key(&mut self, _callable: usize, _message: &Message<'_>) -> Option<Vec<u8>> {
        None
    }
}

fn equals(text: &str) -> Matcher {
    Matcher::Equals(Side::Text, text.as_bytes().into())
}

fn and(parts: &[Matcher]) -> Matcher {
    Matcher::And(parts.into())
}

fn or(parts: &[Matcher]) -> Matcher {
    Matcher::Or(parts.into())
}

fn not(part: &Matcher) -> Matcher {
    Matcher::Not(Arc::new(part.clone()))
}

fn matches(matcher: &Matcher, kind: Kind, bytes: &[u8]) -> bool {
    matcher.matches(&Message::new(kind, bytes), &mut Nobody)
}

#[test]
fn text_looks_at_text_bytes_at_binary_and_both_at_what_tcp_brought() {
    let of = |side| {
        vec![
            Matcher::Equals(side, (*b"ping").into()),
            Matcher::contains(side, b"in"),
            Matcher::StartsWith(side, (*b"pi").into()),
            match side {
                Side::Text => Matcher::Regex(Pattern::of_text("^p.n", Flags::default()).unwrap()),
                Side::Binary => {
                    Matcher::Regex(Pattern::of_bytes(b"^p.n", Flags::default()).unwrap())
                }
            },
            if side == Side::Text {
                Matcher::Text
            } else {
                Matcher::Binary
            },
        ]
    };
    for (side, sees) in [
        (Side::Text, [true, false, true]),
        (Side::Binary, [false, true, true]),
    ] {
        for matcher in of(side) {
            let kinds = [Kind::Text, Kind::Binary, Kind::Data];
            assert_eq!(
                kinds.map(|kind| matches(&matcher, kind, b"ping")),
                sees,
                "{matcher:?}"
            );
        }
    }
}

#[test]
fn a_string_of_json_is_found_however_it_is_written() {
    let matcher = |pointer: &str, text: &str| {
        Matcher::json([(
            Pointer::parse(pointer).unwrap(),
            Expected::String(text.into()),
        )])
    };
    let trade = matcher("/type", "trade");
    for (message, is_it) in [
        (r#"{"type":"trade"}"#, true),
        (r#"{ "type" : "\u0074rade" }"#, true),
        (r#"{"t\u0079pe":"trade"}"#, true),
        (r#"{"type":"quote","text":"trade"}"#, false),
        (r#"{"type":"quote"}"#, false),
        (r#"{"type":"trade""#, false),
    ] {
        let message = message.replace("\\\\", "\\");
        assert_eq!(
            matches(&trade, Kind::Text, message.as_bytes()),
            is_it,
            "{message}"
        );
    }
    assert!(matches(
        &matcher("/a", "a\nb\"/"),
        Kind::Binary,
        br#"{"a":"a\nb\"\/"}"#
    ));
    assert!(matches(
        &matcher("/a\nb", "\u{e9}"),
        Kind::Text,
        "{\"a\\nb\":\"\u{e9}\"}".as_bytes()
    ));
}

#[test]
fn bits_that_could_never_match_are_refused() {
    assert!(Bits::new(0, b"\x41", Some(b"\x40")).is_none());
    assert!(Bits::new(0, b"\x41", Some(b"\xff\xff")).is_none());
    let bits = Bits::new(1, b"\x40\x01", Some(b"\xf0\x01")).unwrap();
    let matcher = Matcher::At(Arc::new(bits));
    assert!(matches(&matcher, Kind::Binary, b"\x00\x4f\xff"));
    assert!(!matches(&matcher, Kind::Binary, b"\x00\x4f\xfe"));
    assert!(!matches(&matcher, Kind::Binary, b"\x00\x4f"));
    let beyond = Bits::new(usize::MAX, b"\x40", None).unwrap();
    assert!(!matches(
        &Matcher::At(Arc::new(beyond)),
        Kind::Binary,
        b"\x40"
    ));
}

#[test]
fn nobody_is_asked_whose_answer_changes_nothing() {
    let callables: Vec<_> = (0..3).map(Matcher::Callable).collect();
    let mut script = Script {
        answers: vec![true, false, true],
        asked: Vec::new(),
    };
    let message = Message::new(Kind::Text, b"a");
    assert!(!and(&[equals("b"), and(&callables)]).matches(&message, &mut script));
    assert!(script.asked.is_empty());
    assert!(!and(&callables).matches(&message, &mut script));
    assert_eq!(std::mem::take(&mut script.asked), [0, 1]);
    assert!(
        or(&[equals("b"), callables[1].clone(), callables[2].clone()])
            .matches(&message, &mut script)
    );
    assert_eq!(script.asked, [1, 2]);
}

#[test]
fn a_value_is_json_unless_a_codec_of_the_script_has_decoded_the_message() {
    struct Codec(bool);
    impl Ask for Codec {
        fn ask(&mut self, callable: usize, _message: &Message<'_>) -> bool {
            callable == 3
        }

        fn has_own_codec(&self) -> bool {
            self.0
        }

        fn key(&mut self, _callable: usize, _message: &Message<'_>) -> Option<Vec<u8>> {
            None
        }
    }
    let value = Matcher::value(Expected::Integer("7".into()), 1).shifted(2);
    let message = Message::new(Kind::Binary, b"7");
    assert!(
        value.matches(&message, &mut Codec(false)) && value.matches(&message, &mut Codec(true))
    );
    let message = Message::new(Kind::Binary, b"\x07");
    assert!(
        !value.matches(&message, &mut Codec(false)) && value.matches(&message, &mut Codec(true))
    );
    assert!(!value.needs_python() && not(&value).decoded().needs_python());
    assert!(!Matcher::Text.decoded().needs_python() && Matcher::Callable(0).needs_python());
}

#[test]
fn callables_keep_their_numbers_when_two_lists_become_one() {
    let matcher = or(&[
        not(&Matcher::Callable(0)),
        and(&[equals("a"), Matcher::Callable(1)]),
    ]);
    let Matcher::Or(parts) = matcher.shifted(3) else {
        panic!("another matcher");
    };
    assert!(matches!(&parts[0], Matcher::Not(one) if matches!(**one, Matcher::Callable(3))));
    assert!(matches!(&parts[1], Matcher::And(both) if matches!(both[1], Matcher::Callable(4))));
    assert!(matcher.needs_python());
    assert!(!and(&[equals("a"), not(&Matcher::Text)]).needs_python());
    assert_eq!((matcher.depth(), equals("a").depth()), (3, 1));
}

/// A matcher, and what it says, by a model: which of `a`, `b`, `c` there are.
fn matchers() -> impl Strategy<Value = (Matcher, fn(u8) -> bool)> {
    prop_oneof![
        Just((
            Matcher::contains(Side::Text, b"a"),
            (|has| has & 1 != 0) as fn(u8) -> bool
        )),
        Just((
            Matcher::contains(Side::Text, b"b"),
            (|has| has & 2 != 0) as fn(u8) -> bool
        )),
        Just((
            Matcher::Regex(Pattern::of_text("c", Flags::default()).unwrap()),
            (|has| has & 4 != 0) as fn(u8) -> bool
        )),
    ]
}

#[derive(Clone, Debug)]
enum Tree {
    Leaf(Matcher, fn(u8) -> bool),
    And(Vec<Tree>),
    Or(Vec<Tree>),
    Not(Box<Tree>),
}

impl Tree {
    fn matcher(&self) -> Matcher {
        let all = |parts: &[Self]| parts.iter().map(Self::matcher).collect();
        match self {
            Self::Leaf(matcher, _) => matcher.clone(),
            Self::And(parts) => Matcher::And(all(parts)),
            Self::Or(parts) => Matcher::Or(all(parts)),
            Self::Not(part) => Matcher::Not(Arc::new(part.matcher())),
        }
    }

    fn says(&self, has: u8) -> bool {
        match self {
            Self::Leaf(_, says) => says(has),
            Self::And(parts) => parts.iter().all(|part| part.says(has)),
            Self::Or(parts) => parts.iter().any(|part| part.says(has)),
            Self::Not(part) => !part.says(has),
        }
    }
}

fn trees() -> impl Strategy<Value = Tree> {
    let leaf = matchers().prop_map(|(matcher, says)| Tree::Leaf(matcher, says));
    leaf.prop_recursive(5, 30, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Tree::And),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Tree::Or),
            inner.prop_map(|part| Tree::Not(Box::new(part))),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_joined_says_what_its_parts_say(tree in trees()) {
        let matcher = tree.matcher();
        for has in 0..8_u8 {
            let text: String = "abc"
                .chars()
                .enumerate()
                .filter(|(bit, _)| has & (1 << bit) != 0)
                .map(|(_, char)| char)
                .collect();
            prop_assert_eq!(matches(&matcher, Kind::Text, text.as_bytes()), tree.says(has));
        }
    }
}
