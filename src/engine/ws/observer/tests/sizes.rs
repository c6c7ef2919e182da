//! How long messages are: recorded beside what counts them, where a threshold names it.

use super::answers::Answering;
use super::*;
use crate::metrics::{Selector, builtin};

/// The length, direction and rule of each message that was measured.
fn sizes(ledger: &Ledger) -> Vec<String> {
    let told = ledger.samples();
    let of_sizes = told.iter().filter_map(|one| {
        let (_, what) = one.split_once(": ws_msg_size ")?;
        let mut words: Vec<_> = what.split(' ').collect();
        assert_eq!(words.pop(), Some("(7/2)"), "whose it is");
        assert!(words.contains(&"url=ws://a.example/"));
        words.retain(|word| {
            let of_others = ["ip=", "status=", "subproto=", "url="];
            !of_others.iter().any(|key| word.starts_with(key))
        });
        Some(words.join(" "))
    });
    of_sizes.collect()
}

fn asked(selector: &str) -> Rig {
    let rig = Rig::new();
    let selector = Selector::parse(selector).unwrap();
    let mut catalog = rig.ledger.metrics.catalog();
    catalog.series.pick_by(builtin::WS_MSG_SIZE, &selector);
    drop(catalog);
    rig
}

async fn exchanged(rig: Rig) -> Answering {
    let mut open = Answering::of(rig, 1 << 20).await;
    open.reads(b"\x81\x04ping\x81\x04hush\x82\x03abc\x81\x00");
    for message in [&b""[..], &[0; 7_000]] {
        open.outbox.send(Opcode::Binary, message).unwrap();
    }
    open.writes();
    open
}

#[tokio::test(start_paused = true)]
async fn each_message_is_as_long_as_the_script_has_it_whoever_takes_or_sends_it() {
    for selector in ["ws_msg_size", "ws_msg_size{direction:sent}"] {
        let open = exchanged(asked(selector)).await;
        assert_eq!(
            sizes(&open.ledger),
            [
                "4 direction=received rule=auto",
                "4 direction=received rule=ignore",
                "3 direction=received",
                "0 direction=received",
                "0 direction=sent",
                "7000 direction=sent",
                "4 direction=sent rule=auto",
            ]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_nobody_asks_for_is_not_recorded() {
    let open = exchanged(Rig::new()).await;
    assert!(sizes(&open.ledger).is_empty());
    let catalog = open.ledger.metrics.catalog();
    let all = catalog.series.of_metric(builtin::WS_MSG_SIZE);
    assert_eq!(all.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_comes_in_several_pieces_is_one_message_and_pings_are_none() {
    let mut open = Answering::of(asked("ws_msg_size"), 1 << 20).await;
    open.reads(b"\x01\x03abc\x89\x02pp\x80\x02de");
    open.outbox.ping().unwrap();
    open.writes();
    assert_eq!(sizes(&open.ledger), ["5 direction=received"]);
}
