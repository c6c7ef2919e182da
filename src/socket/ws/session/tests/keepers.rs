//! The states of the table in `session`, through both keepers, on real sockets and a clock that stands still.

use tokio::net::UnixStream;
use tokio::sync::oneshot;

use super::*;
use crate::socket::reactor::Reactor;
use crate::socket::stream::Counted;

const SECOND: Duration = Duration::from_secs(1);
const THREE_SECONDS: Duration = Duration::from_secs(3);
const LONG: Duration = Duration::from_secs(60);
/// More than a pair of sockets holds, and than is read in one turn.
const LARGE: usize = 900_000;

/// What happens to a session, one after the other, each until nothing is left to do.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The peer writes.
    Says(&'static [u8]),
    /// The peer writes so many messages of one byte in one go.
    SaysMany(usize),
    /// The peer reads so many bytes.
    Reads(usize),
    /// The peer ends its side, or closes the socket.
    Ends,
    Sends(usize),
    Close(u16, Duration),
    Cut(u16, Duration),
    /// The script has had all it was told, or is behind.
    Behind(bool),
    /// The script takes so many more messages.
    Room(usize),
    Pause(bool),
    Wait(Duration),
}
use Step::*;

/// Steps, what is told in them and behind them, and how long the session lives on if it is left alone.
type Case = (&'static [Step], &'static [&'static str], Duration);

const BYE: &[u8] = b"\x88\x02\x03\xe8";
const EOF: &str = "closed 1006 (websocket: close 1006 (abnormal closure): unexpected EOF)";
const BROKEN: &str = "closed 1002 (websocket: close 1002 (protocol error): unknown opcode 3)";
const ENDED: &str = "ended { unsent: 0 }";
const ZERO: Duration = Duration::ZERO;

const CASES: &[Case] = &[
    // Open.
    (&[Says(BYE)], &["closed 1000", ENDED], GOODBYE),
    (&[Says(BYE), Ends], &["closed 1000", ENDED], ZERO),
    (&[Ends], &[EOF, ENDED], ZERO),
    (&[Says(b"\x81\x01a"), Ends], &["text a", EOF, ENDED], ZERO),
    (&[Says(b"\x83\x00")], &[BROKEN, ENDED], CONFIG.close_timeout),
    (
        &[Behind(true), Says(b"\x81\x01a\x83\x00")],
        &["text a", BROKEN, ENDED],
        // First for the script, then for the peer.
        Duration::from_secs(2),
    ),
    (
        &[Behind(true), Says(b"\x81\x01a\x83\x00"), Behind(false)],
        &["text a", BROKEN, ENDED],
        CONFIG.close_timeout,
    ),
    // CloseSent.
    (&[Close(1000, SECOND)], &["closed 1006", ENDED], SECOND),
    (
        &[Close(1000, LONG), Says(BYE)],
        &["closed 1000", ENDED],
        GOODBYE,
    ),
    (
        &[Close(1000, LONG), Says(b"\x81\x01a"), Says(BYE), Ends],
        &["text a", "closed 1000", ENDED],
        ZERO,
    ),
    (&[Close(1000, LONG), Ends], &[EOF, ENDED], ZERO),
    (
        &[Close(1000, LONG), Says(b"\x83\x00")],
        &[BROKEN, ENDED],
        GOODBYE,
    ),
    (
        &[Close(1000, LONG), Cut(1001, GOODBYE)],
        &["closed 1006", ENDED],
        GOODBYE,
    ),
    // Draining.
    (
        &[Says(BYE), Says(b"\x81\x01a\x83\x00")],
        &["closed 1000", ENDED],
        GOODBYE,
    ),
    // A peer that does not read, whatever the state.
    (
        &[Sends(LARGE), Wait(SECOND)],
        &[
            "closed 1006 (write tcp A->B: i/o timeout)",
            "ended { unsent: 1 }",
        ],
        Duration::from_secs(9),
    ),
    (
        &[Sends(LARGE), Close(1000, SECOND), Wait(THREE_SECONDS)],
        &[
            "closed 1006 (write tcp A->B: i/o timeout)",
            "ended { unsent: 1 }",
        ],
        Duration::from_secs(7),
    ),
    (
        &[Sends(LARGE), Cut(1001, GOODBYE)],
        &["closed 1006", "ended { unsent: 1 }"],
        GOODBYE,
    ),
    (
        &[
            Sends(LARGE),
            Wait(THREE_SECONDS),
            Reads(LARGE + 14),
            Says(BYE),
        ],
        &["sent(1)", "closed 1000", ENDED],
        GOODBYE,
    ),
    // A script that does not read.
    (
        &[
            Pause(true),
            Says(b"\x81\x01a"),
            Wait(SECOND),
            Pause(false),
            Ends,
        ],
        &["text a", EOF, ENDED],
        ZERO,
    ),
    (
        &[Pause(true), Says(BYE), Close(1000, SECOND)],
        &["closed 1000", ENDED],
        GOODBYE,
    ),
    (
        &[
            Room(0),
            Says(b"\x81\x01a"),
            Wait(SECOND),
            Room(9),
            Says(BYE),
        ],
        &["text a", "closed 1000", ENDED],
        GOODBYE,
    ),
    (
        &[Says(b"\x89\x00"), Reads(6), Says(b"\x81\x01a"), Ends],
        &["ping", "text a", EOF, ENDED],
        ZERO,
    ),
];

/// A session that one of the two keeps.
fn kept(is_reactor: bool) -> Rig<UnixStream> {
    paced(is_reactor, PaceConfig::default())
}

fn paced(is_reactor: bool, pace: PaceConfig) -> Rig<UnixStream> {
    let config = WsConfig { pace, ..CONFIG };
    let (ours, server) = UnixStream::pair().unwrap();
    let counted = Counted::new(ours, Arc::default());
    let outbox = Arc::new(Outbox::new(1 << 20));
    let (tell_gone, gone) = oneshot::channel();
    let observer = Recorder {
        log: Log::default(),
        _gone: Some(tell_gone),
        room: Arc::new(AtomicUsize::new(1 << 20)),
        is_behind: Arc::default(),
    };
    let (log, room) = (observer.log.clone(), observer.room.clone());
    let is_behind = observer.is_behind.clone();
    let session = Session::new("A->B", outbox.clone(), observer, config);
    let reactor = if is_reactor {
        let (reactor, until_closed) = Reactor::new().unwrap();
        tokio::spawn(until_closed);
        tokio::spawn(reactor.clone().driven());
        reactor.adopt(counted, session, Vec::new());
        Some(reactor)
    } else {
        tokio::spawn(keep(counted, session, Vec::new()));
        None
    };
    Rig {
        outbox,
        log,
        room,
        is_behind,
        server,
        task: tokio::spawn(async { gone.await.unwrap_or_default() }),
        reactor,
    }
}

async fn take(rig: &mut Rig<UnixStream>, step: Step) {
    match step {
        Says(bytes) => rig.server.write_all(bytes).await.unwrap(),
        SaysMany(messages) => {
            let bytes = b"\x82\x01x".repeat(messages);
            rig.server.write_all(&bytes).await.unwrap();
        }
        Reads(bytes) => {
            let mut taken = vec![0; bytes];
            rig.server.read_exact(&mut taken).await.unwrap();
        }
        Ends => rig.server.shutdown().await.unwrap(),
        Sends(bytes) => drop(rig.outbox.send(Opcode::Binary, &vec![7; bytes]).unwrap()),
        Close(code, patience) => drop(rig.outbox.close(code, "", patience)),
        Cut(code, patience) => drop(rig.outbox.cut(code, patience)),
        Behind(is_behind) => rig.is_behind.store(is_behind, Ordering::Relaxed),
        Room(messages) => rig.room.store(messages, Ordering::Relaxed),
        Pause(is_paused) => rig.outbox.pause_reading(is_paused),
        Wait(time) => tokio::time::sleep(time).await,
    }
    rig.settle().await;
}

#[tokio::test(start_paused = true)]
async fn every_state_ends_the_same_whoever_keeps_the_session() {
    for (steps, told, rest) in CASES {
        for is_reactor in [false, true] {
            let mut rig = kept(is_reactor);
            rig.settle().await;
            for step in *steps {
                take(&mut rig, *step).await;
            }
            let begin = clock::now();
            (&mut rig.task).await.unwrap();
            let what = format!("{steps:?}, reactor: {is_reactor}");
            // The clock of timers has a resolution of 1 ms.
            let rested = clock::now() - begin;
            assert!(
                rested >= *rest && rested <= *rest + Duration::from_millis(2),
                "{what}: {rested:?}"
            );
            assert_eq!(rig.log(), *told, "{what}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_message_arrives_in_order_however_many_come_at_once() {
    for is_reactor in [false, true] {
        let mut rig = kept(is_reactor);
        take(&mut rig, SaysMany(256)).await;
        take(&mut rig, Room(1000)).await;
        take(&mut rig, SaysMany(3000)).await;
        assert_eq!(rig.log().len(), 256 + 3000, "one read is let through");
        take(&mut rig, SaysMany(1)).await;
        assert_eq!(rig.log().len(), 256 + 3000, "then nothing");
        take(&mut rig, Room(10)).await;
        assert_eq!(rig.log().len(), 256 + 3001);
    }
}

#[tokio::test(start_paused = true)]
async fn silence_is_left_at_its_time_whoever_keeps_the_session() {
    let silent = PaceConfig {
        idle_timeout: Some(THREE_SECONDS),
        ..PaceConfig::default()
    };
    let pinged = PaceConfig {
        keep_alive: Some(KeepAlive {
            interval: THREE_SECONDS,
            timeout: SECOND,
        }),
        ..PaceConfig::default()
    };
    let cases = [
        (silent, "nothing came for 3s", 5000),
        (pinged, "no pong within 1s", 7000),
    ];
    for (pace, why, after) in cases {
        for is_reactor in [false, true] {
            let mut rig = paced(is_reactor, pace);
            let begin = clock::now();
            for step in [Wait(2 * SECOND), Says(b"\x81\x01a"), Wait(SECOND)] {
                take(&mut rig, step).await;
            }
            if pace.keep_alive.is_some() {
                // The first ping; the second has no answer.
                take(&mut rig, Reads(7)).await;
                take(&mut rig, Says(b"\x8a\x010")).await;
                take(&mut rig, Wait(THREE_SECONDS)).await;
            }
            while rig.log().iter().all(|told| !told.starts_with("closed")) {
                tokio::time::sleep(SECOND / 100).await;
            }
            let closed = format!("closed 1006 (websocket: {why})");
            assert_eq!(rig.log().last(), Some(&closed));
            let took = (clock::now() - begin).as_millis();
            assert!((after..after + 20).contains(&took), "{why}: {took} ms");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_ration_is_kept_and_nothing_is_lost_whoever_keeps_the_session() {
    let slow = PaceConfig {
        recv_rate: Some(1000.0),
        ..PaceConfig::default()
    };
    for is_reactor in [false, true] {
        let mut rig = paced(is_reactor, slow);
        let begin = clock::now();
        // 3,000 bytes, of which the first 100 may be read at once.
        take(&mut rig, SaysMany(1000)).await;
        take(&mut rig, Ends).await;
        (&mut rig.task).await.unwrap();
        let took = (clock::now() - begin).as_millis();
        assert!((2_700..3_200).contains(&took), "{took} ms");
        assert_eq!(rig.log().len(), 1000 + 2);
    }
}
