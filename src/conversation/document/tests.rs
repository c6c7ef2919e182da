//! What a pointer finds is what `serde_json` finds in the value that it builds, and nothing where it builds none.

use proptest::prelude::*;
use serde_json::Value as Built;

use super::super::expected::Expected;
use super::super::message::{Kind, Message};
use super::*;

/// By whoever asks first of many, and by the only one who asks: these are two ways.
fn found_in<'a>(kind: Kind, bytes: &'a [u8], pointer: &str) -> Option<&'a str> {
    let pointer = Pointer::parse(pointer).unwrap();
    let found = Message::new(kind, bytes).find(&pointer).map(Value::raw);
    let once = Message::new(kind, bytes).find_once(&pointer);
    assert_eq!(once.map(Value::raw), found, "{pointer:?} in {bytes:?}");
    found
}

fn found<'a>(text: &'a str, pointer: &str) -> Option<&'a str> {
    found_in(Kind::Text, text.as_bytes(), pointer)
}

#[test]
fn a_value_is_found_as_it_was_written() {
    let text = r#" { "a" : [ 1 , {"b":"x\"y"}, [ ] ] , "c/d~e": -1.50e2, "": {"": null} } "#;
    assert_eq!(found(text, "/a/1/b"), Some(r#""x\"y""#));
    assert_eq!(found(text, "/a/2"), Some("[ ]"));
    assert_eq!(found(text, "/c~1d~0e"), Some("-1.50e2"));
    assert_eq!(found(text, "//"), Some("null"));
    assert_eq!(found(text, ""), Some(text.trim()));
    for nothing in [
        "/b", "/a/3", "/a/-", "/a/01", "/a/+1", "/a/1/b/0", "/A", "/a/",
    ] {
        assert_eq!(found(text, nothing), None, "{nothing}");
    }
    assert_eq!(found(" 7 ", ""), Some("7"));
}

#[test]
fn names_are_compared_by_what_they_mean_and_the_last_one_counts() {
    assert_eq!(found(r#"{"\u0069d": 1}"#, "/id"), Some("1"));
    assert_eq!(found(r#"{"a\\b": 1}"#, r"/a\b"), Some("1"));
    assert_eq!(found(r#"{"a\\b": 1}"#, r"/a\\b"), None);
    assert_eq!(found(r#"{"a\nb": 1}"#, "/a\nb"), Some("1"));
    assert_eq!(found(r#"{"id": 1, "id": 2}"#, "/id"), Some("2"));
    assert_eq!(found(r#"{"id": {"a": 1}, "id": 2}"#, "/id/a"), None);
    // Half a surrogate pair is no text that anybody could ask for, and spoils nothing else.
    assert_eq!(
        found(r#"{"\ud800": 1, "id": "\ud800"}"#, "/id"),
        Some(r#""\ud800""#)
    );
}

#[test]
fn what_is_no_json_has_no_places() {
    for text in [
        "",
        " ",
        "{",
        "{\"id\":1",
        "{\"id\":1}}",
        "{\"id\":1},",
        "{\"id\":01}",
        "{\"id\":1 \"a\":2}",
        "\u{c}{\"id\":1}",
        "{\"id\":1,\"a\":nul}",
        "{\"id\":1,}",
        "{id:1}",
        "{'id':1}",
        "id",
        "\u{feff}{\"id\":1}",
    ] {
        assert_eq!(found(text, "/id"), None, "{text}");
        assert_eq!(found(text, ""), None, "{text}");
    }
    for bytes in [&b"{\"id\":\"\xff\"}"[..], b"{\"id\":1,\"a\":\"\xff\"}"] {
        assert_eq!(found_in(Kind::Binary, bytes, "/id"), None);
    }
}

#[test]
fn neither_depth_nor_number_is_too_much() {
    let deep = format!("{}{}", "[".repeat(500_000), "]".repeat(500_000));
    assert_eq!(found(&deep, "/0/0"), Some(&deep[2..deep.len() - 2]));
    assert_eq!(found(&"[".repeat(500_000), "/0"), None);
    assert_eq!(found(&"{\"a\":".repeat(500_000), "/a"), None);
    let many: Vec<_> = (0..5_000).map(|n| format!("\"n{n}\":[{n}]")).collect();
    let many = format!("{{{},\"n7\":[0,8]}}", many.join(","));
    assert_eq!(found(&many, "/n4999/0"), Some("4999"));
    assert_eq!(found(&many, "/n7/1"), Some("8"));
    assert_eq!(found(&many, "/n5000"), None);
    let long = format!("[{}1]", "0,".repeat(5_000));
    assert_eq!(found(&long, "/5000"), Some("1"));
    assert_eq!(found(&long, "/5001"), None);
}

#[test]
fn a_level_is_read_once_for_all_who_look_into_it() {
    let message = Message::new(Kind::Text, br#"{"a":{"b":{"c":1,"d":2}}}"#);
    let first = message.find(&Pointer::parse("/a/b/c").unwrap()).unwrap();
    let second = message.find(&Pointer::parse("/a/b/d").unwrap()).unwrap();
    assert_eq!((first.raw(), second.raw()), ("1", "2"));
    let level = message.document().unwrap();
    assert_eq!(level.inner.get().map(|inner| inner.len()), Some(1));
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("id".to_owned()),
        Just("0".to_owned()),
        "[a-b~/\"\\\\é\n]{0,2}"
    ]
}

fn values() -> impl Strategy<Value = Built> {
    let leaf = prop_oneof![
        Just(Built::Null),
        any::<bool>().prop_map(Built::from),
        (-20_i64..20).prop_map(Built::from),
        any::<i64>().prop_map(Built::from),
        names().prop_map(Built::from),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Built::from),
            prop::collection::vec((names(), inner), 0..5)
                .prop_map(|members| Built::Object(members.into_iter().collect())),
        ]
    })
}

/// What JSON is made of, and what nearly is.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let text = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        " ",
        "\t\r\n",
        "\"id\":",
        "\"id\"",
        "\"\"",
        "\"",
        "\\",
        "\\u0069d",
        "\\ud800",
        "\\u00g0",
        "\\n",
        "\\x",
        "0",
        "-",
        "-0",
        "01",
        "1.5",
        "1.",
        ".5",
        "1e9",
        "1E+999",
        "1e-",
        "e5",
        "true",
        "false",
        "null",
        "nul",
        "nullx",
        "\u{1f}",
        "\u{7f}",
        "é",
        "日本語のテキスト",
        "a long text, of plain letters",
        "\"id\" : [1, {\"id\": 2}]",
        "{\"id\":{\"id\":[3]},\"id\":4}",
        "\u{feff}",
        "\u{c}",
        "\0",
    ]);
    prop_oneof![
        9 => text.prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..3),
    ]
}

/// Each place of a value.
fn places(value: &Built, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Built::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{index}"), found);
            }
        }
        Built::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(member, &format!("{at}/{name}"), found);
            }
        }
        _ => {}
    }
}

fn expected(value: &Built) -> Expected {
    match value {
        Built::Null => Expected::Null,
        Built::Bool(value) => Expected::Boolean(*value),
        Built::Number(number) => Expected::Integer(number.to_string().into()),
        Built::String(text) => Expected::String(text.as_str().into()),
        Built::Array(items) => Expected::Array(items.iter().map(expected).collect()),
        Built::Object(members) => {
            let members = members.iter();
            Expected::Object(
                members
                    .map(|(name, value)| (name.as_str().into(), expected(value)))
                    .collect(),
            )
        }
    }
}

proptest! {
    #[test]
    fn each_place_of_a_document_is_found(value in values(), is_pretty: bool, other in names()) {
        let text = if is_pretty { format!("{value:#}") } else { value.to_string() };
        let mut pointers = vec![format!("/{other}/0").replace('~', "~0"), "/id/id".to_owned()];
        places(&value, "", &mut pointers);
        for pointer in pointers {
            let place = found(&text, &pointer);
            let built = place.map(|place| serde_json::from_str::<Built>(place).unwrap());
            prop_assert_eq!(built.as_ref(), value.pointer(&pointer), "{}", pointer);
        }
    }

    #[test]
    fn a_text_with_a_mistake_is_json_to_both_or_to_none(
        value in values(),
        at in any::<prop::sample::Index>(),
        mistake in prop_oneof![Just(None), "[,:{}\\[\\]\" \\\\1n]".prop_map(Some)],
    ) {
        let text = value.to_string();
        let chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len());
        let end = if mistake.is_some() { &chars[at + 1..] } else { &[] };
        let text: String = chars[..at]
            .iter()
            .copied()
            .chain(mistake.iter().flat_map(|one| one.chars()))
            .chain(end.iter().copied())
            .collect();
        let built = serde_json::from_str::<Built>(&text).ok();
        for pointer in ["", "/id", "/0", "/0/id", "/id/0", "/a"] {
            let place = found(&text, pointer);
            let place = place.map(|place| serde_json::from_str::<Built>(place).unwrap());
            let there = built.as_ref().and_then(|built| built.pointer(pointer));
            prop_assert_eq!(place.as_ref(), there, "{} in {}", pointer, text);
        }
    }

    #[test]
    fn a_value_is_what_is_expected_if_it_is_equal(one in values(), other in values()) {
        for (expected_one, value) in [(&one, &one), (&one, &other), (&other, &one)] {
            let text = value.to_string();
            let place = Value::of_document(&text).unwrap();
            prop_assert_eq!(expected(expected_one).is(place), expected_one == value);
        }
    }

    #[test]
    fn who_asks_once_finds_what_many_find_in_whatever_comes(
        pieces in prop::collection::vec(pieces(), 0..24),
        is_closed: bool,
    ) {
        let mut bytes = pieces.concat();
        if is_closed {
            bytes = [&b"{\"id\":"[..], &bytes, b"}"].concat();
        }
        for pointer in ["", "/id", "/0", "/id/id", "/id/0", "/1/id", "/"] {
            let _ = found_in(Kind::Data, &bytes, pointer);
        }
    }

    #[test]
    fn no_bytes_are_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        for pointer in ["", "/id", "/0"] {
            let _ = found_in(Kind::Data, &bytes, pointer);
        }
    }
}
