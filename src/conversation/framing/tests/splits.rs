//! Any message, and any bytes, in any split.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;

/// Every framing that can carry any message, and one that writes it.
fn framings() -> impl Strategy<Value = Arc<Framing>> {
    let prefixes = (1_usize..=8, any::<bool>(), any::<bool>(), -3_i64..3).prop_map(
        |(size, is_little, is_inclusive, adjust)| {
            let prefix = LengthPrefix {
                size,
                is_little,
                offset: 0,
                is_inclusive,
                adjust,
            };
            Framing::length_prefix(prefix, 1 << 10)
        },
    );
    prop_oneof![
        prefixes,
        Just(Framing::varint(0, 1 << 10)),
        Just(Framing::lines("\n", 1 << 10, true)),
        Just(Framing::lines("\r\n", 1 << 10, true)),
        Just(Framing::delimiter(b"\0", 1 << 10)),
        Just(Framing::delimiter(b"--x--", 1 << 10)),
        Just(Framing::fixed(5)),
    ]
    .prop_map(|framing| Arc::new(framing.unwrap()))
}

fn fixed_size(framing: &Framing) -> Option<usize> {
    // Of these alone that one refuses nothing.
    sent(framing, b"").is_err().then(|| framing.max())
}

proptest! {
    #[test]
    fn what_is_sent_arrives_in_every_split(
        framing in framings(),
        messages in prop::collection::vec(prop::collection::vec(b'0'..=b'9', 0..300), 0..8),
        sizes in prop::collection::vec(1_usize..40, 1..6),
    ) {
        let mut stream = Vec::new();
        let mut expected = Vec::new();
        for message in messages {
            if framing.wrap(&message, &mut stream).is_ok() {
                match fixed_size(&framing) {
                    Some(size) => expected.extend(message.chunks(size).map(<[u8]>::to_vec)),
                    None => expected.push(message),
                }
            }
        }
        prop_assert_eq!(fed(&framing, &pieces(&stream, &sizes)), (expected, Ok(())));
    }

    #[test]
    fn the_one_message_of_a_frame_is_found_in_it(
        framing in framings(),
        message in prop::collection::vec(any::<u8>(), 1..300),
    ) {
        let mut frame = Vec::new();
        if framing.wrap(&message, &mut frame).is_ok() {
            // As who reads it has it: a carriage return at the end of a line is its end's.
            let (mut frames, ended) = fed(&framing, &[&frame]);
            let is_whole = matches!(framing.kind, description::Kind::UntilClose);
            let found = if frames.len() == 1 && ended.is_ok() { frames.pop() } else { None };
            prop_assert_eq!(framing.only_message(&frame), found);
            frame.extend_from_slice(&frame.clone());
            prop_assert_eq!(framing.only_message(&frame).is_some(), is_whole);
        }
    }

    #[test]
    fn any_bytes_give_the_same_in_every_split(
        framing in framings(),
        stream in prop::collection::vec(
            prop_oneof![Just(0_u8), Just(b'\r'), Just(b'\n'), Just(b'-'), Just(b'x'), any::<u8>()],
            0..400,
        ),
        sizes in prop::collection::vec(1_usize..9, 1..6),
    ) {
        let at_once = whole(&framing, &stream);
        prop_assert_eq!(fed(&framing, &pieces(&stream, &sizes)), at_once);
    }

    #[test]
    fn no_more_is_kept_than_one_message_and_its_end(
        framing in framings(),
        stream in prop::collection::vec(any::<u8>(), 0..4000),
        size in 1_usize..600,
    ) {
        let mut cutter = Framer::new(framing);
        for piece in stream.chunks(size) {
            if cutter.feed(piece, |_| {}).is_err() {
                break;
            }
            prop_assert!(cutter.kept() <= (1 << 10) + 16);
        }
    }
}
