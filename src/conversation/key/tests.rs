//! Keys in place and elsewhere, and where they are found.

use std::collections::HashMap;

use proptest::prelude::*;

use super::super::ask::Nobody;
use super::super::correlation::Correlation;
use super::super::message::Kind;
use super::super::pattern::Flags;
use super::*;

fn pointer(text: &str) -> KeySource {
    KeySource::Pointer(Pointer::parse(text).unwrap())
}

fn capture(text: &str) -> KeySource {
    KeySource::Capture(Pattern::of_text(text, Flags::default()).unwrap(), 1)
}

fn sent(correlation: &Correlation, text: &str) -> Result<Key, KeyFault> {
    correlation.key_of_sent(&Message::new(Kind::Text, text.as_bytes()), &mut Nobody)
}

fn received(correlation: &Correlation, text: &str) -> Option<Key> {
    correlation.key_of_received(&Message::new(Kind::Text, text.as_bytes()), &mut Nobody)
}

#[test]
fn two_pointers_know_a_number_from_a_string_and_nobody_else_does() {
    let pointers = Correlation::by(pointer("/id"), pointer("/re"), None, None);
    let seven = sent(&pointers, r#"{"id":7}"#).unwrap();
    assert_eq!(received(&pointers, r#"{"re": 7}"#), Some(seven.clone()));
    assert_ne!(received(&pointers, r#"{"re": "7"}"#), Some(seven.clone()));
    assert_eq!(pointers.key_of_text(b"7", false), Ok(seven.clone()));
    assert_ne!(pointers.key_of_text(b"7", true), Ok(seven));
    let text = Correlation::by(pointer("/id"), capture("^(.*?) "), None, None);
    for message in [r#"{"id":7}"#, r#"{"id":"7"}"#, r#"{"id":"\u0037"}"#] {
        assert_eq!(
            sent(&text, message).ok(),
            received(&text, "7 ok"),
            "{message}"
        );
    }
}

#[test]
fn what_is_no_key_is_none() {
    let ids = Correlation::by(pointer("/id"), pointer("/id"), None, None);
    for message in [
        "",
        "{}",
        r#"{"id":null}"#,
        r#"{"id":[7]}"#,
        r#"{"id":{}}"#,
        r#"{"id":7"#,
    ] {
        assert_eq!(sent(&ids, message), Err(KeyFault::Missing), "{message}");
        assert_eq!(received(&ids, message), None, "{message}");
    }
    let field = KeySource::Field {
        offset: usize::MAX,
        size: 2,
    };
    let fields = Correlation::by(field.clone(), field, None, None);
    assert_eq!(sent(&fields, "long enough"), Err(KeyFault::Missing));
    let order = Correlation::in_order(None, None);
    assert_eq!(received(&order, "anything"), Key::new(b"").ok());
    assert_eq!(sent(&order, "anything"), Err(KeyFault::Missing));
}

#[test]
fn a_key_that_is_too_long_is_refused() {
    let all = Correlation::by(capture("(?s)(.*)"), capture("(?s)(.*)"), None, None);
    let (fits, too_long) = ("x".repeat(LONGEST), "x".repeat(LONGEST + 1));
    assert_eq!(sent(&all, &fits).ok(), received(&all, &fits));
    assert_eq!(sent(&all, &too_long), Err(KeyFault::TooLong));
    assert_eq!(received(&all, &too_long), None);
}

proptest! {
    #[test]
    fn keys_are_equal_where_their_bytes_are(
        one in prop::collection::vec(0_u8..3, 0..40),
        other in prop::collection::vec(0_u8..3, 0..40),
    ) {
        let [first, again, second] = [&one, &one, &other].map(|bytes| Key::new(bytes).unwrap());
        prop_assert_eq!(first.as_bytes(), &one[..]);
        prop_assert_eq!(first == second, one == other);
        let places = HashMap::from([(first, 1)]);
        prop_assert_eq!(places.get(&again), Some(&1));
        prop_assert_eq!(places.contains_key(&second), one == other);
    }

    #[test]
    fn a_reply_with_the_id_of_a_request_has_its_key(id in "\\PC{0,30}", number: i64) {
        let ids = Correlation::by(pointer("/id"), pointer("/a/1"), None, None);
        for id in [serde_json::json!(id), serde_json::json!(number)] {
            let (request, reply) = (format!(r#"{{"id":{id}}}"#), format!(r#"{{"a":[0, {id} ]}}"#));
            prop_assert_eq!(sent(&ids, &request).ok(), received(&ids, &reply));
            prop_assert!(received(&ids, &reply).is_some());
        }
    }
}
