//! What rules answer: what left counts, what could not leave does not; the session is a real one, its stream is the test.

use super::*;
use crate::conversation::matcher::Matcher;
use crate::conversation::message::Side;
use crate::conversation::rules::{Action, Rule};
use crate::conversation::template::Template;
use crate::engine::conversation::Conversation;
use crate::socket::keeper::session::ByteSession;
use crate::socket::ws::session::{PaceConfig, Session, WsConfig};

const CONFIG: WsConfig = WsConfig {
    max_message_size: 1 << 20,
    send_timeout: Duration::from_secs(10),
    close_timeout: Duration::from_secs(1),
    pace: PaceConfig {
        idle_timeout: None,
        keep_alive: None,
        recv_rate: None,
    },
    inflate: None,
};
/// What the peer says, in its frames.
const PING: &[u8] = b"\x81\x04ping";
const CLOSE: &[u8] = b"\x88\x02\x03\xe8";

/// An open session that answers `ping` with `pong`, and ignores `hush`.
pub(super) struct Answering {
    pub(super) ledger: Ledger,
    pub(super) outbox: Arc<Outbox>,
    session: Session<ConnectionObserver>,
}

impl Answering {
    async fn open() -> Self {
        Self::with_room(1 << 20).await
    }

    async fn with_room(max_buffered: usize) -> Self {
        Self::of(Rig::new(), max_buffered).await
    }

    pub(super) async fn of(mut rig: Rig, max_buffered: usize) -> Self {
        rig.outbox = Arc::new(Outbox::new(max_buffered));
        rig.observer.outbox = rig.outbox.clone();
        rig.opens().await;
        let common = rig.observer.common.clone();
        let series = common.series.get().map(ConnectionSeries::requests);
        let conversation = Conversation::new(ID, series, 0);
        let matches = Matcher::Equals(Side::Text, b"ping"[..].into());
        let template = Template::of_text("pong", &matches).unwrap();
        let action = Action::Answer(Kind::Text, Arc::new(template));
        conversation.add_rule(Rule { matches, action });
        let (matches, action) = (
            Matcher::Equals(Side::Text, b"hush"[..].into()),
            Action::Ignore,
        );
        conversation.add_rule(Rule { matches, action });
        common.conversation.set(Arc::new(conversation)).unwrap();
        rig.ledger.samples();
        rig.ledger.events();
        let session = Session::new("A->B", rig.outbox.clone(), rig.observer, CONFIG);
        Self {
            ledger: rig.ledger,
            outbox: rig.outbox,
            session,
        }
    }

    pub(super) fn reads(&mut self, bytes: &[u8]) {
        self.session.take_in(&mut bytes.to_vec(), None);
    }

    /// The stream takes everything.
    pub(super) fn writes(&mut self) {
        while let Some((bytes, begun)) = self.session.unwritten() {
            let count = bytes.len();
            self.session.wrote(count, begun);
        }
    }

    /// Sums of what was counted of messages until the end of the session.
    fn counted(mut self) -> Vec<String> {
        self.session.finish();
        let told = self.ledger.samples();
        let of_messages = told.iter().filter_map(|one| {
            let (_, what) = one.split_once(": ")?;
            let mut words = what.split(' ');
            let (metric, value) = (words.next()?, words.next()?);
            let is_meant = metric.starts_with("ws_msgs") || metric == "ws_auto_replies";
            is_meant.then(|| format!("{metric} {value}"))
        });
        of_messages.collect()
    }
}

#[tokio::test(start_paused = true)]
async fn what_left_counts_as_sent_and_as_an_answer() {
    let mut rig = Answering::open().await;
    rig.reads(&[PING, PING].concat());
    rig.writes();
    assert_eq!(
        rig.counted(),
        [
            "ws_msgs_received 1",
            "ws_msgs_received 1",
            "ws_msgs_sent 2",
            "ws_auto_replies 2"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn behind_our_close_nothing_is_answered_nor_counted() {
    let mut rig = Answering::open().await;
    rig.reads(PING);
    rig.outbox.close(1000, "", Duration::from_secs(1));
    rig.reads(PING);
    rig.writes();
    rig.reads(PING);
    rig.writes();
    rig.reads(CLOSE);
    rig.writes();
    assert_eq!(
        rig.counted(),
        [
            "ws_msgs_received 1",
            "ws_msgs_received 1",
            "ws_msgs_sent 1",
            "ws_auto_replies 1",
            "ws_msgs_received 1",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_the_peer_said_before_its_close_is_answered_before_ours() {
    let mut rig = Answering::open().await;
    rig.reads(&[PING, CLOSE].concat());
    rig.writes();
    assert_eq!(
        rig.counted(),
        ["ws_msgs_received 1", "ws_msgs_sent 1", "ws_auto_replies 1"]
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_a_connection_took_with_it_is_unsent() {
    let mut rig = Answering::open().await;
    rig.reads(&[PING, PING].concat());
    let (_, begun) = rig.session.unwritten().unwrap();
    // One whole frame and a part of the next.
    rig.session.wrote(12, begun);
    rig.session
        .write_failed(&std::io::ErrorKind::ConnectionReset.into());
    assert_eq!(
        rig.counted(),
        [
            "ws_msgs_received 1",
            "ws_msgs_received 1",
            "ws_msgs_sent 1",
            "ws_auto_replies 1",
            "ws_msgs_unsent 1",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_finds_no_room_is_unsent() {
    let mut rig = Answering::with_room(12).await;
    rig.reads(&[PING, PING, PING].concat());
    rig.writes();
    let mut counted = rig.counted();
    counted.sort();
    assert_eq!(
        counted,
        [
            "ws_auto_replies 1",
            "ws_msgs_received 1",
            "ws_msgs_received 1",
            "ws_msgs_received 1",
            "ws_msgs_sent 1",
            "ws_msgs_unsent 1",
            "ws_msgs_unsent 1",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn when_the_vu_is_cut_nothing_more_is_answered() {
    let mut rig = Answering::open().await;
    rig.reads(PING);
    rig.writes();
    rig.ledger.vu.set_cut(true);
    rig.outbox.cut(1001, Duration::from_millis(100));
    rig.writes();
    rig.reads(PING);
    rig.writes();
    assert_eq!(
        rig.counted(),
        ["ws_msgs_received 1", "ws_msgs_sent 1", "ws_auto_replies 1"]
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_rule_took_and_said_says_so() {
    let mut rig = Answering::open().await;
    rig.reads(&[PING, b"\x81\x04hush", b"\x81\x05hello"].concat());
    rig.writes();
    let mut told = rig.ledger.samples();
    for one in &mut told {
        let (what, tags) = one.split_once(" ip=").unwrap();
        let rule = tags.split(' ').find(|tag| tag.starts_with("rule="));
        *one = [what, rule.unwrap_or("none")].join(" ");
    }
    assert_eq!(
        told,
        [
            "60 ms: ws_msgs_received 1 rule=auto",
            "60 ms: ws_msgs_received 1 rule=ignore",
            "60 ms: ws_msgs_received 1 none",
            "60 ms: ws_msgs_sent 1 rule=auto",
            "60 ms: ws_auto_replies 1 none",
        ]
    );
}
