//! What a push says: its age, its number, whose it is.

use super::*;
use crate::conversation::ask::Nobody;
use crate::conversation::message::Kind;
use crate::conversation::pointer::Pointer;

const NOW: Duration = Duration::from_millis(1_764_544_900_250);

fn pointer(written: &str) -> KeySource {
    KeySource::Pointer(Pointer::parse(written).unwrap())
}

fn watch() -> Watch {
    Watch {
        name: "tick".into(),
        stamp: Some(pointer("/at")),
        sequence: Some(pointer("/n")),
        source: Some(pointer("/from")),
        is_taken: false,
    }
}

fn push(followed: &mut Followed, text: &str) -> Delivery {
    let message = Message::new(Kind::Text, text.as_bytes());
    let read = watch().read(&message, &mut Nobody);
    followed.add(read, Some(NOW))
}

fn age(at: &str) -> Option<Age> {
    push(&mut Followed::default(), &format!("{{\"at\": {at}}}")).age
}

#[test]
fn a_stamp_is_of_seconds_or_of_a_thousandth_a_millionth_or_a_billionth() {
    for written in [
        "1764544900",
        "1764544900.0",
        "\"1764544900\"",
        "1764544900000",
        "1764544900000000",
        "1764544900000000000",
        "1.7645449e9",
    ] {
        let Some(Age::Of(age)) = age(written) else {
            panic!("{written} is a clock");
        };
        assert_eq!(age.as_millis(), 250, "{written}");
    }
}

#[test]
fn what_is_no_clock_of_today_gives_no_age() {
    for written in [
        "0", "-5", "12345.6", "5e11", "1e300", "true", "null", "\"soon\"", "[1]",
    ] {
        assert_eq!(age(written), None, "{written}");
    }
}

#[test]
fn what_came_before_it_was_sent_is_told_apart() {
    assert_eq!(age("1764544900.251"), Some(Age::Negative));
    assert_eq!(age("1764544900.2500005"), Some(Age::Of(Duration::ZERO)));
}

#[test]
fn bytes_of_a_field_are_a_number_the_greatest_first() {
    let field = |offset, size| Some(KeySource::Field { offset, size });
    let watch = Watch {
        stamp: field(0, 8),
        sequence: field(8, 2),
        source: None,
        ..watch()
    };
    let mut bytes = 1_764_544_900_000_u64.to_be_bytes().to_vec();
    bytes.extend([1, 2]);
    let read = watch.read(&Message::new(Kind::Binary, &bytes), &mut Nobody);
    assert_eq!(read.number, Some(258));
    let age = Followed::default().add(read, Some(NOW)).age;
    assert_eq!(age, Some(Age::Of(Duration::from_millis(250))));
}

#[test]
fn each_source_has_numbers_of_its_own() {
    let mut followed = Followed::default();
    for text in [
        "1, \"from\": \"a\"",
        "9, \"from\": \"b\"",
        "2, \"from\": \"a\"",
        "10, \"from\": \"b\"",
    ] {
        let delivery = push(&mut followed, &format!("{{\"n\": {text}}}"));
        assert_eq!(delivery, Delivery::default(), "{text}");
    }
    assert!(push(&mut followed, "{\"n\": 10, \"from\": \"b\"}").is_doubled);
    push(&mut followed, "{\"n\": 5, \"from\": \"a\"}");
    push(&mut followed, "{\"n\": 1}");
    push(&mut followed, "{\"n\": 3}");
    assert_eq!(followed.end(), 3, "3 and 4 of a, 2 of nobody");
    assert_eq!(followed.end(), 0);
}

#[test]
fn a_push_that_has_no_number_is_counted_and_nothing_else() {
    assert_eq!(push(&mut Followed::default(), "{}"), Delivery::default());
}
