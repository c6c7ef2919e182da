//! The decoder gives the same facts however the bytes are cut.

use proptest::prelude::*;

use super::super::frame::encode;
use super::*;

/// What a client makes of `bytes`, cut into pieces of `step` bytes.
fn decode(bytes: &[u8], step: usize) -> (Vec<String>, Option<u16>) {
    let mut decoder = Decoder::new(Role::Client, 1 << 20);
    let mut seen = Vec::new();
    for piece in bytes.chunks(step.max(1)) {
        let mut piece = piece.to_vec();
        let fed = decoder.feed(&mut piece, &mut |item| {
            seen.push(match item {
                Item::Text(data) => format!("text {}", String::from_utf8_lossy(&data)),
                Item::Binary(data) => format!("binary {data:?}"),
                Item::Ping(data) => format!("ping {data:?}"),
                Item::Pong(data) => format!("pong {data:?}"),
                Item::Close(status) => format!("{status}"),
            });
        });
        if let Err(violation) = fed {
            return (seen, Some(violation.code));
        }
    }
    (seen, None)
}

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![first, u8::try_from(payload.len()).unwrap()];
    out.extend_from_slice(payload);
    out
}

#[test]
fn control_frames_may_stand_between_fragments() {
    let mut bytes = frame(0x01, b"ab");
    bytes.extend(frame(0x89, b"!"));
    bytes.extend(frame(0x00, b""));
    bytes.extend(frame(0x80, b"cd"));
    for step in 1..=bytes.len() {
        assert_eq!(
            decode(&bytes, step),
            (vec!["ping [33]".into(), "text abcd".into()], None)
        );
    }
}

#[test]
fn each_breach_ends_with_its_own_close_code() {
    let cases: [(&str, Vec<u8>, u16); 11] = [
        ("reserved bit", frame(0xC1, b"x"), 1002),
        ("opcode 3", frame(0x83, b""), 1002),
        ("masked", vec![0x81, 0x80, 0, 0, 0, 0], 1002),
        ("stray continuation", frame(0x80, b"x"), 1002),
        ("fragmented ping", frame(0x09, b""), 1002),
        ("long ping", vec![0x89, 126, 0, 126], 1002),
        (
            "message inside a message",
            [frame(0x01, b"a"), frame(0x81, b"b")].concat(),
            1002,
        ),
        ("close payload of one byte", frame(0x88, b"\x03"), 1002),
        ("close code 1006", frame(0x88, &1006u16.to_be_bytes()), 1002),
        ("bad UTF-8", frame(0x81, b"\xff"), 1007),
        ("close reason not UTF-8", frame(0x88, b"\x03\xe8\xff"), 1007),
    ];
    for (name, bytes, code) in cases {
        for step in [1, 2, bytes.len()] {
            assert_eq!(
                decode(&bytes, step).1,
                Some(code),
                "{name} in steps of {step}"
            );
        }
    }
}

#[test]
fn bad_text_is_refused_before_the_message_is_complete() {
    // "ab", then a byte that starts nothing; the frame claims 100 bytes, the rest never comes.
    let bytes = [&[0x81, 100][..], b"ab\xff"].concat();
    assert_eq!(decode(&bytes, 1).1, Some(1007));
}

#[test]
fn text_cut_inside_a_character_at_its_end_is_refused() {
    let bytes = [
        frame(0x01, "é".as_bytes().get(..1).unwrap()),
        frame(0x80, b""),
    ]
    .concat();
    assert_eq!(decode(&bytes, bytes.len()).1, Some(1007));
}

#[test]
fn a_claimed_length_above_the_limit_is_refused_at_the_header() {
    let bytes = [0x82, 127, 0x40, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(decode(&bytes, bytes.len()).1, Some(1009));
}

#[test]
fn a_message_of_exactly_the_limit_is_accepted() {
    let mut bytes = Vec::new();
    encode(&mut bytes, Opcode::Binary, &vec![7; 1 << 20], None);
    assert_eq!(decode(&bytes, 4096).0.len(), 1);
    let mut bytes = Vec::new();
    encode(&mut bytes, Opcode::Binary, &vec![7; (1 << 20) + 1], None);
    assert_eq!(decode(&bytes, 4096).1, Some(1009));
}

#[test]
fn nothing_is_read_after_a_close() {
    let bytes = [frame(0x88, b"\x03\xe8bye"), frame(0x83, b"")].concat();
    assert_eq!(
        decode(&bytes, 1),
        (vec!["websocket: close 1000 (normal): bye".into()], None)
    );
}

proptest! {
    /// Whatever the bytes and wherever they are cut, the verdict is the same and nothing panics.
    #[test]
    fn the_verdict_does_not_depend_on_where_the_network_cut(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        step in 1usize..20,
    ) {
        prop_assert_eq!(decode(&bytes, step), decode(&bytes, bytes.len()));
    }

    #[test]
    fn messages_survive_any_cut(
        payloads in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 1..5),
        step in 1usize..50,
    ) {
        let mut bytes = Vec::new();
        for payload in &payloads {
            encode(&mut bytes, Opcode::Binary, payload, None);
        }
        let expected: Vec<String> = payloads.iter().map(|p| format!("binary {p:?}")).collect();
        prop_assert_eq!(decode(&bytes, step), (expected, None));
    }
}
