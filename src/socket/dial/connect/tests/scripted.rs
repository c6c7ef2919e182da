//! Which address is tried when, and what is left of those that were tried in vain: a scripted network, to the millisecond.

use super::*;
use crate::socket::dial::system::scripted::{Door, Network};
use crate::socket::dial::target::Target;

const MS: Duration = Duration::from_millis(1);
const NOW: Duration = Duration::ZERO;
/// Longer than anything here takes: no time at all, with the clock paused.
const FOREVER: Duration = Duration::from_secs(3600);

const A: &str = "[2001:db8::1]:80";
const B: &str = "192.0.2.1:80";
const C: &str = "192.0.2.2:80";

struct Race {
    network: Arc<Network>,
    pool: Option<Arc<Pool>>,
}

impl Race {
    fn over(network: Network) -> Self {
        Self {
            network: Arc::new(network),
            pool: None,
        }
    }

    fn from(self, local: &str) -> Self {
        let local = LocalAddresses::parse(local).unwrap();
        Self {
            pool: Some(Pool::new(&local)),
            ..self
        }
    }

    /// Who was connected to, if anybody.
    async fn run(&self, addresses: &[&str]) -> Result<String, SocketError> {
        let addresses: Vec<_> = addresses.iter().map(|one| one.parse().unwrap()).collect();
        let system = System::Scripted(self.network.clone());
        let options = SocketOptions::default();
        let racing = connect(&system, &addresses, &options, self.pool.as_ref());
        let connected = tokio::time::timeout(FOREVER, racing).await;
        let connected = connected.expect("a race that has no end")?;
        let Wire::Scripted(_, ends) = connected.wire else {
            panic!("no address of IP");
        };
        Ok(ends[1].to_string())
    }

    /// What was asked of the network, once those that nobody waits for are gone.
    async fn journal(&self) -> Vec<String> {
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
        self.network.journal()
    }
}

#[tokio::test(start_paused = true)]
async fn the_next_is_tried_beside_one_that_is_silent_and_the_losers_are_let_go() {
    let race = Race::over(
        Network::new()
            .at(A, NOW, Door::Silent)
            .at(B, NOW, Door::Silent)
            .at(C, 5 * MS, Door::says(b"")),
    );
    assert_eq!(race.run(&[A, B, C]).await.as_deref(), Ok(C));
    let mut journal = race.journal().await;
    // Which of the two goes first is the scheduler's affair.
    journal[3..].sort();
    assert_eq!(
        journal,
        [
            "0 ms: connect [2001:db8::1]:80",
            "250 ms: connect 192.0.2.1:80",
            "500 ms: connect 192.0.2.2:80",
            "505 ms: no longer connect 192.0.2.1:80",
            "505 ms: no longer connect [2001:db8::1]:80",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_one_is_taken_if_it_answers_before_those_that_began_later() {
    let race = Race::over(Network::new().at(A, 400 * MS, Door::says(b"")).at(
        B,
        200 * MS,
        Door::says(b""),
    ));
    assert_eq!(race.run(&[A, B]).await.as_deref(), Ok(A));
    assert_eq!(
        race.journal().await,
        [
            "0 ms: connect [2001:db8::1]:80",
            "250 ms: connect 192.0.2.1:80",
            "400 ms: no longer connect 192.0.2.1:80",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_refuses_hands_over_at_once_and_those_under_way_go_on() {
    let race = Race::over(
        Network::new()
            .at(A, 300 * MS, Door::says(b""))
            .at(B, 10 * MS, Door::REFUSES)
            .at(C, NOW, Door::Silent),
    );
    assert_eq!(race.run(&[A, B, C]).await.as_deref(), Ok(A));
    assert_eq!(
        race.journal().await,
        [
            "0 ms: connect [2001:db8::1]:80",
            "250 ms: connect 192.0.2.1:80",
            "260 ms: connect 192.0.2.2:80",
            "300 ms: no longer connect 192.0.2.2:80",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn if_none_answers_the_error_is_that_of_the_first_address_however_late_it_failed() {
    let race = Race::over(
        Network::new()
            .at(A, 400 * MS, Door::Fails(libc::EHOSTUNREACH))
            .at(B, 10 * MS, Door::REFUSES)
            .at(C, 300 * MS, Door::Fails(libc::ETIMEDOUT)),
    );
    let text = "dial tcp [2001:db8::1]:80: connect: no route to host";
    let expected = SocketError::new(Phase::Connect, Cause::Unreachable, text);
    let hint = "none of 3 addresses answered; \
                no route leads there: see `ip route get` with this address";
    let refused = race.run(&[A, B, C]).await;
    assert_eq!(refused, Err(expected.with_hint(hint)));
    assert_eq!(
        race.journal().await,
        [
            "0 ms: connect [2001:db8::1]:80",
            "250 ms: connect 192.0.2.1:80",
            "260 ms: connect 192.0.2.2:80",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn without_an_address_there_is_nobody_to_blame() {
    let race = Race::over(Network::new());
    let error = race.run(&[]).await.unwrap_err();
    assert_eq!(error.text, "dial tcp: no address");
}

#[tokio::test(start_paused = true)]
async fn one_address_alone_is_waited_for_as_long_as_it_takes() {
    let network = Network::new().at(B, 90_000 * MS, Door::Fails(libc::ETIMEDOUT));
    let race = Race::over(network);
    let error = race.run(&[B]).await.unwrap_err();
    let text = "dial tcp 192.0.2.1:80: connect: connection timed out";
    let expected = SocketError::new(Phase::Connect, Cause::ConnectTimeout, text);
    assert_eq!(error, expected.with_hint("nobody answered"));
    assert_eq!(race.journal().await, ["0 ms: connect 192.0.2.1:80"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_system_says_has_a_cause_a_text_and_advice() {
    for (number, cause, words, hint) in [
        (
            libc::ECONNREFUSED,
            Cause::ConnectRefused,
            "connection refused",
            "is the server running there?",
        ),
        (
            libc::EHOSTUNREACH,
            Cause::Unreachable,
            "no route to host",
            "no route leads there: see `ip route get` with this address",
        ),
        (
            libc::ENETUNREACH,
            Cause::Unreachable,
            "network is unreachable",
            "no route leads there: see `ip route get` with this address",
        ),
        (
            libc::ECONNRESET,
            Cause::Reset,
            "connection reset by peer",
            "",
        ),
        (libc::EACCES, Cause::Io, "permission denied", ""),
    ] {
        let race = Race::over(Network::new().at(B, MS, Door::Fails(number)));
        let error = race.run(&[B]).await.unwrap_err();
        let text = format!("dial tcp 192.0.2.1:80: connect: {words}");
        let expected = SocketError::new(Phase::Connect, cause, text);
        assert_eq!(error, expected.with_hint(hint));
    }
}

#[tokio::test(start_paused = true)]
async fn what_this_machine_has_run_out_of_is_no_fault_of_the_peer() {
    for (number, cause, words, hint) in [
        (
            libc::EADDRNOTAVAIL,
            Cause::NoPorts,
            "cannot assign requested address",
            "in use towards this target",
        ),
        (
            libc::EMFILE,
            Cause::NoFds,
            "too many open files",
            "no file descriptor is left",
        ),
    ] {
        let race = Race::over(Network::new().at(B, MS, Door::Fails(number)));
        let error = race.run(&[B]).await.unwrap_err();
        let text = format!("dial tcp 192.0.2.1:80: connect: {words}");
        assert_eq!((error.cause, error.text), (cause, text));
        assert!(error.hint.contains(hint), "{}", error.hint);
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_of_ours_that_is_lent_to_a_loser_is_free_again() {
    let race = Race::over(
        Network::new()
            .at(B, NOW, Door::Silent)
            .at(C, NOW, Door::says(b"")),
    )
    .from("10.0.0.1-10.0.0.2");
    assert_eq!(race.run(&[B, C]).await.as_deref(), Ok(C));
    assert_eq!(
        race.journal().await,
        [
            "0 ms: connect 192.0.2.1:80 from 10.0.0.1",
            "250 ms: connect 192.0.2.2:80 from 10.0.0.2",
            "250 ms: no longer connect 192.0.2.1:80 from 10.0.0.1",
        ]
    );
    // The winner is closed by now as well: each is free, and the one that rested longest is next.
    let pool = race.pool.unwrap();
    let next: Vec<_> = (0..2).map(|_| pool.take(true).unwrap()).collect();
    let next: Vec<_> = next.iter().map(|one| one.address.to_string()).collect();
    assert_eq!(next, ["10.0.0.1", "10.0.0.2"]);
}

#[tokio::test(start_paused = true)]
async fn a_race_that_nobody_waits_for_leaves_nothing_behind() {
    let race = Race::over(
        Network::new()
            .at(B, NOW, Door::Silent)
            .at(C, NOW, Door::Silent),
    )
    .from("10.0.0.1");
    let cut = tokio::time::timeout(300 * MS, race.run(&[B, C])).await;
    assert!(cut.is_err());
    let mut journal = race.journal().await;
    journal[2..].sort();
    assert_eq!(
        journal,
        [
            "0 ms: connect 192.0.2.1:80 from 10.0.0.1",
            "250 ms: connect 192.0.2.2:80 from 10.0.0.1",
            "300 ms: no longer connect 192.0.2.1:80 from 10.0.0.1",
            "300 ms: no longer connect 192.0.2.2:80 from 10.0.0.1",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_address_of_ours_that_the_system_does_not_give_is_named() {
    let network = Network::new().at("10.0.0.1", NOW, Door::Fails(libc::EADDRINUSE));
    let race = Race::over(network).from("10.0.0.1");
    let text = "dial tcp 10.0.0.1->192.0.2.1:80: bind: address already in use";
    let expected = SocketError::new(Phase::Connect, Cause::Io, text);
    assert_eq!(race.run(&[B]).await, Err(expected));
}

const PATH: &str = "/run/a.sock";

/// What a dial of the unix socket comes to, and when.
async fn of_path(
    network: &Arc<Network>,
    path: &str,
    limit: Option<Duration>,
) -> (Result<(), SocketError>, Duration) {
    let mut reached = Reached::new(&Target {
        is_tls: false,
        host: path.into(),
        port: 0,
    });
    let mut options = SocketOptions::default();
    options.patience.connect = limit;
    let system = System::Scripted(network.clone());
    let opened = open_unix(&system, path, &options, &mut reached).await;
    (opened.map(drop), reached.spans().total())
}

#[tokio::test(start_paused = true)]
async fn a_unix_socket_whose_queue_is_full_is_asked_again_after_longer_and_longer() {
    let mut network = Network::new();
    for _ in 0..9 {
        network = network.at(PATH, NOW, Door::Fails(libc::EAGAIN));
    }
    let network = Arc::new(network.at(PATH, NOW, Door::says(b"")));
    let (opened, took) = of_path(&network, PATH, None).await;
    assert_eq!(opened, Ok(()));
    let rests = [1, 2, 4, 8, 16, 32, 50, 50, 50];
    let mut at = 0;
    let mut asked = vec!["0 ms: connect /run/a.sock".to_owned()];
    for rest in rests {
        at += rest;
        asked.push(format!("{at} ms: connect /run/a.sock"));
    }
    assert_eq!(network.journal(), asked);
    assert_eq!(took, at * MS);
}

#[tokio::test(start_paused = true)]
async fn a_unix_socket_whose_queue_stays_full_is_given_up_in_time() {
    let network = Arc::new(Network::new().at(PATH, NOW, Door::Fails(libc::EAGAIN)));
    let (opened, took) = of_path(&network, PATH, Some(100 * MS)).await;
    let text = "dial unix /run/a.sock: i/o timeout";
    let expected = SocketError::new(Phase::Connect, Cause::ConnectTimeout, text);
    let expected = expected.with_hint("the connect phase had not ended within 100ms");
    assert_eq!((opened, took), (Err(expected), 100 * MS));
}

#[tokio::test(start_paused = true)]
async fn a_path_without_a_socket_and_a_name_without_a_server_say_so() {
    let network =
        Network::new()
            .at(PATH, NOW, Door::Fails(libc::ENOENT))
            .at("\0name", NOW, Door::REFUSES);
    let network = Arc::new(network);
    for (path, cause, words, hint) in [
        (
            PATH,
            Cause::Unreachable,
            "no such file or directory",
            "there is no such socket",
        ),
        (
            "@name",
            Cause::ConnectRefused,
            "connection refused",
            "is the server running there?",
        ),
    ] {
        let text = format!("dial unix {path}: connect: {words}");
        let expected = SocketError::new(Phase::Connect, cause, text);
        let (opened, _) = of_path(&network, path, None).await;
        assert_eq!(opened, Err(expected.with_hint(hint)));
    }
    let asked = ["0 ms: connect /run/a.sock", "0 ms: connect \\u{0}name"];
    assert_eq!(network.journal(), asked);
}
