//! Heads that say how long their bodies are, cut at every byte.

use std::sync::Arc;

use proptest::prelude::*;

use super::super::tests::{fed, pieces, sent, whole};
use super::super::{Framer, Framing, FramingError, InvalidFraming};
use super::MOST_HEAD;
use crate::conversation::pattern::{Flags, Pattern};

/// `(end, length, tail, head)`
type Written = (
    &'static str,
    &'static str,
    &'static str,
    Option<&'static str>,
);

const NATS: Written = ("\r\n", r"^H?(?:MSG|PUB) .* (\d+)$", "\r\n", None);
const REDIS: Written = ("\r\n", r"^[$=!](\d+)$", "\r\n", None);
const HTTP: Written = ("\r\n\r\n", r"(?mi)^content-length: *(\d+) *\r?$", "", None);
const LSP: Written = (
    "\r\n\r\n",
    r"(?mi)^content-length: *(\d+) *\r?$",
    "",
    Some("Content-Length: {}"),
);
const NETSTRING: Written = (":", r"^(\d+)$", ",", Some("{}"));
const SYSLOG: Written = (" ", r"^(\d+)$", "", Some("{}"));
const ALL: [Written; 6] = [NATS, REDIS, HTTP, LSP, NETSTRING, SYSLOG];

fn made(written: Written, max: usize) -> Result<Framing, InvalidFraming> {
    let (end, length, tail, head) = written;
    let length = Pattern::of_bytes(length.as_bytes(), Flags::default()).unwrap();
    let head = head.map(str::as_bytes);
    Framing::length_in_head(end.as_bytes(), (length, 1), tail.as_bytes(), head, max)
}

fn framing(written: Written) -> Arc<Framing> {
    Arc::new(made(written, 1 << 10).unwrap())
}

/// The frames of a stream, which has to be cut alike wherever it is split.
fn cut(framing: &Arc<Framing>, stream: &[u8]) -> (Vec<String>, Result<(), FramingError>) {
    let (frames, ended) = whole(framing, stream);
    for at in 0..=stream.len() {
        let (first, second) = stream.split_at(at);
        let split = fed(framing, &[first, second]);
        assert_eq!(split, (frames.clone(), ended.clone()), "split at {at}");
    }
    let bytes: Vec<&[u8]> = stream.chunks(1).collect();
    assert_eq!(fed(framing, &bytes), (frames.clone(), ended.clone()));
    let text = |frame: Vec<u8>| String::from_utf8(frame).unwrap();
    (frames.into_iter().map(text).collect(), ended)
}

fn wrong(written: Written, stream: &[u8]) -> String {
    cut(&framing(written), stream).1.unwrap_err().to_string()
}

#[test]
fn a_message_of_nats_is_its_line_and_its_payload_whatever_that_has_in_it() {
    let stream =
        b"INFO {}\r\nMSG a 1 7\r\nhe\r\nllo\r\nMSG a 1 0\r\n\r\nHMSG a 1 2 4\r\nhdPL\r\nPING\r\n";
    let (frames, ended) = cut(&framing(NATS), stream);
    let expected = [
        "INFO {}",
        "MSG a 1 7\r\nhe\r\nllo",
        "MSG a 1 0\r\n",
        "HMSG a 1 2 4\r\nhdPL",
        "PING",
    ];
    assert_eq!(
        (frames, ended),
        (expected.map(str::to_owned).to_vec(), Ok(()))
    );
}

#[test]
fn a_value_of_redis_is_one_message_and_none_is_a_line() {
    let (frames, ended) = cut(
        &framing(REDIS),
        b"+OK\r\n$5\r\nhello\r\n$-1\r\n:7\r\n$0\r\n\r\n",
    );
    assert_eq!(frames, ["+OK", "$5\r\nhello", "$-1", ":7", "$0\r\n"]);
    assert_eq!(ended, Ok(()));
}

#[test]
fn a_head_of_http_brings_its_body_and_one_without_a_length_is_all() {
    let stream = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nA: b\r\n\r\nhiHTTP/1.1 204 No\r\n\r\n";
    let (frames, ended) = cut(&framing(HTTP), stream);
    let first = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nA: b\r\n\r\nhi";
    assert_eq!(frames, [first, "HTTP/1.1 204 No"]);
    assert_eq!(ended, Ok(()));
}

#[test]
fn with_head_messages_are_bodies_and_heads_are_written() {
    let written = |framing: Written, message: &[u8]| {
        String::from_utf8(sent(&self::framing(framing), message).unwrap()).unwrap()
    };
    assert_eq!(written(LSP, b"{}"), "Content-Length: 2\r\n\r\n{}");
    assert_eq!(written(NETSTRING, b"hello"), "5:hello,");
    assert_eq!(written(SYSLOG, b"<1>hi"), "5 <1>hi");
    let stream = b"Content-Type: x\r\nContent-Length: 2\r\n\r\n{}Content-Length: 0\r\n\r\n";
    assert_eq!(
        cut(&framing(LSP), stream),
        (vec!["{}".into(), String::new()], Ok(()))
    );
}

#[test]
fn what_is_sent_gets_the_end_that_it_lacks() {
    let nats = framing(NATS);
    let sent = |message: &str| String::from_utf8(sent(&nats, message.as_bytes()).unwrap()).unwrap();
    for (message, lacks) in [
        ("PING", "\r\n"),
        ("", "\r\n"),
        ("PUB a 2\r\nhi", "\r\n"),
        ("PUB a 4\r\nhi\r\n", "\r\n"),
        ("PUB a 0\r\n", "\r\n"),
        ("PUB a 2\r\nhi\r\n", ""),
        ("CONNECT {}\r\nPUB a 2\r\nhi\r\nPING", "\r\n"),
        ("PING\r\nPUB a 2\r\nhi", "\r\n"),
    ] {
        assert_eq!(sent(message), format!("{message}{lacks}"));
    }
}

#[test]
fn a_message_whose_head_lies_is_not_sent() {
    let refusal = |message: &str| {
        sent(&framing(NATS), message.as_bytes())
            .unwrap_err()
            .to_string()
    };
    let whole = "a message that has its own length must be whole frames: ";
    for (message, why) in [
        ("PUB a 3\r\nhi", "11 bytes where the length says 12"),
        ("PUB a 1\r\nhi", "11 bytes where the length says 10"),
        ("PUB a 2", "7 bytes where the length says 11"),
        (
            "PING\r\nPUB a 3\r\nhi\r\n",
            "13 bytes where the length says 12",
        ),
    ] {
        assert_eq!(refusal(message), format!("{whole}{why}"));
    }
    let many = format!("PUB a 1{}\r\nhi", "0".repeat(30));
    assert!(refusal(&many).starts_with(whole));
}

#[test]
fn a_length_that_lies_is_told_with_what_is_there() {
    assert_eq!(
        wrong(NATS, b"MSG a 1 3\r\nhello\r\n"),
        r#"framing: behind as many bytes as a head says stands "lo", not "\r\n""#
    );
    // One that is too long takes what follows, and that ends elsewhere.
    assert_eq!(
        wrong(NATS, b"MSG a 1 6\r\nhello\r\nPING\r\n"),
        r#"framing: behind as many bytes as a head says stands "\nP", not "\r\n""#
    );
    assert_eq!(
        wrong(NETSTRING, b"5:hello,x:"),
        r#"framing: a head says no length: "x""#
    );
    assert_eq!(
        wrong(NATS, b"MSG a 1 9\r\nhello\r\n"),
        "framing: the peer ended the stream within a frame, after 18 bytes of at least 22"
    );
    let greedy = ("\r\n", r"^\$(.*)$", "\r\n", None);
    assert_eq!(
        wrong(greedy, b"$-1\r\n"),
        r#"framing: the length in a head is "-1", which is no number"#
    );
    assert!(wrong(greedy, b"$\r\n").contains("is \"\", which"));
}

#[test]
fn a_length_of_any_size_is_read_and_takes_no_memory() {
    for zeros in [4, 18, 19, 20, 30, 900] {
        let stream = format!("MSG a 1 1{}\r\nhello", "0".repeat(zeros));
        let mut framer = Framer::new(framing(NATS));
        assert!(
            framer
                .feed(stream.as_bytes(), |_| panic!("no message"))
                .is_err()
        );
        assert!(framer.kept() < 1 << 10);
    }
    let number = format!("MSG a 1 1{}\r\n", "0".repeat(30));
    assert_eq!(
        wrong(NATS, number.as_bytes()),
        "framing: a message of more bytes than can be counted is over the max of 1024 bytes"
    );
    assert_eq!(
        wrong(NETSTRING, b"1025:"),
        "framing: a message of 1025 bytes is over the max of 1024 bytes"
    );
}

#[test]
fn max_is_of_the_message() {
    // "$9\r\n" and nine bytes, without their tail.
    let redis = |max| Arc::new(made(REDIS, max).unwrap());
    assert_eq!(cut(&redis(13), b"$9\r\n123456789\r\n").0.len(), 1);
    assert!(cut(&redis(12), b"$9\r\n123456789\r\n").1.is_err());
    assert_eq!(cut(&redis(3), b"+OK\r\n").0, ["+OK"]);
    let expected = FramingError::TooLong { told: None, max: 2 };
    for stream in [&b"+OK\r\n"[..], b"+OK+OK"] {
        assert_eq!(cut(&redis(2), stream), (vec![], Err(expected.clone())));
    }
    // A head that is no part of the message has a limit of its own.
    let lsp = Arc::new(made(LSP, 2).unwrap());
    assert_eq!(cut(&lsp, b"Content-Length: 2\r\n\r\n{}").0, ["{}"]);
    assert!(cut(&lsp, b"Content-Length: 3\r\n\r\n{ }").1.is_err());
    let mut framer = Framer::new(lsp);
    assert!(framer.feed(&vec![b'x'; MOST_HEAD + 3], |_| {}).is_ok());
    assert!(framer.feed(b"x", |_| {}).is_err());
}

#[test]
fn a_head_that_would_not_be_read_again_is_refused() {
    let refused = |written: Written| made(written, 1).unwrap_err();
    assert_eq!(
        refused(("\r\n", r"^(\d+)$", "", Some("Length"))),
        InvalidFraming::Head
    );
    assert_eq!(
        refused(("\r\n", r"^(\d+)$", "", Some("L: {}"))).to_string(),
        r#"with a length of 120 head is "L: 120", and length does not find that in it"#
    );
    // Its end is not part of it.
    assert!(made(("\r\n", r"(\d+)", "", Some("{}\r\n")), 1).is_err());
    assert!(made(("\r\n", r"(\d)", "", Some("{}")), 1).is_err());
    assert!(made(("", r"(\d)", "", None), 1).is_err());
}

#[test]
fn a_long_body_in_single_bytes_is_looked_at_once() {
    // Looked at anew for each byte this would be 10^12 steps.
    let mut cutter = Framer::new(Arc::new(made(NATS, 1 << 21).unwrap()));
    let mut frames = 0;
    cutter
        .feed(b"MSG a 1 1048576\r\n", |_| frames += 1)
        .unwrap();
    for _ in 0..1 << 20 {
        cutter.feed(b"\r", |_| frames += 1).unwrap();
    }
    cutter.feed(b"\r\n", |_| frames += 1).unwrap();
    assert_eq!((frames, cutter.kept()), (1, 0));
}

/// Bytes of which many make heads, lengths and ends.
fn streams() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just("\r\n"),
        Just("\r\n\r\n"),
        Just("\r"),
        Just("\n"),
        Just("$"),
        Just("MSG a "),
        Just("Content-Length: "),
        Just("0"),
        Just("1"),
        Just("2"),
        Just("12"),
        Just(":"),
        Just(","),
        Just(" "),
        Just("x"),
    ];
    prop::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn any_stream_is_cut_alike_in_every_split(
        which in prop::sample::select(ALL.to_vec()),
        max in prop_oneof![Just(4_usize), Just(30), Just(1 << 10)],
        stream in streams(),
        sizes in prop::collection::vec(1_usize..9, 1..6),
    ) {
        let framing = Arc::new(made(which, max).unwrap());
        prop_assert_eq!(fed(&framing, &pieces(&stream, &sizes)), whole(&framing, &stream));
    }

    #[test]
    fn any_body_arrives_as_it_was_sent(
        which in prop::sample::select(vec![LSP, NETSTRING, SYSLOG]),
        bodies in prop::collection::vec(streams(), 0..6),
        sizes in prop::collection::vec(1_usize..40, 1..6),
    ) {
        let framing = framing(which);
        let stream: Vec<u8> = bodies.iter().flat_map(|body| sent(&framing, body).unwrap()).collect();
        prop_assert_eq!(fed(&framing, &pieces(&stream, &sizes)), (bodies, Ok(())));
    }

    #[test]
    fn any_payload_arrives_behind_its_line(
        payloads in prop::collection::vec(streams(), 0..6),
        sizes in prop::collection::vec(1_usize..40, 1..6),
    ) {
        let framing = framing(NATS);
        let line = |body: &Vec<u8>| format!("MSG a 1 {}\r\n", body.len()).into_bytes();
        let messages: Vec<_> = payloads.iter().map(|body| [line(body), body.clone()].concat()).collect();
        let stream: Vec<u8> = messages.iter().flat_map(|one| sent(&framing, one).unwrap()).collect();
        prop_assert_eq!(fed(&framing, &pieces(&stream, &sizes)), (messages, Ok(())));
    }

    #[test]
    fn no_more_is_kept_than_one_message_and_its_tail(
        which in prop::sample::select(vec![NATS, REDIS, HTTP]),
        stream in streams(),
        size in 1_usize..20,
    ) {
        let mut framer = Framer::new(Arc::new(made(which, 20).unwrap()));
        for piece in stream.chunks(size) {
            if framer.feed(piece, |_| {}).is_err() {
                break;
            }
            prop_assert!(framer.kept() <= 20 + 4);
        }
    }
}
