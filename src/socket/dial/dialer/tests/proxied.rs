//! Dials through a proxy: whose name is asked for, what the proxy is told, and who is blamed.

use tokio::io::AsyncWriteExt;
use tokio::sync::mpsc;

use super::*;

const PROXY: &str = "198.51.100.1:3128";
const HTTP: &str = "http://proxy.example:3128";
const ENDS: &str = "192.0.2.100:50000->198.51.100.1:3128";

/// A proxy that hears so much, then says that, and so on; it tells all that it heard.
fn proxy(dialogue: &[(usize, &'static [u8])]) -> (Door, mpsc::UnboundedReceiver<Vec<u8>>) {
    let (tell, told) = mpsc::unbounded_channel();
    let dialogue = dialogue.to_vec();
    let door = Door::opens(move |mut stream: UnixStream| {
        let (tell, dialogue) = (tell.clone(), dialogue.clone());
        async move {
            for (bytes, answer) in dialogue {
                let mut heard = vec![0; bytes];
                stream.read_exact(&mut heard).await.unwrap();
                tell.send(heard).unwrap();
                stream.write_all(answer).await.unwrap();
            }
            std::future::pending::<()>().await;
        }
    });
    (door, told)
}

/// A network with such a proxy, and a target whose name is known as well.
fn behind(door: Door) -> Arc<Network> {
    let network = Network::new()
        .name("proxy.example", 30 * MS, Ok(&["198.51.100.1"]))
        .name("a.example", 10 * MS, Ok(&["192.0.2.1"]))
        .at(PROXY, 20 * MS, door);
    Arc::new(network)
}

const CONNECT: &[u8] = b"CONNECT a.example:80 HTTP/1.1\r\nHost: a.example:80\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn an_http_proxy_is_told_the_name_and_what_stands_behind_its_answer_is_the_targets() {
    let (door, mut told) = proxy(&[(CONNECT.len(), b"HTTP/1.1 200 OK\r\n\r\nhello")]);
    let network = behind(door);
    let dialled = Dial::new().through(HTTP).over(&network).await;
    assert_eq!(told.recv().await.unwrap(), CONNECT);
    let mut hello = [0; 5];
    dialled
        .result
        .unwrap()
        .read_exact(&mut hello)
        .await
        .unwrap();
    assert_eq!(&hello, b"hello");
    assert_eq!(
        network.journal(),
        [
            "0 ms: lookup proxy.example",
            "30 ms: connect 198.51.100.1:3128"
        ]
    );
    assert_eq!(dialled.reached.ends, ENDS);
    assert!(dialled.reached.via.is_none(), "the way is open");
}

#[tokio::test(start_paused = true)]
async fn what_the_proxy_takes_counts_as_connecting() {
    let door = Door::opens(async |mut stream: UnixStream| {
        tokio::time::sleep(40 * MS).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        std::future::pending::<()>().await;
    });
    let dialled = Dial::new().through(HTTP).over(&behind(door)).await;
    assert!(dialled.result.is_ok());
    assert_eq!(dialled.spans.resolve, Some(30 * MS));
    assert_eq!(dialled.spans.connect, Some(60 * MS));
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_refuses_or_is_none_is_named_with_the_target_behind_it() {
    for (door, cause, text, hint) in [
        (
            Door::says(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
            Cause::Proxy,
            "CONNECT was refused: 407 Proxy Authentication Required",
            "the proxy wants a user and a password: http://user:password@host:port",
        ),
        (
            Door::says(b"HTTP/1.1 403 \r\n\r\n"),
            Cause::Proxy,
            "CONNECT was refused: 403",
            "the proxy does not allow this target",
        ),
        (
            Door::says(b"HTTP/1.1 502 Bad Gateway\r\n\r\n"),
            Cause::Proxy,
            "CONNECT was refused: 502 Bad Gateway",
            "the proxy cannot reach the target",
        ),
        (
            Door::says(b"SSH-2.0-OpenSSH_9.6\r\n"),
            Cause::Proxy,
            "malformed HTTP response \"SSH-2…\"",
            "does an HTTP proxy listen there?",
        ),
        (
            Door::ends(),
            Cause::Eof,
            "unexpected EOF",
            "the proxy ended the connection instead of answering",
        ),
        (Door::resets(), Cause::Reset, "connection reset by peer", ""),
    ] {
        let refused = Dial::new().through(HTTP).refused_by(&behind(door)).await;
        let text = format!("proxy http://proxy.example:3128 for a.example:80: {text}");
        assert_eq!(refused, error(Phase::Proxy, cause, &text, hint));
    }
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_is_not_there_is_named_with_the_target_behind_it() {
    let refused = Dial::new().through(HTTP);
    let refused = refused.refused_by(&behind(Door::REFUSES)).await;
    let text = "proxy http://proxy.example:3128 for a.example:80: \
                dial tcp 198.51.100.1:3128: connect: connection refused";
    let hint = "is the server running there?";
    let expected = error(Phase::Connect, Cause::ConnectRefused, text, hint);
    assert_eq!(refused, expected);

    let network = Network::new().name("proxy.example", NOW, Err("no answer"));
    let refused = Dial::new()
        .through(HTTP)
        .refused_by(&Arc::new(network))
        .await;
    let text =
        "proxy http://proxy.example:3128 for a.example:80: lookup proxy.example: no such host";
    let hint = "check the name, or /etc/hosts: the system says no answer";
    assert_eq!(refused, error(Phase::Resolve, Cause::Dns, text, hint));
}

#[tokio::test(start_paused = true)]
async fn a_resolver_that_is_silent_is_told_of_the_name_that_it_was_asked_for() {
    let patience = Patience {
        resolve: Some(100 * MS),
        ..Patience::default()
    };
    for (url, silent, text, hint) in [
        (
            "http://proxy.example:3128",
            "proxy.example",
            "proxy http://proxy.example:3128 for a.example:80: lookup proxy.example: i/o timeout",
            "the resolve phase had not ended within 100ms",
        ),
        (
            "socks5://proxy.example:3128",
            "a.example",
            "lookup a.example: i/o timeout",
            "the resolve phase had not ended within 100ms",
        ),
        (
            "socks5://proxy.example:3128",
            "proxy.example",
            "proxy socks5://proxy.example:3128 for a.example:80: lookup proxy.example: i/o timeout",
            "the resolve phase had not ended within 100ms",
        ),
    ] {
        let network = Network::new().name("a.example", 10 * MS, Ok(&["192.0.2.1"]));
        let network = Arc::new(network.silent_name(silent));
        let dial = Dial::new().through(url).within(patience);
        let dialled = dial.over(&network).await;
        let refused = dialled.result.unwrap_err();
        assert_eq!(refused, error(Phase::Resolve, Cause::Dns, text, hint));
        assert_eq!(dialled.spans.total(), 100 * MS, "{url} {silent}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_proxy_has_what_is_left_of_the_time_for_connecting() {
    let patience = Patience {
        connect: Some(100 * MS),
        ..Patience::default()
    };
    let network = behind(Door::says(b""));
    let dialled = Dial::new().through(HTTP).within(patience);
    let dialled = dialled.over(&network).await;
    let text =
        format!("proxy http://proxy.example:3128 for a.example:80: read tcp {ENDS}: i/o timeout");
    let hint = "the proxy phase had not ended within 100ms";
    let expected = error(Phase::Proxy, Cause::ConnectTimeout, &text, hint);
    assert_eq!(dialled.result.unwrap_err(), expected);
    assert_eq!(dialled.spans.connect, Some(100 * MS));
}

#[tokio::test(start_paused = true)]
async fn the_time_for_all_of_it_names_the_proxy_as_long_as_it_has_not_opened_the_way() {
    let network = behind(Door::says(b""));
    let mut reached = Reached::new(&target("a.example", 80));
    let dial = Dial::new().through(HTTP);
    let routes = routes(&network, &dial.network);
    let dialer = Dialer::default();
    let traffic = Arc::default();
    let (tls, options) = (&dial.tls, &dial.options);
    let dialling = dialer.dial(
        &dial.target,
        Some(&routes),
        tls,
        options,
        traffic,
        &mut reached,
    );
    assert!(tokio::time::timeout(200 * MS, dialling).await.is_err());
    let text =
        format!("proxy http://proxy.example:3128 for a.example:80: read tcp {ENDS}: i/o timeout");
    let hint = "the proxy phase had not ended within 200ms";
    let expected = error(Phase::Proxy, Cause::ConnectTimeout, &text, hint);
    assert_eq!(reached.timed_out(200 * MS), expected);
}

const GREETING: usize = 3;
const TAKEN: &[u8] = b"\x05\x00";
const OPENED: &[u8] = b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00";

#[tokio::test(start_paused = true)]
async fn a_socks_proxy_is_told_the_address_and_one_that_resolves_the_name() {
    // Version, CONNECT, and IPv4 with its four bytes or a name with its length; then the port.
    let by_address: &[u8] = b"\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x50";
    let by_name: &[u8] = b"\x05\x01\x00\x03\x09a.example\x00\x50";
    for (url, dialogue, asked, said) in [
        (
            "socks5://proxy.example:3128",
            &[(GREETING, TAKEN), (10, OPENED)] as &[_],
            &[
                "0 ms: lookup a.example",
                "10 ms: lookup proxy.example",
                "40 ms: connect 198.51.100.1:3128",
            ] as &[_],
            by_address,
        ),
        (
            "socks5h://proxy.example:3128",
            &[(GREETING, TAKEN), (16, OPENED)],
            &[
                "0 ms: lookup proxy.example",
                "30 ms: connect 198.51.100.1:3128",
            ],
            by_name,
        ),
    ] {
        let (door, mut told) = proxy(dialogue);
        let network = behind(door);
        let dialled = Dial::new().through(url).over(&network).await;
        assert!(dialled.result.is_ok(), "{url}");
        assert_eq!(network.journal(), asked);
        assert_eq!(told.recv().await.unwrap(), b"\x05\x01\x00", "no password");
        assert_eq!(told.recv().await.unwrap(), said);
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_socks_proxy_refuses_is_told_in_words() {
    let refusal: &'static [u8] = b"\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00";
    for (dialogue, cause, text, hint) in [
        (
            &[(GREETING, b"\x05\xff" as &[u8])] as &[_],
            Cause::Proxy,
            "the SOCKS proxy wants a user and a password",
            "give them: socks5://user:password@host:port",
        ),
        (
            &[(GREETING, TAKEN), (16, refusal)],
            Cause::Proxy,
            "the SOCKS proxy says: connection refused",
            "",
        ),
        (
            &[(GREETING, b"HTTP/1.1 400 Bad Request\r\n\r\n")],
            Cause::Proxy,
            "the answer is not one of SOCKS5",
            "does a SOCKS5 proxy listen there?",
        ),
    ] {
        let (door, _told) = proxy(dialogue);
        let dial = Dial::new().through("socks5h://proxy.example:3128");
        let refused = dial.refused_by(&behind(door)).await;
        let text = format!("proxy socks5h://proxy.example:3128 for a.example:80: {text}");
        assert_eq!(refused, error(Phase::Proxy, cause, &text, hint));
    }
}

#[tokio::test(start_paused = true)]
async fn a_blocked_name_is_not_reached_by_a_proxy_either() {
    use crate::socket::hosts::HostPattern;

    let network = behind(Door::says(b""));
    let mut dial = Dial::new().through(HTTP);
    dial.network.hosts.blocked = vec![HostPattern::parse("a.example").unwrap()];
    let refused = dial.refused_by(&network).await;
    let text = "hostname (a.example) is in a blocked pattern (a.example)";
    assert_eq!(
        refused,
        error(Phase::Resolve, Cause::BlockedHost, text, BLOCKED)
    );
    assert!(network.journal().is_empty());
}
