//! Frames are the same however the stream comes, against a model that sees all of it at once.

use std::sync::Arc;

use super::*;

mod splits;

pub(super) fn fed(
    framing: &Arc<Framing>,
    pieces: &[&[u8]],
) -> (Vec<Vec<u8>>, Result<(), FramingError>) {
    let mut cutter = Framer::new(framing.clone());
    let mut frames = Vec::new();
    for piece in pieces {
        if let Err(error) = cutter.feed(piece, |frame| frames.push(frame.to_vec())) {
            return (frames, Err(error));
        }
    }
    let ended = cutter.end(|frame| frames.push(frame.to_vec()));
    (frames, ended)
}

pub(super) fn whole(
    framing: &Arc<Framing>,
    bytes: &[u8],
) -> (Vec<Vec<u8>>, Result<(), FramingError>) {
    fed(framing, &[bytes])
}

fn lines(end: &str, max: usize) -> Arc<Framing> {
    Arc::new(Framing::lines(end, max, false).unwrap())
}

fn prefix(size: usize, offset: usize, is_inclusive: bool, adjust: i64) -> Arc<Framing> {
    let prefix = LengthPrefix {
        size,
        is_little: false,
        offset,
        is_inclusive,
        adjust,
    };
    Arc::new(Framing::length_prefix(prefix, 1 << 20).unwrap())
}

pub(super) fn sent(framing: &Framing, message: &[u8]) -> Result<Vec<u8>, Unframeable> {
    let mut out = Vec::new();
    framing.wrap(message, &mut out).map(|()| out)
}

#[test]
fn lines_end_at_either_end_of_line_and_at_another_one_only_where_it_is_asked_for() {
    let (frames, ended) = whole(&lines("\n", 100), b"+OK\r\n\n-ERR no\n\r\r\n");
    assert_eq!(frames, [&b"+OK"[..], b"", b"-ERR no", b"\r"]);
    assert_eq!(ended, Ok(()));
    let (frames, _) = whole(&lines("\r\n", 100), b"a\nb\r\nc\r\r\n");
    assert_eq!(frames, [&b"a\nb"[..], b"c\r"]);
}

#[test]
fn a_line_that_is_no_text_is_an_error_unless_it_is_to_be_kept() {
    let (frames, ended) = whole(&lines("\n", 100), b"fine\nna\xefve\n");
    assert_eq!(frames, [b"fine"]);
    let error = ended.unwrap_err();
    assert_eq!(
        error.to_string(),
        "framing: a line that is not UTF-8: 0xef at byte 2"
    );
    let keeps = Arc::new(Framing::lines("\n", 100, true).unwrap());
    assert_eq!(whole(&keeps, b"na\xefve\n").0, [b"na\xefve"]);
}

#[test]
fn an_end_that_overlaps_with_itself_is_found_in_every_split() {
    let framing = Arc::new(Framing::delimiter(b"aab", 100).unwrap());
    let stream = b"aaabxaabaab";
    for at in 0..stream.len() {
        let (first, second) = stream.split_at(at);
        let (frames, ended) = fed(&framing, &[first, second]);
        assert_eq!(frames, [&b"a"[..], b"x", b""], "split at {at}");
        assert_eq!(ended, Ok(()));
    }
}

#[test]
fn postgresql_has_a_kind_in_front_and_a_length_that_counts_itself() {
    let framing = prefix(4, 1, true, 0);
    let ready = b"Z\0\0\0\x05I";
    let (frames, ended) = whole(&framing, &[&ready[..], b"1\0\0\0\x04"].concat());
    assert_eq!(frames, [&ready[..], b"1\0\0\0\x04"]);
    assert_eq!(ended, Ok(()));
    assert_eq!(sent(&framing, ready).unwrap(), ready);
    let both = [&ready[..], ready].concat();
    assert_eq!(sent(&framing, &both).unwrap(), both);
}

#[test]
fn smpp_counts_the_whole_frame_and_so_does_one_with_bytes_in_front() {
    let smpp = prefix(4, 0, true, 0);
    assert_eq!(whole(&smpp, b"\0\0\0\x06ab").0, [b"ab"]);
    assert_eq!(sent(&smpp, b"ab").unwrap(), b"\0\0\0\x06ab");
    // Two bytes before a length of two, which counts all four and what follows.
    let all = prefix(2, 2, true, -2);
    assert_eq!(whole(&all, b"hd\0\x05x").0, [b"hd\0\x05x"]);
    // Written with `adjust` alone.
    let all = prefix(2, 2, false, -4);
    assert_eq!(whole(&all, b"hd\0\x05x").0, [b"hd\0\x05x"]);
}

#[test]
fn mqtt_has_a_kind_in_front_of_a_varint() {
    let framing = Arc::new(Framing::varint(1, 1 << 20).unwrap());
    let long = [&b"\x30\xc8\x01"[..], &[b'x'; 200]].concat();
    let stream = [&b"\xd0\0"[..], &long].concat();
    let (frames, ended) = whole(&framing, &stream);
    assert_eq!(frames, [b"\xd0\0".to_vec(), long.clone()]);
    assert_eq!(ended, Ok(()));
    assert_eq!(sent(&framing, &stream).unwrap(), stream);
}

#[test]
fn a_length_that_lies_is_an_error_with_its_number() {
    let (_, ended) = whole(&prefix(4, 0, true, 0), b"\0\0\0\x03");
    assert_eq!(ended, Err(FramingError::TooShort { told: 3 }));
    let (frames, ended) = whole(&prefix(4, 0, false, 0), b"\0\0\0\x01x\xff\xff\xff\xffy");
    assert_eq!(frames, [b"x"]);
    assert_eq!(
        ended.unwrap_err().to_string(),
        "framing: a message of 4294967295 bytes is over the max of 1048576 bytes"
    );
    let endless = Arc::new(Framing::varint(0, 100).unwrap());
    assert_eq!(
        whole(&endless, &[0xff; 11]).1,
        Err(FramingError::EndlessVarint)
    );
    // All of 64 bits is read, and is too long.
    let (_, ended) = whole(&endless, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    let told = Some(u64::MAX);
    assert_eq!(ended, Err(FramingError::TooLong { told, max: 100 }));
    let (_, ended) = whole(&endless, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02");
    assert_eq!(ended, Err(FramingError::EndlessVarint));
}

#[test]
fn a_message_of_max_bytes_passes_and_one_more_byte_does_not() {
    let framing = lines("\n", 4);
    for stream in [&b"1234\n"[..], b"1234\r\n"] {
        assert_eq!(whole(&framing, stream).0, [b"1234"]);
    }
    for pieces in [&[&b"12345\n"[..]][..], &[b"123", b"4", b"56"], &[b"12345"]] {
        let (frames, ended) = fed(&framing, pieces);
        let expected = FramingError::TooLong { told: None, max: 4 };
        assert_eq!((frames.len(), ended), (0, Err(expected)), "{pieces:?}");
    }
}

#[test]
fn what_lacks_its_end_is_told_with_what_is_there() {
    let (_, ended) = whole(&prefix(4, 0, false, 0), b"\0\0\0\x05ab");
    let error = ended.unwrap_err();
    assert_eq!(
        error.to_string(),
        "framing: the peer ended the stream within a frame, after 6 bytes of at least 9"
    );
    let (frames, ended) = whole(&lines("\n", 9), b"a\nb");
    let unfinished = FramingError::Unfinished {
        kept: 1,
        needs: None,
    };
    assert_eq!((frames.len(), ended), (1, Err(unfinished)));
}

#[test]
fn all_until_the_end_is_one_message_if_there_is_any() {
    let framing = Arc::new(Framing::until_close(5).unwrap());
    assert_eq!(
        fed(&framing, &[b"ab", b"cde"]),
        (vec![b"abcde".to_vec()], Ok(()))
    );
    assert_eq!(fed(&framing, &[]), (vec![], Ok(())));
    assert!(fed(&framing, &[b"ab", b"cdef"]).1.is_err());
    assert_eq!(
        sent(&framing, b"longer than it").unwrap(),
        b"longer than it"
    );
}

#[test]
fn what_cannot_be_sent_is_refused_and_says_why() {
    let refusal =
        |framing: &Framing, message: &[u8]| sent(framing, message).unwrap_err().to_string();
    assert_eq!(
        refusal(&Framing::fixed(4).unwrap(), b"12345"),
        "5 bytes are not whole frames of 4 bytes"
    );
    assert_eq!(
        refusal(&prefix(1, 0, false, 0), &[0; 256]),
        "a message of 256 bytes: its length does not fit into 1 bytes"
    );
    let postgresql = prefix(4, 1, true, 0);
    assert_eq!(
        refusal(&postgresql, b"Q\0\0\0\x09abc"),
        "a message that has its own length must be whole frames: 8 bytes where the length says 10"
    );
    assert_eq!(
        refusal(&postgresql, b"Q\0\0"),
        "a message that has its own length is too short to have it: 3 bytes, 5 are needed"
    );
    assert_eq!(
        refusal(&postgresql, b"Q\0\0\0\x03"),
        "a message that has its own length says what cannot be: framing: a frame says that its length is 3, \
         which is less than what the length itself counts"
    );
}

#[test]
fn a_framing_that_cannot_be_is_refused() {
    assert!(Framing::lines("", 1, false).is_err());
    assert!(Framing::delimiter(&[b'x'; 257], 1).is_err());
    assert!(Framing::fixed(0).is_err());
    assert!(Framing::varint(1 << 17, 1).is_err());
    assert!(Framing::until_close(0).is_err());
    let prefix = LengthPrefix {
        size: 9,
        is_little: false,
        offset: 0,
        is_inclusive: false,
        adjust: 0,
    };
    assert!(Framing::length_prefix(prefix, 1).is_err());
}

#[test]
fn a_long_message_in_single_bytes_is_looked_at_once() {
    // Looked at anew for each byte this would be 10^12 steps.
    let framing = Arc::new(Framing::delimiter(b"\r\n.\r\n", 1 << 20).unwrap());
    let mut cutter = Framer::new(framing);
    let mut frames = 0;
    for _ in 0..1 << 20 {
        cutter.feed(b"x", |_| frames += 1).unwrap();
    }
    for byte in b"\r\n.\r\n" {
        cutter.feed(&[*byte], |_| frames += 1).unwrap();
    }
    assert_eq!((frames, cutter.kept()), (1, 0));
}

/// R12 of what users want: in single bytes, in pieces of any size, and many at once.
#[test]
fn of_a_million_frames_none_is_lost_and_none_runs_into_another() {
    let mut framings = vec![
        lines("\n", 100),
        Arc::new(Framing::delimiter(b"--x--", 100).unwrap()),
        Arc::new(Framing::fixed(7).unwrap()),
        Arc::new(Framing::varint(0, 100).unwrap()),
    ];
    for size in [1, 2, 4, 8] {
        for is_little in [false, true] {
            let prefix = LengthPrefix {
                size,
                is_little,
                offset: 0,
                is_inclusive: size == 4,
                adjust: 0,
            };
            framings.push(Arc::new(Framing::length_prefix(prefix, 100).unwrap()));
        }
    }
    let (mut frames, mut chance) = (0, 11_u32);
    for (framing, most) in framings
        .iter()
        .flat_map(|one| [1, 30, 5_000].map(|most| (one, most)))
    {
        let numbers = frames..frames + 28_000;
        let mut stream = Vec::new();
        for number in numbers.clone() {
            framing
                .wrap(format!("{number:07}").as_bytes(), &mut stream)
                .unwrap();
        }
        let (mut cutter, mut rest) = (Framer::new(framing.clone()), &stream[..]);
        while !rest.is_empty() {
            chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let size = 1 + chance as usize / 7 % most;
            let (piece, behind) = rest.split_at(size.min(rest.len()));
            let take = |frame: &[u8]| {
                assert_eq!(frame, format!("{frames:07}").as_bytes());
                frames += 1;
            };
            cutter.feed(piece, take).unwrap();
            rest = behind;
        }
        assert_eq!((frames, cutter.kept()), (numbers.end, 0));
    }
    assert!(frames > 1_000_000);
}

pub(super) fn pieces<'a>(stream: &'a [u8], sizes: &[usize]) -> Vec<&'a [u8]> {
    let mut rest = stream;
    let mut pieces = Vec::new();
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, behind) = rest.split_at((*size).min(rest.len()));
        pieces.push(piece);
        rest = behind;
    }
    pieces
}
