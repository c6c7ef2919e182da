//! What one end compresses, the other reads; and what no end compressed, nobody believes.

use flate2::{Compress, Compression, FlushCompress};
use proptest::prelude::*;

use super::*;

const MOST: usize = 1 << 20;

fn direction(window_bits: u8, keeps_context: bool) -> Direction {
    Direction {
        window_bits,
        keeps_context,
    }
}

fn inflated(inflater: &mut Inflater, pieces: &[&[u8]], most: usize) -> Result<Vec<u8>, Unreadable> {
    let mut out = Vec::new();
    for piece in pieces {
        inflater.inflate(piece, &mut out, most)?;
    }
    inflater.finish(&mut out, most)?;
    Ok(out)
}

#[test]
fn the_examples_of_rfc_7692_section_7_2_3_are_read() {
    let fresh = || Inflater::new(direction(15, true));
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    assert_eq!(inflated(&mut fresh(), &[&hello], MOST).unwrap(), b"Hello");
    // In two pieces, and byte by byte.
    assert_eq!(
        inflated(&mut fresh(), &[&hello[..3], &hello[3..]], MOST).unwrap(),
        b"Hello"
    );
    let bytes: Vec<&[u8]> = hello.chunks(1).collect();
    assert_eq!(inflated(&mut fresh(), &bytes, MOST).unwrap(), b"Hello");
    // The second message refers to the first.
    let mut inflater = fresh();
    inflated(&mut inflater, &[&hello], MOST).unwrap();
    let again = [0xf2, 0x00, 0x11, 0x00, 0x00];
    assert_eq!(inflated(&mut inflater, &[&again], MOST).unwrap(), b"Hello");
    // Stored, marked as final, and in two blocks.
    for message in [
        &[
            0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00,
        ][..],
        &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
        &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00],
        &[
            0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00,
        ],
    ] {
        let mut inflater = fresh();
        assert_eq!(
            inflated(&mut inflater, &[message], MOST).unwrap(),
            b"Hello",
            "{message:x?}"
        );
        assert_eq!(
            inflated(&mut inflater, &[&hello], MOST).unwrap(),
            b"Hello",
            "after it"
        );
    }
}

#[test]
fn empty_messages_are_a_byte_each_and_stay_empty() {
    for keeps_context in [false, true] {
        let mut deflater = Deflater::new(direction(15, keeps_context), 6, 0);
        let mut inflater = Inflater::new(direction(15, keeps_context));
        let mut out = Vec::new();
        for text in [&b""[..], b"", b"text", b"", b""] {
            assert!(deflater.compress(text, &mut out));
            assert!(!out.is_empty());
            assert_eq!(inflated(&mut inflater, &[&out], MOST).unwrap(), text);
        }
    }
}

#[test]
fn a_context_makes_the_second_message_smaller_and_no_context_does_not() {
    let text = b"the same words once more, and then once more again";
    for (keeps_context, is_smaller) in [(true, true), (false, false)] {
        let mut deflater = Deflater::new(direction(15, keeps_context), 6, 0);
        let (mut first, mut second) = (Vec::new(), Vec::new());
        assert!(deflater.compress(text, &mut first));
        assert!(deflater.compress(text, &mut second));
        assert_eq!(second.len() < first.len(), is_smaller);
    }
}

#[test]
fn what_is_below_the_threshold_or_in_a_window_that_zlib_lacks_goes_as_it_is() {
    let mut out = Vec::new();
    let mut deflater = Deflater::new(direction(15, true), 6, 10);
    assert!(!deflater.compress(&[7; 9], &mut out));
    assert!(deflater.compress(&[7; 10], &mut out));
    assert!(!Deflater::new(direction(8, true), 6, 0).compress(&[7; 1000], &mut out));
}

#[test]
fn a_bomb_ends_at_the_limit_and_takes_no_more_memory_than_that() {
    let mut codec = Compress::new(Compression::best(), false);
    let zeros = vec![0; 16 << 20];
    let mut bomb = Vec::with_capacity(1 << 20);
    codec
        .compress_vec(&zeros, &mut bomb, FlushCompress::Sync)
        .unwrap();
    assert!(bomb.len() < 100_000, "a bomb");
    let mut out = Vec::new();
    let mut inflater = Inflater::new(direction(15, false));
    assert_eq!(
        inflater.inflate(&bomb, &mut out, MOST),
        Err(Unreadable::TooBig)
    );
    assert!(out.capacity() <= 2 * MOST, "{}", out.capacity());
}

#[test]
fn a_message_of_just_the_limit_is_no_bomb() {
    let mut out = Vec::new();
    for most in [0, 1, 255, 256, 257, 70_000] {
        let payload: Vec<u8> = (0..most).map(|n| u8::try_from(n % 251).unwrap()).collect();
        for level in [0, 1, 6] {
            assert!(Deflater::new(direction(15, false), level, 0).compress(&payload, &mut out));
            let mut inflater = Inflater::new(direction(15, false));
            assert_eq!(inflated(&mut inflater, &[&out], most).unwrap(), payload);
            if most > 0 {
                let mut inflater = Inflater::new(direction(15, false));
                let error = inflated(&mut inflater, &[&out], most - 1).unwrap_err();
                assert_eq!(error, Unreadable::TooBig);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn messages_survive_every_agreement_and_every_cut(
        window_bits in 9u8..=15,
        keeps_context: bool,
        level in 0u32..=9,
        messages in proptest::collection::vec(
            proptest::collection::vec(prop_oneof![Just(b'a'), Just(b'b'), any::<u8>()], 0..3000), 1..6
        ),
        cut in 1usize..500,
    ) {
        let way = direction(window_bits, keeps_context);
        let (mut deflater, mut inflater) = (Deflater::new(way, level, 0), Inflater::new(way));
        let mut out = Vec::new();
        for message in &messages {
            prop_assert!(deflater.compress(message, &mut out));
            let pieces: Vec<&[u8]> = out.chunks(cut).collect();
            prop_assert_eq!(&inflated(&mut inflater, &pieces, MOST).unwrap(), message);
        }
    }

    #[test]
    fn rubbish_is_an_error_or_bytes_but_never_more_than_allowed(
        rubbish in proptest::collection::vec(any::<u8>(), 0..2000),
        cut in 1usize..200,
    ) {
        let mut inflater = Inflater::new(direction(15, true));
        let pieces: Vec<&[u8]> = rubbish.chunks(cut).collect();
        if let Ok(out) = inflated(&mut inflater, &pieces, 4096) {
            prop_assert!(out.len() <= 4096);
        }
    }
}
