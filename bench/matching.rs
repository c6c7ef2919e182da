//! What it takes to look into a message: `cargo bench --no-default-features --bench matching`.
//!
//! Nanoseconds of one look, the best of several rounds, for a message that nobody has looked into before.

use std::error::Error;
use std::hint::black_box;

use k6ws::clock;
use k6ws::conversation::Expected;
use k6ws::conversation::ask::Nobody;
use k6ws::conversation::correlation::Correlation;
use k6ws::conversation::fault::Fault;
use k6ws::conversation::key::KeySource;
use k6ws::conversation::matcher::Matcher;
use k6ws::conversation::message::{Kind, Message, Side};
use k6ws::conversation::pattern::{Flags, Pattern};
use k6ws::conversation::pointer::Pointer;
use k6ws::conversation::template::Template;

const LOOKS: u32 = 200_000;
const ROUNDS: usize = 9;

/// 98 bytes.
const REPLY: &str = r#"{"jsonrpc":"2.0","id":12345,"result":{"ok":true,"items":[1,2,3],"text":"hello, load test world!"}}"#;
/// 98 bytes, with the key at its end.
const LATE: &str = r#"{"type":"reply","body":{"text":"hello, this is a text of some length for a chat room"},"id":12345}"#;
/// 96 bytes, without a key.
const PUSH: &str = r#"{"type":"trade","body":{"price":100.25,"size":3,"text":"a push that no request has asked for"}}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let long = format!(
        r#"{{"id":12345,"payload":[{}]}}"#,
        vec![r#"{"user":"name","score":1.5,"tags":["a","b"],"text":"some words here, more of them"}"#; 22]
            .join(",")
    );
    let faulty = |fault: Fault| fault.to_string();
    let source = KeySource::Pointer(Pointer::parse("/id").map_err(faulty)?);
    let ids = Correlation::by(source.clone(), source, None, None);
    let pattern = |text| Pattern::of_text(text, Flags::default()).map_err(faulty);
    let capture = KeySource::Capture(pattern(r"^43(\d+)\[")?, 1);
    let numbers = Correlation::by(capture.clone(), capture, None, None);
    for (name, text) in [
        ("key at a pointer, reply of 98 bytes", REPLY),
        ("key at a pointer, at its end", LATE),
        ("key at a pointer, in a message without it", PUSH),
        ("key at a pointer, reply of 1.9 KiB", &long),
    ] {
        time(name, text, |message| {
            ids.key_of_received(message, &mut Nobody).is_some()
        });
    }
    time("key by a pattern", r#"4312345["hello"]"#, |message| {
        numbers.key_of_received(message, &mut Nobody).is_some()
    });
    let push = |value: &str| -> Result<Matcher, String> {
        let pointer = Pointer::parse("/type").map_err(faulty)?;
        Ok(Matcher::json([(pointer, Expected::String(value.into()))]))
    };
    for (name, matcher) in [
        (
            "equals",
            Matcher::Equals(Side::Text, PUSH.as_bytes().into()),
        ),
        (
            "starts_with",
            Matcher::StartsWith(Side::Text, (*b"{\"type\"").into()),
        ),
        (
            "contains, at the end",
            Matcher::contains(Side::Text, b"asked for"),
        ),
        ("regex ^…", Matcher::Regex(pattern(r#"^\{"type":"\w+""#)?)),
        ("regex, not there", Matcher::Regex(pattern(r"price=\d+")?)),
        ("json, matches", push("trade")?),
        ("json, another value", push("quote")?),
    ] {
        time(name, PUSH, |message| matcher.matches(message, &mut Nobody));
    }
    let call = Matcher::Regex(pattern(r#"^\[2,"([^"]+)""#)?);
    let answer = Template::of_text(r#"[3,"{1}",{}]"#, &call).map_err(faulty)?;
    let mut out = Vec::new();
    time(
        "answer with a group",
        r#"[2,"17","Heartbeat",{}]"#,
        |message| {
            out.clear();
            answer.fill(message, &mut out)
        },
    );
    Ok(())
}

#[expect(clippy::print_stdout, reason = "a benchmark tells")]
fn time(name: &str, text: &str, mut look: impl FnMut(&Message<'_>) -> bool) {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = clock::now();
        for _ in 0..LOOKS {
            let message = Message::new(Kind::Text, black_box(text.as_bytes()));
            black_box(look(&message));
        }
        let each = (clock::now() - start).as_secs_f64() / f64::from(LOOKS);
        best = best.min(each * 1e9);
    }
    println!("{name:45} {best:7.1} ns");
}
