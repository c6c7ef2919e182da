//! Pieces of the message path by themselves, to count their instructions: `pieces NAME COUNT`.
//!
//! Nothing is timed and nothing is told: `bench/budgets.py` runs it under valgrind.

use std::error::Error;
use std::hint::black_box;

use k6ws::clock;
use k6ws::engine::Runtime;
use k6ws::engine::runtime::mailbox::{Event, EventKind};
use k6ws::metrics::{Recorder, Registry, SeriesTable, TagSet, builtin};
use k6ws::socket::ws::decoder::{Decoder, Role};
use k6ws::socket::ws::frame::{self, Opcode};

const PAYLOAD: &[u8] = &[b'x'; 64];
/// As many as a batch has.
const AT_ONCE: usize = 256;
const MOST: usize = 16 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [name, count] = &words[..] else {
        // Cargo alone runs all benches, and adds a word of its own.
        return Ok(());
    };
    let rounds = count.parse::<usize>()? / AT_ONCE;
    match &**name {
        "decode" => decode(rounds)?,
        "encode" => encode(rounds),
        "hand-out" => hand_out(rounds)?,
        "record" => record(rounds),
        other => return Err(format!("no piece is called {other:?}").into()),
    }
    Ok(())
}

/// Text messages of a server, as one read brings them.
fn decode(rounds: usize) -> Result<(), Box<dyn Error>> {
    let mut frames = Vec::new();
    for _ in 0..AT_ONCE {
        frame::encode(&mut frames, Opcode::Text, PAYLOAD, None);
    }
    let mut decoder = Decoder::new(Role::Client, MOST);
    for _ in 0..rounds {
        let told = decoder.feed(&mut frames, &mut |item| {
            black_box(item);
        });
        told.map_err(|violation| format!("{violation:?}"))?;
    }
    Ok(())
}

/// Text messages of a client, masked.
fn encode(rounds: usize) {
    let mut frames = Vec::new();
    for _ in 0..rounds {
        frames.clear();
        for _ in 0..AT_ONCE {
            frame::encode(
                &mut frames,
                Opcode::Text,
                black_box(PAYLOAD),
                Some([1, 2, 3, 4]),
            );
        }
        black_box(&frames);
    }
}

/// Events on their way to Python, from the mailbox on.
fn hand_out(rounds: usize) -> Result<(), Box<dyn Error>> {
    let runtime = Runtime::new()?;
    for _ in 0..rounds {
        for _ in 0..AT_ONCE {
            runtime.push(Event::bare(1, EventKind::Pong, clock::now()));
        }
        runtime.take();
        let mut batch = runtime.begin_hand_out();
        while let Some(event) = batch.next() {
            black_box(batch.bytes(&event));
        }
        runtime.end_hand_out(batch);
    }
    Ok(())
}

/// Samples of a counter and of a trend that is beyond its exact values.
fn record(rounds: usize) {
    let (registry, mut table) = (Registry::new(), SeriesTable::new());
    let counter = table.series(&registry, builtin::WS_MSGS_RECEIVED, &TagSet::new());
    let trend = table.series(&registry, builtin::WS_PING, &TagSet::new());
    let mut recorder = Recorder::only(table.id());
    for round in 0..rounds {
        for _ in 0..AT_ONCE / 2 {
            recorder.add(counter, 1.0);
            #[expect(clippy::cast_precision_loss, reason = "any value will do")]
            recorder.add(trend, (round % 100) as f64);
        }
    }
    black_box(&recorder);
}
