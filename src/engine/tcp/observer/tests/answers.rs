//! What rules answer over TCP: what was written counts, what could not be written shows as that.

use super::*;
use crate::conversation::framing::Framing;
use crate::conversation::matcher::Matcher;
use crate::conversation::message::Side;
use crate::conversation::rules::{Action, Rule};
use crate::conversation::template::Template;
use crate::engine::conversation::Conversation;
use crate::socket::tcp::session::Answered;

/// An open connection that answers `ping` with `answer`, in a queue with so much room.
async fn answering(framing: Framing, answer: &str, room: usize) -> Rig {
    let framed = Arc::new(Framed::new(Arc::new(framing)));
    let mut rig = Rig::framed(true, Some(framed));
    rig.queue = Arc::new(TcpQueue::new(room));
    rig.observer.queue = rig.queue.clone();
    rig.opens().await;
    let common = rig.observer.common.clone();
    let series = common.series.get().map(TcpSeries::requests);
    let conversation = Conversation::new(ID, series, 0);
    let matches = Matcher::Equals(Side::Text, b"ping"[..].into());
    let template = Template::of_text(answer, &matches).unwrap();
    let action = Action::Answer(Kind::Text, Arc::new(template));
    conversation.add_rule(Rule { matches, action });
    common.conversation.set(Arc::new(conversation)).unwrap();
    rig.ledger.samples();
    rig.ledger.events();
    rig
}

fn lines() -> Framing {
    Framing::lines("\n", 100, false).unwrap()
}

impl Rig {
    fn reads(&mut self, data: &[u8]) {
        self.observer.observe(TcpFact::Data(data, clock::now()));
    }

    /// What was counted of writes and answers.
    fn counted(&self) -> Vec<String> {
        let told = self.ledger.samples();
        let of_writes = told.iter().filter_map(|one| {
            let (_, what) = one.split_once(": ")?;
            let mut words = what.split(' ');
            let (metric, value) = (words.next()?, words.next()?);
            let is_meant = metric.starts_with("tcp_writes") || metric == "tcp_auto_replies";
            is_meant.then(|| format!("{metric} {value}"))
        });
        of_writes.collect()
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_a_write_and_counts_when_it_is_done() {
    let mut rig = answering(lines(), "pong", 100).await;
    rig.reads(b"ping\nping\n");
    assert!(rig.observer.has_answered() && !rig.observer.has_answered());
    assert_eq!(rig.queue.buffered(), 10);
    assert_eq!(rig.counted(), ["tcp_writes 1", "tcp_writes 1"]);
    rig.observer.observe(TcpFact::Answered(Answered {
        all: 2,
        by_script: 0,
    }));
    assert_eq!(rig.counted(), ["tcp_auto_replies 2"]);
}

#[tokio::test(start_paused = true)]
async fn what_a_rule_took_and_wrote_says_so() {
    let mut rig = answering(lines(), "pong", 100).await;
    rig.reads(b"ping\nhello\n");
    let tags = "host=a.example ip=192.0.2.1";
    assert_eq!(
        rig.ledger.samples(),
        [
            format!("50 ms: tcp_reads 1 {tags} (7/2)"),
            format!("50 ms: tcp_msgs_received 1 {tags} rule=auto (7/2)"),
            format!("50 ms: tcp_msgs_received 1 {tags} (7/2)"),
            format!("50 ms: tcp_writes 1 {tags} rule=auto (7/2)"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_finds_no_room_is_a_write_that_is_not_done() {
    let mut rig = answering(lines(), "pong", 5).await;
    rig.reads(b"ping\nping\n");
    assert_eq!(
        rig.counted(),
        ["tcp_writes 1", "tcp_writes 1", "tcp_writes_unsent 1"]
    );
}

#[tokio::test(start_paused = true)]
async fn so_is_one_that_the_framing_cannot_say() {
    let mut rig = answering(Framing::fixed(4).unwrap(), "pongs", 100).await;
    rig.reads(b"ping");
    assert!(!rig.observer.has_answered());
    assert_eq!(rig.counted(), ["tcp_writes 1", "tcp_writes_unsent 1"]);
}

#[tokio::test(start_paused = true)]
async fn behind_our_end_nothing_is_answered_nor_counted() {
    let mut rig = answering(lines(), "pong", 100).await;
    rig.queue.end();
    rig.reads(b"ping\n");
    assert!(!rig.observer.has_answered());
    assert!(rig.counted().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_the_end_of_the_peers_side_completes_is_answered() {
    let until_close = Framing::until_close(100).unwrap();
    let mut rig = answering(until_close, "pong", 100).await;
    rig.reads(b"ping");
    assert_eq!(rig.queue.buffered(), 0);
    rig.observer.observe(TcpFact::PeerEnded);
    assert!(rig.observer.has_answered());
    assert_eq!(rig.counted(), ["tcp_writes 1"]);
}
