//! What each phase of a dial takes, and what is said when one of them fails or does not end.

use super::*;

#[tokio::test(start_paused = true)]
async fn the_phases_follow_one_another_and_each_takes_what_it_took() {
    let certificate = Certificate::new();
    let network = Network::new()
        .name("a.example", 30 * MS, Ok(&["2001:db8::1", "192.0.2.1"]))
        .at("[2001:db8::1]:80", 5 * MS, Door::REFUSES)
        .at(PEER, 20 * MS, certificate.shown_after(40 * MS));
    let network = Arc::new(network);
    let dialled = Dial::new().trusting(&certificate).over(&network).await;
    let stream = dialled.result.unwrap();
    assert_eq!(stream.counted().ends(), ENDS);
    assert_eq!(
        network.journal(),
        [
            "0 ms: lookup a.example",
            "30 ms: connect [2001:db8::1]:80",
            "35 ms: connect 192.0.2.1:80",
        ]
    );
    let spans = dialled.spans;
    assert_eq!(spans.resolve, Some(30 * MS));
    assert_eq!(spans.connect, Some(25 * MS));
    assert_eq!(spans.tls, Some(40 * MS));
    assert_eq!(spans.upgrade, None);
    assert_eq!((spans.total(), spans.is_given_up), (95 * MS, false));
    let reached = dialled.reached;
    assert_eq!(reached.ends, ENDS);
    assert_eq!(reached.resolved, "192.0.2.1".parse::<IpAddr>().ok());
    assert!(reached.via.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_phase_that_fails_is_named_and_none_behind_it_begins() {
    let network = Network::new().name("a.example", 30 * MS, Err("no answer"));
    let network = Arc::new(network);
    let dialled = Dial::new().over(&network).await;
    let text = "lookup a.example: no such host";
    let hint = "check the name, or /etc/hosts: the system says no answer";
    let expected = error(Phase::Resolve, Cause::Dns, text, hint);
    assert_eq!(dialled.result.unwrap_err(), expected);
    assert_eq!(network.journal(), ["0 ms: lookup a.example"]);
    assert_eq!(dialled.spans.resolve, Some(30 * MS));
    assert_eq!(dialled.spans.connect, None);
    assert_eq!(dialled.reached.resolved, None);

    let network = Network::new()
        .name("a.example", 30 * MS, Ok(&["192.0.2.1"]))
        .at(PEER, 10 * MS, Door::REFUSES);
    let mut dial = Dial::new();
    dial.target.is_tls = true;
    let dialled = dial.over(&Arc::new(network)).await;
    let text = "dial tcp 192.0.2.1:80: connect: connection refused";
    let hint = "is the server running there?";
    let expected = error(Phase::Connect, Cause::ConnectRefused, text, hint);
    assert_eq!(dialled.result.unwrap_err(), expected);
    assert_eq!(dialled.spans.connect, Some(10 * MS));
    assert_eq!(dialled.spans.tls, None);
    assert_eq!(dialled.reached.ends, PEER);
    let tried = "192.0.2.1".parse::<IpAddr>().ok();
    assert_eq!(dialled.reached.resolved, tried, "in vain");
}

#[tokio::test(start_paused = true)]
async fn a_phase_that_does_not_end_is_given_up_at_its_own_limit() {
    let limited = |resolve, connect, tls| Patience {
        resolve: Some(resolve * MS),
        connect: Some(connect * MS),
        tls: Some(tls * MS),
        upgrade: None,
    };
    let silent = |door| {
        let network = Network::new()
            .name("a.example", 30 * MS, Ok(&["192.0.2.1"]))
            .at(PEER, 20 * MS, door);
        Arc::new(network)
    };
    let of = |mut dial: Dial| {
        dial.target.is_tls = true;
        dial
    };

    let network = Arc::new(Network::new().silent_name("a.example"));
    let dial = of(Dial::new()).within(limited(100, 1, 1));
    let dialled = dial.over(&network).await;
    let text = "lookup a.example: i/o timeout";
    let hint = "the resolve phase had not ended within 100ms";
    let expected = error(Phase::Resolve, Cause::Dns, text, hint);
    assert_eq!(dialled.result.unwrap_err(), expected);
    assert_eq!(dialled.spans.total(), 100 * MS);

    let dial = of(Dial::new()).within(limited(31, 100, 1));
    let dialled = dial.over(&silent(Door::Silent)).await;
    let text = "dial tcp 192.0.2.1:80: i/o timeout";
    let hint = "the connect phase had not ended within 100ms";
    let expected = error(Phase::Connect, Cause::ConnectTimeout, text, hint);
    assert_eq!(dialled.result.unwrap_err(), expected);
    assert_eq!(dialled.spans.total(), 130 * MS);

    let dial = of(Dial::new()).within(limited(31, 21, 100));
    let dialled = dial.over(&silent(Door::says(b""))).await;
    let text = "read tcp 192.0.2.100:50000->192.0.2.1:80: i/o timeout";
    let hint = "the tls phase had not ended within 100ms";
    let expected = error(Phase::Tls, Cause::TlsTimeout, text, hint);
    assert_eq!(dialled.result.unwrap_err(), expected);
    assert_eq!(dialled.spans.total(), 150 * MS);
}

#[tokio::test(start_paused = true)]
async fn several_silent_addresses_share_the_limit_of_the_phase_and_the_first_is_named() {
    let network = Network::new()
        .name("a.example", NOW, Ok(&["192.0.2.1", "192.0.2.2"]))
        .at(PEER, NOW, Door::Silent)
        .at("192.0.2.2:80", NOW, Door::Silent);
    let patience = Patience {
        connect: Some(300 * MS),
        ..Patience::default()
    };
    let dialled = Dial::new().within(patience).over(&Arc::new(network)).await;
    let text = "dial tcp 192.0.2.1:80: i/o timeout";
    let hint = "the connect phase had not ended within 300ms";
    let expected = error(Phase::Connect, Cause::ConnectTimeout, text, hint);
    assert_eq!(dialled.result.unwrap_err(), expected);
    assert_eq!(dialled.spans.total(), 300 * MS);
}

#[tokio::test(start_paused = true)]
async fn what_a_peer_says_instead_of_tls_is_told_as_what_it_is() {
    let certificate = Certificate::new();
    for (door, cause, text, hint) in [
        (
            Door::says(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
            Cause::TlsProtocol,
            "tls: first record does not look like a TLS handshake",
            "does the server speak in the clear on this port: ws://, or TCP without TLS?",
        ),
        (
            Door::ends(),
            Cause::Eof,
            "tls: unexpected EOF",
            "the server closed the connection in the TLS handshake: does it speak TLS on this port?",
        ),
        (
            Door::resets(),
            Cause::Reset,
            "tls: connection reset by peer",
            "does the server want a client certificate, or speak no TLS on this port?",
        ),
        (
            Certificate::of("b.example").shown_after(NOW),
            Cause::TlsVerify,
            "tls: failed to verify certificate: x509: certificate signed by unknown authority: it is self-signed",
            "the ca given is another certificate: give the one that the server shows today",
        ),
    ] {
        let network = Network::new()
            .name("a.example", NOW, Ok(&["192.0.2.1"]))
            .at(PEER, NOW, door);
        let dial = Dial::new().trusting(&certificate);
        let refused = dial.refused_by(&Arc::new(network)).await;
        assert_eq!(refused, error(Phase::Tls, cause, text, hint));
    }
}
